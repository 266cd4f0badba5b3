"""A list's filter and order as a sentence: on chips, in files, in the log."""

from flask_babel import gettext as _

from crm.lists.conditions import Condition, Filter, Group
from crm.lists.fields import YES_OR_NO, Field, Kind, Operator
from crm.lists.state import State
from crm.web.locale import label


def head(field: Field) -> str:
    """A column's name, an amount's with its unit."""
    name = str(label(field.label))
    return (
        name + _("（%(unit)s）", unit=label(field.currency)) if field.kind == Kind.MONEY else name
    )


def condition(found: Condition) -> str:
    """类别 是 企业、团队; 在办：是"""
    field, how = label(found.field.label), label(found.word)
    if found.field.kind == Kind.BOOL:
        return str(_("%(field)s：%(what)s", field=field, what=_what(found)))
    return str(_("%(field)s %(how)s %(what)s", field=field, how=how, what=_what(found))).strip()


def filter_(found: Filter) -> str:
    """（类别 是 团队 或 行业 是 …）且 成立日期 不早于 2019-01-01"""
    several = len(found.groups) > 1
    return _joined([_group(group, several) for group in found.groups], found.is_any)


def state(shown: State, unit: str | None) -> list[str]:
    """What was searched for, the filter and the order, a line each; nothing where the list is shown whole."""
    lines = []
    if shown.words:
        lines.append(_("搜索：%(words)s", words=shown.words))
    if unit:
        lines.append(_("单位：%(unit)s", unit=unit))
    if shown.filter:
        lines.append(_("筛选：%(filter)s", filter=filter_(shown.filter)))
    lines.append(_("排序：%(order)s", order=order(shown)))
    return lines


def order(shown: State) -> str:
    field = shown.order.field
    if field is None:
        return str(_("登记先后，新的在前"))
    way = _("降序") if shown.order.is_descending else _("升序")
    return str(_("%(field)s（%(way)s）", field=label(field.label), way=way))


def _group(group: Group, in_brackets: bool) -> str:
    text = _joined([condition(c) for c in group.conditions], group.is_any)
    needs_brackets = in_brackets and len(group.conditions) > 1
    return str(_("（%(text)s）", text=text)) if needs_brackets else text


def _joined(parts: list[str], is_any: bool) -> str:
    word = _("或") if is_any else _("且")
    return f" {word} ".join(parts)


def _what(found: Condition) -> str:
    field = found.field
    words = YES_OR_NO if field.kind == Kind.BOOL else (field.choices or dict)()
    shown = [label(words.get(typed, typed)) for typed in found.typed]
    if field.kind == Kind.MONEY:
        shown = [f"{amount} {label(field.currency)}" for amount in shown]
    is_range = found.operator == Operator.BETWEEN
    return str(_(" 至 ") if is_range else _("、")).join(shown)
