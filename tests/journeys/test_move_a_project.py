"""Investment moves a project along the board: by keys, through the dialog and by dragging; the gates hold."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.journeys.browsing import Visitor

NAME = "星桥测控华东总部基地"
INTENT = ["预计投资", "洽谈或考察日期", "意向地块或载体", "意向书、框架协议或预留凭据"]
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
    expect(investor.page).to_have_url(re.compile(rf"{project}/edit#expected_investment$"))
    _give_what_is_missing(investor)
    investor.open("/projects/board")
    _move_in_dialog(investor, card, "intent")
    _expect_in(investor, "intent")
    _drag(investor, card, "signed")
    _expect_in(investor, "signed")
    expect(card).to_contain_text("8,650")
    investor.look()

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


def _register(investor: Visitor) -> str:
    """A lead with all that 在谈 asks for, and nothing of what 意向 does. Returns its address."""
    investor.open("/projects/new")
    investor.fill(
        name=NAME,
        kind="construction",
        unit_id="投资促进处",
        investor="星桥控股集团",
        contact="沈亦凡",
        owner_id="陈知远",
        source="驻点招商",
    )
    investor.find("#future_industry").select_option(index=1)
    investor.follow(investor.find("main form .btn-primary"))
    expect(investor.find("h1")).to_have_text(NAME)
    return investor.page.url


def _give_what_is_missing(investor: Visitor) -> None:
    investor.fill(
        expected_investment="9120.5",
        visited_on="2020-09-15",
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
    return investor.find("#gate .gate-missing li a")


def _expect_in(investor: Visitor, stage: str) -> None:
    expect(investor.find(f"#cards-{stage} .board__card", NAME)).to_have_count(1)
    expect(investor.find(".board__card", NAME)).to_have_count(1)


def _cards_in(investor: Visitor, stage: str) -> str:
    return str(investor.find(f"#cards-{stage} .board__card").count())
