"""Pages of the ladder: each works, refuses bad input, the wrong role, and another unit's firm."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.audit.verification import VerificationState
from crm.core.db import session
from crm.ladder.models import Qualification, QualificationKind
from crm.operating.models import OperatingReport
from crm.reference.size_classes import SizeClass
from tests import factories

Kind = QualificationKind
FRAGMENT = {"HX-Request": "true"}
CERTIFICATE = {"kind": "high_tech", "number": "GR202032000777", "issued_on": "2020-09-02"}
FIGURES = {"year": "2020", "through_month": "6", "revenue": "499.5", "assets": "", "staff": "23"}


@pytest.fixture
def firm(cast):
    company = factories.make_company(cast.carrier_a, "常州领航机器人有限公司")
    factories.make_residence(company, cast.carrier_a, date(2018, 3, 1))
    return company


@pytest.fixture
def certificate(firm):
    return factories.make_qualification(
        firm, Kind.HIGH_TECH, date(2017, 11, 17), date(2020, 11, 17), number="GR201732000321"
    )


@pytest.fixture
def report(firm, cast):
    return factories.make_operating_report(
        firm, 2020, 6, date(2020, 6, 30), state=VerificationState.PENDING, reported_by_id=cast.a.id,
        revenue=Decimal(4_987_600), staff=23, size_class=SizeClass.SMALL,
    )  # fmt: skip


def count(model):
    return session.scalar(select(func.count(model.id)))


def test_the_firm_panel_says_rung_reason_and_the_day_it_lapses(browser_of, firm, certificate):
    page = browser_of("leader").get(f"/ladder/companies/{firm.id}", headers=FRAGMENT)
    assert page.status_code == 200
    assert "<html" not in page.text
    assert "GR201732000321，2017-11-17 发证" in page.text
    assert "2020-11-17 起失效" in page.text
    assert "stairs__step--highest" in page.text
    assert '<td data-label="有效至">2020-11-16</td>' in page.text


def test_the_firm_panel_is_drawn_as_of_any_day(browser_of, firm, certificate):
    browser = browser_of("a")
    after = browser.get(f"/ladder/companies/{firm.id}?as_of=2020-11-17")
    assert "<html" in after.text
    assert "初创企业" in after.text
    assert "stairs__step--lapsed" in after.text
    assert "当日不在园" in browser.get(f"/ladder/companies/{firm.id}?as_of=2018-02-28").text
    assert browser.get(f"/ladder/companies/{firm.id}?as_of=31.12.2020").status_code == 422


def test_a_stranger_finds_nothing(browser_of, firm, certificate, report):
    browser = browser_of("b")
    for address in (
        f"/ladder/companies/{firm.id}",
        f"/ladder/companies/{firm.id}/qualifications/new",
        f"/operating/companies/{firm.id}/reports/new",
        f"/ladder/qualifications/{certificate.id}/revocations/new",
        "/ladder/companies/987654",
    ):
        assert browser.get(address).status_code == 404, address
    ending = {"on": "2020-09-01", "reason": "取消"}
    for address, data in (
        (f"/ladder/companies/{firm.id}/qualifications", CERTIFICATE),
        (f"/operating/companies/{firm.id}/reports", FIGURES),
        (f"/ladder/qualifications/{certificate.id}/revocations", ending),
    ):
        assert browser.post(address, data=data).status_code == 404, address
    assert (count(Qualification), count(OperatingReport)) == (1, 1)
    assert session.get_one(Qualification, certificate.id).revoked_on is None


@pytest.mark.parametrize("name", ["leader", "investment", "supervisor", "auditor", "admin"])
def test_only_incubator_staff_record_proofs(browser_of, firm, certificate, name):
    browser = browser_of(name)
    ending = {"on": "2020-09-01", "reason": "取消"}
    for address, data in (
        (f"/ladder/companies/{firm.id}/qualifications", CERTIFICATE),
        (f"/operating/companies/{firm.id}/reports", FIGURES),
        (f"/ladder/qualifications/{certificate.id}/revocations", ending),
    ):
        assert browser.post(address, data=data).status_code == 403, address
    assert (count(Qualification), count(OperatingReport)) == (1, 0)


def test_a_proof_is_recorded(browser_of, firm):
    browser = browser_of("a")
    assert browser.get(f"/ladder/companies/{firm.id}/qualifications/new").status_code == 200
    answer = browser.post(f"/ladder/companies/{firm.id}/qualifications", data=CERTIFICATE)
    assert (answer.status_code, answer.location) == (303, f"/companies/{firm.id}")
    proof = session.scalars(select(Qualification)).one()
    assert (proof.number, proof.counts_to) == ("GR202032000777", date(2023, 9, 2))


def test_each_kind_has_its_own_form(browser_of, firm):
    browser = browser_of("a")
    for kind in Kind:
        page = browser.get(f"/ladder/companies/{firm.id}/qualifications/new?kind={kind.value}")
        assert page.status_code == 200
        assert ("市场板块" in page.text) == (kind in (Kind.QUOTED, Kind.LISTED))
        assert ("有效期止" in page.text) == (kind in (Kind.HIGH_TECH, Kind.LABEL))
        assert ("起报月" in page.text) == (kind == Kind.ABOVE_SCALE)
    assert browser.get(f"/ladder/companies/{firm.id}/qualifications/new?kind=x").status_code == 404


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"issued_on": ""}, "请填写日期。"),
        ({"issued_on": "2020-02-30"}, "请填写日期，如 2020-09-30。"),
        ({"issued_on": "2020-10-01"}, "日期不能晚于今天。"),
        ({"number": ""}, "请填写编号。"),
        ({"number": "GR\ufffe1"}, "含有不能保存的字符"),
        ({"kind": "listed", "board": "北交所"}, "北交所于2021-11-15开市"),
    ],
)
def test_a_bad_proof_is_refused_with_a_sentence_and_stays_typed(
    browser_of, firm, changed, sentence
):
    data = {**CERTIFICATE, "source": "苏高企协〔2020〕8号", **changed}
    answer = browser_of("a").post(f"/ladder/companies/{firm.id}/qualifications", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "苏高企协〔2020〕8号" in answer.text
    assert count(Qualification) == 0


def test_the_same_certificate_twice_is_a_conflict_on_the_page(browser_of, firm):
    browser = browser_of("a")
    browser.post(f"/ladder/companies/{firm.id}/qualifications", data=CERTIFICATE)
    answer = browser.post(f"/ladder/companies/{firm.id}/qualifications", data=CERTIFICATE)
    assert answer.status_code == 409
    assert "已登记过相同编号的高新技术企业" in answer.text
    assert 'value="GR202032000777"' in answer.text


def test_hostile_text_is_shown_as_text(browser_of, firm):
    hostile = {**CERTIFICATE, "number": "<script>1</script>", "name_on_it": '"𬭛"<b>'}
    browser = browser_of("a")
    browser.post(f"/ladder/companies/{firm.id}/qualifications", data=hostile)
    page = browser.get(f"/ladder/companies/{firm.id}").text
    assert "<script>1" not in page
    assert "&lt;script&gt;1" in page
    assert "𬭛" in page


def test_the_end_of_a_proof_is_reported(browser_of, firm, certificate):
    browser = browser_of("a")
    address = f"/ladder/qualifications/{certificate.id}/revocations"
    assert "取消资格" in browser.get(f"{address}/new").text
    late = browser.post(address, data={"on": "2020-10-01", "reason": "造假"})
    assert (late.status_code, "造假" in late.text) == (422, True)
    early = browser.post(address, data={"on": "2017-11-16", "reason": "造假"})
    assert "终止日期不能早于取得日期。" in early.text
    assert browser.post(address, data={"on": "2020-09-01", "reason": "造假"}).status_code == 303
    assert browser.post(address, data={"on": "2020-09-01", "reason": "造假"}).status_code == 409
    assert session.get_one(Qualification, certificate.id).counts_to == date(2020, 11, 17)
    assert (
        "终止待核" in browser.get(f"/ladder/companies/{firm.id}").text
    )  # it counts until verified


def test_the_pyramid_opens_the_firms_behind_each_figure(browser_of, cast, firm, certificate):
    other = factories.make_company(cast.carrier_b, "常州北岸软件有限公司")
    factories.make_residence(other, cast.carrier_b, date(2019, 1, 1))
    factories.make_qualification(other, Kind.HIGH_TECH, date(2018, 1, 1), date(2021, 1, 1))
    factories.make_qualification(other, Kind.ABOVE_SCALE, date(2020, 1, 1))
    leader = browser_of("leader")
    page = leader.get("/ladder").text
    assert "<strong>2</strong>" in page
    assert "最高层级 1 家" in page
    held = leader.get("/ladder/holders/high_tech").text
    assert "领航机器人" in held
    assert "北岸软件" in held
    highest = leader.get("/ladder/holders/high_tech?only=highest").text
    assert ("领航机器人" in highest, "北岸软件" in highest) == (True, False)
    mine = browser_of("b").get("/ladder/holders/high_tech").text
    assert ("领航机器人" in mine, "北岸软件" in mine) == (False, True)
    one = leader.get(f"/ladder/holders/high_tech?unit={cast.carrier_a.id}").text
    assert ("领航机器人" in one, "北岸软件" in one) == (True, False)
    assert browser_of("b").get(f"/ladder?unit={cast.carrier_a.id}").status_code == 404
    assert leader.get("/ladder/holders/unicorn").status_code == 404
    assert leader.get("/ladder?as_of=2000-01-01").status_code == 200
    assert browser_of("admin").get("/ladder").status_code == 403


def test_pages_cost_the_same_for_many_firms(browser_of, cast, query_count):
    def add(number):
        for _ in range(number):
            company = factories.make_company(cast.carrier_a)
            factories.make_residence(company, cast.carrier_a, date(2018, 1, 1))
            factories.make_qualification(
                company, Kind.HIGH_TECH, date(2018, 1, 1), date(2020, 11, 1)
            )

    browser = browser_of("a")
    addresses = ("/ladder", "/ladder/holders/high_tech", "/ladder/endings", "/")

    def cost():
        found = []
        for address in addresses:
            with query_count() as queries:
                assert browser.get(address).status_code == 200
            found.append(len(queries))
        return found

    add(2)
    few = cost()
    add(8)
    assert cost() == few
    assert max(few[:3]) <= 8


def test_endings_stand_on_the_home_page_of_staff(browser_of, firm, certificate):
    page = browser_of("a").get("/").text
    assert "领航机器人" in page
    assert "还有 48 天" in page
    assert "领航机器人" in browser_of("a").get("/ladder/endings").text
    assert "领航机器人" not in browser_of("b").get("/").text
    assert "即将到期的证明" not in browser_of("leader").get("/").text


def test_the_timeline_of_the_firm_tells_of_its_proofs(app, firm, certificate):
    from crm.core.registry import timeline_sources
    from crm.ladder.panel import timeline

    assert timeline in timeline_sources["company"]
    items = {item.on: item for item in timeline(firm.id)}
    assert dict(items[date(2017, 11, 17)].values)["number"] == "GR201732000321"


def test_a_leaders_first_page_shows_the_ladder_in_one_picture(browser_of, firm, certificate):
    page = browser_of("leader").get("/").text
    assert 'href="/ladder/holders/high_tech"' in page
    assert "持有数" in page
    assert "持有数" not in browser_of("a").get("/").text


def test_the_rooms_around_the_ladder_are_found_under_its_place_in_the_head(browser_of, firm):
    browser = browser_of("a")
    for address in ("/ladder", "/operating", "/readiness", "/declarations", "/cultivation"):
        page = browser.get(address, follow_redirects=True).text
        assert 'href="/ladder" aria-current="page"' in page, address
