"""Quoted-printable (RFC 2045) with placeholders that stay whole: finished bytes can take a token without being read."""

import re
from collections.abc import Iterator
from typing import Final

LONGEST_LINE: Final = 76
_PLAIN: Final = frozenset(map(chr, range(33, 127))) - {"="}
# A full stop would have to be doubled for SMTP, and an mbox file marks "From " with a ">": neither begins a line here.
_NEVER_FIRST: Final = frozenset(".F")


def encode_quoted_printable(text: str, *, placeholders: tuple[str, ...] = ()) -> bytes:
    """7-bit lines of at most 76 characters, ended by CRLF; each placeholder stands alone on its line.

    A placeholder is at most 75 letters, digits, `-` or `_`, and may be replaced by any such word.
    """
    lines: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text):
        lines += _encode_line(line, placeholders)
    return "\r\n".join(lines).encode("ascii")


def _encode_line(line: str, placeholders: tuple[str, ...]) -> Iterator[str]:
    """The output lines of one line of text; all but the last end in a soft break."""
    pieces = _split(line, placeholders)
    last = len(pieces) - 1
    for position, piece in enumerate(pieces):
        whole = [piece] if piece in placeholders else list(_wrap(_characters(piece, ends_line=position == last)))
        yield from (f"{part}=" for part in whole[:-1])
        yield whole[-1] if position == last else f"{whole[-1]}="


def _split(line: str, placeholders: tuple[str, ...]) -> list[str]:
    if not placeholders:
        return [line]
    pieces = re.split(f"({'|'.join(map(re.escape, placeholders))})", line)
    return [piece for piece in pieces if piece] or [""]


def _wrap(characters: Iterator[str]) -> Iterator[str]:
    line = ""
    for character in characters:
        if len(line) + len(character) > LONGEST_LINE - 1:
            yield line
            line = ""
        line += _escape(character) if not line and character in _NEVER_FIRST else character
    yield line


def _characters(text: str, *, ends_line: bool) -> Iterator[str]:
    """Each character in its encoded form; those of several bytes are never torn."""
    for position, character in enumerate(text):
        at_end = ends_line and position == len(text) - 1
        plain = character in _PLAIN or (character in " \t" and not at_end)
        yield character if plain else _escape(character)


def _escape(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in character.encode())
