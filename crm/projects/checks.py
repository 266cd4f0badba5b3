"""What the facts of a project have to agree on before they are saved."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from crm.core.among import among
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import User
from crm.people.scope import scope_of
from crm.projects import queries
from crm.projects.details import ProjectDetails, amounts_of
from crm.projects.duplicates import Twin, twins
from crm.projects.models import Figure, Nature, Project, Valuation


class LooksRegistered(DomainError):
    """Projects exist that may be the same; a person must say that it is another one."""

    def __init__(self, found: Sequence[Twin]) -> None:
        self.found = tuple(found)
        super().__init__(N_("可能已经登记过，请核对后再保存。"), field="is_another")


def check_facts(details: ProjectDetails, project: Project | None, by: User) -> None:
    """What the facts of one project have to agree on among themselves and with the project that it adds to."""
    original = None
    if details.adds_to_id is not None:
        query = queries.visible_to(scope_of(by)).where(Project.id == details.adds_to_id)
        original = session.scalar(query)
    expect_agreement(details, project, original)


def expect_agreement(
    details: ProjectDetails, project: Project | None, original: Project | None
) -> None:
    """The same where the project that it adds to was looked up. Raises DomainError."""
    if (details.nature is Nature.ADDITION) != (details.adds_to_id is not None):
        message = N_("增资项目须填写原项目；其他项目不填。")
        raise DomainError(message, field="adds_to_id")
    if details.adds_to_id is not None and (
        project is None or project.adds_to_id != details.adds_to_id
    ):
        if original is None or original.nature is Nature.ADDITION or original is project:
            message = N_("原项目须是另一个已登记的项目，且本身不是增资项目。")
            raise DomainError(message, field="adds_to_id")
        if original.currency != details.currency:
            message = N_("增资的币种须与原项目相同。")
            raise DomainError(message, field="currency")
    if (details.became_id is None) != (details.became_on is None):
        message = N_("落地企业和落地日期须同时填写。")
        raise DomainError(message, field="became_on")


def expect_no_twin(
    details: ProjectDetails, by: User, *, despite_twins: bool, leave_out: int | None = None
) -> None:
    if despite_twins:
        return
    found = twins(details.name, details.investor, scope_of(by), leave_out=leave_out)
    if [twin for twin in found if twin.project_id is None or twin.project_id != details.adds_to_id]:
        raise LooksRegistered(found)


def said_of(project_ids: Collection[int]) -> dict[int, set[Figure]]:
    """Which amounts of these projects were said before, in one statement."""
    found: dict[int, set[Figure]] = {id_: set() for id_ in project_ids}
    rows = select(Valuation.project_id, Valuation.figure).distinct()
    for id_, figure in session.execute(rows.where(among(Valuation.project_id, list(found)))):
        found[id_].add(figure)
    return found


def check_amounts(project: Project, details: ProjectDetails, said: Collection[Figure]) -> None:
    """An amount that was `said` before is changed by a dated row only. Raises DomainError."""
    if said and details.currency != project.currency:
        raise DomainError(N_("已有投资额的项目不能改变币种。"), field="currency")
    typed, stored = amounts_of(details), amounts_of(project)
    for figure in said:
        if typed[figure] != stored[figure]:
            message = N_("金额变动请在“投资”中按日期填写，原来的记录会保留。")
            raise DomainError(message, field=f"{figure.value}_investment")
