"""By when a firm's request must be answered."""

from datetime import date

from crm.followup.models import RequestCategory
from crm.reference import settings
from crm.reference.working_days import calendar_around


def answer_by(category: RequestCategory, received_on: date) -> date:
    """The last day for an answer: so many working days by category (setting followup.request_days)."""
    days = settings.get("followup.request_days")[category.value]
    return calendar_around([received_on]).after(received_on, days)
