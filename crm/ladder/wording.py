"""口径 in words, written from the rule that counts."""

from datetime import date

from flask_babel import gettext as _

from crm.core.db import session
from crm.ladder.counting_day import counts_by, versions
from crm.web.locale import label


def above_scale(on: date) -> str:
    """By which day 规上 firms count that are approved on that day."""
    found = counts_by(on, session.scalars(versions()).all())
    return str(_("现行口径自%(day)s起计。", day=label(found)))
