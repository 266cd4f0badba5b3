"""A workbook's sheet or a text as rows of texts, whoever asks: imports and published lists read through here.

Numbers, days and truths come as the text that people see. Limits come first; what cannot be read is refused in a sentence.
"""

import csv
import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO, Any

from crm.core.errors import DomainError
from crm.core.words import N_
from crm.files.content import MediaType, expect_bounded
from crm.files.unpacking import MEGABYTE

ACCEPTED = (MediaType.XLSX, MediaType.XLS, MediaType.TEXT)
MOST_ROWS, MOST_COLUMNS = 200_000, 200
LARGEST_TEXT = 20 * MEGABYTE
_SECONDS = 90
_CHILD = Path(__file__).with_name("workbook_child.py")
_PREAMBLE = 20  # lines that tell which sign stands between columns
_SIGNS = "\t,;，；"
_REFUSALS = {
    "locked": N_("工作簿有密码，请去掉密码后再上传。"),
    "broken": N_("工作簿已损坏或加密，打不开。"),
    "empty": N_("工作簿里没有工作表。"),
    "wide": N_("工作表超过 %(columns)s 列，请删去多余的列（包括远处的零星单元格）。"),
    "long": N_("工作表超过 %(rows)s 行，请分成几份。"),
    "large": N_("工作表过大，未读取；请只保留要导入的数据，分成几份。"),
}


@dataclass(frozen=True)
class Grid:
    """A sheet as it lies, from its first row and column on; rows may be of different length.

    `sheets` are the names of those that are shown in the workbook (none for a text); `hidden` the rows that a filter or a
    person has hidden, as people count them.
    """

    name: str
    rows: Sequence[Sequence[str]]
    sheets: tuple[str, ...] = ()
    hidden: frozenset[int] = frozenset()


def read_grid(file: IO[bytes], kind: MediaType, sheet: str = "") -> Grid:
    """The sheet of this name, or the first one that is shown. Raises DomainError."""
    expect_bounded(file)
    file.seek(0)
    if kind == MediaType.TEXT:
        return Grid("", read_text(_decoded(file)))
    if kind not in ACCEPTED:
        raise DomainError(N_("请上传 XLSX、XLS 或 CSV 文件。"), field="file")
    return _read_workbook(file, sheet)


def read_text(text: str) -> list[list[str]]:
    """Columns by tab (as pasted from a sheet), comma or semicolon; a cell in quotes may have several lines."""
    if text.lstrip()[:1] == "<":
        raise DomainError(
            N_("这是网页，不是表格。请用 Excel 或 WPS 打开后另存为 XLSX 再试。"), field="file"
        )
    sign = _sign(text)
    try:
        return _expect_few(csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True))
    except csv.Error:
        pass  # a quotation mark that only means inches
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=sign, quoting=csv.QUOTE_NONE)
    try:
        return _expect_few(lines)
    except csv.Error:
        raise DomainError(N_("这份文本不能按行列读出，请另存为 CSV 再试。"), field="file") from None


def _sign(text: str) -> str:
    """What stands between the columns: the sign that most of the first lines have."""
    lines = text.splitlines()[:_PREAMBLE]
    return max(_SIGNS, key=lambda sign: (sum(sign in line for line in lines), sign == "\t"))


def _expect_few(rows: Iterator[list[str]]) -> list[list[str]]:
    found = []
    for row in rows:
        found.append(row)
        if len(row) > MOST_COLUMNS:
            raise _refusal("wide")
        if len(found) > MOST_ROWS:
            raise _refusal("long")
    return found


def _decoded(file: IO[bytes]) -> str:
    content = file.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        most = LARGEST_TEXT // MEGABYTE
        raise DomainError(N_("文件不能超过 %(most)s MB。"), field="file", most=most)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DomainError(N_("认不出文字编码，请另存为 UTF-8 再试。"), field="file")


def _read_workbook(file: IO[bytes], sheet: str) -> Grid:
    limits = [str(MOST_ROWS), str(MOST_COLUMNS)]
    with tempfile.TemporaryFile() as copy:  # the child's own, whatever the file is kept in
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        command = [sys.executable, "-I", "-X", "utf8", str(_CHILD), sheet]
        with subprocess.Popen(
            command + limits, stdin=copy, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            limit = Timer(_SECONDS, child.kill)
            limit.start()
            try:
                assert child.stdout is not None
                said = [json.loads(line) for line in child.stdout if line.endswith(b"\n")]
                child.wait()
            finally:
                limit.cancel()
                child.kill()  # one that has ended takes no notice
    return _as_grid(said, is_whole=child.returncode == 0)


def _as_grid(said: Sequence[Any], *, is_whole: bool) -> Grid:
    error = next((one["error"] for one in said if isinstance(one, dict) and "error" in one), None)
    if error or not is_whole or not said:
        raise _refusal(error or "large")
    about, *rows = said
    return Grid(about["sheet"], rows, tuple(about["sheets"]), frozenset(about["hidden"]))


def _refusal(error: str) -> DomainError:
    return DomainError(_REFUSALS[error], field="file", rows=f"{MOST_ROWS:,}", columns=MOST_COLUMNS)
