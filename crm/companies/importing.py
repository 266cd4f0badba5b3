"""Firms that come in a spreadsheet: what a row may say of a firm, and what becomes of it.

A firm is known again by its code, else by its name; one that is only alike is offered. What is empty changes nothing. An
import registers firms and corrects facts; a firm's coming and going has steps and rules of its own (residence.py), so of
a firm that is there the residence is only compared.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

from crm.companies.corrections import Corrected, changes_many
from crm.companies.import_columns import ATTRIBUTES
from crm.companies.import_known import KnownFirm
from crm.companies.import_new import NewFirm
from crm.companies.importing_context import Context
from crm.companies.lookup import Firm, Found, How, Named, find
from crm.companies.names import spelling
from crm.companies.services import Registration, register_many
from crm.companies.taking_back import take_back
from crm.core.words import N_
from crm.imports import records
from crm.imports.kinds import Draft, ImportKind, Landed, Outcome, Verdict
from crm.imports.stored import as_json
from crm.people.models import User
from crm.people.roles import Action
from crm.people.scope import scope_of


def check(drafts: Sequence[Draft], by: User) -> list[Verdict]:
    """What would become of each row: a new firm, corrections of one that is there, nothing, or faults."""
    named = [
        Named(draft.values.get("name") or "", draft.values.get("uscc") or "") for draft in drafts
    ]
    found = find(named, scope_of(by))
    meant = [_meant(draft, one) for draft, one in zip(drafts, found, strict=True)]
    context = Context(by, {firm.id for firm in meant if firm})
    verdicts = [
        KnownFirm(draft, one, context, firm).verdict()
        if firm
        else NewFirm(draft, one, context).verdict()
        for draft, one, firm in zip(drafts, found, meant, strict=True)
    ]
    return _codeless_twins(verdicts)


def land(verdicts: Sequence[Verdict], by: User, _source: str) -> list[Landed]:
    """Register the new ones, correct the others."""
    new, known = records.of(verdicts, Outcome.CREATE), records.of(verdicts, Outcome.UPDATE)
    ids = register_many([verdict.ready for verdict in new], by=by) if new else ()
    corrected = changes_many([verdict.ready for verdict in known], by=by) if known else ()
    return [
        *(
            replace(one, made=_made(verdict.ready))
            for verdict, one in zip(new, records.created(new, ids), strict=True)
        ),
        *(
            _landed(verdict.draft.number, one)
            for verdict, one in zip(known, corrected, strict=True)
        ),
    ]


def _made(registration: Registration) -> dict[str, int]:
    """How many of each belong to the new firm: what comes later is somebody's work."""
    return {
        "contacts": 1 if registration.contact else 0,
        "residences": len(registration.residences),
        "former_names": len(registration.former_names),
    }


def _landed(number: int, one: Corrected) -> Landed:
    before = {name: as_json(value) for name, value in one.facts.items()}
    made = {
        "former_names": list(one.former_names),
        "contact": [one.contact_id, one.contact_version] if one.contact_id else None,
        "contact_was": asdict(one.contact) if one.contact else None,
    }
    return Landed(number, one.company_id, one.version, before, made)


COMPANIES = ImportKind(
    key="companies",
    label=N_("企业"),
    attributes=ATTRIBUTES,
    natural_key=N_("统一社会信用代码；没有代码的按企业名称（不计全角半角、括号和空格）"),
    action=Action.COMPANIES_WRITE,
    check=check,
    land=land,
    revert=take_back,
    page="/companies/",
    list_key="companies",
    note=N_("空单元格不改动已有内容。已登记企业的入驻只核对、不改动，进出请在企业页面办理。"),
)


def _meant(draft: Draft, found: Found) -> Firm | None:
    """The firm that the row is about: by its code, as a person chose, else for sure."""
    if found.how is How.CODE or draft.chosen is None:
        return found.firm
    return next((firm for firm in found.alike if firm.id == draft.chosen), None)


def _codeless_twins(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """A new firm without a code that another row names too: one of them would be registered twice."""
    first: dict[str, int] = {}
    for verdict in verdicts:
        if verdict.outcome is Outcome.CREATE and verdict.draft.values.get("uscc"):
            first.setdefault(spelling(verdict.draft.values.get("name") or ""), verdict.draft.number)
    return [
        replace(verdict, key=("row", row))
        if isinstance(verdict.key, str)
        and not verdict.draft.values.get("uscc")
        and (row := first.get(verdict.key))
        else verdict
        for verdict in verdicts
    ]
