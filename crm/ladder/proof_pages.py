"""Pages of one proof: recorded, shown, corrected, its renewal noted, verified or returned."""

from typing import Any

from flask import abort, flash, render_template, request
from flask_babel import gettext as _

from crm.audit.verification import VerificationState
from crm.companies.models import Company
from crm.companies.pages import company_in_scope
from crm.core import clock, registry
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.core.registry import FileOwner, SubjectRef
from crm.core.words import N_
from crm.ladder import panel, proof_log, queries, revocations, services, verification
from crm.ladder.forms import QualificationForm, RenewalForm, ReturnForm
from crm.ladder.models import Qualification, QualificationKind
from crm.ladder.pages import bp, qualification_in_scope
from crm.ladder.qualifications import RULES, State, state_on
from crm.ladder.revocations import PENDING
from crm.people.roles import Action
from crm.people.scope import Scope
from crm.web.forms import blame
from crm.web.guards import me, needs
from crm.web.htmx import go_to
from crm.web.timeline import as_shown


@bp.get("/companies/<int:company_id>/qualifications/new")
@needs(Action.COMPANIES_WRITE)
def new_qualification(company_id: int) -> Any:
    firm, kind = company_in_scope(company_id), _kind(request.args.get("kind", "high_tech"))
    return _qualification_page(firm, QualificationForm(kind))


@bp.post("/companies/<int:company_id>/qualifications")
@needs(Action.COMPANIES_WRITE)
def create_qualification(company_id: int) -> Any:
    firm = company_in_scope(company_id)
    form = QualificationForm(_kind(request.form.get("kind", "")))
    if not form.validate():
        return _qualification_page(firm, form), 422
    try:
        with writing():
            services.award(company_in_scope(company_id), form.to_details(), by=me())
    except DomainError as error:
        status = _blame(form, error)
        return _qualification_page(firm, form), status
    flash(_("已登记证明，待他人核验后计入。"), "success")
    return go_to("companies.show", company_id=company_id)


@bp.get("/qualifications/<int:qualification_id>")
@needs(Action.COMPANIES_READ)
def qualification(qualification_id: int) -> Any:
    """All that is known of one proof, with its evidence and what was corrected on it."""
    proof = qualification_in_scope(qualification_id)
    ends = session.scalars(revocations.revocations_of(proof.id)).all()
    return render_template(
        "ladder/proof.html",
        proof=proof,
        firm=proof.company,
        rule=RULES[proof.kind],
        word=panel.state_word(proof, clock.today()),
        can_revoke=_can_revoke(proof) and PENDING not in [one.state for one in ends],
        ends=ends,
        can_file_renewal=_can_file_renewal(proof),
        VerificationState=VerificationState,
        corrections=[as_shown(item) for item in proof_log.of_proof(proof)],
    )


@bp.get("/qualifications/<int:qualification_id>/corrections/new")
@needs(Action.COMPANIES_WRITE)
def new_correction(qualification_id: int) -> Any:
    proof = qualification_in_scope(qualification_id)
    return _qualification_page(proof.company, QualificationForm.of(proof), proof)


@bp.post("/qualifications/<int:qualification_id>/corrections")
@needs(Action.COMPANIES_WRITE)
def create_correction(qualification_id: int) -> Any:
    """更正, 更名 among it. What decides whether the proof counts waits for verification anew."""
    proof = qualification_in_scope(qualification_id)
    form = QualificationForm.of(proof)
    if not form.validate():
        return _qualification_page(proof.company, form, proof), 422
    try:
        with writing():
            fresh = qualification_in_scope(qualification_id)
            is_waiting = services.correct(
                fresh, form.to_details(), by=me(), version=form.version.data
            )
    except DomainError as error:
        proof = qualification_in_scope(qualification_id)
        status = _blame(form, error, proof)
        return _qualification_page(proof.company, form, proof), status
    flash(
        _("已更正，待他人核验后计入。") if is_waiting else _("已更正，编号和有效期不变。"),
        "success",
    )
    return go_to("ladder.qualification", qualification_id=qualification_id)


@bp.get("/qualifications/<int:qualification_id>/renewals/new")
@needs(Action.COMPANIES_WRITE)
def new_renewal(qualification_id: int) -> Any:
    proof = qualification_in_scope(qualification_id)
    form = RenewalForm(formdata=None, version=proof.version, on=proof.renewal_filed_on)
    return render_template("ladder/renewal.html", proof=proof, form=form)


@bp.post("/qualifications/<int:qualification_id>/renewals")
@needs(Action.COMPANIES_WRITE)
def create_renewal(qualification_id: int) -> Any:
    """到期待重新认定: the renewal was applied for."""
    proof, form = qualification_in_scope(qualification_id), RenewalForm()
    if not form.validate():
        return render_template("ladder/renewal.html", proof=proof, form=form), 422
    try:
        with writing():
            fresh = qualification_in_scope(qualification_id)
            services.file_renewal(fresh, on=form.on.data, by=me(), version=form.version.data)
    except DomainError as error:
        proof = qualification_in_scope(qualification_id)
        status = blame(form, error, proof)
        return render_template("ladder/renewal.html", proof=proof, form=form), status
    flash(_("已登记重新认定申报情况。"), "success")
    return go_to("ladder.qualification", qualification_id=qualification_id)


@bp.post("/qualifications/<int:qualification_id>/verifications")
@needs(Action.QUALIFICATIONS_VERIFY)
def create_verification(qualification_id: int) -> Any:
    with writing():
        proof = qualification_in_scope(qualification_id)
        verification.verify(proof, by=me(), version=request.form.get("version", type=int))
    flash(_("已核验。"), "success")
    return go_to("ladder.qualification", qualification_id=qualification_id)


@bp.get("/qualifications/<int:qualification_id>/returns/new")
@needs(Action.QUALIFICATIONS_VERIFY)
def new_return(qualification_id: int) -> Any:
    proof = qualification_in_scope(qualification_id)
    form = ReturnForm(formdata=None, version=proof.version)
    return render_template("ladder/return.html", proof=proof, form=form)


@bp.post("/qualifications/<int:qualification_id>/returns")
@needs(Action.QUALIFICATIONS_VERIFY)
def create_return(qualification_id: int) -> Any:
    proof, form = qualification_in_scope(qualification_id), ReturnForm()
    if not form.validate():
        return render_template("ladder/return.html", proof=proof, form=form), 422
    with writing():
        fresh = qualification_in_scope(qualification_id)
        verification.send_back(fresh, reason=form.reason.data, by=me(), version=form.version.data)
    flash(_("已退回。"), "success")
    return go_to("ladder.qualification", qualification_id=qualification_id)


def _can_revoke(proof: Qualification) -> bool:
    return state_on(proof, clock.today()) == State.VALID and panel.is_verified(proof)


def _can_file_renewal(proof: Qualification) -> bool:
    is_certificate = proof.kind == QualificationKind.HIGH_TECH and panel.is_verified(proof)
    ends_this_year = bool(proof.last_day and proof.last_day.year == clock.today().year)
    return is_certificate and (ends_this_year or proof.renewal_filed_on is not None)


def _kind(text: str) -> QualificationKind:
    return next((kind for kind in QualificationKind if kind.value == text), None) or abort(404)


def _qualification_page(
    firm: Company, form: QualificationForm, proof: Qualification | None = None
) -> str:
    return render_template(
        "ladder/qualification.html", firm=firm, form=form, kinds=RULES, proof=proof
    )


def _blame(form: QualificationForm, error: DomainError, latest: Qualification | None = None) -> int:
    """A board stands where another proof has its authority."""
    if error.field == "authority" and "board" in form:
        error.field = "board"
    return blame(form, error, latest)


def _find(qualification_id: int, scope: Scope) -> SubjectRef | None:
    """A proof as something that files are attached to."""
    query = queries.visible_qualifications(scope).where(Qualification.id == qualification_id)
    proof = session.scalar(query)
    if proof is None:
        return None
    name = f"{proof.company.name} {proof.number}"
    return SubjectRef(proof.id, name, proof.company.unit_id, f"/ladder/qualifications/{proof.id}")


def init_app() -> None:
    registry.file_owners["qualification"] = FileOwner(
        N_("资质"), Action.COMPANIES_READ.value, (Action.COMPANIES_WRITE.value,), _find
    )
