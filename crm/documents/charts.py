"""ECharts option → SVG, so that a report shows on paper the very chart of the page.

The script runs in an embedded V8 that has no network and no files.
"""

import json
import os
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from py_mini_racer import JSEvalException, JSOOMException, MiniRacer

ECHARTS = Path(__file__).parents[2] / "static/vendor/echarts.min.js"
# Without quotes: ECharts writes the name into an attribute as it stands.
PRINT_FONT = "Noto Sans CJK SC, sans-serif"
TIMEOUT_SECONDS = 10
MEMORY_LIMIT = 512 * 1024 * 1024
# A context grows slowly; a fresh one costs a quarter of a second.
CHARTS_PER_CONTEXT = 2000

DRAW = """
function draw(option, width, height) {
  const chart = echarts.init(null, null, {renderer: "svg", ssr: true, width, height});
  try { chart.setOption(option); return chart.renderToSVGString(); } finally { chart.dispose(); }
}
"""


class ChartFailed(Exception):
    """The option could not be drawn."""


def to_svg(option: Mapping[str, Any], width: int, height: int) -> str:
    """Draw a chart as a stand-alone SVG of width × height pixels. Safe to call from any thread."""
    printed = {**option, "animation": False, "tooltip": {"show": False}}
    printed["textStyle"] = {**option.get("textStyle", {}), "fontFamily": PRINT_FONT}
    svg = _engine.draw(json.dumps([printed, width, height], allow_nan=False))
    svg = _without_halos(svg)
    try:
        ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise ChartFailed(f"the chart is not well-formed SVG: {error}") from error
    return svg


def _without_halos(svg: str) -> str:
    """WeasyPrint ignores paint-order: the halo ECharts draws around a text would cover it."""
    return re.sub(
        r"<text\b[^>]*>", lambda tag: re.sub(r'\sstroke(-width)?="[^"]*"', "", tag[0]), svg
    )


class _Engine:
    """One V8 context per process behind a lock, made at the first chart, renewed now and then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._context: MiniRacer | None = None
        self._process = 0
        self._drawn = 0

    def draw(self, arguments: str) -> str:
        with self._lock:
            context = self._ready_context()
            try:
                svg = context.eval(f"draw(...{arguments})", timeout_sec=TIMEOUT_SECONDS)
            except JSEvalException as error:  # a chart that runs too long among them
                if isinstance(error, JSOOMException):
                    self._context = None
                raise ChartFailed(str(error)) from error
            self._drawn += 1
        return str(svg)

    def _ready_context(self) -> MiniRacer:
        # A context does not outlive a fork: its threads stay with the parent.
        stale = self._process != os.getpid() or self._drawn >= CHARTS_PER_CONTEXT
        if self._context is None or stale:
            context = MiniRacer()
            context.set_hard_memory_limit(MEMORY_LIMIT)
            context.eval(ECHARTS.read_text(encoding="utf-8"))
            context.eval(DRAW)
            self._context, self._process, self._drawn = context, os.getpid(), 0
        return self._context


_engine = _Engine()
