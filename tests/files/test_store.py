"""The store: whole or not at all, in a folder and in another file system; what is never let in."""

import io
import resource
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from config import ConfigurationError
from crm.core.errors import DomainError
from crm.files.content import EVIDENCE, MediaType
from crm.files.scanning import Infected, Scanner
from crm.files.store import Store
from tests.files.hostile import MARKED, PDF, REFUSED, zipped

SCANNER = (
    sys.executable,
    "-c",
    "import sys; sys.exit({b'bad': 1, b'odd': 2}.get(open(sys.argv[1], 'rb').read()[-3:], 0))",
)


@pytest.fixture(params=["a folder", "another file system"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "a folder":
        yield Store.at(str(tmp_path / "files"))
    else:
        yield Store.at("memory://files")
        MemoryFileSystem.store.clear()


def everything_in(store: Store) -> list[str]:
    return sorted(path.removeprefix(store.root) for path in store.system.find(store.root))


def test_content_is_kept_once_under_its_hash_and_nothing_half(store: Store) -> None:
    first = store.keep(io.BytesIO(PDF))
    assert store.keep(io.BytesIO(PDF)) == first
    with store.open(first.sha256) as content:
        assert content.read() == PDF
    for refused in (PDF + bytes(21_000_000), b"MZ\x90", zipped({"a": "x"})):
        with pytest.raises(DomainError):
            store.keep(io.BytesIO(refused))
    with pytest.raises(DomainError, match="不接受这种文件"):
        store.keep(io.BytesIO(zipped({"a": "x"})), EVIDENCE)
    assert everything_in(store) == [f"/{first.sha256[:2]}/{first.sha256}"]
    assert (store.has(first.sha256), store.size_of(first.sha256)) == (True, len(PDF))
    assert list(store.contents()) == [first.sha256]
    store.delete(first.sha256)
    store.delete(first.sha256)
    assert not store.has(first.sha256)
    first.keep_again()
    assert store.has(first.sha256)


def test_what_we_made_ourselves_may_be_large(store: Store) -> None:
    kept = store.keep_own(io.BytesIO(bytes(21_000_000)), MediaType.ZIP)
    assert store.size_of(kept.sha256) == 21_000_000


def test_only_the_owner_of_the_process_reads_a_folder(tmp_path: Path) -> None:
    store = Store.at(str(tmp_path / "files"))
    kept = store.keep(io.BytesIO(PDF))
    for folder in (tmp_path / "files", tmp_path / "files" / kept.sha256[:2]):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(store._place(kept.sha256)).stat().st_mode) == 0o600


def test_a_store_that_nothing_can_reach_is_said_at_the_start() -> None:
    for url in ("s3://bucket/files", "nothing://x"):
        with pytest.raises(ConfigurationError, match="CRM_FILES_URL.*fsspec"):
            Store.at(url)


@pytest.mark.parametrize("what", REFUSED)
def test_a_hostile_file_is_refused_in_a_sentence(what: str, tmp_path: Path) -> None:
    content, sentence = REFUSED[what]
    store = Store.at(str(tmp_path / "files"))
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DomainError, match=sentence):
        store.keep(io.BytesIO(content))
    assert time.monotonic() - began < 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB
    assert everything_in(store) == []


def test_a_page_is_no_text_either(tmp_path: Path) -> None:
    store = Store.at(str(tmp_path / "files"))
    for content in (b"\xef\xbb\xbf <table>", b"#!/bin/sh"):
        with pytest.raises(DomainError, match="网页和脚本"):
            store.keep(io.BytesIO(content), (MediaType.TEXT,))


@pytest.mark.parametrize("what", MARKED)
def test_what_may_surprise_is_said_beside_the_file(what: str, tmp_path: Path) -> None:
    content, marks = MARKED[what]
    kept = Store.at(str(tmp_path / "files")).keep(io.BytesIO(content))
    assert ",".join(kept.marks) == marks


def test_an_infected_file_is_not_kept_and_silence_of_the_scanner_is_no_consent(
    tmp_path: Path,
) -> None:
    url = str(tmp_path / "files")
    store = Store.at(url, Scanner(SCANNER))
    kept = store.keep(io.BytesIO(PDF))
    with pytest.raises(Infected, match="病毒扫描发现问题"):
        store.keep(io.BytesIO(PDF + b"bad"))
    slow = Scanner((sys.executable, "-c", "import time; time.sleep(5)"), seconds=0.1)
    for scanner, content in (
        (Scanner(SCANNER), PDF + b"odd"),
        (Scanner(("/no/such/scanner",)), PDF + b"1"),
        (slow, PDF + b"2"),
    ):
        with pytest.raises(DomainError, match="暂时不可用"):
            Store.at(url, scanner).keep(io.BytesIO(content))
    assert list(store.contents()) == [kept.sha256]
    lenient = Scanner(("/no/such/scanner",), is_required=False)
    assert Store.at(url, lenient).keep(io.BytesIO(PDF + b"3")).size == len(PDF) + 1
