"""Incubator staff narrows the register, keeps the view, changes firms of two pages at once, undoes it, exports."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor

VIEW = "人工智能以外的企业"


def test_a_list_is_narrowed_kept_changed_restored_and_taken_along(
    visitor: Callable[..., Visitor],
) -> None:
    a = visitor("A")
    a.open("/companies")
    _narrow(a)
    expect(a.find(".chip")).to_have_count(1)
    _keep_as_view(a)
    expect(a.find("#list-menus summary", VIEW)).to_be_visible()

    a.find("tbody [name=id]").nth(0).check()
    first = a.find("tbody tr[data-row] th a").nth(0).inner_text()
    a.follow(a.find(".pager [rel=next]"))
    a.find("tbody [name=id]").nth(1).check()
    second = a.find("tbody tr[data-row] th a").nth(1).inner_text()
    expect(a.find("[data-selection-count]")).to_have_text("已选 2 条")

    a.follow(a.find("#selection [formaction='/companies/changes/preview']"))
    a.find("[name=change][value=future_industry]").check()
    a.find("select[name=future_industry]").select_option("人工智能")
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("#plan-title")).to_have_text("2 家将改变")
    expect(a.find("main tbody")).to_contain_text(first)
    expect(a.find("main tbody")).to_contain_text(second)
    a.follow(a.find("section form .btn-primary"))
    expect(a.find("main")).to_contain_text("已修改 2 家企业")
    a.follow(a.find("form[action$=undo] button"))
    expect(a.find("main [data-message=success]")).to_contain_text("已恢复 2 家企业")

    a.open("/companies")
    a.find("#list-menus summary", "视图").click()
    a.follow(a.find("#list-menus a", VIEW))
    expect(a.find("tbody")).to_contain_text(first)  # as it was before
    a.find("#list-menus summary", "导出").click()
    assert a.download(a.find("#list-menus button[value=xlsx]"))[:2] == b"PK"


def _narrow(a: Visitor) -> None:
    """All whose industry of the future is another than 人工智能, or none."""
    a.find("#list-menus summary", "筛选").click()
    with a.page.expect_response(re.compile("edit=field")):
        a.fill(**{"builder-field": "future_industry"})
    a.fill(**{"builder-operator": "不是"})
    a.find("#builder-inputs label", "人工智能").click()
    a.look()
    a.follow(a.find(".builder__end .btn-primary"))


def _keep_as_view(a: Visitor) -> None:
    a.find("#list-menus summary", "视图").click()
    a.follow(a.find("#list-menus form[action*=views] button"))
    a.fill(name=VIEW)
    a.follow(a.find("main form .btn-primary"))
