"""The pages of evidence put together: lists, records, verification, the panel on a firm's page, what imports may bring."""

from functools import partial

from flask import Flask

from crm.core import registry
from crm.core.words import N_
from crm.evidence import (
    company_panel,
    counting,
    record_pages,
    register_pages,
    verification_pages,
)
from crm.evidence.importing import import_kind
from crm.evidence.kind import key_of_another
from crm.evidence.kinds import KINDS
from crm.evidence.log_words import LOG_WORDS
from crm.evidence.pages import bp


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    app.register_blueprint(bp)
    for part in (register_pages, record_pages, verification_pages, company_panel):
        part.init_app()
    for kind in KINDS.values():
        registry.import_kinds[kind.key] = import_kind(kind)
        registry.children[kind.model.__tablename__] = registry.ChildKind(
            kind.label, href=f"{kind.address}/{{id}}", rewritten=partial(key_of_another, kind)
        )
    registry.children["evidence_co_holders"] = registry.ChildKind(N_("共有的成果"), is_kept=True)
    registry.residence_listeners.append(lambda company_id: counting.recount([company_id]))
