"""口径 in words, written from the rule that counts, so that the text beside a figure cannot differ from it."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _

from crm.carriers.figures import FIGURES
from crm.companies.models import CompanyKind
from crm.core.db import session
from crm.reference.counting import EntrantTerms, terms_of, terms_on, versions
from crm.reference.models import EntrantRule
from crm.web.locale import label


def rule_of(key: str, start: date, until: date) -> list[str]:
    """What a figure counts in a period: a sentence for each version of the rule that was in force."""
    if key == "new":
        return entrants(start, until)
    if key == "net":
        return [_("净增＝新增入驻－迁出注销，两者口径各见其数。")]
    return [label(FIGURES[key].sentence)]


def entrants(start: date, until: date) -> list[str]:
    """新增入驻企业 from `start` through `until`."""
    later = versions().where(EntrantRule.valid_from > start, EntrantRule.valid_from <= until)
    changes: Sequence[EntrantRule] = session.scalars(later).all()[::-1]
    told = [entrants_sentence(terms_on(start))]
    for rule in changes:
        day = rule.valid_from.isoformat()
        told.append(_("自 %(day)s 起：", day=day) + entrants_sentence(terms_of(rule)))
    return told


def entrants_sentence(terms: EntrantTerms) -> str:
    """One version of the rule of 新增入驻企业."""
    kinds = _("、").join(label(kind) for kind in CompanyKind if kind.value in terms.kinds)
    parts = [_("期间内首次注册在园的%(kinds)s", kinds=kinds)]
    if terms.needs_agreement:
        parts.append(_("截至统计日已签入驻协议"))
    if terms.needs_licence:
        parts.append(_("已取得执照（有统一社会信用代码）"))
    returns = (
        _("迁出后返回的计入，同一期间只计一次") if terms.counts_returns else _("迁出后返回的不计")
    )
    parts.append(_("载体间迁移和更名不计，%(returns)s", returns=returns))
    parts.append(_("按注册在园当日的统计归属计入载体，该日没有统计归属的不计"))
    return str(_("；").join(parts) + _("。"))
