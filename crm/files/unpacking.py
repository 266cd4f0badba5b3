"""Zips taken apart before anything parses them. Nothing that a zip says of itself is believed."""

import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from crm.core.errors import DomainError
from crm.core.words import N_

MEGABYTE = 1024 * 1024
_CHUNK = MEGABYTE
_BEGINS = b"PK\x03\x04"
_ENTRY = b"PK\x01\x02"
_ENDS = b"PK\x05\x06"
_END_RECORD = 22
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Limits:
    """How large a file may be, and what it may hold once it is unpacked."""

    size: int = 20 * MEGABYTE
    unpacked: int = 200 * MEGABYTE
    members: int = 5000
    ratio: int = 100  # unpacked to packed, of a member that holds more than `free`
    free: int = 4 * MEGABYTE
    nesting: int = 1  # zips in the zip: a chart in a document keeps its workbook there


class Broken(DomainError):
    """No reader of zips may be given this file: two of them could read two things in it."""

    def __init__(self) -> None:
        super().__init__(N_("文件已损坏、加密或结构异常，打不开。"), field="file")


class Unpacking:
    """One file being taken apart; what it holds is counted over all of its layers, and kept nowhere."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.unpacked
        self.members_left = limits.members

    def look_into(self, file: IO[bytes], depth: int = 0) -> None:
        """Raises DomainError where a zip, or one inside it, is broken or holds more than the limits allow."""
        if depth > self.limits.nesting:
            raise DomainError(N_("文件里层层套着压缩包，未读取。"), field="file")
        for info in self._members(file):
            with tempfile.SpooledTemporaryFile(max_size=4 * MEGABYTE) as inner:
                is_zip = False
                for number, chunk in enumerate(self._content(file, info)):
                    is_zip = is_zip or (number == 0 and chunk.startswith(_BEGINS))
                    if is_zip:
                        inner.write(chunk)
                if is_zip:
                    self.look_into(inner, depth + 1)

    def _members(self, file: IO[bytes]) -> list[zipfile.ZipInfo]:
        """In the order in which they lie in the file, which begins with the first of them."""
        self.members_left -= _count(file, _ENTRY)  # before zipfile makes an object of each
        if self.members_left < 0:
            raise DomainError(N_("文件里的部件过多，未读取。"), field="file")
        try:
            with zipfile.ZipFile(file) as archive:
                infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
                file.seek(-_END_RECORD - len(archive.comment), os.SEEK_END)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error):
            raise Broken from None
        is_whole = file.read(len(_ENDS)) == _ENDS and infos and infos[0].header_offset == 0
        if not is_whole or len({info.filename for info in infos}) < len(infos):
            raise Broken
        ends = 0
        for info in infos:
            if info.header_offset < ends or info.flag_bits & _ENCRYPTED:
                raise Broken
            ends = _data_of(file, info) + info.compress_size
        return infos

    def _content(self, file: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
        """What a member really holds: no more than allowed, and just as much as it says."""
        most = max(self.limits.free, self.limits.ratio * info.compress_size)
        size = 0
        file.seek(_data_of(file, info))
        for chunk in _inflated(file, info):
            size += len(chunk)
            self.left -= len(chunk)
            if self.left < 0 or size > most:
                raise DomainError(N_("文件解压后过大，未读取。"), field="file")
            yield chunk
        if size != info.file_size:
            raise Broken


def _count(file: IO[bytes], sign: bytes) -> int:
    file.seek(0)
    found, tail = 0, b""
    while chunk := file.read(_CHUNK):
        found += (tail + chunk).count(sign)
        tail = chunk[1 - len(sign) :]
    return found


def _data_of(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Where a member's content begins."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(_BEGINS):
        raise Broken
    _sign, name, extra = _LOCAL_HEADER.unpack(header)
    return info.header_offset + _LOCAL_HEADER.size + int(name) + int(extra)


def _inflated(file: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's content, chunk by chunk. zipfile would stop at the size that the member claims."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Broken
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left = info.compress_size
    while left and (chunk := file.read(min(left, _CHUNK))):
        left -= len(chunk)
        if info.compress_type == zipfile.ZIP_STORED:
            yield chunk
        elif inflater.eof:
            raise Broken
        else:
            yield from _decompressed(inflater, chunk)
    if info.compress_type == zipfile.ZIP_DEFLATED:
        yield inflater.flush()  # a match at most
    if left or inflater.unused_data or (info.compress_type and not inflater.eof):
        raise Broken


def _decompressed(inflater: Any, packed: bytes) -> Iterator[bytes]:
    try:
        while packed and not inflater.eof:
            yield inflater.decompress(packed, _CHUNK)
            packed = inflater.unconsumed_tail
    except zlib.error:
        raise Broken from None
