"""Investment moves a project along the board: by keys, through the dialog and by dragging; the gates hold."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.journeys.browsing import Visitor

NAME = "星桥测控华东总部基地"
TWICE = "澜石传感华东研发基地"
LATE = "榆影光学华东总部基地"
INTENT = ["预计投资", "洽谈或考察", "意向地块或载体", "意向书、框架协议或预留凭据"]
SIGNED = ["协议编号", "协议签订日期", "协议投资"]


def test_a_project_moves_by_keys_dialog_and_drag_once_its_gates_are_met(
    visitor: Callable[..., Visitor],
) -> None:
    investor = visitor("investment")
    project = _register(investor)
    investor.open("/projects/board")
    expect(investor.find(".board__column")).to_have_count(7)
    card = investor.find(".board__card", NAME)
    _expect_in(investor, "lead")

    card.locator(".board__title").press("Shift+ArrowRight")
    _expect_in(investor, "negotiating")
    expect(investor.find("#toasts")).to_contain_text(f"“{NAME}”已移到“在谈项目”")
    expect(card.locator(".board__title")).to_be_focused()
    investor.look()

    with investor.refused(422):
        _drag(investor, card, "intent")
    expect(_missing(investor)).to_have_text(INTENT)
    investor.look()
    investor.find("#gate [data-closes]").click()
    _expect_in(investor, "negotiating")

    with investor.refused(422):
        _move_in_dialog(investor, card, "signed", reason="集中签约")
    expect(investor.find("#gate .tone-bad")).to_contain_text("还缺 7 项")
    expect(_missing(investor)).to_have_text([*INTENT, *SIGNED])
    _expect_in(investor, "negotiating")
    expect(investor.find("#head-negotiating .badge")).to_have_text(
        _cards_in(investor, "negotiating")
    )

    investor.follow(_missing(investor).first)
    expect(investor.page).to_have_url(re.compile(rf"{project}/edit\?next=.*#expected_investment$"))
    _give_what_is_missing(investor)
    _expect_the_dialog_again(investor)
    expect(_missing(investor)).to_have_text(["洽谈或考察"])
    investor.follow(_missing(investor).first)
    investor.fill(happened_on="2020-09-15", summary="投资方来园区考察A-07地块。")
    investor.follow(investor.find("#followup form .btn-primary"))
    _expect_the_dialog_again(investor)
    expect(investor.find("#gate-form .light--ok")).to_be_visible()
    investor.open("/projects/board")
    _move_in_dialog(investor, card, "intent")
    _expect_in(investor, "intent")
    _drag(investor, card, "signed")
    _expect_in(investor, "signed")
    expect(card).to_contain_text("8,650")
    investor.look()

    investor.find("#toasts button", "撤销").last.click()
    _expect_in(investor, "intent")
    _drag(investor, card, "signed")
    _expect_in(investor, "signed")

    investor.open("/projects/board?as_of=2020-06-30")
    expect(investor.find(".message.tone-info")).to_contain_text("2020-06-30")
    expect(card).to_have_count(0)  # nobody knew of it then
    expect(investor.find("[data-move], [data-movable]")).to_have_count(0)
    there = investor.find("#cards-negotiating .board__card").first
    before = there.get_attribute("id")
    there.locator(".board__title").press("Shift+ArrowRight")
    investor.look()
    expect(there).to_have_id(str(before))

    investor.open(project)
    expect(investor.find("[aria-current=step]")).to_have_text("签约项目")
    investor.follow(investor.find("main a", "阶段记录和更正"))
    investor.follow(investor.find("tbody tr").first.locator("a"))
    investor.fill(effective_on="2020-09-29", reason="协议于前一日签订")
    with investor.refused(422):
        investor.find("main form .btn-primary").click()
    expect(investor.find(".field-error")).to_contain_text("不能早于前一步")
    investor.fill(to_stage="paused", effective_on="2020-09-30")
    investor.follow(investor.find("main form .btn-primary"))
    expect(investor.find("tbody tr").first).to_contain_text("更正原因：协议于前一日签订")
    expect(investor.find("tbody s", "意向项目 → 签约项目")).to_have_count(
        3
    )  # undone, and corrected
    investor.open(project)
    expect(investor.find(".message.tone-warn")).to_contain_text("此前为意向项目")


def test_of_two_who_move_one_card_the_second_is_told_and_sees_the_present_state(
    visitor: Callable[..., Visitor],
) -> None:
    first, second = visitor("investment"), visitor("investment")
    _register(first, TWICE)
    for person in (first, second):
        person.open("/projects/board")
    cards = [person.find(".board__card", TWICE) for person in (first, second)]
    cards[0].locator(".board__title").press("Shift+ArrowRight")
    _expect_in(first, "negotiating", TWICE)
    with second.refused(409):
        cards[1].locator(".board__title").press("Shift+ArrowRight")
    expect(second.find("#gate .tone-bad")).to_contain_text("已被他人修改")
    expect(second.find("#gate")).to_contain_text("现在：在谈项目")
    _expect_in(second, "lead", TWICE)  # nothing moved there
    second.look()
    second.follow(second.find("#gate a", "刷新看板"))
    _expect_in(second, "negotiating", TWICE)


def test_whose_session_ended_in_the_dialog_signs_in_and_goes_on_where_it_was(
    visitor: Callable[..., Visitor],
) -> None:
    investor = visitor("investment")
    _register(investor, LATE)
    investor.open("/projects/board")
    card = investor.find(".board__card", LATE)
    card.locator("[data-move]").click()
    investor.find("#to-paused").check()
    expect(investor.find("#gate [for=reason] .required-mark")).to_be_visible()
    investor.fill(reason="等待增资&到位 #2")
    investor.page.context.clear_cookies()
    with investor.refused(401):
        investor.find("#gate .btn-primary").click()
    expect(investor.page).to_have_url(re.compile(r"/login\?next="))
    investor.sign_in_here("investment")
    expect(investor.find("#move-dialog[open] #to-paused")).to_be_checked()
    expect(investor.find("#reason")).to_have_value("等待增资&到位 #2")
    investor.find("#gate .btn-primary").click()
    expect(investor.find("#toasts")).to_contain_text(f"“{LATE}”已移到“暂停”")
    expect(card).to_have_count(0)
    expect(investor.page).to_have_url(re.compile(r"/projects/board$"))


def _expect_the_dialog_again(investor: Visitor) -> None:
    """Over the board; what was chosen and typed in it is still there."""
    expect(investor.find("#move-dialog[open] #gate-form")).to_be_visible()
    expect(investor.page).to_have_url(re.compile(r"/projects/board$"))
    expect(investor.find("#to-signed")).to_be_checked()
    expect(investor.find("#reason")).to_have_value("集中签约")


def _register(investor: Visitor, name: str = NAME) -> str:
    """A lead with all that 在谈 asks for, and nothing of what 意向 does. Returns its address."""
    investor.open("/projects/new")
    investor.fill(
        name=name,
        kind="construction",
        origin="domestic",
        purpose="research",
        unit_id="投资促进处",
        investor="星桥控股集团",
        contact="沈亦凡",
        owner_id="陈知远",
        source="驻点招商",
    )
    investor.find("#future_industry").select_option(index=1)
    investor.follow(investor.find("main form .btn-primary"))
    expect(investor.find("h1")).to_have_text(name)
    return investor.page.url


def _give_what_is_missing(investor: Visitor) -> None:
    investor.fill(
        expected_investment="9120.5",
        space_wish="科教城北侧A-07地块",
        intent_document="投资意向书（2020）17号",
        agreement_number="科投协〔2020〕117号",
        agreement_on="2020-09-28",
        agreed_investment="8650",
    )
    investor.follow(investor.find("main form .btn-primary"))


def _drag(investor: Visitor, card: Locator, stage: str) -> None:
    """With the mouse, as a hand does it: press, a little way, over the column, release."""
    investor.page.evaluate("scrollTo(0, 0)")
    start, goal = card.bounding_box(), investor.find(f"#cards-{stage}").bounding_box()
    assert start
    assert goal
    mouse = investor.page.mouse
    mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    mouse.down()
    mouse.move(start["x"] + start["width"] / 2 + 12, start["y"] + start["height"] / 2 + 4, steps=3)
    mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + 60, steps=12)
    mouse.up()


def _move_in_dialog(investor: Visitor, card: Locator, stage: str, reason: str = "") -> None:
    card.locator("[data-move]").click()
    investor.find(f"#to-{stage}").check()
    expect(investor.find("#gate .gate-missing, #gate .light--ok")).to_be_visible()
    investor.look()
    investor.fill(reason=reason)
    investor.find("#gate .btn-primary").click()


def _missing(investor: Visitor) -> Locator:
    return investor.find(".gate-missing li a")


def _expect_in(investor: Visitor, stage: str, name: str = NAME) -> None:
    expect(investor.find(f"#cards-{stage} .board__card", name)).to_have_count(1)
    expect(investor.find(".board__card", name)).to_have_count(1)


def _cards_in(investor: Visitor, stage: str) -> str:
    return str(investor.find(f"#cards-{stage} .board__card").count())
