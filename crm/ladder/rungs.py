"""The rung a firm stands on: derived from what proves it, as of a date, never typed in.

Pure: no database here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from crm.core.words import N_, LabelledEnum
from crm.ladder.models import QualificationKind as Kind
from crm.reference.size_classes import SizeClass


class Rung(LabelledEnum):
    """The six rungs of the ladder (企业梯度), lowest first."""

    STARTUP = "startup", N_("初创企业")
    MICRO_SMALL = "micro_small", N_("小微企业")
    HIGH_TECH = "high_tech", N_("高新企业")
    ABOVE_SCALE = "above_scale", N_("规上企业")
    SHARE_REFORM = "share_reform", N_("股改企业")
    LISTED = "listed", N_("上市企业")

    @cached_property
    def order(self) -> int:
        """1 for the lowest rung to 6 for the highest."""
        return list(Rung).index(self) + 1


PROVES: dict[Kind, Rung] = {
    Kind.TECH_SME: Rung.MICRO_SMALL,
    Kind.HIGH_TECH: Rung.HIGH_TECH,
    Kind.ABOVE_SCALE: Rung.ABOVE_SCALE,
    Kind.SHARE_REFORM: Rung.SHARE_REFORM,
    Kind.QUOTED: Rung.SHARE_REFORM,  # only a joint-stock company can be quoted
    Kind.LISTED: Rung.LISTED,
}
SMALL = (SizeClass.SMALL, SizeClass.MICRO)
TOO_LARGE = (SizeClass.LARGE, SizeClass.MEDIUM)

PROVED_BY: dict[Kind, str] = {
    Kind.HIGH_TECH: N_("高新技术企业证书 %(number)s，%(since)s 发证"),
    Kind.TECH_SME: N_("科技型中小企业入库登记 %(number)s，%(since)s 登记"),
    Kind.ABOVE_SCALE: N_("统计部门批准纳入规模以上（%(number)s），%(since)s 起"),
    Kind.SHARE_REFORM: N_("%(since)s 变更为股份有限公司（%(number)s）"),
    Kind.QUOTED: N_("%(since)s 挂牌（%(number)s），挂牌须先股改"),
    Kind.LISTED: N_("%(since)s 上市（%(number)s）"),
}


@dataclass(frozen=True)
class Reason:
    """Why, as a Chinese msgid with its values."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Certificate:
    """A qualification as far as it proves a rung."""

    kind: Kind
    number: str
    counts_from: date
    counts_to: date | None
    is_moved_in: bool = False

    def counts_on(self, day: date) -> bool:
        return self.counts_from <= day and (self.counts_to is None or day < self.counts_to)


@dataclass(frozen=True)
class SizeReport:
    """A verified operating report as far as it proves a rung; figures themselves stay out."""

    period_end_on: date
    size_class: SizeClass | None
    has_revenue: bool


@dataclass(frozen=True)
class Proofs:
    """All that decides where a firm stands on one day. `reports` are verified ones only.

    `is_resident`: it has a 统计归属 in the park that day; `was_ever_resident`: on any day.
    """

    is_enterprise: bool
    is_licensed: bool
    is_resident: bool
    was_ever_resident: bool
    certificates: Sequence[Certificate] = ()
    reports: Sequence[SizeReport] = ()


@dataclass(frozen=True)
class Proof:
    """What shows that a firm holds a rung; `to_on` is the first day without it, None if open."""

    rung: Rung
    reason: Reason
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True)
class Standing:
    """A firm's place on a day: the highest rung proved, or none (未入梯) with the reason.

    `proofs`, one for each rung held, highest first.
    """

    reason: Reason
    proofs: tuple[Proof, ...] = ()

    @property
    def proof(self) -> Proof | None:
        return self.proofs[0] if self.proofs else None

    @property
    def rung(self) -> Rung | None:
        return self.proofs[0].rung if self.proofs else None

    @property
    def lapses_on(self) -> date | None:
        """The first day on which the highest rung will no longer be proved, where that is known."""
        return self.proofs[0].to_on if self.proofs else None

    @property
    def held(self) -> tuple[Rung, ...]:
        """All rungs that hold at once, lowest first."""
        return tuple(proof.rung for proof in reversed(self.proofs))

    @property
    def label(self) -> str:
        return self.rung.label if self.rung else N_("未入梯")

    @property
    def level(self) -> int:
        return self.rung.order if self.rung else 0


def kinds_of(rung: Rung) -> list[Kind]:
    """The certificates, registers and events that prove a rung."""
    return [kind for kind, proved in PROVES.items() if proved == rung]


def standing(proofs: Proofs, on: date) -> Standing:
    """Where the firm stands on that day: the highest rung whose proof counts then. It can fall."""
    if not proofs.is_resident:
        if proofs.was_ever_resident:
            return Standing(Reason(N_("当日不在园")))
        return Standing(Reason(N_("没有在园记录")))
    held = _best_of_each(_certified(proofs, on))
    report = _small_report(proofs, on)
    if report and (
        Rung.MICRO_SMALL not in held or held[Rung.MICRO_SMALL].to_on
    ):  # a report's proof has no end of its own
        held[Rung.MICRO_SMALL] = report
    if not held and proofs.is_enterprise and proofs.is_licensed:
        held[Rung.STARTUP] = Proof(
            Rung.STARTUP, Reason(N_("已领营业执照并在园，暂无更高层级的证明"))
        )
    if held:
        ordered = tuple(sorted(held.values(), key=lambda proof: -proof.rung.order))
        return Standing(ordered[0].reason, ordered)
    if not proofs.is_enterprise:
        return Standing(Reason(N_("不是企业，不入梯度")))
    return Standing(Reason(N_("尚无营业执照")))


def _certified(proofs: Proofs, on: date) -> Iterable[Proof]:
    for certificate in proofs.certificates:
        if certificate.kind in PROVES and certificate.counts_on(on):
            yield Proof(
                PROVES[certificate.kind],
                Reason(
                    PROVED_BY[certificate.kind],
                    {"number": certificate.number, "since": certificate.counts_from.isoformat()},
                ),
                certificate.counts_from,
                certificate.counts_to,
            )


def _best_of_each(proofs: Iterable[Proof]) -> dict[Rung, Proof]:
    """For each rung the proof that lasts longest: a renewed certificate stands for the old one."""
    best: dict[Rung, Proof] = {}
    for proof in proofs:
        other = best.get(proof.rung)
        if other is None or _end(proof) > _end(other):
            best[proof.rung] = proof
    return best


def _end(proof: Proof) -> date:
    return proof.to_on or date.max


def _small_report(proofs: Proofs, on: date) -> Proof | None:
    """小微 by figures: a report with revenue and a small class, until one says medium or large."""
    if not proofs.is_enterprise:
        return None
    found = None
    for report in sorted(proofs.reports, key=lambda r: r.period_end_on):
        if report.period_end_on > on:
            break
        if report.size_class in TOO_LARGE:
            found = None
        elif report.size_class in SMALL and report.has_revenue:
            found = report
    if found is None or found.size_class is None:
        return None
    day = found.period_end_on
    reason = Reason(
        N_("%(month)s 经核验的经营数据为%(size)s"),
        {"month": f"{day.year}-{day.month:02d}", "size": found.size_class},
    )
    return Proof(Rung.MICRO_SMALL, reason, day)
