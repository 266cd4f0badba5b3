"""The money of generated projects: partners, payments with vouchers, the year's plans and what the months completed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from crm.demo.names import Namer
from crm.investments.models import FundSource
from crm.investments.progress import last_day_of
from crm.investments.services import PaymentDetails, PlanDetails, WorksDetails
from crm.projects.models import PIPELINE, Origin, PartnerRole, Stage
from crm.projects.partners import PartnerDetails
from crm.projects.services import ProjectRow

_FOREIGN = (Origin.SINO_GERMAN, Origin.SINO_ISRAEL, Origin.OTHER_FOREIGN)
_WAN = 10_000
_UNREPORTED, _BY_QUARTER, _WITH_PARTNER = 0.12, 0.25, 0.15
_SPEED = (0.45, 1.25)  # how fast a year's plan is fulfilled, against 序时

# invented for the demonstration, near what was usual: 100 dollars in yuan
RATES = (
    (date(2019, 1, 2), "683.20"), (date(2019, 7, 1), "687.50"), (date(2020, 1, 2), "696.10"), (date(2020, 4, 1), "709.30"),
    (date(2020, 7, 1), "706.20"),
)  # fmt: skip
RATE_SOURCE = "演示汇率（虚构）"


@dataclass
class Money:
    """What is written for many projects at once, each row with its project's number."""

    partners: list[tuple[int, PartnerDetails]] = field(default_factory=list)
    payments: list[tuple[int, PaymentDetails]] = field(default_factory=list)
    plans: list[tuple[int, PlanDetails]] = field(default_factory=list)
    works: list[tuple[int, WorksDetails]] = field(default_factory=list)


def money(
    projects: Sequence[tuple[int, ProjectRow]], namer: Namer, rng: Random, until: date
) -> Money:
    """Of the projects that were signed: something of everything, with gaps where people are late."""
    found = Money()
    for project_id, row in projects:
        signed_on, agreed = _signed_on(row), row.details.agreed_investment
        if signed_on is None or not agreed or row.steps[-1].to_stage is Stage.LOST:
            continue
        if rng.random() < _WITH_PARTNER:
            share = Decimal(rng.randrange(5, 40))
            partner = PartnerDetails(namer.investor(), rng.choice(tuple(PartnerRole)), share)
            found.partners.append((project_id, partner))
        payments = _payments(row, signed_on, agreed, rng, until)
        found.payments += [(project_id, payment) for payment in payments]
        plan = _plan(agreed, rng, until.year)
        found.plans.append((project_id, plan))
        if row.steps[-1].to_stage is not Stage.PAUSED:
            works = _works(plan, max(signed_on, date(until.year, 1, 1)), rng, until)
            found.works += [(project_id, report) for report in works]
    return found


def _signed_on(row: ProjectRow) -> date | None:
    later = PIPELINE[PIPELINE.index(Stage.SIGNED) :]
    return next((step.effective_on for step in row.steps if step.to_stage in later), None)


def _payments(
    row: ProjectRow, signed_on: date, agreed: Decimal, rng: Random, until: date
) -> Iterator[PaymentDetails]:
    is_foreign = row.details.origin in _FOREIGN
    for number in range(1, rng.randrange(1, 4)):
        paid_on = signed_on + timedelta(rng.randrange(10, 200))
        if paid_on <= until:
            yield PaymentDetails(
                paid_on,
                _rounded(agreed * rng.randrange(3, 15) / 100),
                row.details.currency,
                FundSource.FOREIGN if is_foreign else FundSource.DOMESTIC,
                f"演示凭证{paid_on:%Y%m}-{number:02d}",
            )


def _plan(agreed: Decimal, rng: Random, year: int) -> PlanDetails:
    amount = _rounded(agreed * rng.randrange(15, 60) / 100)
    if rng.random() >= _BY_QUARTER:
        return PlanDetails(year, amount)
    shares = sorted(rng.sample(range(10, 95), 3))
    return PlanDetails(year, amount, *(_rounded(amount * share / 100) for share in shares))


def _works(plan: PlanDetails, since: date, rng: Random, until: date) -> Iterator[WorksDetails]:
    """The months from the signing on that have ended, but for some that nobody reported; the 累计 never falls."""
    speed, done = rng.uniform(*_SPEED), Decimal(0)
    for number in range(since.month, until.month + 1):
        month = date(plan.year, number, 1)
        if last_day_of(month) > until:
            return
        planned = int(100 * speed * number / 12 * rng.uniform(0.9, 1.05))
        done = max(done, _rounded(plan.amount * planned / 100))
        if rng.random() >= _UNREPORTED:
            yield WorksDetails(month, done)


def _rounded(amount: Decimal) -> Decimal:
    """To whole 万."""
    return Decimal(int(amount / _WAN) * _WAN)
