"""What a metric can be narrowed by. A target's filters are the names of options with values between commas.

Whoever binds a target chooses from these: a page, a plan's file, a draft. `checked` is the one judge of what was chosen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from enum import Enum

from sqlalchemy import select

from crm.core.attributes import Attribute, Sort
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.texts import trimmed
from crm.core.words import N_
from crm.evidence.kind import Kind
from crm.people.models import Unit

NATIONAL_INCUBATORS = "national_incubators"  # beside the codes of units
YES = "true"
CARRIERS = Attribute("carriers", N_("载体"), Sort.UNIT)
FROM = Attribute("from", N_("期间自"), Sort.DATE)
TO = Attribute("to", N_("期间至"), Sort.DATE)
OF_A_STOCK = (CARRIERS,)
OF_A_FLOW = (CARRIERS, FROM, TO)


def of_kind(kind: Kind) -> tuple[Attribute, ...]:
    """The facts of a register that are chosen from a list, or that its figures are made to be narrowed by."""
    return tuple(
        replace(one, sort=Sort.CHOICES if one.choices else one.sort, is_required=False, help="")
        for one in kind.own
        if one.choices or one.name in kind.model.FILTERS
    )


def checked(
    options: tuple[Attribute, ...], filters: Mapping[str, str], *, of: str
) -> dict[str, str]:
    """The filters as they are kept. Raises DomainError for what the metric called `of` does not know, and what it needs."""
    known = [one.name for one in options]
    if unknown := [name for name in filters if name not in known]:
        raise DomainError(
            N_("“%(metric)s”不能按“%(name)s”筛选。"), field="metric", metric=of, name=unknown[0]
        )
    found = {}
    for one in options:
        values = list(_values(one, filters.get(one.name, "")))
        if values:
            found[one.name] = ",".join(values)
        elif one.is_required:
            raise DomainError(N_("请填写%(what)s。"), field=one.name, what=one.label)
    if found.get("from", "") > found.get("to", "9"):
        raise DomainError(N_("期间的结束不能早于开始。"), field="to")
    return found


def values_of(option: Attribute, text: str) -> list[str | Enum]:
    """The values of one filter as what they are: members of the option's choices, else their text."""
    parts = [part for part in text.split(",") if part]
    return [option.choices(part) for part in parts] if option.choices else list(parts)


def moved(filters: Mapping[str, str], years: int) -> dict[str, str]:
    """The same filters for another year: a window goes along."""
    return {
        name: _later(text, years) if name in ("from", "to") else text
        for name, text in filters.items()
    }


def _later(day: str, years: int) -> str:
    """The same day of another year; of 29 February the last of the month."""
    year, rest = int(day[:4]) + years, day[4:]
    return f"{year}-02-28" if rest == "-02-29" else f"{year}{rest}"


def _values(one: Attribute, text: str) -> Iterator[str]:
    """What was chosen, each once; members in the order of their enumeration."""
    given = {part: trimmed(part) for part in text.split(",") if trimmed(part)}
    parts = list(dict.fromkeys(given.values()))
    if one.choices:
        _refuse(one, set(parts) - {member.value for member in one.choices})
        yield from (member.value for member in one.choices if member.value in parts)
    elif one.sort is Sort.UNIT:
        if codes := set(parts) - {NATIONAL_INCUBATORS}:
            _refuse(
                one, codes - set(session.scalars(select(Unit.code).where(Unit.code.in_(codes))))
            )
        yield from sorted(parts)
    else:
        if one.sort is Sort.BOOL:
            _refuse(one, set(parts) - {YES, "false"})
        if one.sort is Sort.DATE:
            _refuse(one, {part for part in parts if not _is_day(part)})
        _refuse(one, {part for part in parts if len(part) > one.longest})
        yield from parts


def _refuse(one: Attribute, wrong: set[str]) -> None:
    if wrong:
        raise DomainError(
            N_("“%(text)s”不在“%(what)s”的可选范围内。"), field=one.name, text=min(wrong), what=one.label
        )  # fmt: skip


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
