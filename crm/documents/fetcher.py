"""What a document may read while it is printed: our own static files and its own charts.

Kept apart from `pdf` so that WeasyPrint (a second to import) is loaded by the first PDF.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weasyprint.urls import URLFetcher, URLFetcherResponse

# Relative addresses of a page are resolved against this. It opens nothing by itself: see fetch.
BASE_URL = "file:///"
STATIC_PREFIX = "/static/"
CHART_SCHEME = "chart"
CONTENT_TYPES = {
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}


class OwnFilesOnly(URLFetcher):
    """Opens `/static/…` inside `static_root` and `chart:NAME` from memory; refuses all else.

    Style sheets, images, fonts and attachments come through here (CVE-2024-28184,
    CVE-2026-55073). WeasyPrint goes on without what was refused; `refused` remembers it.
    """

    def __init__(self, static_root: Path, charts: Mapping[str, str]) -> None:
        super().__init__()
        self.refused: list[str] = []
        self._static_root = static_root.resolve()
        self._charts = charts

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        address = urlsplit(url)
        path = unquote(address.path)
        if address.scheme == CHART_SCHEME and path in self._charts:
            return _response(url, self._charts[path].encode(), ".svg")
        if address.scheme == "file" and not address.netloc and path.startswith(STATIC_PREFIX):
            file = (self._static_root / path.removeprefix(STATIC_PREFIX)).resolve()
            if (
                file.is_relative_to(self._static_root)
                and file.suffix in CONTENT_TYPES
                and file.is_file()
            ):
                return _response(url, file.read_bytes(), file.suffix)
        self.refused.append(url)
        raise PermissionError(f"a document may not open {url}")


def _response(url: str, body: bytes, suffix: str) -> URLFetcherResponse:
    return URLFetcherResponse(url, body, {"Content-Type": CONTENT_TYPES[suffix]})
