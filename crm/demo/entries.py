"""The entry desk of the generated park: applications in every state, and those by which firms of this year came."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from crm.companies.models import CompanyKind, FutureIndustry
from crm.demo import codes
from crm.demo.names import FIELDS, Namer, person
from crm.demo.when import recorded
from crm.entry.checklists import DEFAULTS, Item
from crm.entry.intake import EntryRow, ErrandRow, StepRow
from crm.entry.models import Decision, EntrantKind, EntryState
from crm.entry.moves import AgreementDetails, ReviewDetails
from crm.entry.services import ApplicationDetails, Receipt
from crm.reference import settings
from crm.reference.working_days import Calendar

# How many of each state stand on the desk, and how many firms of this year came over it.
OPEN_SIZES = {
    EntryState.DRAFT: 8,
    EntryState.ACCEPTANCE: 9,
    EntryState.REVIEW: 14,
    EntryState.SIGNING: 11,
    EntryState.ERRANDS: 13,
    EntryState.CORRECTION: 8,
    EntryState.REFUSED: 5,
    EntryState.FAILED: 6,
    EntryState.WITHDRAWN: 4,
}
SETTLED_SIZE = 60
_PATH = (
    EntryState.DRAFT,
    EntryState.ACCEPTANCE,
    EntryState.REVIEW,
    EntryState.SIGNING,
    EntryState.ERRANDS,
)
# After how many states of the path an application left it; returned ones come from 受理 and 评审 in turn.
_LEFT_AFTER = {
    EntryState.REFUSED: (2, 2),
    EntryState.FAILED: (3, 3),
    EntryState.WITHDRAWN: (3, 2),
    EntryState.CORRECTION: (2, 3),
}
_KINDS = (
    EntrantKind.PLANNED, EntrantKind.TEAM, EntrantKind.ENTERPRISE, EntrantKind.PLANNED,
    EntrantKind.ENTERPRISE, EntrantKind.SERVICE, EntrantKind.SOLE_TRADER, EntrantKind.BRANCH,
    EntrantKind.INSTITUTE,
)  # fmt: skip
_LIMITS = {EntryState.ACCEPTANCE: 1, EntryState.REVIEW: 5, EntryState.SIGNING: 5}
_REASONS = {
    EntryState.REFUSED: "经营范围不属于园区产业方向，演示数据",
    EntryState.FAILED: "项目尚处设想阶段，建议完善后重新申请",
    EntryState.WITHDRAWN: "申请人改在外地设立，主动撤回",
}
_PLANS = (
    "研发并小批量试制{what}产品，首年研发投入约占收入的两成，面向长三角制造企业提供样机和服务。",
    "组建{what}方向的研发团队，与驻区院校开展产学研合作，两年内申请发明专利3件以上。",
    "为园区企业提供{what}领域的技术服务，计划服务企业30家，带动就业15人。",
)
_FIRST_SERIAL = 70_000  # phone numbers apart from those of the firms


@dataclass(frozen=True)
class Settled:
    """A firm that came this year, as the register knows it."""

    company_id: int
    name: str
    kind: CompanyKind
    uscc: str | None
    carrier_id: int
    from_on: date
    agreement_number: str
    agreement_on: date
    rooms: str
    industry_code: str
    future_industry: FutureIndustry | None


@dataclass(frozen=True)
class Clerks:
    """Who receives and who reviews at one carrier."""

    receiver: int
    reviewer: int


@dataclass(frozen=True)
class Desk:
    """What every application is made with."""

    rng: Random
    namer: Namer
    clerks: dict[int, Clerks]  # by carrier
    calendar: Calendar
    today: date


def applications(settled: Sequence[Settled], desk: Desk) -> list[EntryRow]:
    """Those that led to firms, then the open and the refused ones."""
    rows = [_settled(firm, desk) for firm in settled if firm.carrier_id in desk.clerks]
    carriers = sorted(desk.clerks)
    number = 0
    for state, size in OPEN_SIZES.items():
        for place in range(size if carriers else 0):
            carrier_id = carriers[number % len(carriers)]
            rows.append(_unsettled(state, place, number, carrier_id, desk))
            number += 1
    return rows


def _settled(firm: Settled, desk: Desk) -> EntryRow:
    rng, clerks = desk.rng, desk.clerks[firm.carrier_id]
    kind = EntrantKind(firm.kind.value)
    if kind is EntrantKind.ENTERPRISE and rng.random() < 0.5:
        kind = EntrantKind.PLANNED
    signed_on = min(firm.agreement_on, firm.from_on)
    days = _days_back(signed_on, desk, (1, 1 + rng.randrange(4), 1 + rng.randrange(4)))
    steps = [*zip(_PATH, days, strict=True), (EntryState.SETTLED, firm.from_on)]
    details = _with_wishes(
        ApplicationDetails(
            name=firm.name,
            kind=kind,
            carrier_id=firm.carrier_id,
            uscc=firm.uscc,
            industry_code=firm.industry_code,
            future_industry=firm.future_industry,
        ),
        firm.company_id,
        firm.from_on,
        desk,
    )
    return _row(
        details,
        steps,
        clerks,
        desk,
        agreement=AgreementDetails(firm.agreement_number, signed_on, firm.rooms, signed_on),
        company_id=firm.company_id,
    )


def _unsettled(state: EntryState, place: int, number: int, carrier_id: int, desk: Desk) -> EntryRow:
    rng, clerks = desk.rng, desk.clerks[carrier_id]
    kind, field = _KINDS[number % len(_KINDS)], rng.choice(FIELDS)
    steps = list(_steps(state, place, desk))
    details = ApplicationDetails(
        name=desk.namer.firm(_named_as(kind), field),
        kind=kind,
        carrier_id=carrier_id,
        industry_code=field.industry_code,
        future_industry=field.future_industry,
        is_workstation=number % 5 == 0,
        is_cluster_registered=number % 11 == 0,
    )
    details = _with_wishes(details, number, steps[-1][1] + timedelta(days=20), desk)
    if state is EntryState.DRAFT and place % 2:  # half filled in
        details = replace(details, business_plan="", contact_phone="", intended_on=None)
    agreement = None
    if state is EntryState.ERRANDS:
        day = steps[-1][1]
        text = f"科教城入驻〔{day.year}〕演示{place + 1:02d}号"
        agreement = AgreementDetails(text, day, f"B座{2 + place % 9}{place % 20 + 1:02d}室", day)
    return _row(details, steps, clerks, desk, agreement=agreement)


def _steps(state: EntryState, place: int, desk: Desk) -> Iterator[tuple[EntryState, date]]:
    """The path to a state; every third of those with a limit has overrun it."""
    rng = desk.rng
    left_after = _LEFT_AFTER.get(state)
    length = left_after[place % 2] if left_after else _PATH.index(state) + 1
    limit = _LIMITS.get(state, 8)
    waiting = limit + 1 + rng.randrange(3) if place % 3 == 0 else rng.randrange(limit + 1)
    since = _back(desk.today, waiting, desk.calendar)
    if state in _LEFT_AFTER and state is not EntryState.CORRECTION:
        since = _back(desk.today, 6 + 5 * place, desk.calendar)
    gaps = [1] + [1 + rng.randrange(4) for _ in range(len(_PATH))]
    days = [since]
    for gap in gaps[: length - 1 + (state in _LEFT_AFTER)]:
        days.insert(0, _back(days[0], gap, desk.calendar))
    states = (*_PATH[:length], state) if state in _LEFT_AFTER else _PATH[:length]
    yield from zip(states, days, strict=True)


def _row(
    details: ApplicationDetails,
    steps: Sequence[tuple[EntryState, date]],
    clerks: Clerks,
    desk: Desk,
    *,
    agreement: AgreementDetails | None = None,
    company_id: int | None = None,
) -> EntryRow:
    states = dict(steps)
    state, began_on = steps[-1][0], steps[0][1]
    lacking = state in (EntryState.CORRECTION, EntryState.DRAFT) or (
        state is EntryState.ACCEPTANCE and desk.rng.random() < 0.5
    )
    materials = _materials(details.kind, began_on, lacking=lacking)
    missing = "\n".join(
        item.name for item, receipt in materials if item.is_required and not receipt.received_on
    )
    is_accepted = EntryState.REVIEW in states
    return EntryRow(
        details=details,
        steps=tuple(
            StepRow(
                to_state,
                on,
                _by(to_state, before, clerks),
                opinion=_REASONS.get(to_state, ""),
                missing=missing if to_state is EntryState.CORRECTION else "",
                recorded_at=_written(on, desk),
            )
            for (to_state, on), before in zip(steps, [None, *(s for s, _ in steps)], strict=False)
        ),
        materials=materials,
        review=_review(states, desk),
        agreement=agreement,
        errands=_errands(state, states, clerks),
        owner_id=clerks.receiver,
        received_by_id=clerks.receiver if is_accepted else None,
        reviewed_by_id=clerks.reviewer,
        company_id=company_id,
        recorded_at=_written(began_on, desk),
    )


def _by(to_state: EntryState, before: EntryState | None, clerks: Clerks) -> int:
    reviewed = before is EntryState.REVIEW and to_state is not EntryState.WITHDRAWN
    return clerks.reviewer if reviewed else clerks.receiver


def _materials(kind: EntrantKind, on: date, *, lacking: bool) -> tuple[tuple[Item, Receipt], ...]:
    """All handed in; or, where something lacks, the last required ones not."""
    items = DEFAULTS[kind]
    required = [item for item in items if item.is_required]
    absent = required[-2:] if lacking else []
    return tuple(
        (item, Receipt(None) if item in absent or not item.is_required else Receipt(on, "一窗受理档案柜"))
        for item in items
    )  # fmt: skip


def _review(states: dict[EntryState, date], desk: Desk) -> ReviewDetails | None:
    on = states.get(EntryState.SIGNING) or states.get(EntryState.FAILED)
    if on is None:
        return None
    is_agreed = EntryState.SIGNING in states
    people = "、".join(person(desk.rng) for _ in range(3))
    opinion = (
        "项目符合载体产业方向，团队稳定，同意入驻。" if is_agreed else _REASONS[EntryState.FAILED]
    )
    return ReviewDetails(on, people, opinion, Decision.AGREED if is_agreed else Decision.DECLINED)


def _errands(
    state: EntryState, states: dict[EntryState, date], clerks: Clerks
) -> tuple[ErrandRow, ...]:
    """All done by the day of 入驻; on an open application the first two."""
    since = states.get(EntryState.ERRANDS)
    if since is None:
        return ()
    names: Iterable[str] = settings.get("entry.errands")
    is_over = state is EntryState.SETTLED
    return tuple(
        ErrandRow(name, done_on=since, by_id=clerks.receiver)
        if is_over or place < 2
        else ErrandRow(name)
        for place, name in enumerate(names)
    )


def _with_wishes(
    details: ApplicationDetails, number: int, intended_on: date, desk: Desk
) -> ApplicationDetails:
    """What an applicant asks for, and whom to call."""
    rng = desk.rng
    return replace(
        details,
        space_wish=f"{rng.choice(('A座', 'B座', 'C座'))}约{rng.randrange(4, 40) * 10}平方米",
        business_plan=rng.choice(_PLANS).format(what=rng.choice(FIELDS).words),
        expected_capital=Decimal(rng.choice((30, 50, 100, 200, 500)) * 10_000),
        expected_staff=rng.randrange(3, 40),
        intended_on=intended_on,
        contact_name=person(rng),
        contact_position=rng.choice(("经理", "行政", "创始人")),
        contact_phone=codes.phone(_FIRST_SERIAL + number),
        contact_email=codes.email(_FIRST_SERIAL + number),
    )


def _named_as(kind: EntrantKind) -> CompanyKind:
    return CompanyKind.ENTERPRISE if kind is EntrantKind.PLANNED else CompanyKind(kind.value)


def _days_back(last: date, desk: Desk, gaps: Sequence[int]) -> list[date]:
    """The days of the path up to the signing on `last`, a working day or more apart."""
    days = [last]
    for gap in (*gaps, 1):
        days.insert(0, _back(days[0], gap, desk.calendar))
    return days


def _back(day: date, working_days: int, calendar: Calendar) -> date:
    """So many working days before a day, on a working day."""
    while working_days > 0 or not calendar.is_working(day):
        working_days -= calendar.is_working(day)
        day -= timedelta(days=1)
    return day


def _written(on: date, desk: Desk) -> datetime:
    return recorded(desk.rng, on, desk.today, within=0)
