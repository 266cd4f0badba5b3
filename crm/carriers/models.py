"""The space of a carrier: buildings, their rooms, and which firm has which room from when until when. Areas in ㎡."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.core.columns import Choice, Hundredths
from crm.core.db import Base, Recorded, Versioned
from crm.core.words import N_, LabelledEnum
from crm.people.models import Unit


class RoomKind(LabelledEnum):
    """What a room is for."""

    OFFICE = "office", N_("办公")
    RESEARCH = "research", N_("研发")
    PLANT = "plant", N_("厂房")
    DESKS = "desks", N_("工位")
    MEETING = "meeting", N_("会议")
    OTHER = "other", N_("其他")


class LetKind(LabelledEnum):
    """In what way a firm has a room. 集群注册 is an address only and takes no space."""

    SPACE = "space", N_("租用")
    DESKS = "desks", N_("工位")
    ADDRESS = "address", N_("集群注册")


class Building(Versioned, Recorded, Base):
    """A building of a carrier."""

    __tablename__ = "buildings"
    __table_args__ = (UniqueConstraint("carrier_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    carrier_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(120), default="")
    floors: Mapped[int | None]
    total_area: Mapped[Decimal | None] = mapped_column(Hundredths)

    carrier: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)


class Room(Versioned, Recorded, Base):
    """A room that can be let until it is closed; on `closed_on` it no longer can."""

    __tablename__ = "rooms"
    __table_args__ = (
        UniqueConstraint("building_id", "number"),
        CheckConstraint("area > 0", name="has_an_area"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("buildings.id"))
    number: Mapped[str] = mapped_column(String(30))
    floor: Mapped[int | None]
    area: Mapped[Decimal] = mapped_column(Hundredths)
    kind: Mapped[RoomKind] = mapped_column(Choice(RoomKind), default=RoomKind.OFFICE)
    closed_on: Mapped[date | None]

    building: Mapped[Building] = relationship(lazy="joined", innerjoin=True)

    @property
    def name(self) -> str:
        return f"{self.building.name} {self.number}"


class Let(Versioned, Recorded, Base):
    """A firm in a room from a day until, not including, another. Several firms may share a room (一址多照).

    `agreed_to_on` is the end that was agreed; `to_on` the end that holds, earlier where the firm left before it.
    """

    __tablename__ = "lets"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on > from_on", name="ends_after_it_begins"),
        CheckConstraint("area >= 0", name="takes_no_less_than_nothing"),
        Index("ix_lets_room_id_from_on", "room_id", "from_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    kind: Mapped[LetKind] = mapped_column(Choice(LetKind), default=LetKind.SPACE)
    from_on: Mapped[date]
    to_on: Mapped[date | None] = mapped_column(index=True)
    agreed_to_on: Mapped[date | None]
    area: Mapped[Decimal] = mapped_column(Hundredths)
    desks: Mapped[int | None]
    rent_note: Mapped[str] = mapped_column(String(120), default="")
    ended_with_id: Mapped[int | None] = mapped_column(ForeignKey("residence_moves.id"), index=True)

    room: Mapped[Room] = relationship(lazy="joined", innerjoin=True)
    company: Mapped[Company] = relationship()

    @property
    def name(self) -> str:
        return self.room.name
