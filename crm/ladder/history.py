"""A firm's life on the ladder: where it stood on every day, and what it gained and lost on the way.

Pure: no database here. transitions.py asks the same of all firms at once in SQL; a test holds the two together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from crm.core.words import N_, LabelledEnum
from crm.ladder.rungs import Certificate, Proofs, Reason, Rung, SizeReport, Standing, standing

COUNTED = tuple(Rung)[1:]  # each reached by one of the 五转
_DAY = timedelta(days=1)


class Change(LabelledEnum):
    """What happened to a rung that a firm holds in the park."""

    ARRIVED = "arrived", N_("五转")
    LATER = "later", N_("高层补证")
    BROUGHT = "brought", N_("带入")
    REGAINED = "regained", N_("恢复")
    LOST = "lost", N_("退出")


@dataclass(frozen=True)
class Stay:
    """A counted residence: until, not including, `to_on`."""

    carrier_id: int
    from_on: date
    to_on: date | None

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day < self.to_on)


@dataclass(frozen=True)
class Life:
    """All that ever decided where a firm stands. `reports` are verified ones only, `stays` counted ones."""

    is_enterprise: bool
    has_code: bool
    established_on: date | None
    was_ever_resident: bool
    stays: Sequence[Stay] = ()
    certificates: Sequence[Certificate] = ()
    reports: Sequence[SizeReport] = ()

    def stay_on(self, day: date) -> Stay | None:
        return next((stay for stay in self.stays if stay.covers(day)), None)

    def proofs_on(self, day: date) -> Proofs:
        return Proofs(
            is_enterprise=self.is_enterprise,
            is_licensed=self.has_code
            and (self.established_on is None or self.established_on <= day),
            is_resident=self.stay_on(day) is not None,
            was_ever_resident=self.was_ever_resident,
            certificates=self.certificates,
            reports=self.reports,
        )

    def days_of_change(self) -> list[date]:
        """The days on which anything begins or ends: between two of them nothing changes."""
        days: set[date | None] = {self.established_on}
        days.update(day for stay in self.stays for day in (stay.from_on, stay.to_on))
        days.update(day for one in self.certificates for day in (one.counts_from, one.counts_to))
        days.update(report.period_end_on for report in self.reports)
        return sorted(day for day in days if day)


@dataclass(frozen=True)
class Step:
    """The firm stood there, for that reason, until, not including, `to_on`."""

    from_on: date
    to_on: date | None
    standing: Standing


def steps(life: Life, until: date) -> list[Step]:
    """Where the firm stood, and why, on every day since it first resided in the park, as known on `until`.

    The last step is open. Neighbours of equal rung and reason are one.
    """
    first = min((stay.from_on for stay in life.stays), default=None)
    found: list[Step] = []
    for day in life.days_of_change():
        if first is None or not first <= day <= until:
            continue
        now = standing(life.proofs_on(day), day)
        if found:
            last = found[-1]
            if (last.standing.rung, last.standing.reason) == (now.rung, now.reason):
                continue
            found[-1] = replace(last, to_on=day)
        found.append(Step(day, None, now))
    return found


@dataclass(frozen=True)
class Movement:
    """A rung gained or lost in the park on a day; `carrier_id` is the 统计归属 of that day, of a loss of the day before.

    `is_jump` (越级): the rung below was not held. `reason`: the proof that was gained or lost.
    """

    rung: Rung
    change: Change
    on: date
    carrier_id: int
    reason: Reason
    is_jump: bool = False


def movements(life: Life) -> list[Movement]:
    """All that a firm gained and lost in the park, in order of days. A move between carriers changes nothing."""
    found: list[Movement] = []
    held_before: set[Rung] = set()  # in the park, on any day so far
    proved_before: set[Rung] = set()  # anywhere
    for day in life.days_of_change():
        eve = day - _DAY
        was, now = _held(life, eve), _held(life, day)
        for rung in COUNTED:
            here, gone = life.stay_on(day), life.stay_on(eve)
            if rung in now and rung not in was and here:
                change = _gain(life, rung, day, rung in held_before, rung in proved_before)
                is_jump = change is Change.ARRIVED and _skips(life, rung, eve)
                found.append(Movement(rung, change, day, here.carrier_id, now[rung], is_jump))
            elif rung in was and rung not in now and gone:
                found.append(Movement(rung, Change.LOST, day, gone.carrier_id, was[rung]))
        held_before |= now.keys()
        proved_before |= _proved(life, day)
    return found


def _gain(life: Life, rung: Rung, day: date, was_held: bool, was_proved: bool) -> Change:
    on_the_eve = _proved(life, day - _DAY)
    if rung in on_the_eve:  # it moved in with the proof
        return Change.REGAINED if was_held else Change.BROUGHT
    if was_proved:
        return Change.REGAINED
    if _is_brought_along(life, rung, day):
        return Change.BROUGHT
    higher = {other for other in _proved(life, day) | on_the_eve if other.order > rung.order}
    return Change.LATER if higher else Change.ARRIVED  # a skipped step is never filled in


def _is_brought_along(life: Life, rung: Rung, day: date) -> bool:
    """整体迁移: nothing but certificates that a firm brought with it proves the rung."""
    own = replace(life, certificates=[one for one in life.certificates if not one.is_moved_in])
    return rung not in _proved(own, day)


def _skips(life: Life, rung: Rung, eve: date) -> bool:
    below = COUNTED[: COUNTED.index(rung)]
    return bool(below) and below[-1] not in _proved(life, eve)


def _held(life: Life, day: date) -> dict[Rung, Reason]:
    return _reasons(standing(life.proofs_on(day), day))


def _proved(life: Life, day: date) -> set[Rung]:
    """What is proved that day, wherever the firm resides."""
    return set(_reasons(standing(replace(life.proofs_on(day), is_resident=True), day)))


def _reasons(found: Standing) -> dict[Rung, Reason]:
    return {proof.rung: proof.reason for proof in found.proofs if proof.rung in COUNTED}
