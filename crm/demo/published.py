"""A published list that waits to be looked through: firms of ours under their names, one misspelt, and others' firms."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from crm.companies.models import Company, CompanyKind
from crm.core.db import session
from crm.ladder import matching, official
from crm.ladder.models import QualificationKind
from crm.ladder.official import ListTerms
from crm.ladder.reading import Line
from crm.people.models import User
from crm.people.scope import WHOLE_PARK_SCOPE

_LABEL, _ON = "雏鹰企业", date(2020, 9, 22)
_OF_OURS = 9
_OTHERS = (
    "苏州演示园外智能装备有限公司",
    "无锡演示园外生物医药有限公司",
    "南京演示园外软件股份有限公司",
    "南通演示园外新材料有限公司",
)


def read_in(label_ids: dict[str, int], by: User, until: date) -> int:
    """Returns how many names it has; none before it was published, or where the park does not keep its label."""
    if _LABEL not in label_ids or until < _ON:
        return 0
    query = select(Company.name, Company.uscc).where(Company.kind == CompanyKind.ENTERPRISE)
    lines = _lines(session.execute(query.order_by(Company.id).limit(_OF_OURS)).all())
    terms = ListTerms(
        QualificationKind.LABEL,
        "2020年度雏鹰企业入库名单（演示）",
        _ON,
        label_id=label_ids[_LABEL],
        batch="2020年度",
    )
    found = matching.match(lines, WHOLE_PARK_SCOPE)
    official.read_in(terms, lines, found, None, by=by)
    return len(lines)


def _lines(firms: Sequence[tuple[str, str | None]]) -> list[Line]:
    named = [
        Line(name, uscc or "") if n % 3 else Line(name) for n, (name, uscc) in enumerate(firms)
    ]
    misspelt = [Line(firms[0][0].replace("有限公司", "有限责任公司"))] if firms else []
    return [*named[1:], *misspelt, *map(Line, _OTHERS)]
