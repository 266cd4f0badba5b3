"""The store: content under its SHA-256, in a folder or in any file system that fsspec knows.

A file is there whole or not at all, and never changes.
"""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from config import ConfigurationError
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.files.content import EVIDENCE, LIMITS, MediaType, expect_bounded, media_type_of
from crm.files.hazards import Mark, expect_harmless
from crm.files.scanning import Scanner
from crm.files.unpacking import MEGABYTE

CHUNK = MEGABYTE
LARGEST_FILE = 20 * MEGABYTE
DRAFTS = "drafts"
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Kept:
    """What was put into the store.

    `keep_again` puts it back where it was cleaned away before a row named it; to be called under the lock of its hash.
    """

    sha256: str
    size: int
    media_type: MediaType
    marks: tuple[Mark, ...] = ()
    keep_again: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)


@dataclass(frozen=True)
class Store:
    """A place for files, none larger than `largest` bytes."""

    system: Any  # fsspec's AbstractFileSystem
    root: str
    largest: int = LARGEST_FILE
    scanner: Scanner | None = None

    @classmethod
    def at(cls, url: str, scanner: Scanner | None = None) -> "Store":
        """The store behind an address or in a folder. Raises ConfigurationError where nothing installed can reach it."""
        try:
            system, root = url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise ConfigurationError(
                f"CRM_FILES_URL={url!r} 无法使用，可能未安装相应的 fsspec 驱动 / cannot be used, is its fsspec driver "
                f"installed? {error}"
            ) from None
        return cls(system, root.rstrip("/"), scanner=scanner)

    def keep(self, file: IO[bytes], allowed: Collection[MediaType] = EVIDENCE) -> Kept:
        """Put a file into the store, before the transaction that names it. Raises DomainError for what is not taken."""
        expect_bounded(file, replace(LIMITS, size=self.largest))
        kind = media_type_of(file)
        if kind is None or kind not in allowed:
            words = tuple(one.label for one in allowed)
            message = N_("不接受这种文件（按内容识别，与文件名无关）。可以是：%(kinds)s。")
            raise DomainError(message, field="file", kinds=words)
        marks = expect_harmless(file, kind)
        return self._keep(file, kind, marks, self.scanner)

    def keep_own(self, file: IO[bytes], kind: MediaType) -> Kept:
        """What we made ourselves, a report or an export: as large as it had to be, and nothing to look for in it."""
        return self._keep(file, kind, (), None)

    def open(self, sha256: str) -> IO[bytes]:
        """FileNotFoundError where it is not there."""
        place = self._place(sha256)
        found: IO[bytes] = open(place, "rb") if self._is_local else self.system.open(place, "rb")  # noqa: SIM115
        return found

    def has(self, sha256: str) -> bool:
        return bool(self.system.exists(self._place(sha256)))

    def delete(self, sha256: str) -> None:
        with suppress(FileNotFoundError):
            self.system.rm_file(self._place(sha256))

    def contents(self) -> Iterator[str]:
        """The hashes of all that is there, folder by folder."""
        for folder in self._names(self.root):
            if len(folder) == 2:
                names = self._names(f"{self.root}/{folder}")
                yield from (name for name in names if _HASH.fullmatch(name) and name[:2] == folder)

    def size_of(self, sha256: str) -> int:
        return int(self.system.size(self._place(sha256)))

    def modified_at(self, sha256: str) -> datetime:
        found: datetime = self.system.modified(self._place(sha256))
        return found

    def delete_drafts(self, before: datetime, *, is_rehearsal: bool = False) -> int:
        """Those that a broken off upload left behind; how many there were."""
        drafts = [f"{self.root}/{DRAFTS}/{name}" for name in self._names(f"{self.root}/{DRAFTS}")]
        count = 0
        for draft in drafts:
            with suppress(FileNotFoundError):  # its upload has just ended
                if self.system.modified(draft) < before:
                    count += 1
                    if not is_rehearsal:
                        self.system.rm_file(draft)
        return count

    @property
    def _is_local(self) -> bool:
        return isinstance(self.system, LocalFileSystem)

    def _place(self, sha256: str) -> str:
        return f"{self.root}/{sha256[:2]}/{sha256}"

    def _names(self, folder: str) -> list[str]:
        try:
            found = self.system.ls(folder, detail=False)
        except FileNotFoundError:
            return []
        return sorted(PurePosixPath(path).name for path in found)

    def _keep(
        self, file: IO[bytes], kind: MediaType, marks: tuple[Mark, ...], scanner: Scanner | None
    ) -> Kept:
        with self._draft() as draft:
            digest, size = _copy(file, draft)
            if scanner:
                scanner.expect_clean(draft, digest)
            self._settle(draft, self._place(digest))

        def keep_again() -> None:
            if not self.has(digest):
                self._keep(file, kind, marks, None)

        return Kept(digest, size, kind, marks, keep_again)

    @contextmanager
    def _draft(self) -> Iterator[Path]:
        """A file of this machine that only its owner reads; in the store's own folder where that is of this machine."""
        folder = None
        if self._is_local:
            folder = Path(self.root) / DRAFTS
            for each in (folder.parent, folder):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name)

    def _settle(self, draft: Path, place: str) -> None:
        folder = place.rpartition("/")[0]
        if self._is_local:
            Path(folder).mkdir(mode=0o700, exist_ok=True)
            os.replace(draft, place)
            _sync(folder)
            _sync(self.root)
            return
        there = f"{self.root}/{DRAFTS}/{secrets.token_hex(16)}"
        for each in (f"{self.root}/{DRAFTS}", folder):
            self.system.makedirs(each, exist_ok=True)
        try:
            self.system.put_file(str(draft), there)
            self.system.mv(there, place)
        finally:
            with suppress(FileNotFoundError):
                self.system.rm_file(there)


def _copy(file: IO[bytes], draft: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    with draft.open("wb") as out:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest(), size


def _sync(folder: str) -> None:
    """The name of a new file survives a power cut as well as what is in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
