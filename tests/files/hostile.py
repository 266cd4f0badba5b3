"""Files that somebody made to do harm, or that look like it. Made here: no such file lies in the repository."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n"
TYPES = "[Content_Types].xml"
RELS = '<Relationships xmlns="x">{}</Relationships>'
LINK = '<Relationship Id="r1" Type="http://x/relationships/{}" Target="{}" TargetMode="External"/>'


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def xlsx(extra: Mapping[str, str | bytes] | None = None) -> bytes:
    return zipped({TYPES: "<Types/>", "xl/workbook.xml": "<workbook/>", **(extra or {})})


def docx(*relationships: str, extra: Mapping[str, str | bytes] | None = None) -> bytes:
    rels = RELS.format("".join(relationships))
    members: dict[str, str | bytes] = {TYPES: "<Types/>", "word/document.xml": "<document/>"}
    return zipped({**members, "word/_rels/document.xml.rels": rels, **(extra or {})})


def pdf(*objects: bytes) -> bytes:
    return PDF + b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, o) for n, o in enumerate(objects, 2))


def packed_away(content: bytes) -> bytes:
    """An object of a PDF in a compressed object stream, where a plain search does not see it."""
    packed = zlib.compress(b"7 0 " + content)
    head = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>" % len(packed)
    return b"%s\nstream\r\n%s\nendstream" % (head, packed)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def png(width: int = 2, height: int = 2, *, text: bytes = b"") -> bytes:
    """A grey picture, however large: its rows are packed a thousand to one."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width)) for _ in range(height)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + (_chunk(b"tEXt", b"Comment\0" + text) if text else b"")
        + _chunk(b"IDAT", rows)
        + _chunk(b"IEND", b"")
    )


REFUSED: dict[str, tuple[bytes, str]] = {
    "macros": (xlsx({"xl/vbaProject.bin": b"x"}), "含有宏"),
    "macros in capitals": (xlsx({"xl/VBAPROJECT.BIN": b"x"}), "含有宏"),
    "macro sheet of Excel 4": (xlsx({"xl/macrosheets/sheet1.xml": "<x/>"}), "含有宏"),
    "a macro type under another name": (
        zipped({TYPES: "application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xl/workbook.xml": ""}),
        "含有宏",
    ),
    "a control": (docx(extra={"word/activeX/activeX1.bin": b"x"}), "含有宏"),
    "a template from outside": (docx(LINK.format("attachedTemplate", "http://x/t.dotm")), "外部内容"),
    "the same in UTF-16": (
        docx(extra={"word/_rels/settings.xml.rels": RELS.format(LINK.format("attachedTemplate", "http://x")).encode("utf-16")}),
        "外部内容",
    ),
    "an object from outside": (docx(LINK.format("oleObject", "file://x")), "外部内容"),
    "a mode in entities": (docx(LINK.format("frame", "x").replace("External", "&#69;xternal")), "外部内容"),
    "a command in a link": (xlsx({"xl/externalLinks/externalLink1.xml": "<ddeLink ddeService='cmd'/>"}), "外部内容"),
    "billion laughs": (xlsx({"xl/sharedStrings.xml": '<!DOCTYPE lolz [<!ENTITY lol "lol">]>'}), "外部内容"),
    "an entity in UTF-16": (xlsx({"xl/styles.xml": "<!DOCTYPE x>".encode("utf-16")}), "外部内容"),
    "a bomb": (xlsx({"xl/worksheets/sheet1.xml": b"0" * 5_000_000}), "解压后过大"),
    "a bomb in a picture's place": (docx(extra={"word/media/a.zip": zipped({"b": b"0" * 5_000_000})}), "解压后过大"),
    "many parts": (xlsx({f"xl/{n}.xml": "" for n in range(6000)}), "部件过多"),
    "zips in zips": (docx(extra={"a": zipped({"b": zipped({"c": "x"})})}), "层层"),
    "a program": (b"MZ\x90\x00" + bytes(100), "不接受这种文件"),
    "a picture of text": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "不接受这种文件"),
    "a page": (b"<!doctype html><script>alert(1)</script>", "不接受这种文件"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "不接受这种文件"),
    "a launch": (pdf(b"<</S/Launch/F(cmd.exe)>>"), "启动其他程序"),
    "a launch spelt oddly": (pdf(b"<</S/#4caunc#68/F(cmd.exe)>>"), "启动其他程序"),
    "a launch packed away": (pdf(packed_away(b"<</S/Launch/F(cmd.exe)>>")), "启动其他程序"),
    "objects without end": (pdf(packed_away(b" " * 68_000_000)), "解压后过大"),
    "a PDF that is a page": (b"%PDF-1.7\n<html><script>alert(1)</script>" + PDF, "另一种格式"),
    "a PDF that is a zip": (PDF + zipped({"evil.jar": "x"}), "另一种格式"),
    "a picture that is a zip": (png() + zipped({"evil.jar": "x"}), "另一种格式"),
    "a picture that is a page": (png() + b"<script>alert(1)</script>", "另一种格式"),
}  # fmt: skip
"""What it is → the file, and what is said to who sends it."""

MARKED: dict[str, tuple[bytes, str]] = {
    "a plain document": (docx(LINK.format("hyperlink", "https://example.org")), ""),
    "a plain PDF": (PDF, ""),
    "a scan, where chance writes /JS": (pdf(b"stream\n" + b"\x00/JS\x8f" * 9 + b"\nendstream"), ""),
    "a workbook in a chart": (docx(extra={"word/embeddings/Book1.xlsx": xlsx()}), "inner_files"),
    "values of another workbook": (xlsx({"xl/externalLinks/externalLink1.xml": "<x/>"}), "links"),
    "a picture from outside": (docx(LINK.format("image", "http://x/a.png")), "links"),
    "a script": (pdf(b"<</S/JavaScript/JS(app.alert(1))>>"), "scripts"),
    "a script packed away": (pdf(packed_away(b"<</S/JavaScript/JS 9 0 R>>")), "scripts"),
    "an invoice with its data": (pdf(b"<</Type/EmbeddedFile>>"), "inner_files"),
    "both, and encrypted": (pdf(b"<</Encrypt 3 0 R/XFA 9 0 R/EmbeddedFiles 1 0 R>>"), "scripts,inner_files,encrypted"),
}  # fmt: skip
"""What it is → the file, and the marks under which it is taken."""
