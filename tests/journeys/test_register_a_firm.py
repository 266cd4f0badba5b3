"""Incubator staff registers an entrant, sees it climb and fall, and keeps it to the own incubator."""

from collections.abc import Callable

from playwright.sync_api import expect

from crm.core.identifiers import uscc_check_character
from tests.journeys.browsing import Visitor

NAME = "常州星桥测控技术有限公司"
FIRST_17 = "91320412MA7JRNY01"
CODE = FIRST_17 + uscc_check_character(FIRST_17)
FAULTY = CODE[:-1] + ("2" if CODE[-1] == "1" else "1")


def test_staff_registers_a_firm_that_only_its_own_incubator_can_find(
    visitor: Callable[..., Visitor],
) -> None:
    a = visitor("A")
    expect(a.find("h1")).to_have_text("我的工作")
    expect(a.find("#newest-title")).to_have_text("最近登记的企业")
    neighbour = a.find("[aria-labelledby=newest-title] .list-group-item a").first.inner_text()

    a.follow(a.find("[aria-labelledby=newest-title] .card-actions a"))
    _type_code_and_name(a, neighbour)
    _give_the_rest(a)
    with a.refused(422):
        a.follow(a.find("main form .btn-primary"))
    expect(a.find("[role=alert]")).to_contain_text("相近")
    a.fill(name=NAME)
    expect(a.find("#checks")).not_to_contain_text("可能已经登记过")
    a.follow(a.find("main form .btn-primary"))

    expect(a.find("h1")).to_have_text(NAME)
    firm = a.page.url
    expect(a.find("#fact-registered_capital dd")).to_contain_text("350")
    expect(a.find(".timeline li", "入驻国家大学科技园")).to_contain_text("2020-03-02")
    _see_rung(a, "初创企业", level=1)

    a.follow(a.find("[id^=ladder-of-] a", "登记证明"))
    a.fill(number="GR202032901234", issued_on="2020-09-11", authority="江苏省认定机构")
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("[id^=ladder-of-] tbody tr", "GR202032901234")).to_contain_text("待核")
    _see_rung(a, "初创企业", level=1)

    supervisor = visitor("supervisor")
    supervisor.open(firm)
    supervisor.follow(supervisor.find("[id^=ladder-of-] tbody a", "高新技术企业"))
    supervisor.follow(supervisor.find("main form .btn-primary", "核验"))
    a.open(firm)
    _see_rung(a, "高新企业", level=3)
    expect(a.find(".timeline li", "GR202032901234")).to_contain_text("2020-09-11")
    a.fill(as_of="2020-09-10")
    a.follow(a.find(".page-head__actions form button"))
    _see_rung(a, "初创企业", level=1)

    b = visitor("B")
    b.open("/companies")
    expect(b.find("main")).not_to_contain_text(NAME)
    b.open(f"/companies?q={CODE}")
    expect(b.find("main")).not_to_contain_text(NAME)
    with b.refused(404):
        b.open(firm)
    expect(b.find("body")).not_to_contain_text(NAME)


def _type_code_and_name(a: Visitor, neighbour: str) -> None:
    """What is wrong is said while typing, before anything is sent."""
    a.find("#uscc").press_sequentially(FAULTY)
    expect(a.find("#checks")).to_contain_text("校验位不符")
    a.look()
    a.fill(uscc=CODE)
    expect(a.find("#checks")).to_contain_text(f"校验通过：{CODE}")
    a.fill(name=neighbour.replace("有限公司", "有限责任公司"))
    expect(a.find("#checks")).to_contain_text("可能已经登记过")
    expect(a.find("#checks a")).to_have_text([neighbour])
    a.look()


def _give_the_rest(a: Visitor) -> None:
    a.fill(
        registered_capital="350",
        established_on="2019-03-18",
        industry_code="I65",
        from_on="2020-03-02",
        agreement_number="星桥-2020-07",
        agreement_on="2020-02-27",
        contact_name="沈亦凡",
        contact_phone="19900004321",
    )


def _see_rung(a: Visitor, rung: str, *, level: int) -> None:
    shown = a.find("[id^=ladder-of-] .rung")
    expect(shown).to_contain_text(rung)
    expect(shown.locator(".is-climbed")).to_have_count(level)
