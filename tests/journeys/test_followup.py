"""A visit leaves a next step, which becomes a todo that is done; a leader's word is answered and closed."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor

SEEN, NEXT = "看了新产线，缺两名调试工程师。", "联系人才服务中心推荐工程师"
WORD, ANSWER = "请帮助这家企业解决用工。", "已推荐三名工程师，两名已到岗。"


def test_a_visit_leaves_a_next_step_that_is_done_from_the_queue(
    visitor: Callable[..., Visitor],
) -> None:
    a = visitor("A")
    a.open("/companies")
    a.follow(a.find("tbody th a").first)
    expect(a.find("#facts ~ * #followup")).to_be_visible()  # what is known comes first
    expect(a.find("#followup #summary")).to_be_hidden()
    a.find("#followup summary", "记一次跟进").click()
    a.find("#followup summary", "下一步").click()
    a.fill(summary=SEEN, next_what=NEXT)
    with a.refused(422):
        a.find("#followup form .btn-primary").click()
    expect(a.find("#summary")).to_have_value(SEEN)
    a.look()
    a.fill(next_on="2020-09-30")
    a.find("#followup form .btn-primary").click()
    expect(a.find("#followup [role=status]")).to_contain_text("已记录")
    expect(a.find(".activity-list")).to_contain_text(SEEN)
    expect(a.find("#followup")).to_contain_text(NEXT)
    expect(a.find("#followup #summary")).to_be_hidden()
    expect(a.find("#followup")).to_be_focused()
    a.look()

    a.open("/todo")
    line = a.find("[data-todo]", NEXT)
    line.locator("[data-done]").click()
    expect(a.find(".todo.is-closed", NEXT)).to_contain_text("撤销")
    a.look()
    a.open("/todo")
    expect(a.find("[data-todo]", NEXT)).to_have_count(0)


def test_a_leaders_word_is_answered_by_the_one_and_closed_by_the_other(
    visitor: Callable[..., Visitor],
) -> None:
    a, leader = visitor("A"), visitor("lead")
    a.open("/companies")
    a.follow(a.find("tbody th a").nth(1))
    leader.open(a.page.url)
    leader.follow(leader.find("#followup a", "批示").first)
    leader.fill(text=WORD, owner="安若川", due_on="2020-10-12")
    leader.follow(leader.find("main form .btn-primary"))
    given = leader.page.url

    a.open("/todo")
    a.follow(a.find("[data-todo]", WORD).locator("[data-done]"))
    assert a.page.url == given
    a.find("main .step textarea").first.fill(ANSWER)
    a.follow(a.find("main .step .btn-primary"))
    expect(a.find("main")).to_contain_text("等待批示领导或督查销号")

    leader.open("/")
    leader.follow(leader.find("[data-todo]", WORD).locator("[data-open]"))
    expect(leader.find("main")).to_contain_text(ANSWER)
    leader.follow(leader.find("main .step .btn-primary"))
    expect(leader.find("main .badge").first).to_have_text("销号")
    a.open("/todo")
    expect(a.find("[data-todo]", WORD)).to_have_count(0)
