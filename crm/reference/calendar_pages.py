"""The working calendar: a year's months, and the days that an administrator exchanges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select

from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.roles import Action
from crm.reference import working_days
from crm.reference.models import CalendarDay
from crm.web.fields import day_field, either_field, text_field
from crm.web.guards import me, needs
from crm.web.locale import sentence

bp = Blueprint("calendar", __name__, url_prefix="/calendar")


class DayForm(FlaskForm):
    """One day, worked or not."""

    day = day_field(_("日期"), required=True, future=True)
    is_working = either_field(_("安排"), {"yes": _("上班"), "no": _("休息")})
    name = text_field(_("名称"), 40, description=_("如 国庆节、国庆节调休"))


@dataclass(frozen=True)
class Cell:
    """A day of a month's grid; `day` is empty before the first and after the last."""

    day: date | None
    is_working: bool = True
    is_exception: bool = False
    name: str = ""


@dataclass(frozen=True)
class Month:
    """A month in weeks from Monday to Sunday, and how many days of it are worked."""

    number: int
    weeks: Sequence[Sequence[Cell]]
    working_days: int


@bp.get("")
@needs(Action.RULES_MANAGE)
def index() -> Any:
    chosen = _chosen_day()
    form = DayForm(formdata=None, day=chosen)
    if chosen:
        found = session.get(CalendarDay, chosen)
        is_working = found.is_working if found else working_days.is_weekday(chosen)
        form.is_working.data = "no" if is_working else "yes"  # who opens a day means to change it
        form.name.data = found.name if found else ""
    return _page(chosen.year if chosen else _chosen_year(), form)


@bp.post("/days")
@needs(Action.RULES_MANAGE)
def set_day() -> Any:
    form, status = DayForm(), 422
    if form.validate_on_submit():
        try:
            with writing():
                working_days.set_day(
                    form.day.data,
                    is_working=form.is_working.data == "yes",
                    name=form.name.data or "",
                    by=me(),
                )
        except DomainError as refused:
            form.day.errors, status = [sentence(refused)], refused.status
        else:
            flash(gettext("已保存：%(day)s", day=form.day.data.isoformat()), "success")
            return redirect(url_for("calendar.index", year=form.day.data.year), 303)
    return _page(clock.today().year, form), status


def _chosen_day() -> date | None:
    day = request.args.get("day", type=date.fromisoformat)
    in_range = day and working_days.FIRST_YEAR <= day.year <= working_days.LAST_YEAR
    return day if in_range else None


def _chosen_year() -> int:
    year = request.args.get("year", default=0, type=int)
    in_range = working_days.FIRST_YEAR <= year <= working_days.LAST_YEAR
    return year if in_range else clock.today().year


def _page(year: int, form: DayForm) -> str:
    first, last = date(year, 1, 1), date(year, 12, 31)
    query = select(CalendarDay).where(CalendarDay.day.between(first, last))
    exceptions = {found.day: found for found in session.scalars(query.order_by(CalendarDay.day))}
    months = [_month(year, number, exceptions) for number in range(1, 13)]
    return render_template(
        "reference/calendar.html",
        year=year,
        months=months,
        exceptions=exceptions.values(),
        form=form,
        earlier=year - 1 if year > working_days.FIRST_YEAR else None,
        later=year + 1 if year < working_days.LAST_YEAR else None,
        total=sum(month.working_days for month in months),
    )


def _month(year: int, number: int, exceptions: dict[date, CalendarDay]) -> Month:
    first = date(year, number, 1)
    after = date(year + number // 12, number % 12 + 1, 1)
    cells = [Cell(None)] * first.weekday()
    cells += [_cell(first + timedelta(n), exceptions) for n in range((after - first).days)]
    cells += [Cell(None)] * (-len(cells) % 7)
    weeks = [cells[n : n + 7] for n in range(0, len(cells), 7)]
    return Month(number, weeks, sum(cell.is_working for cell in cells if cell.day))


def _cell(day: date, exceptions: dict[date, CalendarDay]) -> Cell:
    found = exceptions.get(day)
    if found is None:
        return Cell(day, working_days.is_weekday(day))
    return Cell(day, found.is_working, True, found.name)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    manage = Action.RULES_MANAGE.value
    registry.navigation.append(
        registry.NavigationEntry(N_("工作日历"), "calendar.index", "calendar", 83, manage)
    )
