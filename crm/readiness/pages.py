"""What the pages of readiness share: the kind in an address, who sees figures, the words of a judgement."""

from typing import Any

from flask import abort

from crm.ladder.panel import say
from crm.people.roles import Action
from crm.readiness.criteria import Verdict
from crm.readiness.models import Kind
from crm.web.guards import may


def kind_or_404(text: str) -> Kind:
    return next((kind for kind in Kind if kind.value == text), None) or abort(404)


def words() -> dict[str, Any]:
    """What the templates need. Figures are for who has the right or enters them; the others read met and not met."""
    shows_figures = may(Action.OPERATING_READ) or may(Action.COMPANIES_WRITE)
    return {"shows_figures": shows_figures, "say": say, "Verdict": Verdict}
