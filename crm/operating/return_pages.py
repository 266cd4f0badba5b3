"""A round's workbooks: all of them out in one zip, all that came back in at once, checked and then saved."""

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, flash, render_template, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from crm.audit.services import record
from crm.core.db import writing
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.operating import returns, rounds, workbooks
from crm.operating.entering import enter_many, judge
from crm.operating.models import CollectionRound
from crm.operating.round_pages import ENTERS_OR_VERIFIES, round_in_scope, round_page
from crm.operating.workbooks import Sender
from crm.people.roles import Action
from crm.web.guards import me, my_scope, needs
from crm.web.htmx import go_to
from crm.web.uploads import sent_files, takes_files

bp = Blueprint("round_files", __name__, url_prefix="/operating/rounds")


@bp.post("/<int:round_id>/workbooks")
@needs(*ENTERS_OR_VERIFIES)
def create_workbooks(round_id: int) -> Any:
    """A workbook for each firm that owes, or for all. Posted, because taking figures out is written to the log."""
    one = round_in_scope(round_id)
    find = rounds.members if request.form.get("all") == "1" else rounds.missing
    blanks = returns.blanks(one, find(my_scope(), one))
    if not blanks:
        return round_page(one, _("没有未报的企业，无须下载。")), 422
    sender = _sender(one)
    with writing():
        one = round_in_scope(round_id)
        record("round.workbooks_taken", one, by=me(), name=one.unit.name, count=len(blanks))
    answer = Response(workbooks.stream(sender, blanks), mimetype="application/zip")
    name = quote(f"{workbooks.period_words(sender.period)}填报表.zip")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@bp.post("/<int:round_id>/returns")
@needs(Action.COMPANIES_WRITE)
@takes_files
def check_files(round_id: int) -> Any:
    """What the files say, what to ask, what is wrong with which cell. Posted because of the files; it changes nothing."""
    one = round_in_scope(round_id)
    rounds.expect_open(one)
    sent = sent_files("files")
    if not sent:
        return round_page(one, _("请选择要上传的填报表。")), 422
    pile = returns.sort(one, my_scope(), sent, _sender(one))
    packed = _signer(one).dumps(returns.packed(pile.entries)) if pile.entries else ""
    return render_template("operating/returns.html", one=one, pile=pile, packed=packed)


@bp.post("/<int:round_id>/reports")
@needs(Action.COMPANIES_WRITE)
def create_reports(round_id: int) -> Any:
    """The good ones and those whose questions are answered, in one transaction; the others stay owed."""
    packed, confirmed = _packed(round_in_scope(round_id)), request.form.getlist("confirmed")
    with writing():
        one = round_in_scope(round_id)
        rounds.expect_open(one)
        verdicts = judge(returns.unpack(packed, one, my_scope()))
        chosen = [v.entry for v in verdicts if not v.error and not v.open(confirmed)]
        saved = len(enter_many(chosen, by=me(), confirmed=confirmed))
    flash(_("已收 %(n)s 家，待他人核验。", n=saved), "success" if saved else "info")
    if left := len(packed) - len(chosen):
        flash(_("%(n)s 家未确认或已有变化，没有保存。", n=left), "warning")
    return go_to("rounds.show", round_id=round_id)


def _packed(one: CollectionRound) -> Sequence[Any]:
    """What the page before was signed with: of this round, for this person. Raises DomainError."""
    try:
        return _signer(one).loads(request.form.get("packed", ""))  # type: ignore[no-any-return]
    except BadSignature:
        raise DomainError(N_("页面已过期，请重新上传填报表。")) from None


def _signer(one: CollectionRound) -> URLSafeSerializer:
    return URLSafeSerializer(_key("returns"), salt=f"{one.id}:{me().id}")


def _sender(one: CollectionRound) -> Sender:
    return Sender(one.id, one.period, one.money_unit, _key("workbooks"))


def _key(purpose: str) -> bytes:
    """The installation's own key for one purpose."""
    secret = str(current_app.secret_key)
    return hashlib.sha256(f"collection:{purpose}:{secret}".encode()).digest()
