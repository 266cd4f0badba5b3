"""The versions of what counts that a figure rests on, as text: where it is another, the figure counts otherwise."""

import json
from datetime import date

from crm.core.db import session
from crm.ladder import counting_day
from crm.metrics.catalogue import METRICS
from crm.reference import counting
from crm.reference.models import AboveScaleRule, EntrantRule

_OF_ENTRANTS = "companies."
_OF_THE_LADDER = "ladder."


def in_force(metric: str, as_of: date) -> str:
    """The definition's own sentence and the dated versions that had begun by that day."""
    if metric not in METRICS:
        return ""
    found: list[list[object]] = [[METRICS[metric].sentence]]
    if metric.startswith(_OF_ENTRANTS):
        of_entrants = counting.versions().where(EntrantRule.valid_from <= as_of)
        found += [
            [str(rule.valid_from), rule.kinds, rule.needs_licence, rule.needs_agreement, rule.counts_returns]
            for rule in session.scalars(of_entrants)
        ]  # fmt: skip
    if metric.startswith(_OF_THE_LADDER):
        of_the_list = counting_day.versions().where(AboveScaleRule.valid_from <= as_of)
        found += [
            [str(rule.valid_from), rule.counts_by.value] for rule in session.scalars(of_the_list)
        ]
    return json.dumps(found, ensure_ascii=False)
