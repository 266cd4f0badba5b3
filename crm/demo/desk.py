"""What one clerk of the generated park was about: papers attached, a list landed, a list with faults that waits, a file made.

All of it counts nowhere: contacts are corrected, what waits is not written. The same few records in a park of any size.
"""

import io
from collections.abc import Sequence
from html import escape
from typing import Any

from crm.audit.verification import VerificationState
from crm.companies.models import Company, Contact
from crm.companies.queries import visible_to as companies_of
from crm.core.db import session, writing
from crm.core.words import N_
from crm.documents.pdf import printed
from crm.evidence.facts import shown
from crm.evidence.kinds import KINDS
from crm.evidence.queries import visible_to as evidence_of
from crm.files.content import MediaType
from crm.files.owners import store
from crm.files.services import attach
from crm.imports import arrival, checking, landing, mapping, services, sheets
from crm.imports.models import Import
from crm.imports.queries import kind_of
from crm.jobs import services as jobs
from crm.jobs.running import run_now
from crm.lists.exports import KIND as EXPORT
from crm.people.models import User
from crm.people.scope import scope_of

_PAPERS = (
    ("patents", "专利受理通知书", "受理后由代理机构转来"),
    ("contracts", "技术合同登记证明", "盖章扫描件"),
    ("grants", "立项通知", ""),
)
_FIRMS = 4

Rows = Sequence[Sequence[str]]


def lay_out(by: User) -> None:
    """Opens transactions of its own. Nothing where the clerk's unit keeps too little."""
    _attach_papers(by)
    firms = session.scalars(
        companies_of(scope_of(by))
        .join(Contact)
        .where(Company.unit_id == by.unit_id, Company.uscc.is_not(None), Contact.is_primary)
        .order_by(Company.id.desc())
        .limit(_FIRMS)
    ).all()
    if len(firms) < _FIRMS:
        return
    _land(_checked("contacts", "园区企业联系人更新.csv", _contacts(firms), by), by)
    _checked("companies", "区市场监管局新设企业名单.csv", _companies(firms), by)
    _export(by)


def _attach_papers(by: User) -> None:
    """To what waits to be verified: who verifies has something to look at."""
    for key, title, note in _PAPERS:
        kind = KINDS[key]
        model: Any = kind.model
        query = evidence_of(kind, scope_of(by)).where(model.state == VerificationState.PENDING)
        found = session.scalars(query.order_by(model.id.desc()).limit(1)).first()
        if found is None:
            continue
        paper = _paper(title, list(shown(kind, found, is_masked=True)))
        kept = store().keep(io.BytesIO(paper))
        with writing():
            attach(key, found.id, kept, name=f"{title}（演示）.pdf", note=note, by=by)


def _paper(title: str, facts: Sequence[tuple[str, Any]]) -> bytes:
    lines = "".join(f"<p>{escape(words)}：{escape(str(said))}</p>" for words, said in facts)
    html = f'<html lang="zh-CN"><title>{title}</title><h1>{title}</h1>{lines}<p>（演示文件，由程序生成）</p></html>'
    return printed(html)


def _contacts(firms: Sequence[Company]) -> Rows:
    """Two got another position, one is new, one says what is known."""
    known = [next(one for one in firm.contacts if one.is_primary) for firm in firms]
    one, two, three, four = known
    return (
        ("企业名称", "姓名", "职务", "电话"),
        (firms[0].name, one.name, "常务副总经理", one.phone),
        (firms[1].name, two.name, "财务总监", two.phone),
        (firms[2].name, f"{three.name[0]}一诺", "行政主管", "051986330001"),
        (firms[3].name, four.name, four.position, four.phone),
    )


def _companies(firms: Sequence[Company]) -> Rows:
    """One corrects a firm; the others show what a check finds."""
    return (
        ("企业名称", "统一社会信用代码", "类别", "法定代表人", "注册资本（万元）", "成立日期"),
        (firms[0].name, firms[0].uscc or "", "", "宋知远", "", ""),
        ("常州翊川精密测量有限公司", "", "企业", "许诺", "500", "2020-09-18"),
        ("常州砚田生物科技有限公司", "91320412MAY0000416", "企业", "方舟", "三百万", "2020-09-21"),
        ("", "", "企业", "陆遥", "200", "2020-09-31"),
    )


def _checked(kind_key: str, name: str, rows: Rows, by: User) -> int:
    """A sheet brought in, read and checked as by hand; its number."""
    kind = kind_of(kind_key)
    text = io.BytesIO("\n".join(",".join(row) for row in rows).encode())
    kept = store().keep(text, (MediaType.TEXT,))
    sheet = sheets.read(text, kept.media_type, mapping.known_keys(kind))
    with writing():
        source = name.removesuffix(".csv")
        import_ = services.receive(kind_key, kept, name, f"demo {kind_key}", by=by, source=source)
        number = import_.id
    arrival.arrive(number, sheet)
    with writing():
        import_ = session.get_one(Import, number)
        services.map_columns(import_, mapping.from_json(import_.mapping), by=by)
    checking.check(number, by.id)
    return number


def _land(number: int, by: User) -> None:
    with writing():
        services.begin_landing(session.get_one(Import, number), by=by)
    landing.land(number, by.id)


def _export(by: User) -> None:
    payload = {"list": "patents", "state": "", "ids": None, "format": "xlsx", "purpose": "月度核对"}
    values = {"list": KINDS["patents"].label, "format": "XLSX"}
    with writing():
        job = jobs.request(
            EXPORT, payload, by=by, title=N_("导出%(list)s（%(format)s）"), values=values
        )
        number = job.id
    run_now(number)
