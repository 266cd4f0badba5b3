"""The board: 指标完成情况表 on screen and as files, and its sentences to copy out."""

from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from crm.audit.services import record
from crm.core import registry
from crm.core.db import session, writing
from crm.core.words import N_
from crm.people.roles import Action, Role
from crm.targets import queries, widgets
from crm.targets.beside import beside
from crm.targets.board import Board
from crm.targets.models import Chapter
from crm.targets.pace import Light
from crm.targets.pages import board_asked, bp
from crm.targets.table import asking, columns, faces
from crm.targets.table.asking import Asked
from crm.targets.table.columns import Column
from crm.targets.table.tree import HEAD, Branch, branches
from crm.targets.wording import plan_word, sentence
from crm.web.guards import me, needs
from crm.web.htmx import go_to
from crm.web.locale import label

KEPT = "target_columns"
"""Where the browser keeps the columns that its reader chose last."""


@bp.get("")
@needs(Action.TARGETS_READ)
def index() -> Any:
    """The board as a tree of chapters and tasks, narrowed, sorted and with the columns that the address names."""
    years = queries.years()
    if not years:
        return render_template("targets/none.html")
    found, asked = board_asked(), asking.read(request.args, _columns())
    chapters = _chapters(found)
    return render_template(
        "targets/index.html",
        board=found,
        asked=asked,
        kept={"year": found.plan.year, **asked.pairs()},
        tiles=_tiles(found, asked),
        heads={column.key: label(column.label) for column in asked.columns},
        tree=_tree(found, chapters, asked),
        milestones=[row for row in found.milestones if row.is_visible],
        years=years,
        chapters=[(HEAD, _("主要目标")), *((str(c.position), _named(c)) for c in chapters)],
        units=_units(found),
        sources=asking.SOURCES,
        orders=asking.ORDERS,
        all_columns=columns.COLUMNS,
    )


@bp.post("/files")
@needs(Action.REPORTS_EXPORT)
def create_board_file() -> Response:
    """The table with all its columns, of what the page shows. Posted, because taking it out is written to the log."""
    found, asked = board_asked(), asking.read(request.args, columns.COLUMNS)
    tree = _tree(found, _chapters(found), asked)
    kind = request.form.get("format", "")
    if kind not in faces.FORMATS:
        abort(422)
    file = faces.board_file(found, tree, kind)
    rows = sum(len(branch.lines) for branch in tree)
    with writing():
        record(
            "report.exported", None, by=me(), name=N_("指标完成情况表"), format=kind, as_of=found.as_of,
            scope=found.scope.label, rows=rows,
        )  # fmt: skip
    return faces.as_download(file)


@bp.get("/sentences")
@needs(Action.TARGETS_READ)
def sentences() -> Any:
    """How the targets stand in the park's own words, to copy out: all, by chapter, or one."""
    if not queries.years():
        return go_to(".index")
    found, asked = board_asked(), asking.read(request.args, ())
    return render_template(
        "targets/sentences.html",
        board=found,
        asked=asked,
        kept={"year": found.plan.year, **asked.pairs()},
        parts=[
            (
                _named(branch.chapter) if branch.chapter else _("主要目标"),
                "\n".join(sentence(line.row, found.as_of) for line in branch.lines),
            )
            for branch in _tree(found, _chapters(found), asked)
            if branch.lines
        ],
    )


def _tiles(found: Board, asked: Asked) -> list[tuple[Light, int, str]]:
    """Each light with how many show it, and the address with only those, or with all again."""
    counts = widgets.lights_of(found)
    return [
        (light, counts[light], asked.but(light=None if asked.light == light else light))
        for light in asking.ORDER_OF_LIGHTS
    ]


def _columns() -> tuple[Column, ...]:
    """Those that are asked for now, else those chosen last in this browser."""
    if "cols" in request.args:
        cookie[KEPT] = ",".join(c.key for c in columns.chosen(request.args.getlist("cols")))
    return columns.chosen(str(cookie.get(KEPT, "")).split(","))


def _chapters(found: Board) -> Sequence[Chapter]:
    return session.scalars(queries.chapters(found.plan)).all()


def _tree(found: Board, chapters: Sequence[Chapter], asked: Asked) -> list[Branch]:
    return branches(found, chapters, beside(found, asked.wanted) if asked.wanted else {}, asked)


def _units(found: Board) -> list[tuple[str, str]]:
    units = {row.indicator.unit for row in found.rows if row.is_visible}
    return [(unit.code, unit.name) for unit in sorted(units, key=lambda u: (u.position, u.id))]


def _named(chapter: Chapter) -> str:
    return str(_("%(n)s、%(name)s", n=chapter.number, name=plan_word(chapter)))


def init_app() -> None:
    registry.navigation.append(
        registry.NavigationEntry(
            N_("指标"),
            "targets.index",
            "target",
            40,
            Action.TARGETS_READ.value,
            roles=(Role.UNIT_STAFF, Role.UNIT_HEAD, Role.SUPERVISOR, Role.LEADER),
        )
    )
