"""What the pages of declarations begin with: a batch, which everybody sees, and a declaration in the reader's scope."""

from flask import abort

from crm.core.db import session
from crm.declarations.models import Declaration, DeclarationBatch
from crm.declarations.queries import visible_declarations
from crm.web.guards import my_scope


def batch_or_404(batch_id: int) -> DeclarationBatch:
    return session.get(DeclarationBatch, batch_id) or abort(404)


def declaration_in_scope(declaration_id: int) -> Declaration:
    query = visible_declarations(my_scope()).where(Declaration.id == declaration_id)
    return session.scalar(query) or abort(404)
