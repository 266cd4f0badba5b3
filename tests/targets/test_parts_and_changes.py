"""A figure taken apart: by unit, by month, and between two days. The parts always come to the figure."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.companies.models import Residence
from crm.core.db import session, writing
from crm.ladder.models import Qualification, QualificationKind
from crm.metrics.catalogue import METRICS
from crm.metrics.figures import Question, drill_down, figure
from crm.people.models import Unit
from crm.people.scope import WHOLE_PARK_SCOPE
from crm.targets import comparing
from crm.targets.beside import a_year_before, beside
from crm.targets.by_unit import by_unit
from crm.targets.chart import last_year
from crm.targets.comparing import Change
from crm.targets.forecast import forecast
from crm.targets.months import months, quarters
from tests import factories
from tests.evidence.made import make_patent
from tests.metrics.test_figures import certificate, entrant
from tests.targets.test_standing import SEP_30, indicator, reported, stand

ENTRANTS, HOLDERS = METRICS["companies.new_entrants"], METRICS["ladder.high_tech_holders"]
DAYS = st.dates(date(2019, 11, 1), date(2020, 12, 31))


def ask(metric, as_of=SEP_30, year=2020):
    return Question(metric, as_of, year, WHOLE_PARK_SCOPE)
