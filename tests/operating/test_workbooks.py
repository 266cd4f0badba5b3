"""A workbook goes out and comes back: as it should, and as it should not."""

import io
import zipfile
from decimal import Decimal
from random import Random

import pytest
from python_calamine import CalamineWorkbook

from crm.core.attributes import MoneyUnit
from crm.operating.figures import NAMES
from crm.operating.periods import Period
from crm.operating.returned import LARGEST_FILE, open_workbook, unpacked
from crm.operating.workbooks import Blank, Sender, file_name, stream, write
from tests.operating.filling import CODE, SHEET, UNIT, fill, rewrite, zipped

SENDER = Sender(7, Period(2020, 9), MoneyUnit.WAN, b"k" * 32)
FIRM = Blank(
    42,
    "常州领航机器人有限公司",
    "91320412MA0000001A",
    Period(2020, 6),
    (Decimal("123.45"), *[None] * 7),
)
GOOD = {"revenue": 499.5, "assets": 900, "staff": 23}


@pytest.fixture(scope="module")
def workbook():
    return write(SENDER, FIRM)


def read(data, name="甲.xlsx"):
    return open_workbook(name, data, SENDER)


def faults(data):
    return [(fault.cell, str(fault.error)) for fault in read(data).faults]


def test_a_filled_workbook_says_whose_it_is_and_its_figures_in_yuan(workbook):
    found = read(fill(workbook, **GOOD, profit=-12.3, tech_staff="6"))
    assert found.faults == ()
    assert (found.company_id, found.name, found.uscc) == (42, FIRM.name, FIRM.uscc)
    assert found.figures["revenue"] == Decimal("4995000")
    assert (found.figures["profit"], found.figures["tech_staff"]) == (Decimal("-123000"), 6)
    assert found.figures["tax"] is None


@pytest.mark.parametrize(("unit", "yuan"), [("千元", 499_500), ("元", Decimal("499.5"))])
def test_the_unit_is_said_once_in_the_sheet(workbook, unit, yuan):
    assert read(fill(workbook, **GOOD, **{UNIT: unit})).figures["revenue"] == yuan


def test_the_last_figures_stand_beside_in_the_unit_of_the_round(workbook):
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert rows[7][3] == "上次填报（2020年1—6月）"
    assert rows[8][:1] + rows[8][3:] == ["营业收入 *", pytest.approx(0.012345)]


@pytest.mark.parametrize(
    ("values", "cell", "words"),
    [
        ({"revenue": "约500万"}, "C9 营业收入", "不是数字"),
        ({"revenue": None}, "C9 营业收入", "没有填写"),
        ({"staff": 2.5}, "C11 从业人员", "整数"),
        ({"assets": -1}, "C10 资产总额", "负数"),
        ({"assets": True}, "C10 资产总额", "不是数字"),
        ({"tax": "\ufffe"}, "", ""),
        ({"revenue": 1e300}, "C9 营业收入", "过大"),
        ({UNIT: "美元"}, "金额单位", "金额单位"),
        ({"A9": "收入"}, "营业收入", "少了这一行"),
    ],
)
def test_what_is_wrong_is_said_cell_by_cell(workbook, values, cell, words):
    found = faults(fill(workbook, **{**GOOD, **values}))
    if cell:
        assert [(place, words in said) for place, said in found] == [(cell, True)]
    else:  # a character that no cell holds is left out: the cell is empty
        assert found == []


def test_each_wrong_cell_is_told(workbook):
    assert len(faults(fill(workbook, revenue="很多", assets=None, staff="许多"))) == 3


def test_another_rounds_workbook_and_a_copied_mark_are_noticed(workbook):
    other = write(Sender(8, SENDER.period, MoneyUnit.WAN, SENDER.key), FIRM)
    assert "另一轮" in faults(fill(other, **GOOD))[0][1]
    foreign = write(Sender(7, SENDER.period, MoneyUnit.WAN, b"x" * 32), FIRM)
    assert "标识不符" in faults(fill(foreign, **GOOD))[0][1]
    swapped = rewrite(
        workbook, {"xl/worksheets/sheet2.xml": lambda text: text.replace("<v>42</v>", "<v>43</v>")}
    )
    assert "标识不符" in faults(swapped)[0][1]
    assert read(fill(workbook, **GOOD, **{CODE: "91320412MA0000002A"})).uscc.endswith("2A")


BOMB = '<c r="XFD1048576"><v>1</v></c></row></sheetData>'


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("</row></sheetData>", BOMB),
        lambda text: text.replace('<row r="1"', '<row r="&#49;"'),
        lambda text: text.replace('<c r="C9"', '<c r="C9"><f>1+1</f></c><c r="C9"'),
        lambda text: text.replace('<c r="C9"', '<c r="C9"><x:f t="shared">A1</x:f></c><c r="C9"'),
        lambda text: '<!DOCTYPE x [<!ENTITY a "b">]>' + text,
        lambda text: text + " " * (9 * 1024 * 1024),
        lambda text: text[: len(text) // 2],
    ],
)
def test_a_hostile_sheet_is_refused_before_it_is_read(workbook, spoil):
    (found,) = faults(rewrite(fill(workbook, **GOOD), {SHEET: spoil}))
    assert found[0] == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\3\4",
        b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        "名称,数".encode("gbk"),
        b"x" * (LARGEST_FILE + 1),
    ],
)
def test_what_is_no_workbook_is_refused(data):
    (found,) = faults(data)
    assert found[0] == ""


def test_whatever_is_changed_in_a_file_it_is_refused_with_a_sentence(workbook):
    rng = Random(5)
    for _ in range(300):
        spoilt = bytearray(workbook)
        for _ in range(rng.randrange(1, 6)):
            spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        assert read(bytes(spoilt)).faults  # nothing is filled in


def test_other_formats_in_a_workbooks_clothes_are_refused(workbook):
    for name in ("xl/workbook.bin", "content.xml"):
        assert ".xlsx" in faults(rewrite(workbook, {name: lambda _text: "x"}))[0][1]


def test_a_zip_of_returned_files_is_taken_apart(workbook):
    archive = zipped({"收回/甲.xlsx": workbook, "__MACOSX/._甲.xlsx": b"", "说明.txt": b"?"})
    found = list(unpacked([("乙.xlsx", workbook), ("全部.ZIP", archive)]))
    assert [name for name, _data in found] == ["乙.xlsx", "甲.xlsx", "说明.txt"]
    (broken,) = unpacked([("坏.zip", archive[:100])])
    assert "打不开" in str(broken[1])


def test_a_zip_from_windows_keeps_its_chinese_names(workbook):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("x" * 8, workbook)
    gbk = written.getvalue().replace(b"x" * 8, "常州甲乙".encode("gbk"))
    assert [name for name, _data in unpacked([("全部.zip", gbk)])] == ["常州甲乙"]


def test_a_zip_inside_says_nothing_larger_than_a_workbook():
    archive = zipped({"大.xlsx": b"\0" * (LARGEST_FILE + 1)})
    ((_name, refused),) = unpacked([("全部.zip", archive)])
    assert "过大" in str(refused)


def test_all_workbooks_come_in_one_zip_whose_names_every_system_takes():
    nasty = Blank(43, '甲/乙\\:*?"<>|\ufffe公司', "", None, (None,) * len(NAMES))
    data = b"".join(stream(SENDER, [FIRM, nasty]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{FIRM.name}-{FIRM.uscc}.xlsx", "甲乙公司-无代码43.xlsx"]
        assert read(fill(archive.read(archive.namelist()[0]), **GOOD)).faults == ()


def test_a_long_name_is_cut():
    assert len(file_name(Blank(1, "甲" * 120, "", None, ()))) < 110
