"""The units of the park and the people who work in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core import clock
from crm.core.columns import Choice, ChoiceSet
from crm.core.db import Base, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.roles import Action, Right, Role, actions_of


class UnitKind(LabelledEnum):
    """What sort of body a unit is."""

    PARK = "park", N_("园区")
    OFFICE = "office", N_("处室")
    CENTRE = "centre", N_("中心和平台")
    SUBSIDIARY = "subsidiary", N_("直属单位")
    COLLEGE = "college", N_("高校院所")
    CARRIER = "carrier", N_("孵化载体")
    GARDEN = "garden", N_("园中园")


class Unit(Versioned, Base):
    """A node of the tree: the park, its offices, centres, subsidiaries, colleges, carriers and gardens.

    `path` is the way from the root ("/1/4/9/"), so that a unit and all below it are one prefix.
    """

    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[UnitKind] = mapped_column(Choice(UnitKind))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    path: Mapped[str] = mapped_column(String(200), index=True)
    position: Mapped[int] = mapped_column(default=0)
    is_national_incubator: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]

    parent: Mapped["Unit | None"] = relationship(remote_side=[id])

    @property
    def depth(self) -> int:
        return self.path.count("/") - 2


class User(Versioned, Base):
    """A person with an account; belongs to one unit."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    roles: Mapped[frozenset[Role]] = mapped_column(ChoiceSet(Role))
    rights: Mapped[frozenset[Right]] = mapped_column(ChoiceSet(Right), default=frozenset())
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    disabled_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)

    @property
    def actions(self) -> frozenset[Action]:
        return actions_of(self.roles, self.rights)

    def may(self, action: Action) -> bool:
        return action in self.actions
