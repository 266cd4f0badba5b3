"""What 认定 brings beside qualifications: a talent, or a grant, in its register of evidence, waiting for verification."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.audit.services import Actor
from crm.declarations.models import Category, Declaration, DeclarationBatch
from crm.evidence import services
from crm.evidence.kinds import KINDS
from crm.evidence.kinds.talents import Programme, Way
from crm.evidence.services import Row
from crm.ladder.models import Level

_BROUGHT_IN = (Programme.DOUBLE_CREATION, Programme.LONGCHENG)
_LEVEL_SIGNS = {
    "国家": Level.NATIONAL,
    "省": Level.PROVINCIAL,
    "市": Level.MUNICIPAL,
    "区": Level.DISTRICT,
}


def record_results(
    declarations: Sequence[Declaration],
    results: Mapping[int, Any],
    batch: DeclarationBatch,
    source: str,
    by: Actor,
) -> None:
    """The talents or grants of a selection; what the register has already is left as it is, money without a sum is no grant."""
    pairs = [(declaration, results[declaration.id]) for declaration in declarations]
    if batch.category is Category.TALENT:
        rows = [_talent(declaration, result, batch, source) for declaration, result in pairs]
        services.save_new(KINDS["talents"], rows, by=by)
    elif batch.category is Category.FUNDING:
        rows = [
            _grant(declaration, result, batch, source)
            for declaration, result in pairs
            if result.amount
        ]
        services.save_new(KINDS["grants"], rows, by=by)


def _talent(declaration: Declaration, result: Any, batch: DeclarationBatch, source: str) -> Row:
    named = (
        one for one in Programme if one.label in batch.programme or batch.programme in one.label
    )
    programme = next(named, Programme.SCIENCE)
    way = Way.BROUGHT_IN if programme in _BROUGHT_IN else Way.TRAINED
    values = {
        "title": declaration.applicant or declaration.name,
        "programme": programme,
        "level": _level(result.level),
        "year": batch.year,
        "way": way,
    }
    return _row(declaration, result, source, values)


def _grant(declaration: Declaration, result: Any, batch: DeclarationBatch, source: str) -> Row:
    values = {
        "title": f"{batch.year}年{batch.number}{batch.programme}",
        "programme": batch.programme,
        "level": _level(result.level) or _level(batch.programme) or Level.MUNICIPAL,
        "amount": result.amount,
    }
    return _row(declaration, result, source, values)


def _row(declaration: Declaration, result: Any, source: str, values: dict[str, Any]) -> Row:
    firm = declaration.company
    holder = firm.name if firm else declaration.applicant or declaration.unit.name
    facts = {"happened_on": result.on, "holder": holder, "source": source, **values}
    return Row(facts, firm.id if firm else None, unit_id=declaration.unit_id)


def _level(text: str) -> Level | None:
    return next((level for sign, level in _LEVEL_SIGNS.items() if sign in text), None)
