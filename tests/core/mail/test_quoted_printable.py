"""Quoted-printable with placeholders."""

import quopri
import re

from hypothesis import given
from hypothesis import strategies as st

from core.mail.quoted_printable import encode_quoted_printable

TOKEN = "TOKEN-that-is-32-characters-long"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
# Texts full of what the encoding treats in its own way.
AWKWARD = st.lists(st.sampled_from([TOKEN, ".", "=", " ", "\t", "\n", "é", "🦉", "From ", "a" * 60, "-"]), max_size=30)


def decoded(data: bytes) -> str:
    return quopri.decodestring(data).decode().replace("\r\n", "\n")


def plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(TEXTS)
def test_what_was_encoded_decodes_to_the_same_text(text: str) -> None:
    assert decoded(encode_quoted_printable(text)) == plain(text)


@given(TEXTS | AWKWARD.map("".join))
def test_lines_are_short_seven_bit_and_ended_by_crlf(text: str) -> None:
    data = encode_quoted_printable(text, placeholders=(TOKEN,))
    assert data.isascii()
    assert all(len(line) <= 76 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")


@given(AWKWARD.map("".join))
def test_a_placeholder_stands_alone_on_its_line_as_often_as_in_the_text(text: str) -> None:
    data = encode_quoted_printable(text, placeholders=(TOKEN,))
    assert decoded(data) == text
    alone = [line for line in data.decode().split("\r\n") if re.fullmatch(f"{TOKEN}=?", line)]
    assert len(alone) == data.decode().count(TOKEN) == text.count(TOKEN)


@given(AWKWARD.map("".join))
def test_another_word_in_the_placeholders_place_decodes_as_if_it_had_stood_there(text: str) -> None:
    other = "x_" * 16
    data = encode_quoted_printable(text, placeholders=(TOKEN,)).replace(TOKEN.encode(), other.encode())
    assert decoded(data) == text.replace(TOKEN, other)


@given(AWKWARD.map("".join))
def test_no_line_begins_with_a_full_stop_or_with_from(text: str) -> None:
    assert not re.search(rb"(?m)^(\.|From )", encode_quoted_printable(text, placeholders=(TOKEN,)))


def test_blanks_at_the_end_of_a_line_are_kept() -> None:
    assert encode_quoted_printable("a \nb\t") == b"a=20\r\nb=09"


def test_a_blank_before_a_placeholder_needs_no_escape() -> None:
    assert encode_quoted_printable(f"see {TOKEN} here", placeholders=(TOKEN,)) == f"see =\r\n{TOKEN}=\r\n here".encode()


def test_a_character_of_several_bytes_is_not_torn() -> None:
    lines = encode_quoted_printable("🦉" * 20).decode().split("\r\n")
    assert all(len(line.rstrip("=")) % 12 == 0 for line in lines)
