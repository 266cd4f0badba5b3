"""What an import only compares of a firm that is there: its residence, who registered it and when. A cell that says
something else would not be written, so it is told as a fault.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crm.companies.importing_context import Known
from crm.companies.residence import ResidenceDetails
from crm.core.clock import park_date
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.imports.kinds import Fault

_STAY = {
    "residence_kind": "kind",
    "agreement_number": "agreement_number",
    "agreement_on": "agreement_on",
    "rooms": "rooms",
    "to_on": "to_on",
    "end_reason": "reason",
}


def differences(
    known: Known, values: Mapping[str, Any], carriers: Mapping[str, int]
) -> Iterator[Fault]:
    """A fault for each filled cell that the register has otherwise."""
    yield from _of_residence(known, values, carriers)
    recorded_on, registered_by = values.get("recorded_on"), values.get("registered_by")
    if recorded_on not in (None, recorded := park_date(known.recorded_at)):
        yield _differs("recorded_on", recorded)
    if registered_by not in (None, *known.registered_by):
        yield _differs("registered_by", known.registered_by[0])


def _of_residence(
    known: Known, values: Mapping[str, Any], carriers: Mapping[str, int]
) -> Iterator[Fault]:
    name, from_on = values.get("carrier"), values.get("from_on")
    carrier = known.unit_id if name == known.unit else carriers.get(name or "")
    if from_on is None and name and carrier != known.unit_id:
        message = N_("企业现由“%(unit)s”管理，转入其他载体请在企业页面办理。")
        yield Fault("carrier", DomainError(message, unit=known.unit))
        return
    meant = [
        one
        for one in known.residences
        if from_on in (None, one.from_on) and (not name or carrier == one.carrier_id)
    ]
    if from_on is not None and not meant:
        message = N_("与已登记的入驻记录不同，请在企业页面办理或更正。")
        yield Fault("from_on", DomainError(message))
        return
    found = [_of_one(one, values) for one in meant] or [_of_one(None, values)]
    yield from min(found, key=len)  # the residence that the row says most of


def _of_one(residence: ResidenceDetails | None, values: Mapping[str, Any]) -> list[Fault]:
    return [
        _differs(column, now)
        for column, name in _STAY.items()
        if values.get(column) not in (None, now := getattr(residence, name, None))
    ]


def _differs(column: str, now: Any) -> Fault:
    if not now:
        return Fault(column, DomainError(N_("企业尚无这项登记，请在企业页面办理。")))
    message = N_("与已登记的“%(now)s”不同，请在企业页面办理或更正。")
    return Fault(column, DomainError(message, now=now))
