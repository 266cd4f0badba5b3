"""An application comes over the desk by the hands of two people and ends as a firm that resides in the park."""

from collections.abc import Callable

from playwright.sync_api import expect

from crm.core.identifiers import uscc_check_character
from tests.journeys.browsing import Visitor

NAME = "常州云帆量子测控有限公司"
FIRST_17 = "91320412MA7JRNE05"
CODE = FIRST_17 + uscc_check_character(FIRST_17)


def test_two_people_take_an_application_from_draft_to_residence(
    visitor: Callable[..., Visitor],
) -> None:
    a = visitor("A")
    expect(a.find("#entry-heading")).to_have_text("入驻受理台")
    a.follow(a.find("[aria-labelledby=entry-heading] .btn-primary"))
    a.fill(name=NAME, kind="enterprise")
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("#next")).to_contain_text("还缺 5 项")
    here = a.page.url

    _fill_in_the_rest(a)
    _move_on(a)
    expect(a.find(".page-head")).to_contain_text("科教城入申〔2020〕")
    _hand_in_the_materials(a)
    _move_on(a)
    expect(a.find("#next")).to_contain_text("等待受理人以外的人员评审")

    reviewer = visitor("A2")
    reviewer.open("/entry?mine=1")
    reviewer.follow(reviewer.find("#desk .board__title", NAME))
    reviewer.follow(reviewer.find("#next .btn-primary"))
    reviewer.page.get_by_label("同意", exact=True).check()
    reviewer.fill(opinion="团队和场地均合适")
    reviewer.follow(reviewer.find("main form .btn-primary"))

    a.open(here)
    a.follow(a.find("#next .btn-primary"))
    a.fill(rooms="A座501", pledge_on="2020-09-30")
    a.follow(a.find("main form .btn-primary"))
    a.find("#errands .card-footer input[name=note]").fill("已领照")
    a.find("#errands .card-footer button").click()
    expect(a.find("#next .btn-primary")).to_have_text("办理入驻")
    a.look()

    a.follow(a.find("#next .btn-primary"))
    a.find("#uscc").press_sequentially(CODE)
    expect(a.find("#checks")).to_contain_text(f"校验通过：{CODE}")
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("h1")).to_have_text(NAME)
    expect(a.find("#residences")).to_contain_text("A座501")
    expect(a.find(".timeline li", "入驻申请办结")).to_contain_text("2020-09-30")

    b = visitor("B")
    with b.refused(404):
        b.open(here.removeprefix(b.address))
    expect(b.find("body")).not_to_contain_text(NAME)


def _fill_in_the_rest(a: Visitor) -> None:
    a.follow(a.find("#next .btn-primary"))
    a.fill(
        industry_code="I65",
        business_plan="研发量子测控仪器",
        intended_on="2020-11-02",
        contact_name="沈亦凡",
        contact_phone="19900004321",
    )
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("#next")).to_contain_text("所需事项齐全")


def _move_on(a: Visitor) -> None:
    """The one next step, then its form as it is."""
    a.follow(a.find("#next .btn-primary"))
    a.follow(a.find("main form .btn-primary"))


def _hand_in_the_materials(a: Visitor) -> None:
    """One after another, each swapped in without a new page."""
    expect(a.find("#next")).to_contain_text("还缺 5 项")
    for left in ("还缺 4 项", "还缺 3 项", "还缺 2 项", "还缺 1 项", "所需事项齐全"):
        a.find("#checklist button", "收到").first.click()
        expect(a.find("#next")).to_contain_text(left)
    a.look()
