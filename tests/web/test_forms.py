"""What every form does to text before anybody looks at it."""

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from crm.web.fields import count_field, version_field
from crm.web.forms import clean_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  常州甲\u200b科技\ufeff ", "常州甲科技"),
        ("甲\u202e乙\u2066丙", "甲乙丙"),
        ("一行\r\n二行", "一行\n二行"),
        ("𬭛\U000e0100", "𬭛\U000e0100"),  # a rare character and its variant stay
        (None, ""),
        (7, 7),
    ],
)
def test_what_cannot_be_seen_is_not_kept(typed: object, kept: object) -> None:
    assert clean_text(typed) == kept


@pytest.mark.parametrize(
    ("typed", "version"),
    [("3", 3), ("", None), ("x", 0), ("-1", 0), ("9" * 12, 0), ("9" * 5000, 0)],
)
def test_what_is_no_version_is_one_that_no_record_has(typed: str, version: int | None) -> None:
    assert _Shown(MultiDict({"version": typed})).version.data == version


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1,5", "请填写整数。"),
        ("1e30", "请填写整数。"),
        ("-1", "请填写 0 到 9 的整数。"),
        ("7", None),
    ],
)
def test_a_number_is_refused_in_one_sentence(app: Flask, typed: str, told: str | None) -> None:
    with app.test_request_context():
        form = _Shown(MultiDict({"count": typed}))
        form.validate()
        assert [str(error) for error in form.count.errors] == ([told] if told else [])


class _Shown(Form):
    version = version_field()
    count = count_field("数", 0, 9)
