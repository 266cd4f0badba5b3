"""A row that means a firm which is not there yet: its registration, with its first residence."""

from datetime import date, datetime, time

from crm.companies.import_columns import STAY
from crm.companies.import_row import Row
from crm.companies.names import spelling
from crm.companies.residence import ResidenceDetails, counted_once
from crm.companies.services import CompanyDetails, Registration, expect_sound
from crm.core.clock import PARK_ZONE, today
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports.kinds import Outcome, Verdict

_NOON = time(12)


class NewFirm(Row):
    """A firm that is not there yet."""

    def verdict(self) -> Verdict:
        offered = self.offered()
        if offered and self.draft.chosen is None:
            message = N_("有名称相同或相近的企业，请选择是哪一家，或确认是另一家。")
            self.fault("name", DomainError(message))
        facts = self.facts()
        recorded_on = self.values.get("recorded_on")
        if (
            recorded_on and recorded_on > today()
        ):  # of one that is there it may be: the clock of a demo stands still
            self.fault("recorded_on", DomainError(N_("日期不能晚于今天。")))
        details = CompanyDetails(**{"name": "", **facts})
        if details.name:
            self.attempt(lambda: expect_sound(details))
        ready = Registration(
            company=details,
            contact=self.contact(None),
            residences=self._residences(),
            unit_id=self._carrier(),
            former_names=self.former_names(),
            recorded_at=_noon(recorded_on),
            registered_by_id=self.person("registered_by"),
        )
        self.attempt(lambda: counted_once(ready.residences))
        return Verdict(
            self.draft,
            Outcome.ERROR if self.faults else Outcome.CREATE,
            faults=tuple(self.faults),
            look_alikes=offered,
            ready=ready,
            key=details.uscc or spelling(details.name) or None,
        )

    def _carrier(self) -> int | None:
        name = self.values.get("carrier")
        found = self.context.carriers.get(name) if name else self.context.own_carrier
        if found is None:
            message = N_("“%(name)s”不是您数据范围内的载体。") if name else N_("请填写所在载体。")
            self.fault("carrier", DomainError(message, name=name or ""))
        return found

    def _residences(self) -> tuple[ResidenceDetails, ...]:
        from_on, carrier = self.values.get("from_on"), None
        if from_on is None:
            self._expect_no_stay()
            return ()
        name = self.values.get("carrier")
        carrier = self.context.carriers.get(name) if name else self.context.own_carrier
        if carrier is None:
            return ()  # the fault is noted with the unit that is to keep the record
        ended = self.values.get("to_on"), self.values.get("end_reason")
        if any(ended) and not all(ended):
            missing = "end_reason" if ended[0] else "to_on"
            self.fault(missing, DomainError(N_("离园日期和离园原因须同时填写。")))
        given = {
            name: self.values[name]
            for name in ("to_on", "agreement_number", "agreement_on", "rooms")
            if self.values.get(name) is not None
        }
        kind = self.values.get("residence_kind") or self.context.usual_residence
        return (ResidenceDetails(carrier, kind, from_on, reason=ended[1], **given),)

    def _expect_no_stay(self) -> None:
        """What is said of a residence without its first day would be lost."""
        said = [
            one.label
            for one in STAY
            if one.name not in ("carrier", "from_on") and self.values.get(one.name) is not None
        ]
        if said:
            message = N_("填写了%(names)s，须同时填写入驻日期；尚未入驻的请一并留空。")
            self.fault("from_on", DomainError(message, names="、".join(said)))


def _noon(day: date | None) -> datetime | None:
    """An instant of a day that was written down without one."""
    return datetime.combine(day, _NOON, PARK_ZONE) if day else None
