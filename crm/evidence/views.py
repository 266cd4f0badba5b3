"""Pages of evidence: registered here, one file for each of their subjects."""

from flask import Flask

from crm.core import registry
from crm.evidence import counting
from crm.evidence.importing import import_kind
from crm.evidence.kinds import KINDS


def init_app(app: Flask) -> None:
    for kind in KINDS.values():
        registry.import_kinds[kind.key] = import_kind(kind)
    registry.residence_listeners.append(lambda company_id: counting.recount([company_id]))
