"""Watches written when “and”, “or” and “not” were operators in small letters, too: the same in today's grammar."""

from __future__ import annotations

import re
from typing import Final

# In a phrase, after a field's name or as part of a longer word, none of them ever was an operator.
_TOKEN: Final = re.compile(
    r"""["“”„«»][^"“”„«»]*["“”„«»]?|-(?=[^\s)])|[A-Za-z]+:\s*[^\s()"“”„«»]*|(?P<word>[^\s()"“”„«»]+)"""
)
_OPERATORS: Final = frozenset({"and", "or", "not"})


def rewrite_expression(old: str) -> str:
    """The words of a stored watch with their operators in capitals. Once only: a later “or” is a word."""
    return _TOKEN.sub(_rewrite_token, old)


def _rewrite_token(match: re.Match[str]) -> str:
    word = match["word"] or ""
    return word.upper() if word.lower() in _OPERATORS else match[0]
