"""People and units as texts name them: very many names at once, in one statement each."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Select, or_

from crm.core.among import among
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.people.models import Unit, User


class People:
    """The accounts among `people` that some texts name, by name or user name."""

    def __init__(self, people: Select[User], names: Collection[str]) -> None:
        self._ids: dict[str, list[int]] = defaultdict(list)
        if names:
            listed = sorted(names)
            query = people.where(or_(among(User.name, listed), among(User.username, listed)))
            rows = query.with_only_columns(User.id, User.name, User.username).order_by(None)
            for id_, name, username in session.execute(rows):
                for known in {name, username}:
                    self._ids[known].append(id_)

    def id_of(self, name: str) -> int:
        """Raises DomainError."""
        found = self._ids.get(name, [])
        if not found:
            raise DomainError(N_("没有名为“%(name)s”的用户，请核对姓名。"), name=name)
        if len(found) > 1:
            raise DomainError(N_("有几位用户名为“%(name)s”，请改填其登录名。"), name=name)
        return found[0]


class Units:
    """The units among `units` that some texts name."""

    def __init__(self, units: Select[Unit], names: Collection[str]) -> None:
        self._ids: dict[str, int] = {}
        if names:
            query = units.where(among(Unit.name, sorted(names))).order_by(None)
            rows = session.execute(query.with_only_columns(Unit.name, Unit.id))
            self._ids = {row.name: row.id for row in rows}

    def id_of(self, name: str) -> int:
        """Raises DomainError."""
        if name not in self._ids:
            raise DomainError(N_("没有名为“%(name)s”的单位，或不在您的数据范围内。"), name=name)
        return self._ids[name]
