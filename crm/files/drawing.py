"""Draws one page of a picture or a PDF as a PNG, in a process of its own that may be lost: run as a script, by previews.py.

Takes the document on standard input; answers with the number of pages on the first line, then the PNG. It imports nothing
of ours, and gives up memory, time and files before it reads the first byte: a hostile document ends this process only.
"""

import io
import resource
import sys
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 10
MOST_PIXELS = 60_000_000  # of a picture: a phone takes fifty
LONGEST_SIDE = 4000  # of what we draw


def main(kind: str, number: int, width: int) -> None:
    for limit, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    draw = _pdf if kind == "application/pdf" else _picture
    pages, picture = draw(sys.stdin.buffer.read(), number, width)
    out = io.BytesIO()
    picture.save(out, "PNG")  # new pixels only: no profile, no place, no comment
    sys.stdout.buffer.write(b"%d\n" % pages + out.getvalue())


def _pdf(data: bytes, number: int, width: int) -> tuple[int, Any]:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)  # scripts are not even built in
    page = document[number - 1]
    scale = min(width / page.get_width(), LONGEST_SIDE / max(page.get_size()))
    return len(document), page.render(scale=scale).to_pil().convert("RGB")


def _picture(data: bytes, _number: int, width: int) -> tuple[int, Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow refuses what is twice as large
    formats = ("PNG", "JPEG")
    Image.open(io.BytesIO(data), formats=formats).verify()
    picture = Image.open(io.BytesIO(data), formats=formats)
    picture.draft("RGB", (width, width))  # a JPEG is decoded no larger than needed
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((width, LONGEST_SIDE))
    is_plain = upright.mode in ("RGB", "RGBA", "L")
    return 1, _without_metadata(upright if is_plain else upright.convert("RGBA"))


def _without_metadata(picture: Any) -> Any:
    from PIL import Image

    plain = Image.new(picture.mode, picture.size)
    plain.paste(picture)
    return plain


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
