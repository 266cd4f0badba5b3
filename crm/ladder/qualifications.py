"""How long each kind of proof counts, and what is asked for when one is recorded: rules as data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from crm.core.words import N_, LabelledEnum
from crm.ladder.models import Qualification, QualificationLabel, Validity
from crm.ladder.models import QualificationKind as Kind

HIGH_TECH_YEARS = 3


class Board(LabelledEnum):
    """A market on which shares are quoted or listed; its name is kept as the proof's authority."""

    SHANGHAI = "上交所主板", N_("上交所主板")
    SHENZHEN = "深交所主板", N_("深交所主板")
    CHINEXT = "创业板", N_("创业板")
    STAR = "科创板", N_("科创板")
    BEIJING = "北交所", N_("北交所")
    HONG_KONG = "港交所", N_("港交所")
    NASDAQ = "纳斯达克", N_("纳斯达克")
    NYSE = "纽交所", N_("纽交所")
    NEEQ = "新三板", N_("新三板")

    @property
    def opened_on(self) -> date | None:
        """The first day of trading, for a board that is younger than some of our firms."""
        return _OPENED.get(self)


_OPENED = {
    Board.CHINEXT: date(2009, 10, 30),
    Board.STAR: date(2019, 7, 22),
    Board.BEIJING: date(2021, 11, 15),
}


def years_after(issued_on: date, years: int) -> date:
    """The first day on which a certificate of so many years no longer counts.

    Issued on 29 February it ends with the last day of February (Civil Code art. 202: where the
    month has no corresponding day, the period ends with its last day): 1 March is without it.
    """
    year = issued_on.year + years
    try:
        return issued_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def _end_of_certificate(issued_on: date, valid_to: date | None) -> date | None:
    return valid_to + timedelta(days=1) if valid_to else years_after(issued_on, HIGH_TECH_YEARS)


def _end_of_year(issued_on: date, valid_to: date | None) -> date | None:
    return date(issued_on.year + 1, 1, 1)


def _open(issued_on: date, valid_to: date | None) -> date | None:
    return None


@dataclass(frozen=True)
class Rule:
    """One kind's rule. `ends`: the first day on which the proof no longer counts, None if open."""

    ends: Callable[[date, date | None], date | None]
    text: str
    issued_label: str
    revoked_label: str
    number_label: str
    is_number_required: bool = True
    has_valid_to: bool = False
    boards: tuple[Board, ...] = ()
    has_reporting: bool = False  # 起报月 and 专业
    received_label: str = N_("领证日期")


RULES: dict[Kind, Rule] = {
    Kind.HIGH_TECH: Rule(
        _end_of_certificate,
        N_("自发证之日起三年有效（国科发火〔2016〕32号）；证书印有截止日期的，以证书为准。"),
        N_("发证日期"),
        N_("取消资格"),
        N_("证书编号"),
        has_valid_to=True,
    ),
    Kind.TECH_SME: Rule(
        _end_of_year,
        N_("入库登记编号当年有效，至12月31日止（国科发政〔2017〕115号）。"),
        N_("入库登记日期"),
        N_("撤销登记"),
        N_("入库登记编号"),
    ),
    Kind.ABOVE_SCALE: Rule(
        _open,
        N_(
            "由统计部门批准入库，自口径规定的日期（批准、起报月或入库）起计，至退库为止；园区不自行认定。"
        ),
        N_("批准日期"),
        N_("退库"),
        N_("批次或文号"),
        is_number_required=False,
        has_reporting=True,
        received_label=N_("入库日期"),
    ),
    Kind.SHARE_REFORM: Rule(
        _open,
        N_("以变更为股份有限公司的营业执照登记日期为准，长期有效。"),
        N_("变更登记日期"),
        N_("恢复为有限公司"),
        N_("登记文号"),
        is_number_required=False,
    ),
    Kind.QUOTED: Rule(
        _open,
        N_("以挂牌日期为准，至摘牌为止；挂牌须先股改，故同时证明股改企业。"),
        N_("挂牌日期"),
        N_("摘牌"),
        N_("证券代码"),
        boards=(Board.NEEQ,),
    ),
    Kind.LISTED: Rule(
        _open,
        N_("以首个交易日为准，至退市为止；母公司上市不等于子公司上市。"),
        N_("首个交易日"),
        N_("退市"),
        N_("证券代码"),
        boards=tuple(board for board in Board if board is not Board.NEEQ),
    ),
    Kind.LABEL: Rule(
        _open,  # what its label says: see period()
        N_("由发证机关认定，按资质种类规定的有效期计；不单独证明梯度层级。"),
        N_("认定日期"),
        N_("撤销资质"),
        N_("证书编号或文号"),
        is_number_required=False,
        has_valid_to=True,
    ),
}


def period(
    kind: Kind,
    issued_on: date,
    valid_to: date | None,
    revoked_on: date | None,
    label: QualificationLabel | None = None,
    counts_from: date | None = None,
) -> tuple[date, date | None]:
    """(counts_from, counts_to): the proof counts on day d when counts_from ≤ d < counts_to.

    It counts from its issue unless another day is given (规上: counting_day.py); ended before that day, it never counts.
    """
    first = counts_from or issued_on
    if label is None:
        last = RULES[kind].ends(issued_on, valid_to)
    else:
        last = _end_of_label(label, issued_on, valid_to)
    ends = [day for day in (last, revoked_on) if day]
    return first, max(first, min(ends)) if ends else None


def _end_of_label(label: QualificationLabel, issued_on: date, valid_to: date | None) -> date | None:
    if valid_to:
        return valid_to + timedelta(days=1)
    if label.validity == Validity.YEAR_END:
        return _end_of_year(issued_on, valid_to)
    return years_after(issued_on, label.years) if label.years else None


class State(LabelledEnum):
    """What a proof is worth on a day."""

    FUTURE = "future", N_("尚未起计")
    VALID = "valid", N_("有效")
    LAPSED = "lapsed", N_("已失效")
    REVOKED = "revoked", N_("已终止")


def state_on(qualification: Qualification, day: date) -> State:
    if day < qualification.counts_from:
        return State.FUTURE
    if qualification.counts_to is None or day < qualification.counts_to:
        return State.VALID
    is_revoked = qualification.counts_to == qualification.revoked_on
    return State.REVOKED if is_revoked else State.LAPSED
