"""What a firm's page shows of the ladder, put into words: the stairs and the proofs as of a date."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.core.registry import TimelineItem
from crm.core.words import N_
from crm.ladder.models import Qualification
from crm.ladder.qualifications import RULES, State, state_on
from crm.ladder.queries import qualifications_of
from crm.ladder.rungs import PROVES, Reason, Rung, Standing
from crm.web.locale import label


@dataclass(frozen=True)
class Step:
    """One step of the stairs, as the macro `stairs` wants it."""

    label: str
    state: str
    word: str
    note: str | None


def say(reason: Reason) -> str:
    """A reason in the reader's language."""
    return str(_(reason.text, **{name: label(value) for name, value in reason.values.items()}))


def stairs(standing: Standing, proofs: Sequence[Qualification], on: date) -> list[Step]:
    """The six rungs, lowest first: held, lost again, or not proved."""
    held = {proof.rung: proof for proof in standing.proofs}
    steps = []
    for rung in Rung:
        proof = held.get(rung)
        lapsed = _last_lapse(rung, proofs, on)
        note = None
        if proof:
            state = "highest" if rung == standing.rung else "proved"
            word = _("当前层级") if rung == standing.rung else _("同时具备")
            note = _("%(day)s 起失效", day=proof.to_on.isoformat()) if proof.to_on else None
        elif lapsed:
            state, word, note = "lapsed", _("已失效"), _("%(day)s 起", day=lapsed.isoformat())
        else:
            state = "open"
            word = _("未单独证明") if rung.order < standing.level else _("未达到")
        steps.append(Step(label(rung), state, word, note))
    return steps


def _last_lapse(rung: Rung, proofs: Sequence[Qualification], on: date) -> date | None:
    ends = (
        proof.counts_to
        for proof in proofs
        if PROVES.get(proof.kind) == rung and is_verified(proof) and proof.counts_to
    )
    return max((day for day in ends if day <= on), default=None)


def is_verified(qualification: Qualification) -> bool:
    return qualification.state == VerificationState.VERIFIED


def state_word(qualification: Qualification, on: date) -> tuple[str, str]:
    """(word, tone) for a proof on a day; a revoked one by its kind's own word (退库, 退市 …)."""
    state = state_on(qualification, on)
    if state == State.REVOKED:
        return label(RULES[qualification.kind].revoked_label), "bad"
    tones = {State.VALID: "ok", State.LAPSED: "warn", State.FUTURE: "neutral"}
    return label(state), tones[state]


def timeline(company_id: int) -> Iterator[TimelineItem]:
    """What the ladder adds to a firm's timeline."""
    for proof in filter(is_verified, session.scalars(qualifications_of(company_id))):
        yield TimelineItem(
            proof.issued_on,
            "certificate",
            N_("带入%(kind)s（%(number)s）")
            if proof.is_moved_in
            else N_("取得%(kind)s（%(number)s）"),
            (("kind", proof.title), ("number", proof.number)),
        )
        if proof.revoked_on:
            text = N_("%(kind)s（%(number)s）%(end)s")
            word = RULES[proof.kind].revoked_label
            values = (("kind", proof.title), ("number", proof.number), ("end", word))
            yield TimelineItem(proof.revoked_on, "ban", text, values, note=proof.reason)
