"""By when a firm's request must be answered."""

from datetime import date, timedelta

from crm.followup.models import RequestCategory
from crm.reference import settings


def answer_by(category: RequestCategory, received_on: date) -> date:
    """The last day for an answer: calendar days by category (setting followup.request_days)."""
    return received_on + timedelta(days=settings.get("followup.request_days")[category.value])
