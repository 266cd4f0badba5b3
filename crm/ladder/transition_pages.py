"""五转 of a period: five counters for the scope and each carrier, the firms behind each figure, the workbook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request, send_file
from flask_babel import gettext as _

from crm.audit.services import record
from crm.carriers.figures import TOTAL, Place
from crm.carriers.periods import Period
from crm.companies.models import Company
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.documents.workbook import Column, Sheet, write_workbook
from crm.ladder import panel
from crm.ladder.history import COUNTED, Change, Movement, movements
from crm.ladder.lives import lives_of
from crm.ladder.rungs import Rung
from crm.ladder.transitions import Table, firms_behind, firms_that_moved, table
from crm.people.models import Unit
from crm.people.queries import carriers
from crm.people.roles import Action
from crm.web.carriers import chosen_carrier
from crm.web.dates import day_of
from crm.web.guards import me, my_scope, needs
from crm.web.locale import label
from crm.web.paging import count, page

bp = Blueprint("transitions", __name__, url_prefix="/ladder/transitions")

COUNTERS: dict[Rung, str] = {
    Rung.MICRO_SMALL: N_("初创转小微"),
    Rung.HIGH_TECH: N_("小微转高新"),
    Rung.ABOVE_SCALE: N_("高新转规上"),
    Rung.SHARE_REFORM: N_("规上转股改"),
    Rung.LISTED: N_("股改转上市"),
}
CHUNK = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class When:
    """The period that the address asks for; `unit` narrows the first table to one carrier."""

    period: Period
    unit: Unit | None

    @property
    def days(self) -> str:
        return self.address_of(self.period, None)

    @property
    def address(self) -> str:
        return self.address_of(self.period, self.unit)

    def address_of(self, period: Period, unit: Unit | None) -> str:
        days = {"from": period.start.isoformat(), "to": period.until.isoformat()}
        return urlencode({**days, **({"unit": unit.id} if unit else {})})

    @property
    def place(self) -> Place:
        return Place(my_scope(), self.unit)


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    when, units = _when(), _units()
    return render_template(
        "ladder/transitions.html",
        table=table(my_scope(), units, when.period),
        row=when.place.row,
        total_row=TOTAL,
        presets=[(word, when.address_of(period, when.unit)) for word, period in _presets()],
        units=units,
        **_shown(when),
    )


@bp.get("/<rung>/<change>")
@needs(Action.COMPANIES_READ)
def firms(rung: str, change: str) -> Any:
    """The firms behind one figure, each with its day and its proof."""
    found = next((r for r in COUNTED if r.value == rung), None) or abort(404)
    what = next((c for c in Change if c.value == change), None) or abort(404)
    when, is_jump = _when(), request.args.get("jump") == "1"
    query = firms_behind(when.place, when.period, found, what, is_jump=is_jump)
    shown = page(query, Company.id)
    lives = lives_of([row.id for row in shown.rows])
    return render_template(
        "ladder/transition_firms.html",
        rung=found,
        change=what,
        is_jump=is_jump,
        firms=[
            (row, _told(movements(lives[row.id]), found, what, row.happened_on))
            for row in shown.rows
        ],
        pages=shown,
        total=count(query),
        **_shown(when),
    )


@bp.post("/files")
@needs(Action.REPORTS_EXPORT)
def create_file() -> Any:
    """What the page shows, with the firms behind it. Posted, because taking it out is written to the log."""
    when, units = _when(), _units()
    found = table(my_scope(), units, when.period)
    lines = list(_lines(when))
    content = write_workbook(
        [_summary(when, found), _by_carrier(when, found, units), _details(when, lines)]
    )
    with writing():
        record(
            "report.exported", None, by=me(), name=N_("五转"), format="xlsx", as_of=when.period.until,
            since=when.period.start, scope=_scope_label(when), rows=len(lines),
        )  # fmt: skip
    name = f"{_('五转')}-{when.period.start}-{when.period.until}.xlsx"
    return send_file(BytesIO(content), XLSX, as_attachment=True, download_name=name)


def _when() -> When:
    """No further than today: what will lapse later is not lost yet."""
    today = clock.today()
    until = min(day_of("to") or today, today)
    start = day_of("from") or date(until.year, 1, 1)
    if start > until:
        raise DomainError(N_("起始日期不能晚于截止日期。"))
    return When(Period(start, until), chosen_carrier())


def _presets() -> list[tuple[str, Period]]:
    today = clock.today()
    year, quarter = date(today.year, 1, 1), date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    last_year = Period(date(today.year - 1, 1, 1), year - timedelta(1))
    return [
        (N_("今年"), Period(year, today)),
        (N_("去年"), last_year),
        (N_("本季度"), Period(quarter, today)),
    ]


def _units() -> Sequence[Unit]:
    return session.scalars(carriers(my_scope())).all()


def _scope_label(when: When) -> str:
    return when.unit.name if when.unit else label(my_scope().label)


def _shown(when: When) -> dict[str, Any]:
    return {
        "when": when,
        "unit": when.unit,
        "scope_label": _scope_label(when),
        "counters": COUNTERS,
        "changes": tuple(Change),
    }


def _told(moves: Sequence[Movement], rung: Rung, change: Change, on: date) -> str:
    """The proof that was gained or lost that day."""
    asked = (rung, change, on)
    return next(panel.say(m.reason) for m in moves if (m.rung, m.change, m.on) == asked)


# The workbook


def _heading(when: When) -> list[str]:
    is_demo = any(check() for check in registry.demo_checks)
    return [
        _("五转"),
        _("数据范围：%(scope)s", scope=_scope_label(when)),
        _("%(start)s 至 %(until)s", start=when.period.start, until=when.period.until),
        *([_("演示数据：由程序生成，不是真实记录")] if is_demo else []),
    ]


def _summary(when: When, found: Table) -> Sheet:
    row = when.place.row
    columns = [
        Column(_("指标"), width=16),
        Column(label(Change.ARRIVED), "int"),
        Column(_("其中越级"), "int"),
        *(Column(label(change), "int") for change in tuple(Change)[1:]),
    ]
    rows = [
        [
            label(words),
            found.value(rung, Change.ARRIVED, row),
            found.jumped(rung, row),
            *(found.value(rung, change, row) for change in tuple(Change)[1:]),
        ]
        for rung, words in COUNTERS.items()
    ]
    return Sheet(_("汇总"), columns, rows, _heading(when))


def _by_carrier(when: When, found: Table, units: Sequence[Unit]) -> Sheet:
    columns = [Column(_("载体"), width=24), *(Column(label(w), "int") for w in COUNTERS.values())]
    places = [(unit.name, unit.id) for unit in units] + [(_("合计（不重复企业）"), TOTAL)]
    rows = [
        [name, *(found.value(rung, Change.ARRIVED, row) for rung in COUNTERS)]
        for name, row in places
    ]
    return Sheet(_("各载体"), columns, rows, _heading(when))


def _details(when: When, lines: Sequence[Sequence[object]]) -> Sheet:
    columns = [
        Column(_("指标"), width=16),
        Column(_("变动"), width=12),
        Column(_("企业"), width=34),
        Column(_("统计归属"), width=24),
        Column(_("日期"), "date"),
        Column(_("越级"), width=8),
        Column(_("依据"), width=50),
    ]
    return Sheet(_("明细"), columns, lines, _heading(when))


def _lines(when: When) -> Iterator[list[object]]:
    rows = session.execute(firms_that_moved(when.place, when.period)).all()
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        lives = lives_of(sorted({row.id for row in chunk}))
        for row in chunk:
            rung, change = tuple(Rung)[row.level - 1], Change(row.change)
            told = _told(movements(lives[row.id]), rung, change, row.happened_on)
            jump = _("是") if row.is_jump else ""
            yield [
                label(COUNTERS[rung]), label(change), row.name, row.carriers, row.happened_on, jump, told,
            ]  # fmt: skip
