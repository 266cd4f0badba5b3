"""通报: how every unit's orders of a period stood at its end, frozen with a digest as it goes out."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import insert, select

from crm.audit.services import Actor, record
from crm.core import clock, stored
from crm.core.db import BULK, session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.scope import WHOLE_PARK_SCOPE, Scope
from crm.supervision import numbering, queries
from crm.supervision.loop import STEPS
from crm.supervision.models import Bulletin, StepKind, SupervisionEvent, SupervisionOrder
from crm.supervision.standing import Line, UnitLine, by_unit, lines, summed


@dataclass(frozen=True)
class Content:
    """All that a bulletin says. What is sealed is in none."""

    from_on: date
    until_on: date
    units: tuple[UnitLine, ...]
    lines: tuple[Line, ...]
    year: int = 0
    number: int = 0
    issued_on: date | None = None
    issued_by: str = ""

    @property
    def total(self) -> UnitLine:
        return UnitLine(0, "", *(sum(column) for column in zip(*self._counts(), strict=True)))

    def _counts(self) -> list[tuple[int, ...]]:
        """With a line of nothing, so that there is a sum of no units as well."""
        nothing = summed(0, "", ())
        return [
            (u.total, u.in_time, u.late, u.running, u.overdue, u.returns, u.extensions)
            for u in (*self.units, nothing)
        ]


def build(from_on: date, until_on: date) -> Content:
    """As it would go out today. Raises DomainError for a period that is not over or the wrong way round."""
    if until_on < from_on:
        raise DomainError(N_("结束日期不能早于开始日期。"), field="until_on")
    if until_on > clock.today():
        raise DomainError(N_("日期不能晚于今天。"), field="until_on")
    found = lines(WHOLE_PARK_SCOPE, from_on, until_on)
    return Content(from_on, until_on, by_unit(found), tuple(found))


def issue(from_on: date, until_on: date, *, by: Actor, on: date | None = None) -> Bulletin:
    """Number it, freeze it, and note in each of its orders that it was reported. Raises DomainError."""
    on = on or clock.today()
    content = build(from_on, until_on)
    if not content.lines:
        raise DomainError(N_("这段时间没有督办单，不能通报。"), field="until_on")
    number = numbering.next_bulletin_number(on.year)
    content = replace(content, year=on.year, number=number, issued_on=on, issued_by=by.name)
    text = stored.dumps(content)
    bulletin = Bulletin(
        year=on.year,
        number=number,
        from_on=from_on,
        until_on=until_on,
        issued_on=on,
        issued_by_id=by.id,
        content=text,
        sha256=stored.digest(text),
    )
    session.add(bulletin)
    _note_in_orders(content, by)
    record(
        "supervision.bulletin_issued", bulletin, by=by, name=name_of(bulletin), sha256=bulletin.sha256,
        rows=len(content.lines),
    )  # fmt: skip
    return bulletin


def name_of(bulletin: Bulletin | Content) -> str:
    return f"督查通报{bulletin.year}年第{bulletin.number}期"


def read(bulletin: Bulletin, scope: Scope) -> Content:
    """As it went out, without the orders that are sealed from the reader since; its sums stay."""
    content = stored.loads(Content, bulletin.content)
    kept = queries.kept_from(scope, [line.id for line in content.lines])
    return replace(content, lines=tuple(line for line in content.lines if line.id not in kept))


def is_intact(bulletin: Bulletin) -> bool:
    return stored.digest(bulletin.content) == bulletin.sha256


def _note_in_orders(content: Content, by: Actor) -> None:
    query = select(SupervisionOrder.id, SupervisionOrder.state).where(
        SupervisionOrder.id.in_([line.id for line in content.lines]),
        SupervisionOrder.state.in_(STEPS[StepKind.REPORTED].froms),
    )
    events = [
        {
            "order_id": row.id,
            "kind": StepKind.REPORTED,
            "from_state": row.state,
            "to_state": row.state,
            "happened_on": content.issued_on,
            "by_id": by.id,
            "text": name_of(content),
            "recorded_at": clock.now(),
        }
        for row in session.execute(query.order_by(SupervisionOrder.id))
    ]
    session.execute(insert(SupervisionEvent), events, execution_options=BULK)
