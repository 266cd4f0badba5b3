"""Which moves an application can make from where it stands, and all that each still lacks, said at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from crm.companies.models import CompanyKind
from crm.companies.services import LICENSED
from crm.core.words import N_, LabelledEnum
from crm.entry.models import OPEN, EntrantKind, EntryApplication, EntryState


class Move(LabelledEnum):
    """A step that a person takes with an application."""

    SUBMIT = "submit", N_("提交受理")
    ACCEPT = "accept", N_("受理")
    RETURN = "return", N_("退回补正")
    RESUBMIT = "resubmit", N_("补正后重新提交")
    REFUSE = "refuse", N_("不予受理")
    REVIEW = "review", N_("评审")
    SIGN = "sign", N_("签约")
    SETTLE = "settle", N_("办理入驻")
    WITHDRAW = "withdraw", N_("撤回")


FROM: Mapping[Move, tuple[EntryState, ...]] = {
    Move.SUBMIT: (EntryState.DRAFT,),
    Move.ACCEPT: (EntryState.ACCEPTANCE,),
    Move.RETURN: (EntryState.ACCEPTANCE,),
    Move.RESUBMIT: (EntryState.CORRECTION,),
    Move.REFUSE: (EntryState.ACCEPTANCE,),
    Move.REVIEW: (EntryState.REVIEW,),
    Move.SIGN: (EntryState.SIGNING,),
    Move.SETTLE: (EntryState.ERRANDS,),
    Move.WITHDRAW: OPEN,
}
FORWARD: Mapping[EntryState, Move] = {
    EntryState.DRAFT: Move.SUBMIT,
    EntryState.ACCEPTANCE: Move.ACCEPT,
    EntryState.CORRECTION: Move.RESUBMIT,
    EntryState.REVIEW: Move.REVIEW,
    EntryState.SIGNING: Move.SIGN,
    EntryState.ERRANDS: Move.SETTLE,
}
NEEDS_REASON = (Move.REFUSE, Move.WITHDRAW)


@dataclass(frozen=True)
class Missing:
    """One thing that is not there yet: its words, and the place on a page where it is put right."""

    label: str
    place: str  # the field of the edit form, or an anchor of the application's page


_FACTS = (
    ("contact_name", N_("联系人")),
    ("contact_phone", N_("联系电话")),
    ("industry_code", N_("行业")),
    ("business_plan", N_("入驻项目和经营计划")),
    ("intended_on", N_("拟入驻日期")),
)


def missing(application: EntryApplication, move: Move) -> list[Missing]:
    """All that a move lacks, in the order in which it stands on the page."""
    return list(_LACKS.get(move, _nothing)(application))


def _nothing(application: EntryApplication) -> Iterator[Missing]:
    return iter(())


def _facts(application: EntryApplication) -> Iterator[Missing]:
    for field, words in _FACTS:
        if not getattr(application, field):
            yield Missing(words, f"edit#{field}")


def _materials(application: EntryApplication) -> Iterator[Missing]:
    for material in application.materials:
        if material.is_missing:
            yield Missing(material.name, f"#material-{material.id}")


def _settlement(application: EntryApplication) -> Iterator[Missing]:
    for errand in application.errands:
        if errand.is_open:
            yield Missing(errand.name, f"#errand-{errand.id}")
    if needs_code(application.kind) and not application.uscc:
        yield Missing(N_("统一社会信用代码"), "settlements/new#uscc")


def kind_of_firm(kind: EntrantKind) -> CompanyKind:
    """As what an entrant is registered: a firm that was to be set up is one by the time it moves in."""
    return CompanyKind.ENTERPRISE if kind is EntrantKind.PLANNED else CompanyKind(kind.value)


def needs_code(kind: EntrantKind) -> bool:
    """Whether an entrant of this kind is licensed by the time it moves in."""
    return kind_of_firm(kind) in LICENSED


_LACKS: Mapping[Move, Callable[[EntryApplication], Iterator[Missing]]] = {
    Move.SUBMIT: _facts,
    Move.ACCEPT: _materials,
    Move.RESUBMIT: _materials,
    Move.SETTLE: _settlement,
}
