"""What a file is, by its content: its name and what the browser says of it prove nothing."""

import io
import os
import zipfile
from typing import IO

import filetype

from crm.core.errors import DomainError
from crm.core.words import N_, LabelledEnum
from crm.files.unpacking import MEGABYTE, Limits, Unpacking

LIMITS = Limits()
_SNIFFED = 8192
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# How a part of a compound file is called in it; a workbook with a password, of either age, is one too.
_OLD_WORKBOOK = tuple(
    name.encode("utf-16-le") for name in ("Workbook\0", "Book\0", "EncryptedPackage\0")
)


class MediaType(LabelledEnum):
    """What may be kept. The last three only where they are asked for."""

    PDF = "application/pdf", "PDF"
    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPG"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX"
    XLS = "application/vnd.ms-excel", "XLS"
    ZIP = "application/zip", "ZIP"
    TEXT = "text/plain", N_("文本")

    @property
    def suffix(self) -> str:
        return "txt" if self is MediaType.TEXT else self.label.lower()


EVIDENCE = tuple(MediaType)[:5]
_OFFICE = {"xl/workbook.xml": MediaType.XLSX, "word/document.xml": MediaType.DOCX}


def media_type_of(file: IO[bytes]) -> MediaType | None:
    """The type of a file, bounded as we know by then; None for what is never kept."""
    file.seek(0)
    head = file.read(_SNIFFED)
    found = filetype.guess(head)
    if head.startswith(b"PK"):
        return _zipped(file)
    if head.startswith(_COMPOUND) and _is_old_workbook(file):
        return MediaType.XLS
    if found is None:
        return MediaType.TEXT if is_text(head) else None
    return next((known for known in MediaType if known == found.mime), None)


def expect_bounded(file: IO[bytes], limits: Limits = LIMITS) -> None:
    """Raise DomainError for a file that is too large, or a zip that holds too much; to be asked before anything parses it.

    Of a sheet it says nothing: how many rows and columns are read is for who reads it to limit (`dimension` may lie).
    """
    if file.seek(0, os.SEEK_END) > limits.size:
        most = limits.size // MEGABYTE
        raise DomainError(N_("文件不能超过 %(most)s MB。"), field="file", most=most)
    file.seek(0)
    if file.read(2) == b"PK":
        Unpacking(limits).look_into(file)
    file.seek(0)


def is_text(head: bytes) -> bool:
    """Whether it can be text: no control characters but those of lines. (Its encoding is for who reads it.)"""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return bool(head) and not any(byte < 32 and byte not in b"\t\r\n" for byte in head)


def _zipped(file: IO[bytes]) -> MediaType | None:
    """A workbook and a document are zips of certain members; their order and size say nothing."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names:
        return MediaType.ZIP
    return next((kind for member, kind in _OFFICE.items() if member in names), MediaType.ZIP)


def _is_old_workbook(file: IO[bytes]) -> bool:
    file.seek(0)
    content = file.read(LIMITS.size)
    return any(name in content for name in _OLD_WORKBOOK)


def as_stream(text: str) -> IO[bytes]:
    """Text that was pasted, as the file it could have come in."""
    return io.BytesIO(text.encode())
