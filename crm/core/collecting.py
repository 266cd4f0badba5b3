"""Python's collector of garbage, out of the way while very many objects come into being."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_pauses = 0


@contextmanager
def collector_paused() -> Iterator[None]:
    """Do not look for garbage in circles meanwhile: of a hundred thousand rows none is, and walking them over and over
    takes as long as the work on them. For the process as a whole; it goes on when the last one has ended.
    """
    global _pauses
    with _lock:
        _pauses += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _pauses -= 1
            if not _pauses:
                gc.enable()
