"""A list of firms as an office sends it, in GBK: read, mapped, repaired in the browser, imported, taken back."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.factories import make_uscc
from tests.journeys.browsing import Visitor

LIST = f"""科教城2020年新入驻企业名单,,,
单位：千元,,,
企业名称,统一社会信用代码,成立日期,注册资本（千元）
常州子丑智能装备有限公司,{make_uscc(990001)},2019-03-05,5000
常州寅卯软件技术有限公司,{make_uscc(990002)},2020.13.01,abc
合计,,,5000
"""


def test_a_list_with_faults_is_repaired_in_the_browser_and_imported(
    visitor: Callable[..., Visitor],
) -> None:
    a = visitor("A")
    a.open("/companies")
    a.follow(a.find("#list-menus a", "导入"))
    a.find("#file").set_input_files(
        {"name": "新入驻企业.csv", "mimeType": "text/csv", "buffer": LIST.encode("gbk")}
    )
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("main")).to_contain_text("合计行不导入：第6行")
    expect(a.find("main")).to_contain_text("5000 千元 = 500 万元")
    a.follow(a.find("main button", "核对"))
    expect(a.find("#verdict-title")).to_contain_text("1 行有误")

    day = a.find("[name='c-5-2']")
    expect(day).to_have_attribute("aria-invalid", "true")
    day.focus()
    day.evaluate("""cell => {
      const data = new DataTransfer();
      data.setData("text/plain", "2020-01-13\\t600");
      cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
    }""")
    expect(a.find("[name='c-5-3']")).to_have_value("600")
    with a.page.expect_navigation():
        a.find("main button", "保存修改并重新核对").click()
    a.look()
    expect(a.find("#verdict-title")).to_have_text("核对无误")

    a.follow(a.find("main button", "导入：新增 2 条"))
    expect(a.find("#verdict-title")).to_contain_text("已导入：新增 2 条")
    a.follow(a.find("tbody th a").first)
    expect(a.find("h1")).to_contain_text("常州子丑智能装备有限公司")
    a.open("/imports")
    a.follow(a.find("tbody th a", "新入驻企业").first)
    a.follow(a.find("main button", "撤销整批导入"))
    expect(a.find("#verdict-title")).to_contain_text("已撤销")
