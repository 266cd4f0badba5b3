"""The workbook that people fill in for a kind: headings with drop-downs, an example, and a sheet that says what goes where.

Its words are the park's paper and not translated: a sheet with them is known again whoever sends it.
"""

import io
from typing import Any

from crm.core.attributes import Attribute, Sort
from crm.documents.workbook import FONT
from crm.imports.kinds import ImportKind
from crm.imports.mapping import USUAL_UNIT

ROWS = 2000  # that have their drop-downs and formats
SHEET, NOTES = "数据", "说明"
LONGEST_LIST = (
    255  # characters of all choices together, Excel's own limit; longer ones stand in the notes
)
_HOW = {
    Sort.TEXT: "文字",
    Sort.LINES: "文字，可以多行",
    Sort.CODE: "编号，文本格式",
    Sort.DATE: "日期，如 2020-09-30",
    Sort.MONEY: f"数字，单位：{USUAL_UNIT.label}；可在表头括号里改为元、千元或亿元",
    Sort.NUMBER: "整数",
    Sort.DECIMAL: "数字，最多两位小数",
    Sort.BOOL: "是 或 否",
    Sort.CHOICE: "从下拉列表选择",
    Sort.CHOICES: "可填多项，用顿号隔开",
    Sort.COMPANY: "企业全称或统一社会信用代码",
    Sort.UNIT: "单位名称",
    Sort.PERSON: "姓名",
}
_FORMATS = {Sort.DATE: "yyyy-mm-dd", Sort.MONEY: "#,##0.00", Sort.NUMBER: "0", Sort.DECIMAL: "0.00"}


def heading(attribute: Attribute) -> str:
    """As it stands over the column, with the unit that its figures are in."""
    return attribute.label + (f"（{USUAL_UNIT.label}）" if attribute.sort is Sort.MONEY else "")


def write(kind: ImportKind) -> bytes:
    import xlsxwriter  # a tenth of a second at each start, and few requests want a workbook

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        _write_table(book, book.add_worksheet(SHEET), kind)
        _write_notes(book, book.add_worksheet(NOTES), kind)
    return file.getvalue()


def _write_table(book: Any, page: Any, kind: ImportKind) -> None:
    look = {"font_name": FONT, "border": 1, "border_color": "#C9CFD6"}
    head = {**look, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter"}
    needed = book.add_format({**head, "bg_color": "#FBE3C8"})
    wished = book.add_format({**head, "bg_color": "#E4ECF5"})
    example = {**look, "font_color": "#55606C", "italic": True}
    for column, attribute in enumerate(kind.attributes):
        number_format = _FORMATS.get(attribute.sort, "@")
        cells = book.add_format({"font_name": FONT, "num_format": number_format})
        page.set_column(column, column, max(attribute.width, 10), cells)
        words = heading(attribute) + ("*" if attribute.is_required else "")
        page.write_string(0, column, words, needed if attribute.is_required else wished)
        page.write_string(
            1, column, attribute.example, book.add_format({**example, "num_format": "@"})
        )
        if rule := _rule(attribute):
            page.data_validation(1, column, ROWS, column, rule)
    page.set_row(0, 32)
    page.freeze_panes(1, 0)


def _rule(attribute: Attribute) -> dict[str, Any] | None:
    """What a cell may hold. Dates and figures are left to the check: a rule there would refuse 2020.9.30."""
    words = choices_of(attribute)
    if not words or attribute.sort is Sort.CHOICES or len(",".join(words)) > LONGEST_LIST:
        return None
    return {
        "validate": "list",
        "source": words,
        "error_title": "请从列表选择",
        "error_message": "只能填列表中的词，见“说明”。",
    }


def choices_of(attribute: Attribute) -> list[str]:
    if attribute.sort is Sort.BOOL:
        return ["是", "否"]
    return [member.label for member in attribute.choices or ()]


def _write_notes(book: Any, page: Any, kind: ImportKind) -> None:
    title = book.add_format({"font_name": FONT, "bold": True, "font_size": 14})
    head = book.add_format({"font_name": FONT, "bold": True, "bg_color": "#E4ECF5", "border": 1})
    cell = book.add_format({"font_name": FONT, "border": 1, "text_wrap": True, "valign": "top"})
    plain = book.add_format({"font_name": FONT})
    for column, width in enumerate((22, 8, 34, 48, 24)):
        page.set_column(column, column, width)
    page.write_string(0, 0, f"{kind.label}导入模板", title)
    lines = (
        "在“数据”表中填写，一行一条；第2行是示例，填写前请删去或覆盖。橙色表头带 * 的必须填写。",
        "不用的列可以删去；空着的格不改动已有内容。",
        f"同一条记录按以下内容识别：{kind.natural_key}。已有的会更新，不会重复新增。",
        *([kind.note] if kind.note else []),
    )
    for row, line in enumerate(lines, 1):
        page.write_string(row, 0, line, plain)
    top = len(lines) + 2
    for column, words in enumerate(("列", "必填", "怎样填", "可选或说明", "示例")):
        page.write_string(top, column, words, head)
    for row, attribute in enumerate(kind.attributes, top + 1):
        said = "；".join(
            part for part in ("、".join(choices_of(attribute)), attribute.help) if part
        )
        needed = "必填" if attribute.is_required else ""
        values = (heading(attribute), needed, _HOW[attribute.sort], said, attribute.example)
        for column, value in enumerate(values):
            page.write_string(row, column, value, cell)
