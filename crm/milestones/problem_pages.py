"""Pages of problems: the list, a new one, and one with the steps that it can take."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, render_template, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from crm.core import clock
from crm.core.db import session, writing
from crm.core.errors import DomainError
from crm.followup.forms import InstructionForm, by_unit
from crm.followup.handlers import able, handlers_of, leaders
from crm.milestones import problems, queries
from crm.milestones.forms import EscalationForm, ProblemForm, SolutionForm
from crm.milestones.milestone_pages import bp
from crm.milestones.models import Problem, ProblemState
from crm.people.queries import units
from crm.people.roles import Action, Role
from crm.projects.pages import project_in_scope
from crm.projects.subject import find_many
from crm.web.fields import records_of
from crm.web.forms import blame
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.paging import count, page


@bp.get("/problems")
@needs(Action.PROJECTS_READ)
def problem_index() -> Any:
    """The problems of the scope, those that wait unless the address asks for others."""
    state = request.args.get("state", type=ProblemState)
    query = queries.visible_problems(my_scope())
    query = query.where(Problem.state.in_([state] if state else queries.WAITING))
    found = page(query.with_only_columns(Problem, Problem.id.label("id")), Problem.id)
    return render_template(
        "milestones/problems.html",
        page=found,
        count=count(query.with_only_columns(Problem.id)),
        states=ProblemState,
        state=state,
    )


@bp.get("/<int:project_id>/problems/new")
@needs(Action.PROJECTS_WRITE)
def new_problem(project_id: int) -> Any:
    return _new_page(project_id, ProblemForm(formdata=None))


@bp.post("/<int:project_id>/problems")
@needs(Action.PROJECTS_WRITE)
def create_problem(project_id: int) -> Any:
    project_in_scope(project_id)
    form, status = ProblemForm(), 422
    _offer(form)
    if form.validate_on_submit():
        try:
            with writing():
                problems.raise_one(project_in_scope(project_id), form.to_details(), by=me())
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(_("已登记难点，出现在解决人的待办里。"), "success")
            return go_to("projects.show", project_id=project_id, _anchor="milestones")
    return _new_page(project_id, form), status


def _new_page(project_id: int, form: ProblemForm) -> str:
    _offer(form)
    project = project_in_scope(project_id)
    return render_template("milestones/new_problem.html", project=project, form=form)


def _offer(form: ProblemForm) -> None:
    form.offer(session.scalars(units()).all(), able())


@bp.get("/problems/<int:problem_id>")
@needs(Action.PROJECTS_READ)
def show_problem(problem_id: int) -> Any:
    return _page(problem_id)


@bp.post("/problems/<int:problem_id>/edits")
@needs(Action.PROJECTS_WRITE)
def change_problem(problem_id: int) -> Any:
    form = ProblemForm()
    _offer(form)

    def act(problem: Problem, version: int) -> None:
        problems.change(problem, form.to_details(), version=version, by=me())

    return _carry_out(problem_id, form, act, _("已保存。"))


@bp.post("/problems/<int:problem_id>/escalations")
@needs(Action.FOLLOWUP_WRITE)
def escalate_problem(problem_id: int) -> Any:
    form = EscalationForm()

    def act(problem: Problem, version: int) -> None:
        problems.escalate(problem, form.asked.data or "", version=version, by=me())

    return _carry_out(problem_id, form, act, _("已上报，出现在领导的首页。"))


@bp.post("/problems/<int:problem_id>/solutions")
@needs(Action.FOLLOWUP_WRITE)
def solve_problem(problem_id: int) -> Any:
    form = SolutionForm()

    def act(problem: Problem, version: int) -> None:
        problems.solve(problem, form.solution.data or "", version=version, by=me())

    return _carry_out(problem_id, form, act, _("难点已解决。"))


@bp.post("/problems/<int:problem_id>/instructions")
@needs(Action.INSTRUCTIONS_GIVE)
def instruct_on_problem(problem_id: int) -> Any:
    """A leader's word on it: an instruction on the project, which becomes somebody's task."""
    form = InstructionForm()
    _offer_instruction(form, problem_in_scope(problem_id))

    def act(problem: Problem, version: int) -> None:
        problems.instruct(problem, form.to_details(), version=version, by=me())

    return _carry_out(problem_id, form, act, _("批示已交办，出现在承办人的待办里。"))


def _offer_instruction(form: InstructionForm, problem: Problem) -> None:
    """A leader gives his own; 督查 chooses whose it is."""
    form.leader.choices = records_of(
        leaders() if Role.SUPERVISOR in me().roles else [me()], nothing=""
    )
    ref = find_many((problem.project_id,), my_scope())[problem.project_id]
    form.owner.choices = by_unit(handlers_of(ref))


def _carry_out(
    problem_id: int, form: FlaskForm, act: Callable[[Problem, int], None], said: str
) -> Any:
    """Take one step and show the problem again; a refusal keeps all that was typed."""
    problem_in_scope(problem_id)
    status, version = 422, request.form.get("version", 0, type=int)
    if form.validate_on_submit():
        try:
            with writing():
                act(problem_in_scope(problem_id), version)
        except DomainError as refused:
            status = blame(form, refused)
        else:
            flash(said, "success")
            return go_to("milestones.show_problem", problem_id=problem_id)
    return _page(problem_id, form), status


def problem_in_scope(problem_id: int) -> Problem:
    query = queries.visible_problems(my_scope()).where(Problem.id == problem_id)
    return session.scalar(query) or abort(404)


def _page(problem_id: int, posted: FlaskForm | None = None) -> str:
    problem = problem_in_scope(problem_id)
    form = ProblemForm(formdata=None, obj=problem)
    form.solver_unit.data, form.solver.data = problem.solver_unit_id, problem.solver_id
    forms: dict[str, Any] = {
        "ProblemForm": form,
        "EscalationForm": EscalationForm(formdata=None),
        "SolutionForm": SolutionForm(formdata=None),
        "InstructionForm": InstructionForm(
            formdata=None,
            given_on=clock.today(),
            leader=me().id,
            due_on=max(problem.due_on, clock.today()),
            owner=problem.solver_id or problem.project.owner_id,
        ),
    }
    if posted is not None:
        forms[type(posted).__name__] = posted
    for name, form in forms.items():
        for field in form:
            field.id = f"{name}-{field.id}"
    _offer(forms["ProblemForm"])
    _offer_instruction(forms["InstructionForm"], problem)
    return render_template(
        "milestones/problem.html",
        problem=problem,
        forms=forms,
        refused=posted,
        is_concerned=problems.is_concerned(problem, me()),
        is_on_behalf=Role.SUPERVISOR in me().roles,
        states=ProblemState,
        is_late=problem.state != ProblemState.SOLVED and problem.due_on < clock.today(),
    )
