"""One firm after another: what it is, where it resided, what it proved and what it reported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from crm.companies.models import CompanyKind, EndReason, ResidenceKind
from crm.companies.residence import ResidenceDetails, home_of
from crm.companies.services import CompanyDetails, ContactDetails, Registration
from crm.demo import codes
from crm.demo.arrivals import PLAN_YEAR, Arrival
from crm.demo.careers import Career, Careers
from crm.demo.names import FIELDS, MAKERS, Namer, person
from crm.demo.particulars import particulars
from crm.demo.proofs import told
from crm.demo.returns import Returns
from crm.demo.when import between, recorded
from crm.ladder.models import QualificationKind
from crm.ladder.services import QualificationDetails
from crm.operating.services import OperatingDetails

_WEIGHTS = {
    "ustp": 19, "longcheng": 18, "dut": 15, "dcy": 13, "cyb": 10, "sino_israel": 8, "sino_german": 6,
    "park": 6, "czu": 5,
}  # fmt: skip
_CAPITALS = (10, 50, 100, 100, 100, 200, 200, 300, 500, 500, 1000, 1000, 2000, 3000, 5000)
BUILDINGS = ("A座", "B座", "C座", "1号楼", "2号楼", "3号楼", "5号楼", "创新楼", "孵化楼")
_POSITIONS = ("总经理", "副总经理", "行政主管", "综合部经理", "财务负责人", "项目经理")
_FAREWELLS = (EndReason.MOVED_OUT, EndReason.MOVED_OUT, EndReason.DISSOLVED, EndReason.DISSOLVED,
              EndReason.EVICTED, EndReason.MERGED, EndReason.LICENCE_REVOKED)  # fmt: skip
_INCUBATION = timedelta(days=4 * 365)  # a stay of at most 48 months (国科发区〔2018〕300号)
_SETTLED = 400  # days in the park before a firm moves on


@dataclass(frozen=True)
class Carrier:
    """A place to reside."""

    id: int
    code: str
    is_national: bool

    @property
    def weight(self) -> int:
        return _WEIGHTS.get(self.code, 2)


@dataclass(frozen=True)
class Firm:
    """A firm with all that was written down about it."""

    registration: Registration
    proofs: tuple[QualificationDetails, ...]
    reports: tuple[OperatingDetails, ...]


@dataclass(frozen=True)
class Makers:
    """What every firm is made with."""

    rng: Random
    namer: Namer
    carriers: Sequence[Carrier]
    returns: Returns
    today: date
    until: date  # the world's last day: today, or the end of the plan's year
    first_serial: int
    labels: Mapping[str, int]  # by name: their numbers


def firms(stream: Sequence[Arrival], careers: Careers, makers: Makers) -> Iterator[Firm]:
    """In the order in which they came."""
    for place, arrival in enumerate(stream):
        yield _firm(arrival, careers.get(place), makers.first_serial + place, makers)


def _firm(arrival: Arrival, career: Career | None, serial: int, makers: Makers) -> Firm:
    rng, kind = makers.rng, arrival.kind
    field = rng.choice(MAKERS if career and rng.random() < 0.6 else FIELDS)
    proofs = _proofs(arrival, career, makers)
    established_on = _established_on(arrival, proofs, rng)
    residences = _residences(arrival, career, serial, makers)
    company = CompanyDetails(
        name=makers.namer.firm(kind, field, is_joint_stock=_is_joint_stock(proofs)),
        kind=kind,
        uscc=None if kind is CompanyKind.TEAM else codes.uscc(kind, serial),
        legal_representative=person(rng),
        registered_capital=_capital(kind, career, rng),
        established_on=None if kind is CompanyKind.TEAM else established_on,
        industry_code=field.industry_code,
        future_industry=field.future_industry,
    )
    contact = ContactDetails(
        person(rng), rng.choice(_POSITIONS), codes.phone(serial), codes.email(serial)
    )
    company, former_names = particulars(
        company, field.words, makers.returns.clerk_at(home_of(residences)), makers.until
    )
    if kind is CompanyKind.ENTERPRISE and established_on.year < PLAN_YEAR:
        proofs += _science_numbers(arrival, residences, serial, makers)
    return Firm(
        Registration(
            company,
            contact,
            residences,
            recorded(rng, arrival.on, makers.today),
            former_names=former_names,
        ),
        tuple(
            told(
                proofs,
                company.name,
                serial,
                clerk=makers.returns.clerk_at(home_of(residences)),
                verifier=makers.returns.verifier,
                labels=makers.labels,
                until=makers.until,
            )
        ),
        tuple(makers.returns.of(field, kind, career, established_on, residences)),
    )


def _is_joint_stock(proofs: Sequence[QualificationDetails]) -> bool:
    return any(proof.kind is QualificationKind.SHARE_REFORM for proof in proofs)


def _capital(kind: CompanyKind, career: Career | None, rng: Random) -> Decimal | None:
    if kind in (CompanyKind.TEAM, CompanyKind.BRANCH):
        return None
    return Decimal(rng.choice(_CAPITALS) * (3 if career else 1) * 10_000)


def _proofs(
    arrival: Arrival, career: Career | None, makers: Makers
) -> tuple[QualificationDetails, ...]:
    """What it has proved so far; a certificate from before it came was brought along."""
    return tuple(
        replace(
            proof,
            is_moved_in=proof.is_moved_in or _is_brought_along(proof, arrival),
            revoked_on=proof.revoked_on if _is_past(proof.revoked_on, makers) else None,
            reason=proof.reason if _is_past(proof.revoked_on, makers) else "",
            renewal_filed_on=proof.renewal_filed_on
            if _is_past(proof.renewal_filed_on, makers)
            else None,
            recorded_at=_written(proof.issued_on, arrival, makers),
        )
        for proof in (career.proofs if career else ())
        if proof.issued_on <= makers.until
    )


def _is_brought_along(proof: QualificationDetails, arrival: Arrival) -> bool:
    return proof.kind is QualificationKind.HIGH_TECH and proof.issued_on < arrival.on


def _is_past(day: date | None, makers: Makers) -> bool:
    return day is not None and day <= makers.until


def _written(day: date, arrival: Arrival, makers: Makers) -> datetime:
    """What happened before the firm came was written down once it was here."""
    return recorded(makers.rng, max(day, arrival.on), makers.today, within=15)


def _science_numbers(
    arrival: Arrival, residences: Sequence[ResidenceDetails], serial: int, makers: Makers
) -> tuple[QualificationDetails, ...]:
    """科技型中小企业: one firm in six has a number, most of them anew each year."""
    rng = makers.rng
    if rng.random() > 0.17:
        return ()
    found = []
    for year in range(PLAN_YEAR - 2, PLAN_YEAR + 1):
        on = between(rng, date(year, 4, 1), date(year, 9, 25))
        if on <= makers.until and _is_resident(residences, on) and rng.random() < 0.8:
            number = f"{year}3204120D{serial:06d}"
            at = recorded(rng, on, makers.today, within=15)
            found.append(
                QualificationDetails(
                    QualificationKind.TECH_SME, number, on, authority="科技部门（演示）",
                    recorded_at=at,
                )
            )  # fmt: skip
    return tuple(found)


def _is_resident(residences: Sequence[ResidenceDetails], day: date) -> bool:
    return any(
        r.is_counted and r.from_on <= day and (r.to_on is None or day < r.to_on) for r in residences
    )


def _established_on(arrival: Arrival, proofs: Sequence[QualificationDetails], rng: Random) -> date:
    """New firms come within weeks of their licence, others after years; a certificate asks for a year before it."""
    if proofs:
        first = min(proof.issued_on for proof in proofs)
        return min(first, arrival.on) - timedelta(days=rng.randrange(400, 1600))
    days = rng.randrange(60) if rng.random() < 0.6 else rng.randrange(60, 2200)
    return arrival.on - timedelta(days=days)


def _residences(
    arrival: Arrival, career: Career | None, serial: int, makers: Makers
) -> tuple[ResidenceDetails, ...]:
    rng = makers.rng
    first = ResidenceDetails(
        carrier_id=_carrier(career, makers).id,
        kind=_residence_kind(arrival, rng),
        from_on=arrival.on,
        agreement_number=f"科教城入驻〔{arrival.on.year}〕{serial:05d}号"
        if arrival.is_signed
        else "",
        agreement_on=arrival.on - timedelta(days=rng.randrange(21)) if arrival.is_signed else None,
        rooms=f"{rng.choice(BUILDINGS)}{rng.randrange(1, 16)}{rng.randrange(1, 25):02d}室",
    )
    counted = _fate(first, career, makers)
    return (*counted, *_incubation(counted[0], arrival, makers))


def _carrier(career: Career | None, makers: Makers) -> Carrier:
    fitting: Sequence[Carrier] = ()
    if career and career.is_national is not None:
        fitting = [c for c in makers.carriers if c.is_national == career.is_national]
    fitting = fitting or makers.carriers
    return makers.rng.choices(fitting, [c.weight for c in fitting])[0]


def _residence_kind(arrival: Arrival, rng: Random) -> ResidenceKind:
    if arrival.kind is CompanyKind.TEAM:
        return ResidenceKind.INCUBATED
    is_elsewhere = arrival.on.year < PLAN_YEAR and rng.random() < 0.05
    return ResidenceKind.OPERATING if is_elsewhere else ResidenceKind.REGISTERED


def _fate(
    first: ResidenceDetails, career: Career | None, makers: Makers
) -> tuple[ResidenceDetails, ...]:
    """Most stay; some change carriers, some leave, a few of those come back."""
    rng, until = makers.rng, makers.until
    if career and career.leaves_on:
        if career.leaves_on > until:
            return (first,)
        return (replace(first, to_on=career.leaves_on, reason=EndReason.MOVED_OUT),)
    lot = rng.random()
    days = (until - first.from_on).days
    if career and (lot > 0.08 or career.is_national is not None):
        return (first,)
    if lot < 0.08 and days > _SETTLED:
        on = between(rng, first.from_on + timedelta(days=_SETTLED), until)
        others = [c for c in makers.carriers if c.id != first.carrier_id]
        if others:
            moved = replace(first, carrier_id=rng.choice(others).id, from_on=on)
            return (replace(first, to_on=on, reason=EndReason.TRANSFERRED), moved)
    elif lot < 0.20 and days > _SETTLED:
        on = between(rng, first.from_on + timedelta(days=200), until - timedelta(days=100))
        left = replace(first, to_on=on, reason=rng.choice(_FAREWELLS))
        if lot < 0.185:
            return (left,)
        back_on = between(rng, on + timedelta(days=60), until)
        left = replace(left, reason=EndReason.MOVED_OUT)
        agreed_on = back_on - timedelta(days=3)
        return (left, replace(first, from_on=back_on, agreement_on=agreed_on))
    return (first,)


def _incubation(
    home: ResidenceDetails, arrival: Arrival, makers: Makers
) -> tuple[ResidenceDetails, ...]:
    """在孵, beside the counted residence: young firms of the national incubators. Graduation ends this only."""
    national = {c.id for c in makers.carriers if c.is_national}
    if not arrival.is_firm or home.carrier_id not in national or makers.rng.random() > 0.45:
        return ()
    graduated_on = between(
        makers.rng, home.from_on + timedelta(days=700), home.from_on + _INCUBATION
    )
    stay = replace(home, kind=ResidenceKind.INCUBATED, is_counted=False)
    if home.to_on and home.to_on <= graduated_on:
        return (stay,)
    if graduated_on <= makers.until:
        return (replace(stay, to_on=graduated_on, reason=EndReason.GRADUATED),)
    return (stay,)
