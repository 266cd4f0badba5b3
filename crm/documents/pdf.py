"""HTML → PDF. Title, author and language of the file come from the page's own head."""

import threading
from collections.abc import Mapping
from pathlib import Path

from flask import current_app

# A long report takes seconds of one core and some 200 MB: a process prints one at a time.
_press = threading.Lock()


class AddressRefused(Exception):
    """The page asked for something that is neither a static file of ours nor one of its charts."""


def printed(html: str, charts: Mapping[str, str] | None = None) -> bytes:
    """A page of the product on paper."""
    return to_pdf(html, static_root=Path(current_app.static_folder or ""), charts=charts)


def to_pdf(html: str, *, static_root: Path, charts: Mapping[str, str] | None = None) -> bytes:
    """Print a page. The same page gives the same bytes.

    `/static/…` is read from `static_root`; `<img src="chart:NAME">` shows the SVG
    `charts[NAME]`. Raises AddressRefused when the page asks for anything else.
    """
    from weasyprint import HTML  # takes a second to import, and few requests print

    from crm.documents.fetcher import BASE_URL, OwnFilesOnly

    fetcher = OwnFilesOnly(static_root, charts or {})
    with _press:
        document = HTML(string=html, base_url=BASE_URL, url_fetcher=fetcher).render(pdf_tags=True)
        for page in document.pages:
            page.links[:] = [link for link in page.links if _may_leave_the_house(*link[:2])]
        pdf: bytes = document.write_pdf(pdf_tags=True)
    if fetcher.refused:
        raise AddressRefused(", ".join(fetcher.refused))
    return pdf


def _may_leave_the_house(kind: str, target: str) -> bool:
    """A PDF travels beyond the park's network, where links into the product are dead."""
    return kind != "external" or target.startswith("https://")
