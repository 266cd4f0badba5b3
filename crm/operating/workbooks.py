"""The workbook that a firm fills in: pre-filled, protected but for its empty cells, with a mark that tells whose it is."""

import hashlib
import hmac
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crm.core.attributes import MoneyUnit
from crm.documents.workbook import FONT
from crm.operating.figures import FIGURES, Figure, Number
from crm.operating.periods import Period

# The sheets are the park's paper for Chinese firms: their words are not translated.
SHEET, MARK_SHEET = "经营数据", "标识"
UNIT_LABEL, NAME_LABEL, CODE_LABEL = "金额单位", "企业名称", "统一社会信用代码"
FIRST_FIGURE_ROW = 8  # from 0
VALUE_COLUMN, LAST_COLUMN = 2, 3
REQUIRED = ("revenue", "assets", "staff")  # what a size class is made of
LONGEST_NAME = 80
_UNFIT_FOR_A_FILE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]')


@dataclass(frozen=True)
class Sender:
    """A round as its workbooks need it; `key` is the installation's own and signs what it hands out."""

    round_id: int
    period: Period
    money_unit: MoneyUnit
    key: bytes

    def mark(self, company_id: int) -> str:
        """The digest in a firm's workbook: it fits this round and this firm only."""
        said = f"collection:{self.round_id}:{company_id}".encode()
        return hmac.new(self.key, said, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Blank:
    """One firm's workbook before it is filled in: who the firm is, its last figures in yuan."""

    company_id: int
    name: str
    uscc: str
    last: Period | None
    figures: tuple[Number | None, ...]


def period_words(period: Period) -> str:
    """2020年1—9月"""
    months = "1月" if period.through_month == 1 else f"1—{period.through_month}月"
    return f"{period.year}年{months}"


def file_name(blank: Blank) -> str:
    """企业名称-USCC.xlsx without what a file's name cannot hold; two firms never share one."""
    name = _UNFIT_FOR_A_FILE.sub("", blank.name).strip(" .")[:LONGEST_NAME]
    return f"{name}-{blank.uscc or f'无代码{blank.company_id}'}.xlsx"


def stream(sender: Sender, blanks: Iterable[Blank]) -> Iterator[bytes]:
    """All workbooks in one zip, handed on as they are made."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # a workbook is a zip already
        for blank in blanks:
            archive.writestr(file_name(blank), write(sender, blank))
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """What is written into it waits to be taken; a zip that cannot seek back writes its sizes behind each file."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def write(sender: Sender, blank: Blank) -> bytes:
    """One firm's workbook."""
    import xlsxwriter  # a tenth of a second at each start, and few requests want a workbook

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        page = book.add_worksheet(SHEET)
        _write_head(book, page, sender, blank)
        _write_figures(book, page, sender, blank)
        page.protect("", {"select_locked_cells": True})
        page.set_landscape()
        page.fit_to_pages(1, 1)
        mark = book.add_worksheet(MARK_SHEET)
        mark.very_hidden()
        for row, value in enumerate((sender.round_id, blank.company_id)):
            mark.write_number(row, 0, value)
        mark.write_string(2, 0, sender.mark(blank.company_id))
    return file.getvalue()


def _write_head(book: Any, page: Any, sender: Sender, blank: Blank) -> None:
    title = book.add_format({"font_name": FONT, "bold": True, "font_size": 14})
    label = book.add_format({"font_name": FONT, "bold": True})
    text = book.add_format({"font_name": FONT, "num_format": "@"})
    note = book.add_format({"font_name": FONT, "font_color": "#55606C"})
    for column, width in enumerate((26, 12, 20, 24)):
        page.set_column(column, column, width)
    page.write_string(0, 0, f"{period_words(sender.period)}经营数据填报表", title)
    page.write_string(
        1,
        0,
        "请只填黄色格，填本年累计数，不填当月数；没有发生的填0。填好后保存为 .xlsx 发回。",
        note,
    )
    said = (
        (NAME_LABEL, blank.name),
        (CODE_LABEL, blank.uscc),
        ("填报期", period_words(sender.period)),
    )
    for row, (words, value) in enumerate(said, start=2):
        page.write_string(row, 0, words, label)
        page.write_string(row, 1, value, text)
    page.write_string(5, 0, UNIT_LABEL, label)
    page.write_string(5, 1, sender.money_unit.label, _entry(book, "@"))
    page.data_validation(
        5, 1, 5, 1, {"validate": "list", "source": [unit.label for unit in MoneyUnit]}
    )


def _write_figures(book: Any, page: Any, sender: Sender, blank: Blank) -> None:
    head = book.add_format({"font_name": FONT, "bold": True, "bg_color": "#E4ECF5", "border": 1})
    cell = book.add_format({"font_name": FONT, "border": 1})
    grey = {"font_name": FONT, "border": 1, "font_color": "#6B7280", "bg_color": "#F1F3F5"}
    last = {True: book.add_format({**grey, "num_format": "#,##0.00"})}
    last[False] = book.add_format({**grey, "num_format": "#,##0"})
    entry = {True: _entry(book, "#,##0.00"), False: _entry(book, "#,##0")}
    before = period_words(blank.last) if blank.last else "无"
    heads = ("指标", "单位", "本期（本年累计）", f"上次填报（{before}）")
    for column, words in enumerate(heads):
        page.write_string(FIRST_FIGURE_ROW - 1, column, words, head)
    for row, (figure, value) in enumerate(
        zip(FIGURES, blank.figures, strict=True), start=FIRST_FIGURE_ROW
    ):
        unit = f"同上（{UNIT_LABEL}）" if figure.is_money else "人"
        page.write_string(row, 0, figure_label(figure), cell)
        page.write_string(row, 1, unit, cell)
        page.write_blank(row, VALUE_COLUMN, None, entry[figure.is_money])
        page.data_validation(row, VALUE_COLUMN, row, VALUE_COLUMN, _allowed(figure))
        if value is None:
            page.write_blank(row, LAST_COLUMN, None, last[figure.is_money])
        else:
            shown = value / sender.money_unit.worth if figure.is_money else value
            page.write_number(row, LAST_COLUMN, float(shown), last[figure.is_money])
    words = f"上次填报的数按{sender.money_unit.label}显示，仅供对照。带 * 的必须填写。"
    page.write_string(FIRST_FIGURE_ROW + len(FIGURES) + 1, 0, words)


def figure_label(figure: Figure) -> str:
    return figure.label + (" *" if figure.name in REQUIRED else "")


def _allowed(figure: Figure) -> dict[str, Any]:
    least = -1e14 if figure.may_be_negative else 0
    return {
        "validate": "decimal" if figure.is_money else "integer",
        "criteria": "between",
        "minimum": least,
        "maximum": 1e14 if figure.is_money else 10_000_000,
        "error_title": "请填数字",
        "error_message": "请只填数字，不带单位和文字。",
    }


def _entry(book: Any, number_format: str) -> Any:
    """A cell that may be typed into."""
    look = {"font_name": FONT, "border": 1, "bg_color": "#FFF9DB", "locked": False}
    return book.add_format({**look, "num_format": number_format})
