"""Pages of jobs: mine, one of them while it runs, what came of it."""

import json
from typing import Any

from flask import Blueprint, Flask, abort, flash, make_response, render_template
from flask import session as cookie
from flask_babel import gettext as _

from crm.core import registry
from crm.core.db import session, writing
from crm.files.sending import to_be_saved
from crm.jobs import queries, services
from crm.jobs.asking import FOLLOWED, go_on, language
from crm.jobs.log_words import LOG_WORDS
from crm.jobs.models import Job, JobState
from crm.jobs.worker import forget_old_results
from crm.people.roles import Action
from crm.web.guards import may, me, signed_in
from crm.web.htmx import go_to, wants_fragment
from crm.web.locale import label

LONGEST_LIST = 200

bp = Blueprint("jobs", __name__, url_prefix="/jobs")


@bp.get("")
@signed_in
def index() -> Any:
    """My jobs; for who runs the system everybody's, of others not what they are about."""
    shows_all = may(Action.USERS_MANAGE)
    query = queries.everybodys() if shows_all else queries.visible_to(me())
    jobs = session.scalars(queries.newest(query).limit(LONGEST_LIST)).all()
    return render_template(
        "jobs/index.html",
        jobs=jobs,
        titles={job.id: title(job) for job in jobs if job.requested_by_id == me().id},
        kinds=registry.job_kinds,
        shows_all=shows_all,
        is_silent=queries.is_silent(),
    )


@bp.get("/<int:job_id>")
@signed_in
def show(job_id: int) -> Any:
    """How far it is: the page, or for htmx its changing part, which asks again until the job is over."""
    job = _job(job_id)
    return render_template(
        "jobs/_job.html" if wants_fragment() else "jobs/show.html",
        job=job,
        title=title(job),
        kind=registry.job_kinds.get(job.kind),
        is_silent=job.is_open and queries.is_silent(),
    )


@bp.post("/<int:job_id>/cancellations")
@signed_in
def cancel(job_id: int) -> Any:
    _job(job_id)
    with writing():
        services.cancel(_job(job_id), by=me())
    flash(_("已取消。"), "success")
    return go_to("jobs.show", job_id=job_id)


@bp.post("/<int:job_id>/repeats")
@signed_in
def repeat(job_id: int) -> Any:
    """The same work once more; who presses twice gets one."""
    _job(job_id)
    with writing():
        again = services.repeat(_job(job_id), by=me(), language=language())
        again_id = again.id
    return go_on(again_id)


@bp.post("/<int:job_id>/downloads")
@signed_in
def create_download(job_id: int) -> Any:
    """The file that came of one's own job. Posted, because taking it is written to the log."""
    job = _job(job_id)
    kind = registry.job_kinds.get(job.kind)
    if kind is not None and kind.action is not None and not may(kind.action):
        abort(403)
    if job.result_file is None:
        abort(404)
    answer = to_be_saved(
        job.result_file, job.result_name, media_type=job.result_type, plain=f"job-{job.id}"
    )
    with writing():
        services.note_download(_job(job_id), by=me())
    return answer


@bp.get("/news")
@signed_in
def news() -> Any:
    """Whether a job that this browser follows has ended meanwhile: a word about it, and nothing more to ask for it."""
    followed = cookie.get(FOLLOWED, [])
    query = queries.visible_to(me()).where(Job.id.in_(followed))
    jobs = session.scalars(query).all()
    over = [job for job in jobs if not job.is_open]
    waiting = [job.id for job in jobs if job.is_open]
    if waiting != followed:
        cookie[FOLLOWED] = waiting
    answer = make_response(render_template("jobs/_news.html", waiting=waiting))
    if over:
        told = _("、").join(
            _("“%(title)s”%(state)s", title=title(job), state=label(job.state)) for job in over
        )
        is_good = all(job.state == JobState.DONE for job in over)
        toast = {"text": told, "tone": "ok" if is_good else "warn"}
        answer.headers["HX-Trigger"] = json.dumps({"toast": toast})
    return answer


def title(job: Job) -> str:
    """What it is, in the reader's language."""
    return str(_(job.title, **{name: label(value) for name, value in job.called.items()}))


def _job(job_id: int) -> Job:
    return session.scalar(queries.visible_to(me()).where(Job.id == job_id)) or abort(404)


def init_app(app: Flask) -> None:
    registry.log_words.append(LOG_WORDS)
    registry.upkeep.append(forget_old_results)
    app.register_blueprint(bp)
