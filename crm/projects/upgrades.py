"""升级: the same project goes on with more. It keeps its record, so it is counted once whatever is asked (decision 0012)."""

from datetime import date
from decimal import Decimal

from crm.audit.services import Actor, changes_of, record
from crm.core import clock
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.projects import valuations
from crm.projects.models import Figure, KeyLevel, Nature, Project


def upgrade(
    project: Project,
    *,
    on: date,
    figure: Figure,
    amount: Decimal | None,
    key_level: KeyLevel | None,
    reason: str,
    by: Actor,
    version: int | None = None,
) -> None:
    """From that day on the project is the upgraded one; a new amount is its whole investment. Raises DomainError, StaleRecord.

    Before that day everything stays as it was: the amount is one more dated row.
    """
    if amount is None:
        project.expect_version(version)
    else:
        valuations.say(project, figure, amount, valid_from=on, note=reason, by=by, version=version)
    if project.nature is Nature.ADDITION:
        raise DomainError(N_("增资项目不能升级，请在原项目上办理。"))
    if not project.first_reported_on <= on <= clock.today():
        raise DomainError(N_("升级日期须在首报日期之后，且不晚于今天。"), field="on")
    project.nature, project.upgraded_on = Nature.UPGRADE, on
    project.key_level = key_level
    record(
        "project.upgraded",
        project,
        by=by,
        changes=changes_of(project),
        effective_on=on,
        reason=reason,
    )
