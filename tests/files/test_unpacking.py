"""Zips that would fill the memory, or say one thing to one reader and another to the next."""

import io
import os
import struct
import time
import zipfile

import pytest

from crm.core.errors import DomainError
from crm.files.content import expect_bounded
from crm.files.unpacking import MEGABYTE, Limits

SMALL = Limits(size=4 * MEGABYTE, unpacked=20 * MEGABYTE, members=50)


def packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def lying() -> bytes:
    """Says that it holds 10 bytes where it holds a megabyte: in its directory, as Python's reader believes it."""
    content = bytearray(packed(a=b"0" * MEGABYTE))
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 10)
    return bytes(content)


def overlapping() -> bytes:
    """Two names for one content: with many of them a small file unpacks to petabytes."""
    content = bytearray(packed(a=b"0" * 1000, b=b"0" * 1000))
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(content)


def encrypted() -> bytes:
    content = bytearray(packed(a=b"1"))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def nested(depth: int) -> bytes:
    content = b"x"
    for _ in range(depth):
        content = packed(inner=content)
    return content


def twice_named() -> bytes:
    content = packed(a=b"1", b=b"2")
    return content.replace(b"b", b"a")


def with_hidden_end() -> bytes:
    """The member goes on after its compressed content has ended."""
    content = bytearray(packed(a=b"1" * 50))
    local, entry = 18, content.index(b"PK\x01\x02") + 20
    size = struct.unpack_from("<I", content, local)[0]
    for place in (local, entry):
        struct.pack_into("<I", content, place, size + 4)
    data = 30 + 1 + size
    ends = content.rindex(b"PK\x05\x06")
    struct.pack_into("<I", content, ends + 16, struct.unpack_from("<I", content, ends + 16)[0] + 4)
    return bytes(content[:data] + b"evil" + content[data:])


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (packed(a=b"0" * (6 * MEGABYTE)), "解压后过大"),  # by its ratio
        (packed(**{f"m{n}": b"0" * (3 * MEGABYTE) for n in range(8)}), "解压后过大"),
        (packed(**{f"m{n}": b"" for n in range(60)}), "部件过多"),
        (packed(a=packed(b=b"0" * (6 * MEGABYTE))), "解压后过大"),
        (packed(a=nested(1), b=packed(**{f"m{n}": b"" for n in range(60)})), "部件过多"),
        (nested(3), "层层"),
        (lying(), "打不开"),
        (overlapping(), "打不开"),
        (encrypted(), "打不开"),
        (twice_named(), "打不开"),
        (with_hidden_end(), "打不开"),
        (packed(a=b"1") + packed(b=b"2"), "打不开"),  # two zips: which is read?
        (b"PK\x03\x04 broken", "打不开"),
        (b"PK\x05\x06" + bytes(18), "打不开"),
        (packed(a=os.urandom(5 * MEGABYTE)), "不能超过 4 MB"),
    ],
)
def test_a_hostile_zip_is_refused_in_a_sentence_and_at_once(file: bytes, sentence: str) -> None:
    began = time.process_time()
    with pytest.raises(DomainError, match=sentence):
        expect_bounded(io.BytesIO(file), SMALL)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "file",
    [
        packed(a=b"0" * MEGABYTE, b=os.urandom(MEGABYTE), c=b""),
        packed(chart=packed(sheet=b"1,2,3")),
        packed(**{f"m{n}": os.urandom(9) for n in range(50)}),
        b"no zip at all",
    ],
)
def test_an_honest_file_passes_and_stands_at_its_beginning(file: bytes) -> None:
    stream = io.BytesIO(file)
    expect_bounded(stream, SMALL)
    assert stream.read() == file
