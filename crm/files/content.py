"""What a file is, by its content: its name and what the browser says of it prove nothing."""

import io
import zipfile
from typing import BinaryIO

import filetype

from crm.core.words import N_, LabelledEnum

_SNIFFED = 8192
_MEMBERS = 10_000


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


def media_type_of(file: BinaryIO) -> MediaType | None:
    """The type of a file that is read from its beginning; None for what is never kept."""
    file.seek(0)
    head = file.read(_SNIFFED)
    found = filetype.guess(head)
    if head.startswith(b"PK"):
        return _zipped(file)
    if found is None:
        return MediaType.TEXT if is_text(head) else None
    return next((known for known in MediaType if known == found.mime), None)


def is_text(head: bytes) -> bool:
    """Whether it can be text: no control characters but those of lines. (Its encoding is for who reads it.)"""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return bool(head) and not any(byte < 32 and byte not in b"\t\r\n" for byte in head)


def _zipped(file: BinaryIO) -> MediaType | None:
    """A workbook and a document are zips of certain members; their order and size say nothing."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if len(names) > _MEMBERS:
        return None
    if "[Content_Types].xml" not in names:
        return MediaType.ZIP
    return next((kind for member, kind in _OFFICE.items() if member in names), MediaType.ZIP)


def as_stream(text: str) -> BinaryIO:
    """Text that was pasted, as the file it could have come in."""
    return io.BytesIO(text.encode())
