"""What the code names in the log has a word, and every word is of use."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from flask import Flask

import config
from crm.audit import words
from crm.audit.words import action_word, field_word
from crm.core import registry

ACTION = re.compile(r"\w+\.\w+")
OF_RECORD = {"by", "changes"}  # its own arguments


def test_what_is_written_into_the_log_has_a_word(app: Flask) -> None:
    actions, fields = set(), set()
    for call in _calls_of_record():
        actions |= {code for code in _strings_and_names(call.args[0]) if ACTION.fullmatch(code)}
        for named in call.keywords:
            if named.arg == "changes" and isinstance(named.value, ast.Dict):
                fields |= {key.value for key in named.value.keys if isinstance(key, ast.Constant)}
            elif named.arg:
                fields.add(named.arg)
    assert len(actions) > 150
    assert sorted(code for code in actions if action_word(code) == code) == []
    assert sorted(name for name in fields - OF_RECORD if field_word(name) == name) == []


def test_every_word_is_that_of_something_the_code_writes(app: Flask) -> None:
    said = _said()
    rooms = registry.log_words
    codes = {code for room in rooms for code in (*room.actions, *room.fields)} | words.FIELDS.keys()
    assert sorted(code for code in codes if not _is_among(said, code)) == []


def test_a_code_has_one_word_in_one_place(app: Flask) -> None:
    everywhere = (*registry.log_words, registry.LogWords(fields=words.FIELDS))
    for part in ("kinds", "actions", "fields"):
        places = Counter(code for room in everywhere for code in getattr(room, part))
        assert [code for code, count in places.items() if count > 1] == []


def _code() -> Iterator[ast.Module]:
    """All files but those of the words themselves."""
    for path in (config.ROOT / "crm").rglob("*.py"):
        if path.name not in {"log_words.py", "words.py"}:
            yield ast.parse(path.read_text(encoding="utf-8"))


@cache  # the code is the same for both engines
def _calls_of_record() -> list[ast.Call]:
    found = []
    for tree in _code():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="record" | "record_many"), args=[_, *_]):
                    found.append(node)
    return found


@cache
def _said() -> set[str]:
    return {text for tree in _code() for text in _strings_and_names(tree)}


def _strings_and_names(tree: ast.AST) -> Iterator[str]:
    """The strings, named arguments and columns in it."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) | ast.AnnAssign(target=ast.Name(id=text)):
                yield text
            case ast.keyword(arg=str(text)):
                yield text


def _is_among(said: set[str], code: str) -> bool:
    """As it stands, or put together of two parts: f"{action}.verified"."""
    return code in said or any(
        {code[:at], code[: at + 1]} & said and {code[at:], code[at + 1 :]} & said
        for at, sign in enumerate(code)
        if sign in "._"
    )
