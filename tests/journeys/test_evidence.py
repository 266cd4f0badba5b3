"""A patent goes from its firm's page to its figure: recorded with a file, verified by somebody else, counted."""

from collections.abc import Callable

from playwright.sync_api import expect

from crm.core.identifiers import patent_check_character
from tests.journeys.browsing import Visitor

DIGITS = "202012345678"
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_a_patent_counts_once_somebody_else_has_verified_it(
    visitor: Callable[..., Visitor],
) -> None:
    a = visitor("A")
    a.open("/companies?where=kind:is:enterprise;resident:is:1")
    a.follow(a.find("tbody th a").first)
    a.follow(a.find("main a", "登记专利"))
    a.fill(
        number=f"{DIGITS}.X", title="一种旅程测试装置", happened_on="2020-09-30", source="旅程清单"
    )
    with a.refused(422):
        a.find("main form .btn-primary").click()
    expect(a.find("main")).to_contain_text("校验位不符")
    a.fill(number=f"ZL{DIGITS}.{patent_check_character(DIGITS)}")
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("main")).to_contain_text("核验后计入")
    address = a.page.url.removeprefix(a.address)
    a.page.set_input_files(
        "#files [type=file]",
        {"name": "受理通知书.pdf", "mimeType": "application/pdf", "buffer": PAPER},
    )
    a.find("#files button", "上传").click()
    expect(a.find("#files")).to_contain_text("受理通知书.pdf")

    supervisor = visitor("supervisor")
    supervisor.open("/evidence")
    figure = supervisor.find("[aria-labelledby=register-patents] dd").first
    before = int(figure.inner_text().replace(",", ""))
    supervisor.open("/evidence/verification")
    row = supervisor.find("tr", "旅程清单")
    supervisor.follow(row.locator("a").first)
    supervisor.follow(supervisor.find("main form .btn-primary"))
    expect(supervisor.find("tr", "旅程清单")).to_have_count(0)
    supervisor.open("/evidence")
    expect(figure).to_have_text(f"{before + 1:,}")

    a.open(address)
    expect(a.find("main")).to_contain_text("已核")
    a.open("/evidence/patents?q=旅程测试")
    expect(a.find("tbody tr")).to_have_count(1)
