"""Pages of the flow: what moved between two days, and the rows behind each of its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, render_template, request
from sqlalchemy import Select, func, select

from crm.core import clock
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.lists import pages, state
from crm.lists.asking import Asked, ask, units_seen
from crm.people.roles import Action
from crm.pipeline import flow as flows
from crm.pipeline.amounts import figure_of
from crm.pipeline.board import ASIDE
from crm.pipeline.board_pages import bp
from crm.pipeline.chart_pages import meant_by, with_status
from crm.pipeline.flow import Amount, MoveKind, Term
from crm.pipeline.listing import face
from crm.projects.amounts import Sums, sums_of
from crm.projects.models import PIPELINE, Stage
from crm.web.dates import day_of
from crm.web.guards import needs
from crm.web.locale import sentence

PER_PAGE = 100
ROWS = "/projects/flow/rows?"
FLOW = face("/projects/flow", "from", "to")

Column = tuple[str, Term, tuple[MoveKind, ...]]
COLUMNS: tuple[Column, ...] = (
    (N_("期初"), Term.OPENING, ()),
    (N_("新增"), Term.CAME, (MoveKind.NEW,)),
    (N_("推进进入"), Term.CAME, (MoveKind.ADVANCE,)),
    (N_("退回进入"), Term.CAME, (MoveKind.BACK,)),
    (N_("恢复进入"), Term.CAME, (MoveKind.RETURN,)),
    (N_("推进离开"), Term.WENT, (MoveKind.ADVANCE,)),
    (N_("退回离开"), Term.WENT, (MoveKind.BACK,)),
    (N_("暂停流失"), Term.WENT, (MoveKind.PAUSE, MoveKind.LOSS)),
    (N_("投资额变动"), Term.REVALUED, ()),
    (N_("期末"), Term.CLOSING, ()),
)
ASIDE_COLUMNS: tuple[Column, ...] = (
    (N_("期初"), Term.OPENING, ()),
    (N_("转入"), Term.CAME, ()),
    (N_("恢复"), Term.WENT, (MoveKind.RETURN,)),
    (N_("转为流失或暂停"), Term.WENT, (MoveKind.PAUSE, MoveKind.LOSS)),
    (N_("期末"), Term.CLOSING, ()),
)


@dataclass(frozen=True)
class Cell:
    """One number of a stage's line; `href` opens the rows that it counts, where there are any. None: no term of the total."""

    label: str
    count: int | None
    sums: Sums
    href: str | None


@dataclass(frozen=True, kw_only=True)
class FlowPage(pages.Tools):
    """The flow with the tools of the list over it; no flow where the two days make no period, and `error` says why."""

    since: date
    until: date
    flow: flows.Flow | None
    query: str
    error: str

    def cells(self, line: flows.StageFlow) -> list[Cell]:
        columns = ASIDE_COLUMNS if line.stage in ASIDE else COLUMNS
        return [self._cell(line, *column) for column in columns]

    def _cell(
        self, line: flows.StageFlow, words: str, term: Term, kinds: tuple[MoveKind, ...]
    ) -> Cell:
        is_within = term == Term.REVALUED or set(kinds) & {MoveKind.ADVANCE, MoveKind.BACK}
        if line.stage is None and is_within:
            return Cell(words, None, {}, None)
        amount = line.of(term, kinds)
        href = self._rows(line.stage, term, kinds) if amount.count else None
        return Cell(words, amount.count, amount.sums, href)

    def passage_href(self, passage: flows.Passage) -> str:
        of = self._rows(passage.to_stage, Term.CAME, (passage.kind,))
        return f"{of}&other={passage.from_stage.value}" if passage.from_stage else str(of)

    def _rows(self, stage: Stage | None, term: Term, kinds: Sequence[MoveKind]) -> str | None:
        """The total has no rows of its own: its stages have."""
        if stage is None:
            return None
        number = [("of", term.value), ("stage", stage.value), *(("kind", kind) for kind in kinds)]
        return f"{ROWS}{self.query}&{state.query_string(number)}"


@bp.get("/flow")
@needs(Action.PROJECTS_READ)
def flow() -> Any:
    since, until, error = _period()

    def drawn(asked: Asked, tools: dict[str, Any]) -> FlowPage:
        return FlowPage(
            **tools,
            since=since,
            until=until,
            flow=None if error else flows.build(meant_by(asked), since, until),
            query=_address(asked, since, until),
            error=sentence(error) if error else "",
        )

    page = "pipeline/flow.html"
    answer = pages.answer(FLOW, page, page, drawn, pipeline=PIPELINE, aside=ASIDE)
    return with_status(answer, error)


@bp.get("/flow/rows")
@needs(Action.PROJECTS_READ)
def flow_rows() -> Any:
    """The projects or steps that one number counts, with the very same total."""
    since, until, error = _period()
    if error:
        raise error
    args = request.args
    try:
        term, stage = Term(args.get("of", Term.CLOSING)), Stage(args.get("stage", Stage.LEAD))
        kinds = [MoveKind(text) for text in args.getlist("kind")]
    except ValueError:
        abort(404)
    asked = ask(state.read(FLOW, args, unit_ids=units_seen()))
    other = args.get("other", type=Stage)
    found = flows.behind(asked.query, (since, until), stage, term, kinds, other)
    start = min(max(args.get("start", 0, type=int), 0), 10**6)
    rows = _rows(found, start)
    here = [("of", term), ("stage", stage), *(("kind", kind) for kind in kinds)]
    here += [("other", other)] if other else []
    kept = _address(asked, since, until)

    def at(place: int) -> str:
        return f"{ROWS}{kept}&{state.query_string([*here, ('start', str(place))])}"

    return render_template(
        "pipeline/flow_rows.html",
        term=term,
        stage=stage,
        kinds=tuple(kinds),
        other=other,
        since=since,
        until=until,
        total=_total(found),
        figure=figure_of(stage),
        rows=rows[:PER_PAGE],
        back=f"/projects/flow?{kept}",
        newer=at(max(start - PER_PAGE, 0)) if start else None,
        older=at(start + PER_PAGE) if len(rows) > PER_PAGE else None,
    )


def _rows(found: Select[Any], start: int) -> Sequence[Any]:
    every = found.subquery()
    latest_first = select(every).order_by(every.c.on.desc(), every.c.project_id.desc())
    return session.execute(latest_first.offset(start).limit(PER_PAGE + 1)).all()


def _total(found: Select[Any]) -> Amount:
    every = found.subquery()
    parts = select(
        every.c.currency, func.count().label("number"), func.sum(every.c.amount).label("amount")
    )
    rows = session.execute(parts.group_by(every.c.currency)).all()
    return Amount(sum(r.number for r in rows), sums_of((r.currency, r.amount) for r in rows))


def _address(asked: Asked, since: date, until: date) -> str:
    days = [("from", since.isoformat()), ("to", until.isoformat())]
    return state.query_string([*asked.state.pairs(), *days])


def _period() -> tuple[date, date, DomainError | None]:
    """The two days of the address, the usual ones where it names none; and why they make no period."""
    since, until = None, clock.today()
    try:
        since, until = day_of("from"), day_of("to") or until
        return *flows.period(until, since), None
    except DomainError as error:
        return since or until, until, error
