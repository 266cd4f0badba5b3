"""Pages of evidence: registered here, one file for each of their subjects."""

from flask import Flask

from crm.core import registry
from crm.evidence import counting


def init_app(app: Flask) -> None:
    registry.residence_listeners.append(lambda company_id: counting.recount([company_id]))
