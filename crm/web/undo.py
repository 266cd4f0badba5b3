"""Saying what was done with a button beside it that undoes it."""

from flask import flash


def flash_undo(said: str, word: str, address: str) -> None:
    """A message after which `word` posts to `address`; the macro `messages` shows it."""
    flash({"text": said, "word": word, "address": address}, "success")  # type: ignore[arg-type] # any JSON is kept
