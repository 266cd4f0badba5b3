"""Take screenshots of the running product: every main page at three widths, light and dark, and the README's picture.

./run &                      the product with its demo data
make shots                   writes var/shots/*.png and docs/images/board.png
"""

import json
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = os.environ.get("CRM_ADDRESS", "http://127.0.0.1:5000")
WIDTHS = {390: 844, 820: 1180, 1440: 900}
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

PAGES = {
    "lead": (
        "/",
        "/targets",
        "/targets/T02",
        "/ladder",
        "/reports",
        "/reports/pipeline",
        "/projects/board?as_of=2020-03-31",
        "/projects/flow",
        "/projects/funnel",
        "/projects/breakdowns",
        "/projects/forecast",
    ),
    "investment": (
        "/",
        "/projects/board",
        "/projects",
        "/projects/new",
        "/projects/1",
        "/projects/1/edit",
    ),
    "A": ("/", "/companies", "/companies/new", "/companies/{firm}"),
    "unit_staff": ("/", "/targets", "/targets/T36"),
    "unit_head": ("/", "/targets/reviews"),
    "supervisor": ("/", "/targets/reviews"),
    "auditor": ("/audit",),
    "admin": ("/users", "/users/new", "/units"),
}


def main() -> None:
    data = Path(os.environ.get("CRM_DATA_DIR") or ROOT / "var")
    people = json.loads((data / "demo-accounts.json").read_text(encoding="utf-8"))
    folder = ROOT / "var" / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    only = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, addresses in PAGES.items():
            if only and name not in only:
                continue
            for scheme in ("light", "dark"):
                shoot(browser, people[name], name, addresses, scheme, folder)
        browser.close()
    picture = folder / "investment-projects-board-1440-light.png"
    if picture.exists():
        (ROOT / "docs" / "images").mkdir(exist_ok=True)
        shutil.copy(picture, ROOT / "docs" / "images" / "board.png")


def shoot(
    browser: Browser,
    account: dict[str, str],
    name: str,
    addresses: tuple[str, ...],
    scheme: str,
    folder: Path,
) -> None:
    context = browser.new_context(color_scheme=scheme, locale="zh-CN")
    page = context.new_page()
    page.on(
        "console",
        lambda message: print(f"! {page.url}: {message.text}") if message.type == "error" else None,
    )
    sign_in(page, account)
    for address in addresses:
        if "{firm}" in address:
            page.goto(f"{ADDRESS}/companies")
            address = (
                page.locator('main a[href^="/companies/"]:not([href$="/new"])').first.get_attribute(
                    "href"
                )
                or ""
            )
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{ADDRESS}{address}", wait_until="networkidle")
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
                print(f"! {name} {address} is wider than {width} px")
            slug = (
                address.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "home"
            )
            page.screenshot(
                path=folder / f"{name}-{slug}-{width}-{scheme}.png", full_page=width != 1440
            )
    context.close()


def sign_in(page: Page, account: dict[str, str]) -> None:
    page.goto(f"{ADDRESS}/login")
    page.fill("#username", account["username"])
    page.fill("#password", account["password"])
    page.press("#password", "Enter")
    page.wait_for_load_state("networkidle")
    if "/login" in page.url:
        sys.exit(f"cannot sign in as {account['username']}")


if __name__ == "__main__":
    main()
