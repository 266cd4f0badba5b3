"""Pages of the carriers: the table of them all, the firms behind each figure, one carrier."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, render_template, request

from crm.carriers import counting_views, letting, letting_views, queries, space_views, wording
from crm.carriers.figures import FIGURES, TOTAL, Place, by_reason, recent, rows, table
from crm.carriers.log_words import LOG_WORDS
from crm.carriers.models import Building
from crm.carriers.periods import Period, Span, period_of
from crm.companies.models import Company, EndReason
from crm.core import registry
from crm.core.db import session
from crm.core.words import N_
from crm.people.queries import carriers
from crm.people.roles import Action, Role
from crm.web.carriers import carrier_in_scope, chosen_carrier
from crm.web.dates import as_of
from crm.web.guards import my_scope, needs
from crm.web.paging import count, page

bp = Blueprint("carriers", __name__, url_prefix="/carriers")

COLUMNS = tuple(FIGURES)[:2] + ("net",) + tuple(FIGURES)[2:]
LABELS = {"net": N_("净增"), **{key: figure.label for key, figure in FIGURES.items()}}
ENDING_DAYS = 90
ENDINGS_SHOWN, RECENT_SHOWN, RESIDENTS_SHOWN = 20, 10, 10


@dataclass(frozen=True)
class When:
    """The period that the address asks for, as the pages say and pass it on."""

    span: Span
    as_of: date
    period: Period

    @property
    def address(self) -> str:
        """What carries the period on to another page."""
        asked = {"period": self.span.value, "as_of": self.as_of.isoformat()}
        if self.span == Span.CUSTOM:
            asked["from"] = self.period.start.isoformat()
        return urlencode(asked)


@bp.get("")
@needs(Action.COMPANIES_READ)
def index() -> Any:
    """Carrier × figure over a period, with the vacancy as of its last day."""
    when, units = _when(), session.scalars(carriers(my_scope())).all()
    spaces = queries.space_by_carrier(my_scope(), when.as_of)
    return render_template(
        "carriers/index.html",
        **_shown(when),
        units=units,
        table=table(my_scope(), units, when.period),
        spaces=spaces,
        all_space=sum(spaces.values(), queries.Space()),
        no_space=queries.Space(),
        rules=[(key, _rule(key, when)) for key in COLUMNS],
    )


@bp.get("/figures/<key>")
@needs(Action.COMPANIES_READ)
def figure(key: str) -> Any:
    """The firms behind one figure, of one carrier or of all in the reader's scope."""
    if key not in LABELS:
        abort(404)
    when, place = _when(), Place(my_scope(), chosen_carrier())
    shown = {**_shown(when), "unit": place.unit, "rule": _rule(key, when)}
    if key == "net":
        units = [place.unit] if place.unit else []
        numbers = table(my_scope(), units, when.period)
        return render_template("carriers/net.html", **shown, table=numbers, row=place.row)
    reason = _reason() if key == "left" else None
    query = rows(FIGURES[key], place, when.period, reason=reason)
    return render_template(
        "carriers/figure.html",
        **shown,
        key=key,
        is_stock=FIGURES[key].is_stock,
        firms=page(query, Company.id),
        total=count(query),
        reasons=by_reason(place, when.period) if key == "left" else [],
        reason=reason,
    )


@bp.get("/<int:carrier_id>")
@needs(Action.COMPANIES_READ)
def show(carrier_id: int) -> Any:
    """One carrier: its figures, who came and went, its buildings, what ends soon, who is here."""
    when = _when()
    unit = carrier_in_scope(carrier_id)
    place = Place(my_scope(), unit)
    residents = rows(FIGURES["resident"], place, when.period).order_by(Company.id.desc())
    endings = queries.ending_within(ENDING_DAYS, place.units, my_scope(), when.as_of)
    buildings = queries.visible_buildings(my_scope()).where(Building.carrier_id.in_(place.units))
    spaces = queries.space_by_building(my_scope(), when.as_of)
    return render_template(
        "carriers/show.html",
        **_shown(when),
        unit=unit,
        table=table(my_scope().within(unit), [unit], when.period),
        rules=[(key, _rule(key, when)) for key in COLUMNS],
        moves=recent(place, when.period, RECENT_SHOWN),
        buildings=session.scalars(buildings.order_by(Building.name)).all(),
        spaces={id_: space for id_, (_carrier, space) in spaces.items()},
        no_space=queries.Space(),
        endings=session.execute(endings.limit(ENDINGS_SHOWN)).all(),
        ending_days=ENDING_DAYS,
        ending_count=count(endings),
        unknown_rooms=[one for source in registry.unknown_rooms for one in source(unit.id)],
        residents=session.execute(residents.limit(RESIDENTS_SHOWN)).all(),
    )


def _when() -> When:
    """`?period=year&as_of=…`; a custom one has `from` as well. What cannot be read is the year to date."""
    day = as_of()
    span = next((s for s in Span if s.value == request.args.get("period")), Span.YEAR)
    try:
        start = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        start = None
    if span == Span.CUSTOM and (start is None or not start.year >= 1900):
        span = Span.YEAR
    return When(span, day, period_of(span, day, start))


def _shown(when: When) -> dict[str, Any]:
    return {
        "when": when,
        "as_of": when.as_of,
        "spans": tuple(Span),
        "columns": COLUMNS,
        "labels": LABELS,
        "total_row": TOTAL,
        "reason_words": {reason.value: reason for reason in EndReason},
    }


def _rule(key: str, when: When) -> list[str]:
    return wording.rule_of(key, when.period.start, when.period.until)


def _reason() -> EndReason | None:
    asked = request.args.get("reason")
    return next((reason for reason in EndReason if reason.value == asked), None)


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.children["lets"] = registry.ChildKind(N_("用房"))
    for blueprint in (bp, space_views.bp, letting_views.bp, counting_views.bp):
        app.register_blueprint(blueprint)
    reading, ruling = Action.COMPANIES_READ.value, Action.RULES_MANAGE.value
    registry.navigation.append(
        registry.NavigationEntry(
            N_("载体"),
            "carriers.index",
            "buildings",
            15,
            reading,
            roles=(Role.INCUBATOR_STAFF,),
        )
    )
    registry.navigation.append(
        registry.NavigationEntry(N_("口径"), "counting.index", "adjustments", 95, ruling)
    )
    registry.panels.append(registry.Panel("company", N_("用房"), "letting.of_company", reading, 60))
    registry.departure_followers.append(
        registry.DepartureFollower(
            letting.end_lets_of, letting.redate_lets_of, letting.restore_lets_of
        )
    )
