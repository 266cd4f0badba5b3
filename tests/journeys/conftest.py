"""A demo site served as ./run serves it, made once, and browsers to visit it with."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

import config
from tests.journeys.browsing import DESK, PATIENCE, Site, Visitor

HERE = Path(__file__).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SMALL_PARK = ["demo", "load", "--companies", "400", "--projects", "56"]
START_LIMIT = 60  # seconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys in one process of a parallel run: they share one site."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: Any) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = {"DATABASE_URL", "CRM_SECRET_KEY", "CRM_TODAY", "CRM_HTTPS", "CRM_PROXY_HOPS"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    environment |= {"CRM_MODE": "demo", "CRM_DATA_DIR": str(folder), "PYTHONUTF8": "1"}
    environment |= {"HOST": "127.0.0.1", "PORT": str(port)}
    log = folder / "log"
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    with log.open("wb") as output:
        how: dict[str, Any] = {"cwd": config.ROOT, "env": environment}
        how |= {"stdout": output, "stderr": subprocess.STDOUT}
        for words in (["setup", "--empty"], SMALL_PARK):
            assert subprocess.run([*flask, *words], **how).returncode == 0, log.read_text()
        server = subprocess.Popen([*flask, "serve"], **how)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server, log)
        yield Site(address, json.loads((folder / "demo-accounts.json").read_text("utf-8")))
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + START_LIMIT
    while server.poll() is None and time.monotonic() < give_up_at:
        try:
            with urllib.request.urlopen(f"{address}/healthz"):
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        pytest.fail("没有 Chromium；./test 会安装 / no Chromium; ./test installs it")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """visitor("A") is a browser in which that demo account has signed in; visitor() one in which nobody has."""
    present: list[Visitor] = []

    def arrive(name: str | None = None, *, viewport: ViewportSize = DESK) -> Visitor:
        guest = Visitor(browser, site, viewport)
        present.append(guest)
        if name:
            guest.sign_in(name)
        return guest

    yield arrive
    for guest in present:
        guest.close()
