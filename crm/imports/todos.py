"""待办: imports that wait for their person, to be mapped, repaired or landed."""

from collections.abc import Iterator

from crm.core import registry
from crm.core.clock import PARK_ZONE
from crm.core.db import session
from crm.core.registry import TODOS_OF_A_SOURCE, Todo
from crm.core.words import N_
from crm.imports import queries
from crm.imports.models import Import, ImportState
from crm.people.models import User

_WORDS = {
    ImportState.UPLOADED: N_("导入待对应列"),
    ImportState.FAILED: N_("导入的表格没有读完"),
    ImportState.CHECKED: N_("导入待确认"),
}


def todos(user: User) -> Iterator[Todo]:
    """Due on the day on which the file came: who began it meant to end it."""
    if not queries.kinds_for(user):
        return
    waiting = (
        queries.visible_to(user)
        .where(Import.requested_by_id == user.id, Import.state.in_(_WORDS))
        .order_by(Import.id)
        .limit(TODOS_OF_A_SOURCE)
    )
    for import_ in session.scalars(waiting):
        kind = registry.import_kinds[import_.kind]
        text = _WORDS[import_.state]
        if import_.errors:
            text = N_("导入有%(n)s行待修正")
        yield Todo(
            import_.recorded_at.astimezone(PARK_ZONE).date(),
            "file-spreadsheet",
            text,
            import_.name or kind.label,
            f"/imports/{import_.id}",
            (("n", import_.errors),),
        )
