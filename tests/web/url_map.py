"""The whole URL map as calls: every rule with its parameters filled in by the records of a unit, or of two."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from crm.carriers.figures import FIGURES
from crm.companies.facts import FIELDS
from crm.declarations.expectation import Term
from crm.entry.gates import Move
from crm.entry.models import EntrantKind
from crm.entry.papers import Paper
from crm.evidence.kinds import KINDS
from crm.followup.pages import WORDS
from crm.ladder.history import Change
from crm.ladder.rungs import Rung
from crm.projects.models import ProjectKind, Stage
from crm.readiness.models import Kind, SuggestionState
from tests.web.belongings import Belongings

VOCABULARIES: dict[str, tuple[Any, ...]] = {
    "word": tuple(WORDS),
    "fact": tuple(FIELDS),
    "stage": tuple(Stage),
    "period": ("2020-09", "2020-W37"),
    "rung": tuple(Rung),
    "change": tuple(Change),
    "kind": tuple(EntrantKind),
    "move": tuple(Move),
    "paper": tuple(Paper),
    "key": ("net", *FIGURES),
    "list_key": ("companies", "projects", "qualifications", "cultivations", "supervision", *KINDS),
    "owner_kind": (
        "company",
        "milestone",
        "qualification",
        "official_list",
        "project",
        "project.site_photo",
        "project_approval",
        "valuation",
        "paid_in_fund",
        "works_report",
        "supervision_order",
        *KINDS,
    ),
    "kind_key": ("companies",),
    "register": tuple(KINDS),
    "project_kind": tuple(ProjectKind),
    "label_id": (1,),  # of the park's kinds of qualification
    "term": tuple(Term),
    "decision": tuple(SuggestionState),
    "criterion": ("own_ip", "financing"),
    "rule": tuple(Kind),
    "rule_id": (1,),  # of the park's counting rules
    "number": (1,),  # of a page
    "batch_id": (1,),  # of the park's rounds
    "draft_id": (1,),  # of the park's plans
    "entry_id": (1,),
    "snapshot_id": (1,),  # of the park's, which names no unit's records
    "plan_task_id": (1,),
    "reporting_id": (1,),  # of the park's rounds of reporting
    "bulletin_id": (1,),  # for everybody
}
"""Parameters that name nobody's record, with what they may be."""

ABOUT = ("plan-tasks", "instructions")
"""What else an address of orders may be about."""
LEFT_OUT = ("static", "accounts.logout", "accounts.end_other_sessions")
PARAMETER = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in LEFT_OUT:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def addresses(rule: Rule, *sides: Belongings) -> Iterator[str]:
    """The rule's addresses that name a record of the first side, side by side with those of the others."""
    names = PARAMETER.findall(rule.rule)
    words = [name for name in names if name in VOCABULARIES and not _is_session(rule)]
    numbers = [name for name in names if name not in words]
    spoken = [
        dict(zip(words, some, strict=True)) for some in product(*map(VOCABULARIES.get, words))
    ]
    for chosen in product(sides, repeat=len(numbers)):
        if len(sides) > 1 and sides[0] not in chosen:
            continue
        pairs = list(zip(numbers, chosen, strict=True))
        longest = max((len(_values(rule, n, s, spoken[0])) for n, s in pairs), default=1)
        for at in range(max(longest, len(spoken))):
            found = dict(spoken[at % len(spoken)])
            for name, side in pairs:
                values = _values(rule, name, side, found)
                found[name] = values[at % len(values)]
            yield PARAMETER.sub(lambda m, found=found: str(found[m[1]]), rule.rule)


def _is_session(rule: Rule) -> bool:
    return rule.endpoint == "accounts.end_session"


def _values(rule: Rule, name: str, side: Belongings, spoken: dict[str, Any]) -> tuple[Any, ...]:
    """What a parameter may be for one side's records. A parameter that is not known fails the sweep."""
    word = (
        spoken.get("word")
        or spoken.get("owner_kind")
        or next((w for w in (*WORDS, *ABOUT) if f"/{w}/<" in rule.rule), "")
    )
    known = {
        "record_id": f"record_id of {word}",
        "report_id": f"report_id of {rule.endpoint.split('.')[0]}",
        "key": "key of session",
        "evidence_id": f"evidence_id of {spoken.get('register')}",
    }.get(name, name)
    if known not in side.values:
        pytest.fail(
            f"The sweep does not know what <{name}> of {rule.rule} is: make such a record in tests/web/belongings.py and"
            f" return its number as {known!r}, or, where it is nobody's, put it into VOCABULARIES here."
        )
    return side.values[known]
