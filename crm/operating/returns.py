"""What a pile of returned workbooks amounts to: which are good, what has to be asked, what is wrong with the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Select

from crm.companies.models import Company
from crm.core.db import session
from crm.core.errors import DomainError
from crm.core.words import N_
from crm.operating import rounds
from crm.operating.entering import Entry, Verdict, judge
from crm.operating.figures import NAMES, Number
from crm.operating.models import CollectionRound
from crm.operating.periods import Period
from crm.operating.queries import last_before
from crm.operating.returned import Fault, Returned, open_workbook, unpacked
from crm.operating.services import OperatingDetails
from crm.operating.workbooks import Blank, Sender
from crm.people.scope import Scope


@dataclass(frozen=True)
class Pile:
    """The files of one upload, sorted."""

    good: Sequence[Verdict]
    asked: Sequence[Verdict]
    unchanged: Sequence[Verdict]
    faulty: Sequence[Returned]

    @property
    def entries(self) -> list[Entry]:
        """What can be saved, once the questions are answered."""
        return [verdict.entry for verdict in (*self.good, *self.asked)]


def blanks(one: CollectionRound, firms: Select[Any]) -> list[Blank]:
    """The workbooks of a round's firms before they are filled in."""
    columns = (Company.id, Company.name, Company.uscc)
    rows = session.execute(firms.with_only_columns(*columns).order_by(Company.id)).all()
    ids = [row.id for row in rows]
    last = {report.company_id: report for report in session.scalars(last_before(ids, one.period))}
    return [
        Blank(
            row.id,
            row.name,
            row.uscc or "",
            before.period if (before := last.get(row.id)) else None,
            tuple(getattr(before, name, None) for name in NAMES),
        )
        for row in rows
    ]


def sort(
    one: CollectionRound, scope: Scope, files: Iterable[tuple[str, bytes]], sender: Sender
) -> Pile:
    """Read the files and judge what they say; nothing is written."""
    read = [open_workbook(name, data, sender) for name, data in unpacked(files)]
    firms = _firms(one, scope, [r.company_id for r in read if r.company_id is not None])
    taken: dict[int, Returned] = {}
    faulty, entries = [], []
    for returned in read:
        checked = _checked(returned, firms, taken)
        if checked.faults:
            faulty.append(checked)
        elif checked.company_id not in taken and checked.company_id is not None:
            taken[checked.company_id] = checked
            entries.append(_entry(checked, firms[checked.company_id], one.period))
    verdicts = judge(entries)
    faulty += [_refused(verdict, verdict.error) for verdict in verdicts if verdict.error]
    fine = [verdict for verdict in verdicts if not verdict.error]
    return Pile(
        good=[v for v in fine if not v.doubts and not v.is_unchanged],
        asked=[v for v in fine if v.doubts],
        unchanged=[v for v in fine if v.is_unchanged],
        faulty=faulty,
    )


def _firms(one: CollectionRound, scope: Scope, ids: Sequence[int]) -> Mapping[int, Company]:
    """Those of the round that lie in the reader's scope."""
    mine = rounds.members(scope, one).where(Company.id.in_(ids))
    return {firm.id: firm for firm in session.scalars(mine)}


def _checked(
    returned: Returned, firms: Mapping[int, Company], taken: Mapping[int, Returned]
) -> Returned:
    """The file with what is wrong with it beside its cells: not this reader's firm, another firm's words, a second one."""
    if returned.company_id is None:
        return returned
    firm = firms.get(returned.company_id)
    if firm is None:
        return _with(returned, DomainError(N_("企业不在本轮应报名单或您的数据范围内。")))
    is_its = returned.uscc == firm.uscc if firm.uscc else returned.name == firm.name
    if not is_its:
        message = N_("表上的企业与表的标识不符，应为“%(name)s”的填报表。")
        return _with(returned, DomainError(message, name=firm.name))
    earlier = taken.get(firm.id)
    if earlier is not None and earlier.figures != returned.figures:
        message = N_("与“%(file)s”是同一企业而数据不同，请只留一份。")
        return _with(returned, DomainError(message, file=earlier.file))
    return returned


def _with(returned: Returned, error: DomainError) -> Returned:
    return replace(returned, faults=(Fault("", error),))


def _entry(returned: Returned, firm: Company, period: Period) -> Entry:
    figures: Mapping[str, Any] = returned.figures or {}
    return Entry(firm, OperatingDetails(*period, **figures), source=returned.file)


def _refused(verdict: Verdict, error: DomainError) -> Returned:
    entry = verdict.entry
    return Returned(entry.source, entry.company.id, entry.company.name, faults=(Fault("", error),))


# Between the page that shows what was found and the one that saves it


def packed(entries: Sequence[Entry]) -> list[list[Any]]:
    """As plain values that a form can carry."""
    return [
        [entry.company.id, entry.source, *(_text(getattr(entry.details, name)) for name in NAMES)]
        for entry in entries
    ]


def unpack(rows: Sequence[Sequence[Any]], one: CollectionRound, scope: Scope) -> list[Entry]:
    """The same as entries again; a firm that has left the round or the scope meanwhile is left out."""
    firms = _firms(one, scope, [row[0] for row in rows])
    entries = []
    for company_id, source, *values in rows:
        if company_id in firms:
            pairs = zip(NAMES, values, strict=True)
            figures: dict[str, Any] = {n: Decimal(v) if isinstance(v, str) else v for n, v in pairs}
            details = OperatingDetails(*one.period, **figures)
            entries.append(Entry(firms[company_id], details, source=source))
    return entries


def _text(value: Number | None) -> str | int | None:
    return value if value is None or isinstance(value, int) else str(value)
