"""The registers as lists and files, and all of them at a glance."""

from typing import Any

from flask import render_template

from crm.core import clock, registry
from crm.core.words import N_
from crm.evidence import queries
from crm.evidence.kinds import KINDS
from crm.evidence.listing import LISTINGS
from crm.evidence.pages import bp, kind_of
from crm.lists import pages
from crm.people.roles import Action, Role
from crm.web.guards import my_scope, needs


@bp.get("")
@needs(Action.EVIDENCE_READ)
def index() -> Any:
    """Every register with how much is in it, how much waits, and how much happened this year."""
    rows = queries.sizes(my_scope(), clock.today().year)
    return render_template("evidence/index.html", kinds=KINDS, rows=rows, year=clock.today().year)


@bp.get("/<register>")
@needs(Action.EVIDENCE_READ)
def records(register: str) -> Any:
    kind = kind_of(register)
    listing = LISTINGS[kind.key]
    return pages.answer(
        listing, "evidence/register.html", "evidence/_register.html", kind=kind, kinds=KINDS
    )


@bp.post("/<register>/files")
@needs(Action.REPORTS_EXPORT)
def create_file(register: str) -> Any:
    """What the list shows, or what is selected of it, as a file; personal data stays masked in it."""
    return pages.answer_file(LISTINGS[kind_of(register).key])


def init_app() -> None:
    registry.lists.update(LISTINGS)
    registry.navigation.append(
        registry.NavigationEntry(
            N_("证明材料"),
            "evidence.index",
            "clipboard-check",
            35,
            Action.EVIDENCE_READ,
            roles=(Role.INCUBATOR_STAFF, Role.UNIT_STAFF, Role.UNIT_HEAD, Role.AUDITOR),
        )
    )
