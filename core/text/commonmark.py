"""The Markdown dialect: CommonMark, tables, ~~deletions~~, footnotes and dollar maths; raw HTML is text."""

import re
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

MAX_LENGTH: Final = 500_000
# Controls that are no white space, and the overrides that make text read other than it is stored.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 60}).enable(["table", "strikethrough"])
    # Money stays money: no formula begins or ends beside a digit or a blank.
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    return parser.use(footnote_plugin)


MARKDOWN_PARSER: Final = _make_parser()


def remove_invisible(text: str) -> str:
    """Without the characters that nobody can see and somebody could misuse."""
    return _SURROGATE.sub("\ufffd", _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def parse_markdown(text: str) -> tuple[list[Token], dict[str, Any]]:
    """Block tokens of a text, and the environment that footnotes are numbered in."""
    environment: dict[str, Any] = {}
    return MARKDOWN_PARSER.parse(remove_invisible(text[:MAX_LENGTH]), environment), environment


def parse_inline(text: str) -> tuple[list[Token], dict[str, Any]]:
    environment: dict[str, Any] = {}
    return MARKDOWN_PARSER.parseInline(remove_invisible(text[:MAX_LENGTH]), environment), environment
