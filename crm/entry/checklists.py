"""Which materials each kind of entrant hands in. An administrator's list goes before the one that the product brings."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import Select, select

from crm.audit.services import record
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.entry.models import EntrantKind, EntryChecklist, MaterialForm
from crm.people.models import User

MOST_ITEMS = 30


@dataclass(frozen=True)
class Item:
    """One material: what it is called, whether it must be there, in which form, and a word of help."""

    name: str
    is_required: bool = True
    form: MaterialForm = MaterialForm.COPY
    hint: str = ""


_APPLICATION = Item(N_("入驻申请表"), form=MaterialForm.ORIGINAL, hint=N_("盖章或申请人签字"))
_PLAN = Item(N_("商业计划书"), form=MaterialForm.EITHER)
_PERSON = Item(N_("法定代表人（负责人）身份证"))
_LICENCE = Item(N_("营业执照"), hint=N_("加盖公章"))
_SAFETY = Item(N_("安全环保情况说明"), form=MaterialForm.ORIGINAL)
_CHARTER = Item(N_("公司章程"), is_required=False)
_FINANCE = Item(N_("上年度财务报表"), is_required=False, hint=N_("成立未满一年的不需要"))
_PATENTS = Item(N_("知识产权证明"), is_required=False)

DEFAULTS: Mapping[EntrantKind, tuple[Item, ...]] = {
    EntrantKind.ENTERPRISE: (
        _APPLICATION, _LICENCE, _PERSON, _PLAN, _SAFETY, _CHARTER, _FINANCE, _PATENTS,
    ),
    EntrantKind.PLANNED: (
        _APPLICATION,
        Item(N_("拟设立企业名称和股东情况"), form=MaterialForm.ORIGINAL),
        replace(_PERSON, name=N_("全体股东身份证明")),
        _PLAN,
        _SAFETY,
        replace(_CHARTER, name=N_("公司章程草案")),
        _PATENTS,
    ),
    EntrantKind.TEAM: (
        _APPLICATION,
        Item(N_("团队成员名单和简历"), form=MaterialForm.EITHER),
        replace(_PERSON, name=N_("团队负责人身份证")),
        _PLAN,
        _PATENTS,
    ),
    EntrantKind.SOLE_TRADER: (_APPLICATION, _LICENCE, replace(_PERSON, name=N_("经营者身份证")), _SAFETY),
    EntrantKind.BRANCH: (
        _APPLICATION,
        _LICENCE,
        Item(N_("总公司营业执照"), hint=N_("加盖公章")),
        replace(_PERSON, name=N_("分公司负责人身份证")),
        _SAFETY,
    ),
    EntrantKind.INSTITUTE: (
        _APPLICATION,
        Item(N_("事业单位法人证书或设立批复")),
        _PERSON,
        Item(N_("共建协议或建设方案"), form=MaterialForm.EITHER),
        _SAFETY,
    ),
    EntrantKind.SERVICE: (
        _APPLICATION,
        _LICENCE,
        _PERSON,
        Item(N_("服务资质证书"), hint=N_("法律、知识产权、检测等需要资质的服务")),
        Item(N_("服务方案"), form=MaterialForm.EITHER),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Checklist:
    """The list of one kind as it holds on a day; `since` is empty for the one that the product brings."""

    kind: EntrantKind
    materials: tuple[Item, ...]
    since: date | None = None


def on_day(kind: EntrantKind, day: date) -> Checklist:
    """The list that holds for a kind on a day."""
    return all_on(day, (kind,))[kind]


def all_on(
    day: date, kinds: Sequence[EntrantKind] = tuple(EntrantKind)
) -> dict[EntrantKind, Checklist]:
    """The lists that hold on a day, in one query."""
    found = {kind: Checklist(kind, DEFAULTS[kind]) for kind in kinds}
    query = history().where(EntryChecklist.valid_from_on <= day, EntryChecklist.kind.in_(kinds))
    for row in session.scalars(query):  # oldest first: the last one said holds
        found[row.kind] = Checklist(row.kind, _items(row), row.valid_from_on)
    return found


def history() -> Select[EntryChecklist]:
    """Every list that was ever set, the one that holds last."""
    return select(EntryChecklist).order_by(EntryChecklist.valid_from_on, EntryChecklist.id)


def change(kind: EntrantKind, items: Sequence[Item], *, from_on: date, by: User) -> EntryChecklist:
    """Set the list of a kind from a day on; applications that are there keep theirs. Raises DomainError."""
    if not items:
        raise DomainError(N_("清单不能为空。"), field="items")
    if len(items) > MOST_ITEMS:
        raise DomainError(N_("清单最多 %(n)s 项。"), field="items", n=MOST_ITEMS)
    names = [item.name for item in items]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise DomainError(N_("“%(name)s”重复。"), field="items", name=twice)
    before = on_day(kind, from_on)
    new = EntryChecklist(
        kind=kind, valid_from_on=from_on, materials=[asdict(item) for item in items], by_id=by.id
    )
    session.add(new)
    changes = {"items": (_names(before.materials), _names(items))}
    record("checklist.changed", new, by=by, name=kind.label, changes=changes, effective_on=from_on)
    return new


def _names(items: Sequence[Item]) -> str:
    return "、".join(item.name for item in items)


def _items(row: EntryChecklist) -> tuple[Item, ...]:
    return tuple(Item(**{**item, "form": MaterialForm(item["form"])}) for item in row.materials)
