"""Where a firm stands, from what proves it; without a database."""

from dataclasses import replace
from datetime import date

from crm.ladder.models import QualificationKind
from crm.ladder.rungs import Certificate, Proofs, Rung, SizeReport, standing
from crm.reference.size_classes import SizeClass

Kind = QualificationKind
ON = date(2020, 9, 30)
FIRM = Proofs(is_enterprise=True, is_licensed=True, is_resident=True, was_ever_resident=True)
HIGH_TECH = Certificate(Kind.HIGH_TECH, "GR201732000001", date(2017, 11, 17), date(2020, 11, 17))
ABOVE_SCALE = Certificate(Kind.ABOVE_SCALE, "2019年度", date(2020, 1, 1), None)


def with_proofs(*certificates: Certificate, reports: tuple[SizeReport, ...] = ()) -> Proofs:
    return replace(FIRM, certificates=certificates, reports=reports)


def report(year: int, month: int, size: SizeClass | None, has_revenue: bool = True) -> SizeReport:
    return SizeReport(date(year, month, 30), size, has_revenue)


def rung(proofs: Proofs, on: date = ON) -> Rung | None:
    return standing(proofs, on).rung


def test_the_rungs_stand_in_order():
    assert [r.order for r in Rung] == [1, 2, 3, 4, 5, 6]
    assert Rung.STARTUP.order < Rung.MICRO_SMALL.order < Rung.HIGH_TECH.order < Rung.LISTED.order


def test_a_licensed_firm_in_the_park_with_nothing_higher_is_a_startup():
    assert rung(FIRM) == Rung.STARTUP
    assert standing(FIRM, ON).held == (Rung.STARTUP,)


def test_without_a_licence_it_is_on_no_rung_and_is_told_why():
    found = standing(replace(FIRM, is_licensed=False), ON)
    assert (found.rung, found.reason.text, found.label) == (None, "尚无营业执照", "未入梯")


def test_a_body_that_is_no_enterprise_is_no_startup():
    college = replace(FIRM, is_enterprise=False, reports=(report(2019, 12, SizeClass.MICRO),))
    assert (rung(college), standing(college, ON).reason.text) == (None, "不是企业，不入梯度")


def test_a_firm_outside_the_park_is_on_no_rung_whatever_it_holds():
    away = replace(with_proofs(HIGH_TECH), is_resident=False)
    assert (rung(away), standing(away, ON).reason.text) == (None, "当日不在园")
    never = replace(away, was_ever_resident=False)
    assert standing(never, ON).reason.text == "没有在园记录"


def test_both_rungs_are_held_at_once_and_the_higher_is_shown():
    found = standing(with_proofs(HIGH_TECH, ABOVE_SCALE), ON)
    assert found.rung == Rung.ABOVE_SCALE
    assert found.held == (Rung.HIGH_TECH, Rung.ABOVE_SCALE)
    assert found.lapses_on is None


def test_a_lapsed_certificate_takes_the_firm_down_a_rung():
    small = with_proofs(HIGH_TECH, reports=(report(2019, 12, SizeClass.SMALL),))
    assert rung(small, date(2020, 11, 16)) == Rung.HIGH_TECH
    assert standing(small, date(2020, 11, 16)).lapses_on == date(2020, 11, 17)
    assert rung(small, date(2020, 11, 17)) == Rung.MICRO_SMALL
    assert rung(with_proofs(HIGH_TECH), date(2020, 11, 17)) == Rung.STARTUP


def test_a_renewed_certificate_keeps_it_up():
    renewed = Certificate(Kind.HIGH_TECH, "GR202032000001", date(2020, 11, 2), date(2023, 11, 2))
    found = standing(with_proofs(HIGH_TECH, renewed), date(2020, 11, 10))
    assert (found.rung, found.lapses_on) == (Rung.HIGH_TECH, date(2023, 11, 2))
    assert rung(with_proofs(HIGH_TECH, renewed), date(2020, 11, 17)) == Rung.HIGH_TECH


def test_leaving_the_register_of_above_scale_firms_takes_it_down():
    left = replace(ABOVE_SCALE, counts_to=date(2020, 7, 1))
    assert rung(with_proofs(HIGH_TECH, left), date(2020, 6, 30)) == Rung.ABOVE_SCALE
    assert rung(with_proofs(HIGH_TECH, left), date(2020, 7, 1)) == Rung.HIGH_TECH


def test_a_quoted_firm_has_been_reformed():
    quoted = Certificate(Kind.QUOTED, "839001", date(2018, 5, 3), None)
    assert rung(with_proofs(quoted)) == Rung.SHARE_REFORM


def test_a_listed_firm_is_at_the_top():
    listed = Certificate(Kind.LISTED, "688001", date(2019, 7, 22), None)
    assert rung(with_proofs(HIGH_TECH, ABOVE_SCALE, listed)) == Rung.LISTED
    assert rung(with_proofs(listed), date(2019, 7, 21)) == Rung.STARTUP


def test_a_tech_sme_number_proves_a_small_firm_until_its_year_ends():
    number = Certificate(Kind.TECH_SME, "202032041200001", date(2020, 4, 3), date(2021, 1, 1))
    assert rung(with_proofs(number), date(2020, 4, 2)) == Rung.STARTUP
    assert rung(with_proofs(number), date(2020, 12, 31)) == Rung.MICRO_SMALL
    assert rung(with_proofs(number), date(2021, 1, 1)) == Rung.STARTUP


def test_a_small_report_counts_from_the_end_of_its_period():
    proofs = with_proofs(reports=(report(2020, 6, SizeClass.MICRO),))
    assert rung(proofs, date(2020, 6, 29)) == Rung.STARTUP
    assert rung(proofs, date(2020, 6, 30)) == Rung.MICRO_SMALL
    assert standing(proofs, date(2025, 1, 1)).lapses_on is None


def test_a_later_medium_report_ends_it_and_a_later_small_one_brings_it_back():
    proofs = with_proofs(
        reports=(
            report(2020, 9, SizeClass.SMALL),
            report(2019, 12, SizeClass.MEDIUM),
            report(2018, 12, SizeClass.SMALL),
        )
    )
    assert rung(proofs, date(2019, 12, 29)) == Rung.MICRO_SMALL
    assert rung(proofs, date(2019, 12, 30)) == Rung.STARTUP
    assert rung(proofs, date(2020, 9, 29)) == Rung.STARTUP
    assert rung(proofs, date(2020, 9, 30)) == Rung.MICRO_SMALL


def test_a_large_firm_is_not_small():
    assert rung(with_proofs(reports=(report(2019, 12, SizeClass.LARGE),))) == Rung.STARTUP


def test_a_report_without_revenue_or_size_proves_nothing_and_ends_nothing():
    idle = with_proofs(reports=(report(2019, 12, SizeClass.MICRO, has_revenue=False),))
    assert rung(idle) == Rung.STARTUP
    kept = with_proofs(
        reports=(
            report(2018, 12, SizeClass.MICRO),
            report(2019, 6, SizeClass.MICRO, has_revenue=False),
            report(2019, 12, None),
        )
    )
    assert rung(kept) == Rung.MICRO_SMALL
