"""年末预计高企 = valid − ending this year + 公示 + 在审 × past pass rate (domain.md §2): an estimate, each term with its rows."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, func, null, select
from sqlalchemy.orm import aliased

from crm.companies.models import Company
from crm.companies.queries import counted_carrier, visible_to
from crm.core.db import session
from crm.core.words import N_, LabelledEnum
from crm.declarations.models import Declaration, DeclarationBatch, DeclarationStep, State
from crm.declarations.queries import visible_declarations
from crm.declarations.renewals import ends_in
from crm.declarations.steps import CLOSED, IN_REVIEW
from crm.ladder.models import Qualification
from crm.ladder.models import QualificationKind as Kind
from crm.ladder.queries import holders, proves
from crm.people.models import Unit
from crm.people.scope import Scope

FEW = 30  # of fewer decisions the rate is smoothed


class Term(LabelledEnum):
    """One term of the formula."""

    VALID = "valid", N_("有效期内")
    ENDING = "ending", N_("年内到期")
    PUBLICISED = "publicised", N_("公示")
    IN_REVIEW = "in_review", N_("在审")
    DECIDED = "decided", N_("往年已有结果")


@dataclass(frozen=True)
class PassRate:
    """Of the declarations of earlier years that were decided, how many passed."""

    passed: int
    decided: int

    @property
    def is_smoothed(self) -> bool:
        return self.decided < FEW

    @property
    def value(self) -> Fraction:
        """The share; of few decisions as if one more had passed and one more failed (Laplace), none at all: one half."""
        if self.is_smoothed:
            return Fraction(self.passed + 1, self.decided + 2)
        return Fraction(self.passed, self.decided)


@dataclass(frozen=True)
class Expectation:
    """The formula of one year as of a day."""

    year: int
    on: date
    valid: int
    ending: int
    publicised: int
    in_review: int
    rate: PassRate

    @property
    def value(self) -> Fraction:
        return self.valid - self.ending + self.publicised + self.in_review * self.rate.value


def expected(scope: Scope, on: date) -> Expectation:
    """What the stock of 高企 would be on 31 December of that day's year."""
    numbers = {term: _count(rows(term, scope, on)) for term in Term}
    passed = _declared(scope, on, DeclarationBatch.year < on.year, (State.RECOGNISED,))
    return Expectation(
        year=on.year,
        on=on,
        valid=numbers[Term.VALID],
        ending=numbers[Term.ENDING],
        publicised=numbers[Term.PUBLICISED],
        in_review=numbers[Term.IN_REVIEW],
        rate=PassRate(_count(passed), numbers[Term.DECIDED]),
    )


def _count(query: Select[*tuple[Any, ...]]) -> int:
    found = query.order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def rows(term: Term, scope: Scope, on: date) -> Select[*tuple[Any, ...]]:
    """The rows behind one term: id, company_id, name, carrier, note (a certificate or a batch), state, day."""
    if term in (Term.VALID, Term.ENDING):
        return _certificates(scope, on, is_ending=term is Term.ENDING)
    if term is Term.DECIDED:
        return _declared(scope, on, DeclarationBatch.year < on.year, CLOSED)
    states = (State.PUBLICISED,) if term is Term.PUBLICISED else IN_REVIEW
    home, at_home = counted_carrier(Company.id, on)  # who has left adds nothing here
    query = _declared(scope, on, DeclarationBatch.year == on.year, states).join(home, at_home)
    return query.where(Declaration.company_id.not_in(_staying(on)))


def _certificates(scope: Scope, on: date, *, is_ending: bool) -> Select[*tuple[Any, ...]]:
    """Who holds a certificate that day; or those of them whose last one ends within the year."""
    held = holders(Kind.HIGH_TECH, on).subquery()
    query = (
        visible_to(scope)
        .join(held, held.c.company_id == Company.id)
        .join(Qualification, Qualification.id == held.c.record_id)
        .join(Unit, Unit.id == held.c.unit_id)
        .with_only_columns(
            Company.id,
            Company.id.label("company_id"),
            Company.name,
            Unit.name.label("carrier"),
            Qualification.number.label("note"),
            null().label("state"),
            Qualification.counts_to.label("day"),
        )
    )
    return query.where(ends_in(on.year)) if is_ending else query


def _staying(on: date) -> Select[*tuple[Any, ...]]:
    """Firms whose certificate outlasts the year: an early renewal adds nothing to the stock."""
    return select(Qualification.company_id).where(
        Qualification.kind == Kind.HIGH_TECH,
        proves(Qualification),
        Qualification.counts_from <= on,
        Qualification.counts_to > date(on.year + 1, 1, 1),
    )


def _declared(
    scope: Scope, on: date, which_year: ColumnElement[bool], states: tuple[State, ...]
) -> Select[*tuple[Any, ...]]:
    """Declarations for 高企 of some years that stood in some states that day, by their last step until then."""
    steps = aliased(DeclarationStep)
    last = (
        select(func.max(steps.id))
        .where(steps.declaration_id == Declaration.id, steps.effective_on <= on)
        .correlate(Declaration)
        .scalar_subquery()
    )
    return (
        visible_declarations(scope)
        .join(DeclarationStep, DeclarationStep.id == last)
        .join(DeclarationBatch, DeclarationBatch.id == Declaration.batch_id)
        .join(Company, Company.id == Declaration.company_id)
        .join(Unit, Unit.id == Declaration.unit_id)
        .where(
            DeclarationBatch.kind == Kind.HIGH_TECH,
            which_year,
            DeclarationStep.to_state.in_(states),
        )
        .with_only_columns(
            Declaration.id,
            Company.id.label("company_id"),
            Company.name,
            Unit.name.label("carrier"),
            DeclarationBatch.number.label("note"),
            DeclarationStep.to_state.label("state"),
            DeclarationStep.effective_on.label("day"),
        )
    )
