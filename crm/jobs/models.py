"""A piece of work that somebody asked for, and the workers that do such work."""

import json
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core import clock
from crm.core.columns import Choice
from crm.core.db import Base
from crm.core.words import N_, LabelledEnum
from crm.files.models import StoredFile
from crm.people.models import User


class JobState(LabelledEnum):
    """Where a job stands. The last three are final."""

    QUEUED = "queued", N_("排队中")
    RUNNING = "running", N_("进行中")
    DONE = "done", N_("已完成")
    FAILED = "failed", N_("未完成")
    CANCELLED = "cancelled", N_("已取消")


OPEN = (JobState.QUEUED, JobState.RUNNING)


class Job(Base):
    """Work of one kind (a key of registry.job_kinds) for one person, with that person's rights on the day it runs.

    The row is the truth: whatever the queue believes, what this row calls done is done, and nothing else is. `payload`
    and `title_values` are JSON; the payload names what the work is about and holds no content.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("requested_by_id", "key"),
        Index("ix_jobs_state", "state", "id"),
        Index("ix_jobs_requested_by_id", "requested_by_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(String(64))  # of a form that is sent once
    title: Mapped[str] = mapped_column(String(120))  # a msgid
    title_values: Mapped[str] = mapped_column(Text, default="{}")
    language: Mapped[str] = mapped_column(String(20), default="")  # what it writes is in
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    state: Mapped[JobState] = mapped_column(Choice(JobState), default=JobState.QUEUED)
    worker: Mapped[str] = mapped_column(String(80), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)  # 0: nobody knows
    phase: Mapped[str] = mapped_column(String(80), default="")  # a msgid
    error: Mapped[str] = mapped_column(Text, default="")  # a sentence in `language`

    result_href: Mapped[str] = mapped_column(String(400), default="")
    result_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    result_name: Mapped[str] = mapped_column(String(200), default="")
    result_type: Mapped[str] = mapped_column(String(100), default="")
    expires_at: Mapped[datetime | None]

    requested_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    result_file: Mapped[StoredFile | None] = relationship(lazy="joined")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def share(self) -> Fraction | None:
        """How much of it is done; None where nobody knows."""
        return Fraction(min(self.done, self.total), self.total) if self.total else None

    @property
    def given(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.payload)
        return found

    @property
    def called(self) -> Mapping[str, Any]:
        """The values of its title."""
        found: Mapping[str, Any] = json.loads(self.title_values)
        return found


class JobWorker(Base):
    """A process that does jobs, and when it last said that it lives."""

    __tablename__ = "job_workers"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    seen_at: Mapped[datetime]
