import json
from decimal import Decimal
from fractions import Fraction
from threading import Thread
from xml.etree import ElementTree

import pytest

from crm.documents import charts, options
from crm.documents.charts import ChartFailed, to_svg

SVG = "{http://www.w3.org/2000/svg}"
LABELS = ("信息", "在谈", '签约<&">')


def words(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_a_chart_shows_its_labels_and_figures() -> None:
    drawn = words(to_svg(options.stage_bars(LABELS, [31, 17, 9]), 480, 240))
    assert {*LABELS, "31", "17", "9"} <= set(drawn)


@pytest.mark.parametrize("build", [options.stage_bars, options.breakdown_bars, options.funnel])
def test_no_text_has_a_halo_and_every_text_the_print_font(build) -> None:  # type: ignore[no-untyped-def]
    svg = to_svg(build(LABELS, [31, 17, 9]), 480, 240)
    texts = list(ElementTree.fromstring(svg).iter(f"{SVG}text"))
    assert texts
    for text in texts:
        assert text.get("stroke") is None
        assert "font-family:Noto Sans CJK SC, sans-serif" in text.get("style", "")


def test_a_halo_asked_for_is_taken_off_and_the_lines_keep_theirs() -> None:
    option = options.stage_bars(LABELS, [3, 2, 1])
    option["series"][0]["label"] |= {"textBorderColor": "#fff", "textBorderWidth": 2}
    svg = to_svg(option, 480, 240)
    assert all(
        text.get("stroke") is None for text in ElementTree.fromstring(svg).iter(f"{SVG}text")
    )
    assert any(line.get("stroke") for line in ElementTree.fromstring(svg).iter(f"{SVG}path"))


def test_nothing_moves_on_paper() -> None:
    option = options.line_against_plan(["1月", "2月"], [1, None], [2, 5], names=("实际", "计划"))
    svg = to_svg({**option, "animation": True}, 480, 240)
    assert "@keyframes" not in svg
    assert "<animate" not in svg
    assert {"实际", "计划", "1月", "2月"} <= set(words(svg))


def test_the_page_keeps_an_option_that_its_security_policy_allows() -> None:
    option = options.funnel(LABELS, [9, 5, 2], hrefs=["/a", "/b", "/c"])
    assert option["tooltip"]["renderMode"] == "richText"
    assert [datum["href"] for datum in option["series"][0]["data"]] == ["/a", "/b", "/c"]
    before = repr(option)
    to_svg(option, 480, 240)
    assert repr(option) == before


def test_a_label_too_few_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        options.funnel(LABELS, [9, 5])


def test_the_option_is_plain_json() -> None:
    exact = options.breakdown_bars(["甲", "乙"], [Decimal("12.5"), 3])
    assert json.loads(json.dumps(exact)) == exact
    months = options.line_against_plan(["1月"], [Fraction(3, 4)], [None], names=("实际", "计划"))
    assert json.loads(json.dumps(months)) == months


def test_exact_figures_can_be_drawn_and_a_figure_that_is_none_cannot() -> None:
    assert "12.5" in words(to_svg(options.stage_bars(["甲"], [Decimal("12.5")]), 300, 200))
    assert "0.75" in words(to_svg(options.stage_bars(["甲"], [Fraction(3, 4)]), 300, 200))
    with pytest.raises(ValueError, match="JSON"):
        to_svg(options.stage_bars(["甲"], [Decimal("NaN")]), 300, 200)


def test_a_font_name_with_quotes_is_refused_rather_than_printed_broken() -> None:
    option = options.stage_bars(LABELS, [3, 2, 1])
    option["series"][0]["label"]["fontFamily"] = '"Noto Sans CJK SC"'
    with pytest.raises(ChartFailed):
        to_svg(option, 480, 240)


def test_a_chart_that_cannot_be_drawn_does_not_spoil_the_next() -> None:
    with pytest.raises(ChartFailed):
        to_svg({"series": [{"type": "bar", "data": [1]}]}, 480, 240)
    assert "31" in words(to_svg(options.stage_bars(["甲"], [31]), 300, 200))


def test_many_threads_draw_at_once_and_a_worn_context_is_renewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(charts, "CHARTS_PER_CONTEXT", 3)
    drawn: dict[int, str] = {}

    def draw(figure: int) -> None:
        drawn[figure] = to_svg(options.stage_bars(["甲"], [figure]), 300, 200)

    threads = [Thread(target=draw, args=(figure,)) for figure in range(101, 109)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(str(figure) in words(svg) for figure, svg in drawn.items())
    assert len(drawn) == 8


def test_a_chart_that_takes_too_long_is_stopped_and_the_next_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endless = options.stage_bars([str(n) for n in range(50_000)], list(range(50_000)))
    monkeypatch.setattr(charts, "TIMEOUT_SECONDS", 0.05)
    with pytest.raises(ChartFailed):
        to_svg(endless, 480, 240)
    monkeypatch.undo()
    assert "31" in words(to_svg(options.stage_bars(["甲"], [31]), 300, 200))


def test_a_chart_that_eats_all_memory_is_stopped_and_the_next_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(charts, "MEMORY_LIMIT", 40 * 1024 * 1024)
    monkeypatch.setattr(charts, "_engine", charts._Engine())
    huge = options.stage_bars([str(n) for n in range(60_000)], list(range(60_000)))
    with pytest.raises(ChartFailed):
        to_svg(huge, 480, 240)
    assert "31" in words(to_svg(options.stage_bars(["甲"], [31]), 300, 200))
