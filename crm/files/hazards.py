"""What a file could do to who opens it on a desk: refused, or said beside the file. We ourselves run nothing of it."""

import html
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from crm.core.errors import DomainError
from crm.core.words import N_, LabelledEnum
from crm.files.content import MediaType
from crm.files.unpacking import MEGABYTE, Broken


class Mark(LabelledEnum):
    """What is told of a file that was taken all the same."""

    SCRIPTS = "scripts", N_("含脚本")
    INNER_FILES = "inner_files", N_("内嵌其他文件")
    LINKS = "links", N_("含外部链接")
    ENCRYPTED = "encrypted", N_("已加密")


_MACROS = re.compile(r"(?i)vbaproject|macrosheets/|/activex/|/ctrlprops/.*\.bin")
_RELATIONSHIP = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_DRAWS_IN = ("attachedtemplate", "oleobject", "frame", "subdocument", "afchunk", "mailmergesource")
_SPEAKS_OF_OTHERS = re.compile(rb"<!DOCTYPE|<!ENTITY|ddeLink|DDEAUTO|macroEnabled")
_OVERLAP = 16
# Long names only: a short one would turn up by chance in a large picture.
_PDF_NAME = re.compile(
    rb"/(JavaScript|Rendition|RichMedia|XFA(?=\s*[\[\d])|Launch|EmbeddedFiles?|FileAttachment|Encrypt)(?![A-Za-z0-9])"
)
_PDF_MARKS = {
    b"JavaScript": Mark.SCRIPTS, b"Rendition": Mark.SCRIPTS, b"XFA": Mark.SCRIPTS, b"RichMedia": Mark.SCRIPTS,
    b"EmbeddedFile": Mark.INNER_FILES, b"EmbeddedFiles": Mark.INNER_FILES, b"FileAttachment": Mark.INNER_FILES,
    b"Encrypt": Mark.ENCRYPTED,
}  # fmt: skip
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_MOST_STREAMS = 50_000
_LARGEST_OBJECTS = 64 * MEGABYTE
_PAGE_OF_THE_WEB = re.compile(rb"(?i)<(?:!doctype|html|script|svg|body|iframe|\?php)")
_PNG_END = b"IEND\xaeB`\x82"


def expect_harmless(file: IO[bytes], kind: MediaType) -> tuple[Mark, ...]:
    """What has to be said of a file that is bounded and of that kind. Raises DomainError for what is never taken."""
    if kind in (MediaType.XLSX, MediaType.DOCX, MediaType.ZIP):
        return _in_order(_of_office(file))
    file.seek(0)
    data = file.read()
    if kind is MediaType.TEXT:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"#!")):
            raise DomainError(N_("不接受网页和脚本。"), field="file")
        return ()
    if kind is MediaType.XLS:
        return _in_order(_of_old_workbook(data))
    _expect_one_format(file, data, kind)
    return _in_order(_of_pdf(data)) if kind is MediaType.PDF else ()


def _in_order(marks: Iterator[Mark]) -> tuple[Mark, ...]:
    found = set(marks)
    return tuple(mark for mark in Mark if mark in found)


def _of_office(file: IO[bytes]) -> Iterator[Mark]:
    """Macros and whatever draws in other documents on opening are refused; links that a person follows are said."""
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            name = info.filename.lower()
            if _MACROS.search(name):
                raise _macros()
            if "/embeddings/" in name:
                yield Mark.INNER_FILES
            if name.endswith("xl/connections.xml") or "/externallinks/" in name:
                yield Mark.LINKS
            if name.endswith((".xml", ".rels")):
                _expect_plain_markup(archive, info)
            if name.endswith(".rels"):
                yield from _of_relationships(archive, info)


def _expect_plain_markup(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    with _opened(archive, info) as content:
        tail = b""
        while chunk := content.read(MEGABYTE):
            found = _SPEAKS_OF_OTHERS.search(tail + chunk.replace(b"\0", b""))  # also in UTF-16
            if found:
                raise _macros() if found[0] == b"macroEnabled" else _draws_in()
            tail = chunk[-_OVERLAP:]


def _of_relationships(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Mark]:
    if info.file_size > MEGABYTE:
        raise Broken
    with _opened(archive, info) as content:
        text = content.read().replace(b"\0", b"")
    for tag in _RELATIONSHIP.findall(text):
        said = html.unescape(tag.decode("utf-8", "replace")).lower()
        if not re.search(r"targetmode\s*=\s*[\"']external", said):
            continue
        if any(re.search(rf"/{what}[\"']", said) for what in _DRAWS_IN):
            raise _draws_in()
        if not re.search(r"/hyperlink[\"']", said):
            yield Mark.LINKS


def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return archive.open(info)
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError):
        raise Broken from None


def _of_old_workbook(data: bytes) -> Iterator[Mark]:
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise _macros()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise DomainError(N_("文件加了密码，请取消密码后再上传。"), field="file")
    if "Ole10Native".encode("utf-16-le") in data:
        yield Mark.INNER_FILES


def _of_pdf(data: bytes) -> Iterator[Mark]:
    """By the names in its objects, also those packed into object streams; names may be written with #xx."""
    for part in (data, *_object_streams(data)):
        plain = _ESCAPED.sub(lambda m: bytes((int(m[1], 16),)), part)
        for name in set(_PDF_NAME.findall(plain)):
            if name == b"Launch":
                raise DomainError(N_("PDF 会启动其他程序，不接受。"), field="file")
            yield _PDF_MARKS[name]


def _object_streams(data: bytes) -> Iterator[bytes]:
    """What is packed in streams that begin, as those of objects do, with numbers."""
    left = _LARGEST_OBJECTS
    for number, begin in enumerate(_STREAM.finditer(data)):
        if number > _MOST_STREAMS:
            raise Broken
        inflater = zlib.decompressobj()
        packed = data[begin.end() : begin.end() + 256]
        try:
            if not re.match(rb"[\s\d%]", inflater.decompress(packed, 32)):
                continue
            objects = zlib.decompressobj().decompress(
                memoryview(data)[begin.end() :],
                left,  # it ends by itself
            )
        except zlib.error:
            continue
        left -= len(objects)
        if left <= 0:
            raise DomainError(N_("文件解压后过大，未读取。"), field="file")
        yield objects


def _expect_one_format(file: IO[bytes], data: bytes, kind: MediaType) -> None:
    """Not a page or an archive at the same time: such a file is made to be taken for what it is not."""
    is_page = kind is MediaType.PDF and _PAGE_OF_THE_WEB.search(data[:1024])
    goes_on = kind is MediaType.PNG and _PNG_END in data and not data.endswith(_PNG_END)
    if is_page or goes_on or zipfile.is_zipfile(file):
        raise DomainError(N_("文件同时是另一种格式（例如尾部附有压缩包），不接受。"), field="file")


def _macros() -> DomainError:
    return DomainError(N_("文件含有宏或控件，不接受。请另存为不含宏的格式。"), field="file")


def _draws_in() -> DomainError:
    return DomainError(N_("文件在打开时会引入外部内容，不接受。请去掉后再上传。"), field="file")
