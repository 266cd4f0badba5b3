"""What a picture or a PDF looks like, page by page, drawn by us: the browser is given new pixels, never the file.

Nothing drawn is written down. The last few pages stay in memory, so that going back and forth draws once.
"""

import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog

from crm.core.errors import DomainError
from crm.core.words import N_
from crm.files.content import MediaType
from crm.files.store import Store

SHOWN = (MediaType.PDF, MediaType.PNG, MediaType.JPEG)
WIDTHS = {1: 1000, 2: 2000}  # zoom → pixels
_DRAWING = Path(__file__).with_name("drawing.py")
_SECONDS = 15
_AT_ONCE = threading.BoundedSemaphore(2)
_REMEMBERED = 16
log = structlog.get_logger()


@dataclass(frozen=True)
class Preview:
    """One page of a file, and how many there are."""

    pages: int
    png: bytes


class NotShown(DomainError):
    """There is no such page, or the file cannot be drawn within the limits."""

    def __init__(self) -> None:
        super().__init__(N_("这个文件无法预览，请下载后查看。"))


@lru_cache(_REMEMBERED)
def page(store: Store, sha256: str, media_type: str, number: int, zoom: int) -> Preview:
    """Raises NotShown; FileNotFoundError where the content is gone."""
    if media_type not in SHOWN or number < 1:
        raise NotShown
    with store.open(sha256) as content:
        document = content.read()
    if not _AT_ONCE.acquire(timeout=_SECONDS):  # a thread that waits here answers nobody else
        raise NotShown
    try:
        pages, _, png = _drawn(document, media_type, str(number), str(WIDTHS[zoom]))
    except subprocess.SubprocessError as error:
        log.info("no preview", sha256=sha256, page=number, why=str(error))
        raise NotShown from None
    finally:
        _AT_ONCE.release()
    return Preview(int(pages), png)


def _drawn(document: bytes, *how: str) -> tuple[bytes, bytes, bytes]:
    """Raises SubprocessError where the process came to harm or took too long."""
    command = [sys.executable, "-I", str(_DRAWING), *how]
    done = subprocess.run(
        command, input=document, capture_output=True, timeout=_SECONDS, env={}, check=True
    )
    return done.stdout.partition(b"\n")
