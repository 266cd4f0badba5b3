"""A fact of a record, described once: what its form asks, its list shows and a spreadsheet's column holds.

`Attribute.read` is the one way from a cell or a typed text to a value, whoever asks: checks and commits of imports use
the same.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property
from typing import Any

from crm.core.errors import DomainError
from crm.core.money import FEN, LARGEST, WAN, YI
from crm.core.texts import is_refused, trimmed
from crm.core.words import N_, LabelledEnum


class Sort(StrEnum):
    """What sort of value it is. COMPANY, UNIT and PERSON are read as the text that names one; their room finds it."""

    TEXT = "text"
    LINES = "lines"
    CODE = "code"  # text without spaces, in half width and capitals; always a text cell
    DATE = "date"
    MONEY = "money"  # yuan
    NUMBER = "number"
    DECIMAL = "decimal"  # two places
    BOOL = "bool"
    CHOICE = "choice"
    CHOICES = "choices"  # several, between 、 or ;
    COMPANY = "company"
    UNIT = "unit"
    PERSON = "person"


class MoneyUnit(LabelledEnum):
    """What one of a column's figures is worth."""

    YUAN = "yuan", N_("元")
    QIAN = "qian", N_("千元")
    WAN = "wan", N_("万元")
    YI = "yi", N_("亿元")

    @property
    def worth(self) -> Decimal:
        return {"yuan": Decimal(1), "qian": Decimal(1000), "wan": WAN, "yi": YI}[self.value]


Cell = str | int | float | bool | date | datetime | Decimal | None
"""What a sheet or a form gives."""


@dataclass(frozen=True)
class Attribute:
    """One fact. `name` is that of the model's column or of the details' field; `label` a msgid.

    `headings` are other words that stand over its column in what people really receive. `clean` is a stricter reading of
    text (a code with its check character) and raises DomainError. `help` is a msgid under its field and in the template's note;
    `example` what the template's example row holds.
    """

    name: str
    label: str
    sort: Sort = Sort.TEXT
    is_required: bool = False
    choices: type[LabelledEnum] | None = None
    longest: int = 120
    headings: tuple[str, ...] = ()
    clean: Callable[[str], str] | None = None
    is_year: bool = False  # a number that is written without separators
    is_personal: bool = False  # masked unless the reader's right allows
    may_be_future: bool = False  # of a day
    is_default: bool = False  # shown in the list unless chosen otherwise
    help: str = ""
    example: str = ""
    width: float = 14

    def read(self, cell: Cell, unit: MoneyUnit = MoneyUnit.WAN) -> Any:
        """The value of a cell, None for an empty one; `unit` of an amount. Raises DomainError with a sentence."""
        if isinstance(cell, str):
            cell = trimmed(cell)
        if cell is None or cell == "":
            return None
        if self.sort is Sort.DATE:
            return _sensible(read_day(cell))
        if self.sort is Sort.MONEY:
            return read_money(cell, unit)
        if self.sort in (Sort.NUMBER, Sort.DECIMAL):
            return self._number(cell)
        if self.sort is Sort.BOOL:
            return cell if isinstance(cell, bool) else _read_yes_or_no(as_text(cell))
        text = self._text(cell if isinstance(cell, str) else as_text(cell))
        if self.sort is Sort.CHOICE:
            return self._choice(text)
        if self.sort is Sort.CHOICES:
            return frozenset(
                self._choice(part) for part in re.split(r"[、;；,，\s]+", text) if part
            )
        return self.clean(text) if self.clean else text

    def _text(self, text: str) -> str:
        if self.sort is Sort.CODE:
            text = re.sub(r"\s", "", text.translate(_FULL_WIDTH)).upper()
        elif self.sort is not Sort.LINES:
            text = " ".join(text.split())  # a cell of several lines too
        lines = "\n\t" if self.sort is Sort.LINES else ""
        if not text.isprintable() and any(is_refused(c) and c not in lines for c in text):
            raise DomainError(N_("含有不能保存的字符，请重新输入。"))
        if "+" in text and _SHORTENED.fullmatch(text):
            raise DomainError(
                N_("“%(text)s”是被表格软件缩写的数字，末几位已丢失：请设为文本格式后重新录入。"),
                text=text,
            )
        if len(text) > self.longest:
            now = len(text)
            raise DomainError(
                N_("不能超过%(most)s个字符，现有%(now)s个。"), most=self.longest, now=now
            )
        return text

    def _number(self, cell: Cell) -> int | Decimal:
        value = _decimal(cell)
        if self.sort is Sort.DECIMAL:
            return value.quantize(FEN, ROUND_HALF_UP)
        if value != value.to_integral_value():
            raise DomainError(N_("“%(text)s”不是整数。"), text=as_text(cell))
        return int(value)

    def _choice(self, text: str) -> LabelledEnum:
        found = self._members.get(text.casefold())
        if found is None:
            words = "、".join(member.label for member in self.choices or ())
            raise DomainError(
                N_("“%(text)s”不在可选范围内，可选：%(words)s。"), text=text, words=words
            )
        return found

    @cached_property
    def _members(self) -> dict[str, LabelledEnum]:
        """By stored value, by the words of others, by label."""
        members = tuple(self.choices or ())
        words = [(word, m) for m in members for word in (m.value, *m.also)]
        words += [(m.label, m) for m in members]
        return {word.casefold(): member for word, member in words}


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SHORTENED = re.compile(r"\d(?:\.\d+)?E\+\d{2,3}", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T].*)?")
_PLAIN_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAYS = date(1900, 1, 1), date(2199, 12, 31)
_SHEET_EPOCH = date(1899, 12, 30)
_SHEET_DAYS = range(20_000, 80_000)  # 1954 to 2119: figures that can only be meant as a day


def as_text(cell: Cell) -> str:
    """A cell as people see it: 3.0 is 3, a day is 2020-09-30."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return trimmed(str("" if cell is None else cell))


def read_day(cell: Cell) -> date:
    """2020-09-30, 2020/9/30, 2020.9.30, 2020年9月30日, 20200930 or a sheet's own day. Raises DomainError."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = as_text(cell).translate(_FULL_WIDTH)
    if text.isdigit() and len(text) == 5 and int(text) in _SHEET_DAYS:
        return _SHEET_EPOCH + timedelta(days=int(text))
    if match := _DAY.fullmatch(text) or _PLAIN_DAY.fullmatch(text):
        try:
            return date(*(int(part) for part in match.groups()))
        except ValueError:
            raise DomainError(N_("没有“%(text)s”这一天。"), text=text) from None
    raise DomainError(N_("“%(text)s”不是日期，请写成 2020-09-30。"), text=text)


def _sensible(day: date) -> date:
    if not _DAYS[0] <= day <= _DAYS[1]:
        raise DomainError(N_("年份不合理，请核对。"))
    return day


def read_money(cell: Cell, unit: MoneyUnit) -> Decimal:
    """Yuan from a figure in some unit, to the fen. Raises DomainError."""
    amount = _decimal(cell) * unit.worth
    if abs(amount) > LARGEST:
        raise DomainError(N_("金额超出范围，请核对单位（%(unit)s）。"), unit=unit.label)
    return amount.quantize(FEN, ROUND_HALF_UP)


def _decimal(cell: Cell) -> Decimal:
    if isinstance(cell, bool | date):
        raise DomainError(N_("“%(text)s”不是数字。"), text=as_text(cell))
    text = repr(cell) if isinstance(cell, float) else as_text(cell).translate(_FULL_WIDTH)
    try:
        value = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        raise DomainError(N_("“%(text)s”不是数字。"), text=text) from None
    if not value.is_finite() or abs(value) > LARGEST:
        raise DomainError(N_("“%(text)s”超出范围。"), text=text)
    return value


_YES, _NO = ("是", "有", "√", "y", "yes", "true", "1"), ("否", "无", "×", "n", "no", "false", "0")


def _read_yes_or_no(text: str) -> bool:
    if text.casefold() in _YES:
        return True
    if text.casefold() in _NO:
        return False
    raise DomainError(N_("请填写“是”或“否”，现为“%(text)s”。"), text=text)
