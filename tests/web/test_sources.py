"""Rules that the source itself must keep: templates without anything inline, one place that commits, one clock."""

import re
from pathlib import Path

import pytest
from flask import Flask

import config

PYTHON = sorted((config.ROOT / "crm").rglob("*.py"))
TEMPLATES = sorted((config.ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((config.ROOT / "static" / "js").glob("*.js"))


def _found(pattern: str, files: list[Path], *, allowed: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{path.relative_to(config.ROOT)}:{number}: {line.strip()}"
        for path in files
        if str(path.relative_to(config.ROOT)) not in allowed
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_every_template_compiles(app: Flask) -> None:
    for path in TEMPLATES:
        app.jinja_env.get_template(str(path.relative_to(config.ROOT / "templates")))


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("an inline style", r"""<[^>]*\sstyle\s*="""),
        ("a style element", r"<style\b"),
        ("an inline handler", r"""<[^>]*\son[a-z]+\s*=\s*["'{]"""),
        ("an htmx handler", r"\bhx-on\b|\bhx-vals\s*=\s*[\"']js:"),
        ("unescaped output", r"\|\s*safe\b|\bautoescape\b|Markup\("),
        ("a script address", r"(?i)javascript:"),
        ("a foreign address", r"""(?:src|href)\s*=\s*["'](?:https?:)?//"""),
    ],
)
def test_no_template_has(what: str, pattern: str) -> None:
    assert _found(pattern, TEMPLATES) == []


def test_every_script_is_a_file_of_ours_or_data() -> None:
    for path in TEMPLATES:
        for tag in re.findall(r"<script\b[^>]*>", path.read_text(encoding="utf-8")):
            assert "src=" in tag or 'type="application/json"' in tag, (path.name, tag)


def test_every_posting_form_carries_the_token() -> None:
    for path in TEMPLATES:
        for form in re.findall(r"<form\b.*?</form>", path.read_text(encoding="utf-8"), re.S):
            if re.search(r"""method=["']post["']""", form):
                assert re.search(r"hidden\(|csrf_token|form\.hidden_tag", form), (
                    path.name,
                    form[:90],
                )


def test_no_script_of_ours_writes_markup_or_evaluates_text() -> None:
    assert (
        _found(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", SCRIPTS
        )
        == []
    )


def test_only_writing_commits() -> None:
    assert _found(r"\.commit\(", PYTHON, allowed=("crm/core/db.py",)) == []


def test_there_is_one_clock() -> None:
    assert (
        _found(
            r"datetime\.(utc)?now\(|date\.today\(|time\.time\(",
            PYTHON,
            allowed=("crm/core/clock.py",),
        )
        == []
    )


def test_nothing_is_marked_safe_evaluated_or_unpickled() -> None:
    pattern = r"(?<![.\w])(?:eval|exec)\(|\bpickle\b|yaml\.load\(|shell=True|populate_obj|render_template_string"
    assert _found(pattern, PYTHON) == []
    # our own words and our own icons, made safe once instead of at each of hundreds of uses
    ours = ("crm/web/locale.py", "crm/web/context.py")
    assert _found(r"\bMarkup\(", PYTHON, allowed=ours) == []


def test_statements_are_never_put_together_from_text() -> None:
    pragmas = ("crm/core/db.py",)  # constants, which SQLite takes no parameters for
    assert (
        _found(
            r"""\btext\(\s*f["']|exec_driver_sql\(\s*f["']|execute\(\s*f["']""",
            PYTHON,
            allowed=pragmas,
        )
        == []
    )
