"""What units have reported by hand, as far as a board needs it."""

from datetime import date

from crm.core.db import session
from crm.targets import queries
from crm.targets.models import AnnualPlan, Indicator, PlanMilestone, ProgressReport


class Reports:
    """The latest verified and the latest waiting report of each thing, from one query."""

    def __init__(self, plan: AnnualPlan, as_of: date) -> None:
        self._found: dict[tuple[int | None, int | None, bool], ProgressReport] = {}
        for report, is_verified in session.execute(queries.latest_reports(plan.id, as_of)):
            self._found[report.indicator_id, report.milestone_id, bool(is_verified)] = report

    def verified(self, thing: Indicator | PlanMilestone) -> ProgressReport | None:
        return self._found.get((*_key(thing), True))

    def unverified(self, thing: Indicator | PlanMilestone) -> ProgressReport | None:
        """The one that waits, unless a later one was verified."""
        waiting, verified = self._found.get((*_key(thing), False)), self.verified(thing)
        if waiting is None or verified is None:
            return waiting
        is_newer = (waiting.as_of_on, waiting.id) > (verified.as_of_on, verified.id)
        return waiting if is_newer else None


def _key(thing: Indicator | PlanMilestone) -> tuple[int | None, int | None]:
    return (thing.id, None) if isinstance(thing, Indicator) else (None, thing.id)
