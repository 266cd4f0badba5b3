"""What the page of a merge accepts: the result, field by field, each taken from one of the two firms or typed."""

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField

from crm.companies.forms import FACTS, CompanyForm, facts_in_form
from crm.companies.models import Company
from crm.companies.services import CompanyDetails, details_of
from crm.web.fields import version_field


class MergeForm(CompanyForm):
    """The facts of the firm that goes on, with the versions of both as they were shown."""

    other = version_field()  # the number of the firm that is merged into it
    version = version_field()
    other_version = version_field()

    def __init__(
        self, details: CompanyDetails, other: Company, formdata: MultiDict[str, str] | None
    ) -> None:
        super().__init__(formdata=formdata, data=facts_in_form(details))
        if formdata is None:
            self.other.data, self.other_version.data = other.id, other.version

    def take(self, fact: str, company: Company) -> None:
        """Put what one of the firms says into the result."""
        said = facts_in_form(details_of(company))
        for name in fields_of(fact):
            field = self[name]
            field.process(None, said[name])
            field.errors = ()


class UndoForm(FlaskForm):
    """Taking a merge back."""

    is_seen = BooleanField()


def fields_of(fact: str) -> tuple[str, ...]:
    """The fields of a fact that the result has: all but how a renaming is meant."""
    return tuple(name for name in FACTS[fact] if hasattr(CompanyForm, name))
