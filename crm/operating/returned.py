"""Workbooks that come back, from anybody's computer: looked through before they are read, read before they are believed."""

import hmac
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from crm.core.attributes import MoneyUnit
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.documents.cells import FORBIDDEN
from crm.operating.figures import FIGURES, Figure, Number, read
from crm.operating.workbooks import (
    CODE_LABEL,
    MARK_SHEET,
    NAME_LABEL,
    REQUIRED,
    UNIT_LABEL,
    VALUE_COLUMN,
    Sender,
    figure_label,
)

MOST_FILES = 2000
LARGEST_FILE = 1024 * 1024
LARGEST_UNPACKED = 8 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 400, 60
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([^"']*)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
"""What a zip may be refused with by its reader: broken, encrypted, compressed in a strange way."""
_OTHER_FORMATS = ("xl/workbook.bin", "content.xml", "mimetype")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, and in which cell (none: the whole of it)."""

    cell: str
    error: DomainError


@dataclass(frozen=True)
class Returned:
    """A file as it came back: whose it is, its figures in yuan, or what is wrong with it."""

    file: str
    company_id: int | None = None
    name: str = ""
    uscc: str = ""
    figures: Mapping[str, Number | None] | None = None
    faults: tuple[Fault, ...] = ()


def unpacked(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes | DomainError]]:
    """Each workbook with its name: those that were sent, and those inside a zip. Too many: DomainError instead."""
    count = 0
    for name, data in files:
        for inner, content in _inside(name, data):
            count += 1
            if count > MOST_FILES:
                message = N_("一次最多收%(most)s个文件，其余请分次上传。")
                yield inner, DomainError(message, most=MOST_FILES)
                return
            yield inner, content


def _inside(name: str, data: bytes) -> Iterator[tuple[str, bytes | DomainError]]:
    if not name.lower().endswith(".zip"):
        yield name, data
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if info.is_dir() or info.filename.startswith("__MACOSX/"):
                    continue
                inner = _name_in_zip(info).rpartition("/")[2]
                yield inner, _content(archive, info)
    except _BROKEN:
        yield name, DomainError(N_("压缩包损坏或加了密码，打不开。"))


def _name_in_zip(info: zipfile.ZipInfo) -> str:
    """Windows writes Chinese names in GBK without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return info.filename


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | DomainError:
    if info.file_size > LARGEST_FILE:
        return _too_large()
    return archive.read(info)  # its checksum is verified: a size that lies does not pass


def _too_large() -> DomainError:
    return DomainError(N_("文件过大：填报表不会超过1兆。"))


def open_workbook(file: str, data: bytes | DomainError, sender: Sender) -> Returned:
    """What a file says, or what is wrong with it. Whether the firm is the reader's is for who calls to see."""
    file = FORBIDDEN.sub("", file)[-200:]
    try:
        if isinstance(data, DomainError):
            raise data
        _look_through(data)
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
            mark = book.get_sheet_by_name(MARK_SHEET).to_python(skip_empty_area=False)
        except (CalamineError, ValueError) as error:
            raise DomainError(N_("不是本系统发出的填报表。")) from error
        company_id = _whose(mark, sender)
        return _figures(Returned(file, company_id), rows)
    except DomainError as error:
        return Returned(file, faults=(Fault("", error),))


def _look_through(data: bytes) -> None:
    """Refuse what is no workbook of ours before anything parses it: too large when unpacked, formulas, far-off cells."""
    if len(data) > LARGEST_FILE:
        raise _too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            infos = parts.infolist()
            names = [info.filename for info in infos]
            if sum(info.file_size for info in infos) > LARGEST_UNPACKED or len(infos) > 200:
                raise DomainError(N_("文件解开后过大，不予读取。"))
            if "xl/workbook.xml" not in names or any(n in names for n in _OTHER_FORMATS):
                raise DomainError(N_("请用 .xlsx 格式保存后再发回。"))
            texts = {info.filename: parts.read(info) for info in infos}
    except _BROKEN:
        raise DomainError(N_("请用 .xlsx 格式保存后再发回。")) from None
    for name, text in texts.items():
        if name.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in text or b"\0" in text):
            raise DomainError(N_("文件内容异常，不予读取。"))
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            _look_at_sheet(text)


def _look_at_sheet(text: bytes) -> None:
    if _FORMULA.search(text):
        raise DomainError(N_("表中有公式，请改为数值后再发回。"))
    for reference in _REFERENCE.findall(text):
        if not _is_near(reference):
            raise DomainError(N_("表格范围异常，请在原填报表上填写。"))


def _is_near(reference: bytes) -> bool:
    """Whether a cell or row lies where a sheet of ours can have one: a far one makes its reader reserve all up to it."""
    found = re.fullmatch(rb"([A-Z]{0,2})([0-9]{1,4})", reference)
    if found is None or int(found[2]) > MOST_ROWS:
        return False
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    return column <= MOST_COLUMNS


def _whose(mark: list[list[Any]], sender: Sender) -> int:
    """The firm that the workbook was made for, by its mark."""
    values = [row[0] if row else "" for row in mark[:3]]
    try:
        round_id, company_id = (int(value) for value in values[:2])
        digest = str(values[2])
    except (ValueError, IndexError, OverflowError, TypeError):
        raise DomainError(N_("不是本系统发出的填报表。")) from None
    if round_id != sender.round_id:
        raise DomainError(N_("是另一轮收集的填报表，请上传到那一轮。"))
    if not hmac.compare_digest(digest.encode(), sender.mark(company_id).encode()):
        raise DomainError(N_("填报表的标识不符：不是本系统发出的，或已被改动。"))
    return company_id


def _figures(found: Returned, rows: list[list[Any]]) -> Returned:
    by_label = {_text(row, 0): at for at, row in enumerate(rows)}
    unit = next((u for u in MoneyUnit if u.label == _value(rows, by_label, UNIT_LABEL, 1)), None)
    faults, figures = [], {}
    if unit is None:
        faults.append(Fault(f"{UNIT_LABEL}", DomainError(N_("请在下拉列表中选择金额单位。"))))
    for figure in FIGURES:
        try:
            figures[figure.name] = _figure(figure, rows, by_label, unit or MoneyUnit.WAN)
        except DomainError as error:
            at = by_label.get(figure_label(figure))
            place = "" if at is None else f"{chr(65 + VALUE_COLUMN)}{at + 1} "
            faults.append(Fault(f"{place}{figure.label}", error))
    return replace(
        found,
        name=str(_value(rows, by_label, NAME_LABEL, 1)),
        uscc=str(_value(rows, by_label, CODE_LABEL, 1)),
        figures=figures,
        faults=tuple(faults),
    )


def _figure(
    figure: Figure, rows: list[list[Any]], by_label: Mapping[str, int], unit: MoneyUnit
) -> Number | None:
    label = figure_label(figure)
    if label not in by_label:
        raise DomainError(N_("表中少了这一行，请在原填报表上填写。"))
    value = _value(rows, by_label, label, VALUE_COLUMN)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise DomainError(N_("单元格里不是数字。"))
    number = read(figure, str(value), unit)
    if number is None and figure.name in REQUIRED:
        raise DomainError(N_("没有填写；没有发生的请填0。"))
    if number is not None and number < 0 and not figure.may_be_negative:
        raise DomainError(N_("不能为负数。"))
    return number


def _value(rows: list[list[Any]], by_label: Mapping[str, int], label: str, column: int) -> Any:
    at = by_label.get(label)
    if at is None or column >= len(rows[at]):
        return ""
    value = rows[at][column]
    return FORBIDDEN.sub("", value).strip() if isinstance(value, str) else value


def _text(row: list[Any], column: int) -> str:
    value = row[column] if column < len(row) else ""
    return value.strip() if isinstance(value, str) else ""
