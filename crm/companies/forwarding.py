"""Addresses of a record that was merged into another: they lead to the same page of the firm that goes on.

For the time being (303), never for good: a browser would remember that beyond the undoing of the merge. What was filled in
for the merged record is not saved to the other one: a form leads to that firm's page.
"""

import re

from flask import flash, request, url_for
from flask_babel import gettext as _

from crm.companies.models import Company
from crm.companies.pages import visible
from crm.core.db import session
from crm.web.htmx import wants_fragment

_OF_A_FIRM = re.compile(r"companies/<int:(\w+)>")


def forward() -> str | None:
    """Where the address of this request leads now, if it is a merged record's and the reader may see the other one."""
    found = _OF_A_FIRM.search(request.url_rule.rule) if request.url_rule else None
    values = dict(request.view_args or {})
    record = session.get(Company, values[found[1]]) if found else None
    if found is None or record is None or record.merged_into is None:
        return None
    firm = record.merged_into
    while firm.merged_into:
        firm = firm.merged_into
    if session.scalar(visible(firm.id)) is None:
        return None
    if not wants_fragment():
        flash(_("“%(name)s”是重复登记，已并入本企业。", name=record.name), "info")
    if request.method not in ("GET", "HEAD"):
        return url_for("companies.show", company_id=firm.id)
    values[found[1]] = firm.id
    return url_for(request.endpoint or "", **{**request.args, **values})
