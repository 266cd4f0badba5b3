"""Chinese first, complete English: every word on screen has its translation."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import config

ENGLISH = config.ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read_po(io.BytesIO(ENGLISH.read_bytes()), locale="en")


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every msgid in the code and the templates."""
    method_map = [("crm/**.py", "python"), ("templates/**.html", "jinja2")]
    keywords = {"_": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(
        str(config.ROOT), method_map, keywords=keywords, directory_filter=_ours
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def _ours(folder: str | Path) -> bool:
    name = Path(folder).name
    return name not in {".venv", "node_modules", "tests", "var", "static", "migrations", ".git"}


def test_every_word_has_its_english(words: set[str], catalogue: Catalog) -> None:
    missing = sorted(word for word in words if not (catalogue.get(word) and catalogue[word].string))
    assert missing == []


def test_the_catalogue_holds_no_word_that_is_gone(words: set[str], catalogue: Catalog) -> None:
    gone = sorted(message.id for message in catalogue if message.id and message.id not in words)
    assert gone == []


def test_nothing_in_the_catalogue_waits_for_a_translator(catalogue: Catalog) -> None:
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_translations_keep_the_placeholders(catalogue: Catalog) -> None:
    def placeholders(text: str) -> set[str]:
        return set(PLACEHOLDER.findall(text))

    wrong = [m.id for m in catalogue if m.id and placeholders(m.id) != placeholders(m.string)]
    assert wrong == []


def test_templates_show_no_chinese_outside_the_catalogue() -> None:
    """Chinese text in a template stands inside _('…'); comments and units given to filters do not count."""
    stray = []
    for path in sorted((config.ROOT / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}|<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r"\b(?:_|ngettext|money)\(\s*(['\"]).*?\1\s*[,)]", "", text, flags=re.S)
        stray += [
            f"{path.name}: {line.strip()}" for line in text.splitlines() if CHINESE.search(line)
        ]
    assert stray == []
