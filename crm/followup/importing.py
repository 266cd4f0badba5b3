"""Activities that come in spreadsheets, about firms and projects: who did it and when stay as they were."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import select

from crm.core import registry
from crm.core.among import among
from crm.core.attributes import Attribute, Sort
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.registry import Meant, SubjectRef
from crm.core.words import N_
from crm.followup.models import Activity, ActivityKind
from crm.followup.queries import visible_to
from crm.followup.services import (
    ActivityDetails,
    ActivityRow,
    archive_many,
    correct_many,
    expect_sense,
    record_many,
)
from crm.followup.subjects import Key, find_all
from crm.imports import records
from crm.imports.kinds import Draft, ImportKind, Landed, LookAlike, Outcome, Verdict
from crm.people.models import User
from crm.people.named import People
from crm.people.queries import users
from crm.people.roles import Action
from crm.people.scope import Scope, scope_of

_ABOUT = ("company", "project")
_DETAILS = ("kind", "happened_on", "summary", "people_met", "companions")
ATTRIBUTES = (
    Attribute("company", N_("企业名称"), Sort.COMPANY, example="常州光合智能装备有限公司", width=34,
              headings=("企业", "单位名称", "公司名称", "客户名称"),
              help=N_("企业名称或统一社会信用代码；企业和项目填一项。")),
    Attribute("project", N_("项目名称"), headings=("项目",), width=34),
    Attribute("kind", N_("方式"), Sort.CHOICE, choices=ActivityKind, is_required=True, example="走访",
              headings=("跟进方式", "联系方式", "走访方式", "类型")),
    Attribute("happened_on", N_("发生日期"), Sort.DATE, is_required=True, example="2020-05-12",
              headings=("日期", "走访日期", "跟进日期", "跟进时间", "联系日期", "时间")),
    Attribute("summary", N_("内容"), Sort.LINES, is_required=True, longest=10_000, example="走访企业，了解复工情况。",
              headings=("跟进内容", "走访内容", "情况", "记录", "洽谈内容", "主要内容"), width=50),
    Attribute("by", N_("经办人"), Sort.PERSON, longest=40, headings=("跟进人", "走访人", "负责人", "记录人", "填写人"),
              help=N_("做这件事的人，姓名或登录名；留空为导入人。")),
    Attribute("people_met", N_("会见人员"), headings=("接待人", "对方人员", "企业参加人员")),
    Attribute("companions", N_("同行人员"), headings=("陪同人员", "参加人员", "随行人员")),
)  # fmt: skip


@dataclass(frozen=True)
class _Said:
    """A row whose subject is known."""

    key: Key
    ref: SubjectRef
    facts: Mapping[str, Any]  # by the model's columns

    @property
    def known_by(self) -> tuple[Any, ...]:
        return (*self.key, self.facts["happened_on"], self.facts["kind"], self.facts["summary"])


class _Refused(DomainError):
    """A row whose subject is not sure."""

    def __init__(self, column: str, error: DomainError, alike: Sequence[SubjectRef] = ()) -> None:
        super().__init__(error.message, field=column, **error.values)
        self.alike = tuple(LookAlike(ref.id, ref.name) for ref in alike)


def check(drafts: Sequence[Draft], by: User) -> list[Verdict]:
    scope = scope_of(by)
    meant = {kind: _meant(kind, drafts, scope) for kind in _ABOUT}
    names = {name for draft in drafts if (name := draft.values.get("by"))}
    people = People(users().where(scope.includes(User.unit_id)), names)
    read: list[_Said | DomainError] = []
    for draft in drafts:
        try:
            read.append(_read(draft, meant, people))
        except DomainError as error:
            read.append(error)
    there = _there([said for said in read if isinstance(said, _Said)], scope)
    return [_judged(draft, said, there, by) for draft, said in zip(drafts, read, strict=True)]


def _meant(kind: str, drafts: Sequence[Draft], scope: Scope) -> Mapping[str, Meant]:
    names = {name for draft in drafts if (name := draft.values.get(kind))}
    find = registry.subjects[kind].find_named
    return find(names, scope) if names and find else {}


def _read(draft: Draft, meant: Mapping[str, Mapping[str, Meant]], people: People) -> _Said:
    named = [kind for kind in _ABOUT if draft.values.get(kind)]
    if len(named) != 1:
        raise DomainError(N_("企业名称和项目名称请填一项，且只填一项。"), field="company")
    (kind,) = named
    found = meant[kind][draft.values[kind]]
    ref = found.ref or next((one for one in found.alike if one.id == draft.chosen), None)
    if ref is None:
        raise _Refused(kind, found.error or DomainError(N_("请选择。")), found.alike)
    facts = records.given(draft, _DETAILS)
    for attribute in ATTRIBUTES:
        if attribute.is_required and attribute.name not in facts:
            raise DomainError(N_("请填写%(what)s。"), field=attribute.name, what=attribute.label)
    expect_sense(ActivityDetails(**facts))
    if name := draft.values.get("by"):
        try:
            facts["by_id"] = people.id_of(name)
        except DomainError as error:
            raise DomainError(error.message, field="by", **error.values) from None
    return _Said((kind, ref.id), ref, facts)


def _there(rows: Sequence[_Said], scope: Scope) -> dict[tuple[Any, ...], Any]:
    """The activities that rows may be, by what they are known by."""
    found: dict[tuple[Any, ...], Any] = {}
    by_kind: dict[str, set[int]] = defaultdict(set)
    for said in rows:
        by_kind[said.key[0]].add(said.key[1])
    for kind, ids in by_kind.items():
        days = [said.facts["happened_on"] for said in rows if said.key[0] == kind]
        query = (
            visible_to(scope)
            .outerjoin(User, User.id == Activity.by_id)
            .where(
                Activity.subject_type == kind,
                among(Activity.subject_id, sorted(ids)),
                Activity.happened_on.between(min(days), max(days)),
            )
        )
        columns = ("id", "version", "subject_type", "subject_id", "by_id", *_DETAILS)
        facts = [getattr(Activity, name) for name in columns]
        some = query.with_only_columns(*facts, User.name.label("by"))
        for row in session.execute(some.order_by(Activity.id.desc())):
            key = (row.subject_type, row.subject_id, row.happened_on, row.kind, row.summary)
            found[key] = row
    return found


def _judged(
    draft: Draft,
    said: _Said | DomainError,
    there: Mapping[tuple[Any, ...], Any],
    by: User,
) -> Verdict:
    if isinstance(said, DomainError):
        alike = said.alike if isinstance(said, _Refused) else ()
        return records.refused(draft, [records.fault_of(said)], alike)
    found = there.get(said.known_by)
    if found is None:
        return Verdict(draft, Outcome.CREATE, ready=_row(said, by), key=said.known_by)
    now = {name: getattr(found, name) for name in said.facts}
    verdict = records.compared(draft, found, now, said.facts, said)
    if "by_id" in verdict.changes:
        shown = {n: pair for n, pair in verdict.changes.items() if n != "by_id"}
        return replace(verdict, changes={**shown, "by": (found.by, draft.values["by"])})
    return verdict


def _row(said: _Said, by: User) -> ActivityRow:
    details = ActivityDetails(**{n: v for n, v in said.facts.items() if n != "by_id"})
    by_id = said.facts.get("by_id", by.id)
    return ActivityRow(*said.key, said.ref.unit_id, details, by_id)


def land(verdicts: Sequence[Verdict], by: User, _source: str) -> list[Landed]:
    return records.landed(
        verdicts,
        select(Activity),
        create=partial(record_many, by=by),
        correct=lambda held: correct_many(
            [_correction(one, said.facts) for one, said in held],
            by=by,
            names={one.id: said.ref.name for one, said in held},
        ),
    )


def _correction(
    activity: Activity, facts: Mapping[str, Any]
) -> tuple[Activity, ActivityDetails, int | None]:
    details = {name: facts.get(name, getattr(activity, name)) for name in _DETAILS}
    return activity, ActivityDetails(**details), facts.get("by_id", activity.by_id)


def revert(landed: Sequence[Landed], by: User) -> None:
    """New ones are archived, corrections are taken back; who was last in touch is looked up anew."""
    there = records.untouched(select(Activity), landed)
    keys = {(one.subject_type, one.subject_id) for one in there.values()}
    refs = find_all(keys, scope_of(by))
    names = {
        id_: refs[key].name
        for id_, one in there.items()
        if (key := (one.subject_type, one.subject_id)) in refs
    }
    archive_many(records.made(landed, there), by=by, names=names)
    changed = [(there[o.record_id], o) for o in landed if o.before is not None]
    corrections = [
        _correction(activity, records.before_of(one, activity)) for activity, one in changed
    ]
    correct_many(corrections, by=by, names=names)


ACTIVITIES = ImportKind(
    key="activities",
    label=N_("跟进记录"),
    attributes=ATTRIBUTES,
    natural_key=N_("企业或项目 + 发生日期 + 方式 + 内容"),
    action=Action.FOLLOWUP_WRITE,
    check=check,
    land=land,
    revert=revert,
    page="/followup/activities/",
    note=N_("经办人和发生日期按表中所填保留，与导入人、导入时间分开。撤销导入时，新增的记录归档。"),
    is_private=True,
)
