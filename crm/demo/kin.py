"""Which of the generated firms own which: one in thirty belongs in part to another that came before it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from crm.companies.links import LinkDetails
from crm.companies.models import CompanyKind, LinkKind
from crm.demo.firms import Firm
from crm.demo.when import between

_ONE_IN = 30
_ENDED = 0.1  # of the links


def links(firms: Sequence[tuple[int, Firm]], rng: Random, until: date) -> Iterator[LinkDetails]:
    """A parent always came before its child, so there are no loops."""
    able = [
        (id_, firm.registration.company.established_on)
        for id_, firm in firms
        if firm.registration.company.kind is CompanyKind.ENTERPRISE
    ]
    for place in range(1, len(able)):
        if rng.randrange(_ONE_IN):
            continue
        parent_id, parent_since = able[rng.randrange(place)]
        child_id, since = able[place]
        if parent_since is None or since is None or max(since, parent_since) >= until:
            continue
        from_on = between(rng, max(since, parent_since), until)
        kind = rng.choice((LinkKind.CONTROLS, LinkKind.CONTROLS, LinkKind.HOLDS_SHARES))
        share = rng.randrange(51, 101) if kind is LinkKind.CONTROLS else rng.randrange(5, 46)
        is_ended = rng.random() < _ENDED and from_on + timedelta(days=60) < until
        to_on = between(rng, from_on + timedelta(days=60), until) if is_ended else None
        yield LinkDetails(parent_id, child_id, kind, from_on, Decimal(share), to_on)
