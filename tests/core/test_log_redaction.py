"""The log tells what went wrong, and not the address of anybody's own page."""

import logging
import sys
from typing import Any

import pytest

from core.log_redaction import RedactingFormatter
from llmwatch.settings import LOGGING

WRITING: Any = LOGGING
TOKEN = "Zx-8_token-of-a-reader"


def written(message: str, *values: object, error: bool = False) -> str:
    """As the handler of the settings writes it."""
    info = sys.exc_info() if error else None
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, values, info)
    return RedactingFormatter(WRITING["formatters"]["line"]["format"]).format(record)


@pytest.mark.parametrize("path", ["/me/{}/", "/me/confirm/{}/", "/me/{}/unsubscribe", "/polls/shape/c-1a2b3c/{}/"])
def test_refused_request_of_a_reader_names_nobody(path: str) -> None:
    said = written("Conflict: %s", path.format(TOKEN))
    assert TOKEN not in said
    assert said.endswith(f"Conflict: /{path.split('/')[1]}/…")


def test_traceback_names_nobody_either() -> None:
    try:
        raise ValueError(f"https://news.example.org/me/{TOKEN}/ cannot be shown")
    except ValueError:
        assert TOKEN not in written("Internal Server Error", error=True)


def test_other_lines_are_as_they_were() -> None:
    assert written("Not Found: %s", "/p/some-menu/me").endswith("Not Found: /p/some-menu/me")


def test_whatever_is_logged_is_written_so() -> None:
    assert WRITING["formatters"]["line"]["()"] == "core.log_redaction.RedactingFormatter"
    assert WRITING["root"]["handlers"] == ["stderr"]
    assert WRITING["handlers"]["stderr"]["formatter"] == "line"
