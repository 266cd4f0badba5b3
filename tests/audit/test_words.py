"""What the code names in the log has a word, and every word is of use."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import chain

from flask import Flask

import config
from crm.audit import words
from crm.audit.words import action_word, field_word
from crm.core import registry
from crm.core.db import Base

ACTION = re.compile(r"\w+\.\w+")
# What is set beside what somebody said, and left out of what is written.
DERIVED = {"corrected_at", "decided_on", "figures", "search_text", "ticked_on", "version"}
LISTED = {"changes", "materials"}  # records of their own here, columns elsewhere
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


def test_the_columns_whose_changes_are_written_have_a_word(app: Flask) -> None:
    columns = {one.key for model in Base.registry.mappers for one in model.column_attrs}
    written = set(_written()) & columns - DERIVED - LISTED
    assert len(written) > 100
    assert sorted(name for name in written if field_word(name) == name) == []


def test_the_log_can_be_filtered_for_whatever_is_written(app: Flask) -> None:
    actions = {code for room in registry.log_words for code in room.actions}
    kinds = words.kinds()
    assert sorted(code for code in actions if code.partition(".")[0] not in kinds) == []


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


def _written() -> Iterator[str]:
    """What a function that asks for changes_of() a record sets on it: one by one, or all that its details have."""
    functions = [n for tree in _code() for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    fields = {
        node.name: {part.target.id for part in node.body if isinstance(part, ast.AnnAssign)}
        for tree in _code()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Details")
    }
    for function in functions:
        nodes = list(ast.walk(function))
        changed = {
            call.args[0].id
            for call in nodes
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "changes_of"
        }
        for node in nodes:
            match node:
                case ast.Attribute(ast.Name(subject), name, ast.Store()) if subject in changed:
                    yield name
                case ast.Call(ast.Name("setattr"), [ast.Name(subject), *_]) if subject in changed:
                    named = {part.id for part in nodes if isinstance(part, ast.Name)}
                    yield from chain.from_iterable(fields[one] for one in named & fields.keys())


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
