"""Pages of the forecast: what may be reached by a day, the projects it rests on, and how such forecasts held before."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Row

from crm.core import clock
from crm.core.errors import DomainError
from crm.core.money import WAN
from crm.core.words import N_
from crm.lists import pages, state
from crm.lists.asking import Asked
from crm.people.roles import Action
from crm.pipeline import forecast as forecasts
from crm.pipeline.behind import standing
from crm.pipeline.board_pages import bp
from crm.pipeline.chart_pages import answer_rows, asked_of, meant_by, with_status
from crm.pipeline.forecast import TARGETS, Forecast
from crm.pipeline.futures import FUTURES, SHARE, Outlook, Spread
from crm.pipeline.listing import face
from crm.pipeline.paths import KINDS
from crm.projects.journeys import came_to, is_furthest
from crm.projects.models import PIPELINE, Stage
from crm.web.dates import as_of, day_of
from crm.web.guards import needs
from crm.web.htmx import wants_fragment
from crm.web.locale import label, sentence

ROWS, HITS = "/projects/forecast/projects", "/projects/forecast/hits"
FORECAST = face("/projects/forecast", "stage", "by", "as_of")
WORDS = {
    Stage.SIGNED: N_("签约"),
    Stage.CONSTRUCTION: N_("开工（在建）"),
    Stage.COMPLETED: N_("竣工"),
}


@dataclass(frozen=True)
class Band:
    """A range on a scale from 0 to 1."""

    low: Fraction
    width: Fraction
    expected: Fraction


@dataclass(frozen=True, kw_only=True)
class ForecastPage(pages.Tools):
    """A forecast with the tools of the list over it; none where the days allow none, and `error` says why."""

    asked: forecasts.Asked
    forecast: Forecast | None
    query: str
    error: str

    share = SHARE
    enough = forecasts.ENOUGH
    futures = FUTURES

    @property
    def days(self) -> int:
        return (self.asked.by - self.asked.on).days

    @property
    def stray(self) -> Fraction:
        return shown(self.forecast.stray) if self.forecast else Fraction(0)

    def band(self, spread: Spread) -> Band:
        """Its scale ends a little beyond the range."""
        longest = max(Fraction(spread.high), shown(spread.expected), Fraction(1)) * Fraction(6, 5)
        low, high = (Fraction(end) / longest for end in (spread.low, spread.high))
        return Band(low, max(high - low, Fraction(1, 200)), shown(spread.expected) / longest)

    @staticmethod
    def rounded(expected: float) -> int:
        return round(expected)

    @property
    def hits_href(self) -> str:
        return f"{HITS}?{self.query}"

    def target_href(self, target: Stage) -> str:
        return f"{self.listing.address}?{_address(self.state, replace(self.asked, target=target))}"

    def href(self, stage: Stage) -> str:
        """The projects that stand in a stage on the way."""
        return f"{ROWS}?{self.query}&at={stage.value}"

    @property
    def done_href(self) -> str:
        return f"{ROWS}?{self.query}"


@bp.get("/forecast")
@needs(Action.PROJECTS_READ)
def forecast() -> Any:
    asked_for, error = _asked_for()

    def drawn(asked: Asked, tools: dict[str, Any]) -> ForecastPage:
        return ForecastPage(
            **tools,
            asked=asked_for,
            forecast=None if error else forecasts.forecast(meant_by(asked), asked_for),
            query=_address(asked.state, asked_for),
            error=sentence(error) if error else "",
        )

    page = "pipeline/forecast.html"
    answer = pages.answer(FORECAST, page, page, drawn, words=WORDS, amount=_amount)
    return with_status(answer, error)


@bp.get("/forecast/projects")
@needs(Action.PROJECTS_READ)
def forecast_projects() -> Any:
    """The projects that stand in a stage on the way, each with its chance; without a stage those that came this year."""
    asked_for, asked = _checked(), asked_of(FORECAST)
    meant = meant_by(asked)
    found = standing(meant, asked_for.on)
    chance_of: Callable[[Row[Any]], Fraction] | None = None
    place = PIPELINE.index(asked_for.target)
    at = request.args.get("at")
    if at is None:
        title = _(
            "%(year)s年已%(target)s", year=asked_for.by.year, target=label(WORDS[asked_for.target])
        )
        year = date(asked_for.by.year, 1, 1), asked_for.on
        found = found.narrowed(came_to(asked_for.target, asked_for.on).between(*year))
    elif at in PIPELINE[:place]:
        title = _("%(stage)s · 未流失", stage=label(Stage(at)))
        is_waiting = is_furthest(Stage(at), asked_for.on) & (found.stage != Stage.LOST)
        since = came_to(Stage(at), asked_for.on)
        found = found.narrowed(is_waiting).with_column(since.label("since"))
        chances = forecasts.forecast(meant, asked_for).outlook
        chance_of = _chances(chances, PIPELINE.index(Stage(at)), asked_for.on)
    else:
        abort(404)
    return answer_rows(
        found,
        asked_for.on,
        title=title,
        back=f"/projects/forecast?{_address(asked.state, asked_for)}",
        back_title=label(N_("预测")),
        chance_of=chance_of,
    )


@bp.get("/forecast/hits")
@needs(Action.PROJECTS_READ)
def forecast_hits() -> Any:
    """How such forecasts held in the quarters before: much to reckon, so the page asks for it when it is there."""
    asked_for, asked = _checked(), asked_of(FORECAST)
    hits = forecasts.past_hits(meant_by(asked), asked_for.target, asked_for.on)
    return render_template(
        "pipeline/_hits.html" if wants_fragment() else "pipeline/hits.html",
        hits=[(hit, shown(hit.spread.expected)) for hit in hits],
        held=sum(hit.held for hit in hits),
        back=f"/projects/forecast?{_address(asked.state, asked_for)}",
    )


def _asked_for() -> tuple[forecasts.Asked, DomainError | None]:
    """What the address asks for, the usual days where it names none; and why nothing can be forecast between them."""
    asked_for = _usual(clock.today())
    try:
        asked_for = _usual(as_of(), day_of("by"))
        forecasts.check(asked_for, clock.today())
    except DomainError as error:
        return asked_for, error
    return asked_for, None


def _usual(on: date, by: date | None = None) -> forecasts.Asked:
    target = request.args.get("stage", type=Stage)
    by = by or forecasts.usual_by(on)
    return forecasts.Asked(target if target in TARGETS else Stage.SIGNED, on, by)


def _checked() -> forecasts.Asked:
    asked_for, error = _asked_for()
    if error:
        raise error
    return asked_for


def _chances(found: Outlook, place: int, on: date) -> Callable[[Row[Any]], Fraction]:
    """For a row its chance, as a fraction."""

    def chance_of(row: Row[Any]) -> Fraction:
        days = (on - row.since).days
        return shown(found.chance(KINDS.index(row.kind), place, days))

    return chance_of


def shown(estimate: float) -> Fraction:
    """An estimate as pages write it: three places, and no float from here on."""
    return Fraction(round(estimate * 1000), 1000)


def _amount(wan: float) -> Decimal:
    """An estimate in whole 万 as an amount, as the filters write it."""
    return Decimal(round(wan)) * WAN


def _address(shown: state.State, asked_for: forecasts.Asked) -> str:
    number = [
        ("stage", asked_for.target.value),
        ("by", asked_for.by.isoformat()),
        ("as_of", asked_for.on.isoformat()),
    ]
    return state.query_string([*shown.pairs(), *number])
