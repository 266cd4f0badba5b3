"""HTML → PDF. Title, author and language of the file come from the page's own head."""

import threading
from collections.abc import Mapping
from pathlib import Path

# A PDF travels outside the park's network: links into the product would be dead, or tell of its address.
LINKS_STAY_AT_HOME = "a[href]:not([href^='#']):not([href^='https://']) { -weasy-link: none }"

# A long report takes seconds of one core and some 200 MB: a process prints one at a time.
_press = threading.Lock()


class AddressRefused(Exception):
    """The page asked for something that is neither a static file of ours nor one of its charts."""


def to_pdf(html: str, *, static_root: Path, charts: Mapping[str, str] | None = None) -> bytes:
    """Print a page. `/static/…` is read from `static_root`; `<img src="chart:NAME">` shows the SVG `charts[NAME]`.

    Raises AddressRefused for any other address. The same page gives the same bytes.
    """
    from weasyprint import CSS, HTML  # noqa: PLC0415 - a second to import, and few requests print
    from weasyprint.urls import FatalURLFetchingError  # noqa: PLC0415

    from crm.documents.fetcher import BASE_URL, OwnFilesOnly  # noqa: PLC0415

    fetcher = OwnFilesOnly(static_root, charts or {})
    with _press:
        try:
            page = HTML(string=html, base_url=BASE_URL, url_fetcher=fetcher)
            links = CSS(string=LINKS_STAY_AT_HOME, url_fetcher=fetcher)
            pdf: bytes = page.write_pdf(stylesheets=[links], pdf_tags=True)
        except FatalURLFetchingError as refusal:
            raise AddressRefused(str(refusal.__cause__)) from refusal
    return pdf
