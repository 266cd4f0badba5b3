"""A person at a browser, who stumbles over what a person, a screen reader or a browser would stumble over."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Request,
    Response,
    ViewportSize,
    WebError,
    expect,
)

PATIENCE = 20_000  # milliseconds; the machine may be busy with other tests
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

# Chromium writes most violations to the console by itself; this says them all, with what was refused.
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
  console.error(`CSP ${effectiveDirective}: ${blockedURI} ${sourceFile}:${lineNumber}`));
"""
# axe copies style sheets into a document of its own, and where it must fetch one again our policy rightly forbids
# the copy, in the console. Only a rule that is off reads those copies; the rule of sounding films keeps its films.
AXE = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}
AT_WORK = ".htmx-request, .htmx-swapping, .htmx-settling, .is-loading"


@dataclass(frozen=True)
class Site:
    """A running server with demo data, and who can sign in: the name in demo-accounts.json → the account."""

    address: str
    accounts: dict[str, dict[str, str]]


class Visitor:
    """One browser of one person. `open` and `follow` lead to a page and look at it at once."""

    def __init__(self, browser: Browser, site: Site, viewport: ViewportSize = DESK) -> None:
        is_phone = viewport is PHONE
        self._site = site
        self.address = site.address
        self._width = viewport["width"]
        self._context = browser.new_context(
            base_url=site.address,
            viewport=viewport,
            is_mobile=is_phone,
            has_touch=is_phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            color_scheme="light",
            reduced_motion="reduce",
        )
        self._context.set_default_timeout(PATIENCE)
        self._context.add_init_script(TELL_VIOLATIONS)
        self._faults: list[str] = []
        self._allowed: list[int] = []
        self._context.on("console", self._hear)
        self._context.on("weberror", self._hear_error)
        self._context.on("requestfailed", self._miss)
        self._context.on("response", self._receive)
        self.page = self._context.new_page()

    def close(self) -> None:
        self._context.close()
        self._expect_no_faults("on closing the browser")

    # What goes wrong on the way

    def _hear(self, message: ConsoleMessage) -> None:
        is_status = message.text.startswith("Failed to load resource: the server responded")
        if message.type in ("error", "warning") and not is_status:  # a status is seen in _receive
            self._faults.append(f"console: {message.text}")

    def _hear_error(self, error: WebError) -> None:
        self._faults.append(f"script: {error.error}")

    def _miss(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page itself let it go, or it became a file
            self._faults.append(f"{request.failure}: {request.method} {request.url}")

    def _receive(self, response: Response) -> None:
        if response.status < 400:
            return
        if response.status in self._allowed:
            self._allowed.remove(response.status)
            return
        self._faults.append(f"{response.status}: {response.request.method} {response.url}")

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """One answer with this status must come of what is done inside; any other is a fault."""
        self._allowed.append(status)
        with self.page.expect_response(lambda response: response.status == status):
            yield

    # What the person does

    def sign_in(self, name: str) -> None:
        self.page.goto("/login")
        self.sign_in_here(name)

    def sign_in_here(self, name: str) -> None:
        """On the login page to which the site has led."""
        account = self._site.accounts[name]
        self._give(account["username"], account["password"])

    def sign_in_with(self, username: str, password: str) -> None:
        self.page.goto("/login")
        self._give(username, password)

    def _give(self, username: str, password: str) -> None:
        self.fill(username=username, password=password)
        self.follow(self.page.locator("main form .btn-primary"))

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.look()

    def follow(self, link: Locator) -> None:
        """Press what leads to another page."""
        with self.page.expect_navigation():
            link.click()
        self.look()

    def fill(self, **values: str | bool) -> None:
        """Fields by their id: text, a choice by its value or words, a box to tick."""
        for name, value in values.items():
            field = self.page.locator(f"#{name}")
            if isinstance(value, bool):
                field.set_checked(value)
            elif field.evaluate("field => field.matches('select')"):
                field.select_option(value)
            else:
                field.fill(value)

    def download(self, button: Locator) -> bytes:
        with self.page.expect_download() as started:
            button.click()
        return started.value.path().read_bytes()

    # What the person sees

    def look(self) -> None:
        """The page has come to rest; nothing went wrong on the way, nothing runs over the edge, axe finds nothing."""
        expect(self.page.locator(AT_WORK)).to_have_count(0)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > self._width:
            self._faults.append(f"{width} px wide in a window of {self._width} px")
        found = Axe().run(self.page, options=AXE)
        if found.violations_count:
            self._faults.append(found.generate_report())
        self._expect_no_faults(self.page.url)

    def _expect_no_faults(self, where: str) -> None:
        faults, self._faults = self._faults, []
        assert not faults, f"{where}\n" + "\n".join(faults)

    def find(self, selector: str, text: str | re.Pattern[str] | None = None) -> Locator:
        return self.page.locator(selector, has_text=text)
