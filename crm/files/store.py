"""The store: content under its SHA-256 in a folder. A file is there whole or not at all, and never changes."""

import hashlib
import os
import tempfile
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crm.core.errors import DomainError
from crm.core.words import N_
from crm.files.content import EVIDENCE, MediaType, media_type_of

MEGABYTE = CHUNK = 1024 * 1024
LARGEST_FILE = 20 * MEGABYTE


@dataclass(frozen=True)
class Kept:
    """What was put into the store."""

    sha256: str
    size: int
    media_type: MediaType


@dataclass(frozen=True)
class Store:
    """A folder of files, none larger than `largest` bytes."""

    folder: Path
    largest: int

    def keep(self, file: BinaryIO, allowed: Collection[MediaType] = EVIDENCE) -> Kept:
        """Put a file into the store, before the transaction that names it. Raises DomainError for what is not taken."""
        kind = media_type_of(file)
        if kind is None or kind not in allowed:
            words = tuple(one.label for one in allowed)
            message = N_("不接受这种文件（按内容识别，与文件名无关）。可以是：%(kinds)s。")
            raise DomainError(message, field="file", kinds=words)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.seek(0)
        handle, draft = tempfile.mkstemp(dir=self.folder, prefix="draft-")
        try:
            with os.fdopen(handle, "wb") as out:
                digest, size = self._copy(file, out)
                out.flush()
                os.fsync(out.fileno())
            place = self.path(digest)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            os.replace(draft, place)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(draft)
        return Kept(digest, size, kind)

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def _copy(self, file: BinaryIO, out: BinaryIO) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > self.largest:
                most = self.largest // MEGABYTE
                raise DomainError(N_("文件不能超过 %(most)s MB。"), field="file", most=most)
            digest.update(chunk)
            out.write(chunk)
        return digest.hexdigest(), size
