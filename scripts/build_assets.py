"""Copy what the browser needs out of node_modules: `build_assets.py NODE_MODULES STATIC`.

Five files go to STATIC/vendor, with a manifest of where each came from and its sha256;
the icons named in icons.txt become one sprite, STATIC/icons.svg.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

FILES = {
    "tabler.min.css": ("@tabler/core", "dist/css/tabler.min.css"),
    "tabler.min.js": ("@tabler/core", "dist/js/tabler.min.js"),
    "htmx.min.js": ("htmx.org", "dist/htmx.min.js"),
    "Sortable.min.js": ("sortablejs", "Sortable.min.js"),
    "echarts.min.js": ("echarts", "dist/echarts.min.js"),
}
# The maps are not shipped, so a browser's developer tools should not ask for them.
SOURCE_MAP = re.compile(rb"\s*(?://[#@] sourceMappingURL=\S+|/\*# sourceMappingURL=.*?\*/)\s*$")
SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
# Each Tabler icon begins with an invisible square that keeps its bounds; a symbol has a viewBox.
BOUNDS = re.compile(r'<path stroke="none" d="M0 0h24v24H0z"[^>]*/>')


def copy_vendor(node_modules: Path, vendor: Path) -> None:
    vendor.mkdir(parents=True, exist_ok=True)
    manifest = {}
    for name, (package, path) in FILES.items():
        content = SOURCE_MAP.sub(b"\n", (node_modules / package / path).read_bytes())
        (vendor / name).write_bytes(content)
        about = json.loads((node_modules / package / "package.json").read_text("utf-8"))
        manifest[name] = {
            "package": package,
            "version": about["version"],
            "license": about["license"],
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    (vendor / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def symbol(name: str, svg: str) -> str:
    found = SHAPES.search(svg)
    if not found:
        sys.exit(f"not an icon: {name}")
    shapes = " ".join(BOUNDS.sub("", found[1]).split())
    return (
        f'<symbol id="i-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
    )


def build_sprite(icons: Path, names: list[str], sprite: Path) -> None:
    symbols = [symbol(name, (icons / f"{name}.svg").read_text("utf-8")) for name in names]
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""]
    sprite.write_text("\n".join(lines), "utf-8")


def main(node_modules: Path, static: Path) -> None:
    names = Path(__file__).with_name("icons.txt").read_text("utf-8").split()
    copy_vendor(node_modules, static / "vendor")
    build_sprite(node_modules / "@tabler/icons/icons/outline", names, static / "icons.svg")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
