"""Operating reports: one size for each firm, from which its yearly and quarterly figures follow; rounds that collect them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from crm.audit.verification import VerificationState
from crm.companies.models import CompanyKind
from crm.companies.residence import ResidenceDetails
from crm.demo.careers import Career
from crm.demo.names import Field
from crm.demo.when import recorded
from crm.ladder.models import QualificationKind
from crm.operating.rounds import RoundDetails
from crm.operating.services import OperatingDetails

_PERIODS = ((2019, 12), (2020, 3), (2020, 6), (2020, 9), (2020, 12))
_VERIFIED = {(2019, 12): 0.97, (2020, 3): 0.93, (2020, 6): 0.78, (2020, 9): 0.4, (2020, 12): 0.1}
_WAN = 10_000
_WRITTEN_AFTER = 6  # days: no report before these have passed

# yearly revenue in 万元: median and spread of a log-normal, and the least
_LISTED = (60_000, 0.5, 30_000)
_ABOVE_SCALE = (6_500, 0.7, 2_100)
_HIGH_TECH = (1_800, 0.7, 300)
_ORDINARY = (130, 1.1, 0)
_BOOMING = (8_600, 2.7)  # last year's, and how many times that this year


class Returns:
    """Makes the reports of firm after firm."""

    def __init__(
        self,
        rng: Random,
        *,
        clerks: Mapping[int, int | None],
        verifier: int | None,
        until: date,
        today: date,
    ) -> None:
        self._rng, self._clerks, self.verifier = rng, clerks, verifier
        self._until, self._today = until, today

    def clerk_at(self, carrier_id: int) -> int | None:
        """Who keeps the records of that carrier."""
        return self._clerks.get(carrier_id)

    def of(
        self,
        field: Field,
        kind: CompanyKind,
        career: Career | None,
        established_on: date,
        residences: Sequence[ResidenceDetails],
    ) -> Iterator[OperatingDetails]:
        """A report for each period that it was there for; one firm in eight reports nothing."""
        rng = self._rng
        if kind is not CompanyKind.ENTERPRISE or (career is None and rng.random() < 0.12):
            return
        yearly = self._yearly(career)
        staff = max(2, round(yearly / rng.uniform(35, 90)))
        growth = rng.uniform(0.85, 1.4)
        if career and career.is_booming:
            yearly, growth = _BOOMING
        shares = _Shares(career, Random(f"{yearly}:{staff}"))  # a stream of its own for each firm
        for year, month in _PERIODS:
            last_day = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            written_on = last_day + timedelta(days=_WRITTEN_AFTER)
            home = _home_on(residences, last_day)
            if written_on > self._until or home is None or established_on > last_day:
                continue
            share = month / 12 * rng.uniform(0.92, 1.06) * (growth if year == 2020 else 1)
            state = self._state((year, month))
            people = max(1, round(staff * rng.uniform(0.95, 1.08)))
            yield OperatingDetails(
                year,
                month,
                revenue=_yuan(yearly * share),
                assets=_yuan(yearly * 0.9 + 30),
                staff=people,
                **shares.others(yearly * share, people),
                state=state,
                reported_by_id=self._clerks.get(home.carrier_id),
                verified_by_id=None if state is VerificationState.PENDING else self.verifier,
                recorded_at=recorded(rng, written_on, self._today, within=9),
            )

    def _yearly(self, career: Career | None) -> float:
        median, spread, least = _scale_of(career)
        if career is None and self._rng.random() < 0.1:
            return 0.0  # nothing sold yet
        return max(least, median * self._rng.lognormvariate(0, spread))

    def _state(self, period: tuple[int, int]) -> VerificationState:
        lot = self._rng.random()
        if lot < _VERIFIED[period]:
            return VerificationState.VERIFIED
        return VerificationState.RETURNED if lot > 0.985 else VerificationState.PENDING


class _Shares:
    """What a firm is like beside its size: how much of its revenue is tax, profit, research and high-tech income."""

    def __init__(self, career: Career | None, rng: Random) -> None:
        is_technical = career is not None
        self._tax, self._profit = rng.uniform(0.03, 0.09), rng.uniform(-0.08, 0.18)
        self._research = rng.uniform(0.04, 0.12) if is_technical else rng.uniform(0, 0.04)
        self._high_tech = rng.uniform(0.6, 0.9) if is_technical else 0.0
        self._technicians = rng.uniform(0.25, 0.6) if is_technical else rng.uniform(0.02, 0.2)

    def others(self, revenue: float, staff: int) -> dict[str, Any]:
        return {
            "tech_staff": round(staff * self._technicians),
            "tax": _yuan(revenue * self._tax),
            "profit": _yuan(revenue * self._profit),
            "r_and_d": _yuan(revenue * self._research),
            "high_tech_income": _yuan(revenue * self._high_tech),
        }


def rounds(until: date) -> Iterator[RoundDetails]:
    """The half year, collected and closed; the first three quarters, asked for on the day they end."""
    for month, opened_on, due_on, closed_on in (
        (6, date(2020, 7, 1), date(2020, 7, 15), date(2020, 7, 31)),
        (9, date(2020, 9, 30), date(2020, 10, 15), None),
    ):
        if opened_on <= until:
            is_closed = closed_on is not None and closed_on <= until
            yield RoundDetails(
                2020, month, due_on, opened_on=opened_on, closed_on=closed_on if is_closed else None
            )


def _scale_of(career: Career | None) -> tuple[float, float, float]:
    if career is None:
        return _ORDINARY
    if career.holds(QualificationKind.LISTED):
        return _LISTED
    return _ABOVE_SCALE if career.holds(QualificationKind.ABOVE_SCALE) else _HIGH_TECH


def _home_on(residences: Sequence[ResidenceDetails], day: date) -> ResidenceDetails | None:
    for residence in residences:
        is_here = residence.from_on <= day and (residence.to_on is None or day < residence.to_on)
        if residence.is_counted and is_here:
            return residence
    return None


def _yuan(wan: float) -> Decimal:
    """Whole hundreds of yuan."""
    return Decimal(round(wan * _WAN / 100)) * 100
