"""Python's collector of garbage, out of the way while very many objects come into being."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

SELDOM = (20_000, 10, 10)  # new objects to a look at the youngest, looks to one at the next older
_lock = Lock()
_pauses = 0


def collect_seldom() -> None:
    """Look for garbage thirty times less often than Python does by itself.

    A look at all objects takes a third of a second here, for classes, statements and templates that stay: in the midst of
    somebody's request, and a tenth of all the time together. What is not in a circle needs no look to go.
    """
    gc.set_threshold(*SELDOM)


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
