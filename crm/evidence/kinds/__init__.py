"""The registers that there are, in the order in which they are shown. A further one is a file here and a line below."""

from collections.abc import Mapping

from crm.evidence.kind import Kind
from crm.evidence.kinds.contracts import CONTRACTS
from crm.evidence.kinds.events import EVENTS
from crm.evidence.kinds.financings import FINANCINGS
from crm.evidence.kinds.grants import GRANTS
from crm.evidence.kinds.incubation_projects import INCUBATION_PROJECTS
from crm.evidence.kinds.patents import PATENTS
from crm.evidence.kinds.platforms import PLATFORMS
from crm.evidence.kinds.press_reports import PRESS_REPORTS
from crm.evidence.kinds.talents import TALENTS
from crm.evidence.kinds.transformations import TRANSFORMATIONS

KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        PATENTS,
        TALENTS,
        FINANCINGS,
        CONTRACTS,
        TRANSFORMATIONS,
        PLATFORMS,
        GRANTS,
        INCUBATION_PROJECTS,
        EVENTS,
        PRESS_REPORTS,
    )
}
