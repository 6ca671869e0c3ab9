import pytest

from core.text.commonmark import MAX_LENGTH, parse_inline, parse_markdown, remove_invisible


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\x00b\x07c\x9fd\ufeff", "abcd"),
        ("user\u202egnp.exe\u202c\u2066x\u2069", "usergnp.exex"),
        ("tab\there", "tab\there"),
        ("joined\u200dwith\u200cjoiners\u00a0\u00ad", "joined\u200dwith\u200cjoiners\u00a0\u00ad"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_only_what_somebody_could_misuse_is_taken_out(stored: str, seen: str) -> None:
    assert remove_invisible(stored) == seen


def test_raw_html_is_read_as_text() -> None:
    tokens, _ = parse_markdown("<div>x</div>")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]


def test_notes_are_in_the_environment() -> None:
    _, environment = parse_markdown("a[^1]\n\n[^1]: note")
    assert list(environment["footnotes"]["list"]) == [0]


def test_inline_text_has_no_blocks() -> None:
    tokens, _ = parse_inline("# no heading\n- no list")
    assert [token.type for token in tokens] == ["inline"]


def test_no_more_than_the_limit_is_read() -> None:
    tokens, _ = parse_markdown("x" * (MAX_LENGTH + 1))
    assert len(tokens[1].content) == MAX_LENGTH
