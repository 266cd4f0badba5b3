"""What a firm does with its workbook: cells written over as a spreadsheet program would, whole parts as an attacker would."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from crm.operating.figures import NAMES

SHEET = "xl/worksheets/sheet1.xml"
CELLS = {name: f"C{row}" for row, name in enumerate(NAMES, start=9)}
UNIT, NAME, CODE = "B6", "B3", "B4"


def fill(workbook: bytes, **values: Any) -> bytes:
    """Figures by their names, other cells by their places."""
    cells = {CELLS.get(place, place): value for place, value in values.items()}
    return rewrite(workbook, {SHEET: lambda text: _with_cells(text, cells)})


def rewrite(workbook: bytes, parts: Mapping[str, Callable[[str], str]]) -> bytes:
    """The same file with some of its parts written anew; a part that is not there is added."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in dict.fromkeys([*old.namelist(), *parts]):
            text = old.read(name).decode() if name in old.namelist() else ""
            new.writestr(name, parts[name](text) if name in parts else text)
    return written.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return written.getvalue()


def _with_cells(text: str, cells: Mapping[str, Any]) -> str:
    for place, value in cells.items():
        found = re.search(rf'<c r="{place}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', text)
        assert found, place
        text = text.replace(found[0], _cell(place, found[1] or "", value))
    return text


def _cell(place: str, style: str, value: Any) -> str:
    head = f'<c r="{place}"{style}'
    if value is None:
        return f"{head}/>"
    if isinstance(value, bool):
        return f'{head} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'{head} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"{head}><v>{value}</v></c>"
