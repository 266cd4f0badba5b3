"""What looks odd in a firm's figures beside its last ones. It asks and never refuses: a person says that it is so."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from crm.core.words import N_, LabelledEnum
from crm.operating.figures import BY_NAME, FIGURES, Figure, Figures, Number, value_of

TIMES = 10  # so many times the pace of the last report, or one of so many parts
STAFF_TIMES = 3
SLIPS = (10, 1000, 10_000)  # 万元 for 千元, 千元 for 元, 万元 for 元
_MOST = (
    ("tax", "revenue"),
    ("r_and_d", "revenue"),
    ("high_tech_income", "revenue"),
    ("tech_staff", "staff"),
)


class DoubtKind(LabelledEnum):
    """Why a figure looks odd."""

    FALLS = "falls", N_("本年累计比上次填报减少")
    JUMPS = "jumps", N_("达到上次填报的10倍以上（累计数按月均比较）")
    DROPS = "drops", N_("不到上次填报的十分之一（累计数按月均比较）")
    SLIP = "slip", N_("与上次填报恰好相差10倍、1000倍或10000倍，是否用错了金额单位")
    STAFF = "staff", N_("人数变化超过3倍")
    EXCEEDS = "exceeds", N_("大于本期营业收入")
    OUTNUMBERS = "outnumbers", N_("多于本期从业人员")
    REPLACES = "replaces", N_("该期已经填报，将以本次的数更正")


@dataclass(frozen=True)
class Doubt:
    """A question about one figure: what it is compared with, and what it is now."""

    kind: DoubtKind
    figure: Figure
    before: Number | None
    now: Number | None

    @property
    def key(self) -> str:
        """What is confirmed: this very question. Other figures are asked about anew."""
        return f"{self.figure.name}:{self.kind}:{_plain(self.before)}:{_plain(self.now)}"


def doubts(now: Figures, before: Figures | None) -> tuple[Doubt, ...]:
    """What to ask about figures, beside the firm's last ones before (None where there are none)."""
    found = [] if before is None else list(_beside(now, before))
    return (*found, *_by_themselves(now))


def replaced(now: Figures, found: Figures) -> tuple[Doubt, ...]:
    """The figures of the same period that would be others than those that are there."""
    pairs = [
        (figure, value_of(found, figure.name), value_of(now, figure.name)) for figure in FIGURES
    ]
    return tuple(Doubt(DoubtKind.REPLACES, f, was, is_) for f, was, is_ in pairs if was != is_)


def _beside(now: Figures, before: Figures) -> Iterator[Doubt]:
    for figure in FIGURES:
        old, new = value_of(before, figure.name), value_of(now, figure.name)
        if old is not None and new is not None:
            kind = _kind(figure, old, new, now, before)
            if kind:
                yield Doubt(kind, figure, old, new)


def _kind(
    figure: Figure, old: Number, new: Number, now: Figures, before: Figures
) -> DoubtKind | None:
    if not figure.is_money:
        is_odd = max(old, new) > STAFF_TIMES * max(min(old, new), 1)
        return DoubtKind.STAFF if is_odd else None
    if _is_slip(old, new):
        return DoubtKind.SLIP
    if figure.name == "profit":  # a bad month takes back what a good one brought
        return None
    if figure.is_flow and now.year == before.year and new < old:
        return DoubtKind.FALLS
    if old <= 0:
        return None
    months = Fraction(before.through_month, now.through_month) if figure.is_flow else Fraction(1)
    pace = Fraction(new) / Fraction(old) * months
    if pace >= TIMES:
        return DoubtKind.JUMPS
    return DoubtKind.DROPS if pace <= Fraction(1, TIMES) else None


def _is_slip(old: Number, new: Number) -> bool:
    """For whoever writes 1200 where 0.12 stood, or the other way round."""
    return old != 0 and any(new == old * times or old == new * times for times in SLIPS)


def _by_themselves(now: Figures) -> Iterator[Doubt]:
    for name, whole in _MOST:
        part, most = value_of(now, name), value_of(now, whole)
        if part is not None and most is not None and part > most:
            kind = DoubtKind.OUTNUMBERS if whole == "staff" else DoubtKind.EXCEEDS
            yield Doubt(kind, BY_NAME[name], most, part)


def _plain(value: Number | None) -> str:
    return "" if value is None else f"{value:.2f}"
