"""Many numbers from the database as arrays. They come as a few long texts: an object for each row would cost more than all
that is reckoned from them. Texts of one row run in the same order, as long as none of their values is empty.
"""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, String, cast, func

from crm.pipeline.survival import Days

_DAY = np.dtype([("day", "S10"), ("comma", "S1")])


def number_of(day: date) -> int:
    """A day as it stands in the arrays."""
    return int(np.datetime64(day, "D").astype(np.int64))


def text_of(value: ColumnElement[Any] | Any) -> ColumnElement[str]:
    """All values of a column, to be read by `numbers` or `days`."""
    return func.aggregate_strings(cast(value, String), ",")


def numbers(text: str | None) -> Days:
    return np.fromstring(text, np.int64, sep=",") if text else np.zeros(0, np.int64)


def days(text: str | None) -> Days:
    read: NDArray[Any] = np.frombuffer(f"{text},".encode() if text else b"", _DAY)
    return read["day"].astype("datetime64[D]").astype(np.int64)


def rows_of(ids: Days, wanted: Days) -> Days:
    """Where each of the wanted stands among the ids; −1 for one that does not."""
    rows = np.full(max(ids.max(initial=0), wanted.max(initial=0)) + 1, -1)
    rows[ids] = np.arange(len(ids))
    return rows[wanted]
