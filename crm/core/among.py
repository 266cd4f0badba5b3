"""Very many values in one condition: one parameter and one statement, however many they are."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from crm.core.db import session


def among(column: Any, values: Sequence[int] | Sequence[str]) -> ColumnElement[bool]:
    """The condition that a column is one of these numbers, or one of these texts."""
    if session.get_bind().dialect.name == "postgresql":
        kind = Text if values and isinstance(values[0], str) else Integer
        is_one: ColumnElement[bool] = column == any_(bindparam(None, list(values), ARRAY(kind)))
        return is_one
    listed = func.json_each(json.dumps(list(values))).table_valued("value")
    is_listed: ColumnElement[bool] = column.in_(select(listed.c.value))
    return is_listed
