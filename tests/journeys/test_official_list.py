"""A published list, pasted: what it names becomes proofs that count once a second person has confirmed the document."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor

SOURCE = "2020年第三批高新技术企业名单"


def test_a_pasted_list_becomes_verified_certificates(visitor: Callable[..., Visitor]) -> None:
    a = visitor("A")
    a.open("/companies?where=kind:is:enterprise")
    names = [link.inner_text() for link in a.find("tbody th a").all()[:2]]
    lines = [f"{name}\tGR2020329{n:05d}" for n, name in enumerate(names)]
    a.open("/ladder/lists")
    a.follow(a.find("main a", "读入名单").first)
    a.fill(what="high_tech", name=SOURCE, issued_on="2020-09-25")
    a.fill(text="\n".join([*lines, "苏州园外无此企业有限公司\tGR202032999999"]))
    a.follow(a.find("main form .btn-primary"))
    expect(a.find("main")).to_contain_text("已匹配 2 家")
    expect(a.find("main")).to_contain_text("未匹配 1 家")
    a.follow(a.find("main button", "确认勾选的，登记为证明"))
    expect(a.find("main")).to_contain_text("已登记 2 家")

    supervisor = visitor("supervisor")
    supervisor.open("/ladder/verifications")
    row = supervisor.find("tr", SOURCE)
    expect(row).to_contain_text("2")
    supervisor.follow(row.locator("button"))
    expect(supervisor.find("tr", SOURCE)).to_have_count(0)

    a.open("/ladder/qualifications?q=GR202032900000")
    expect(a.find("tbody tr")).to_have_count(1)
    expect(a.find("tbody tr")).to_contain_text("已核")
