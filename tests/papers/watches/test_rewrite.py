"""Watches written when operators could stand in small letters."""

import pytest
from django.core.management import call_command

from papers.search.grammar import parse_expression
from papers.watches.rewrite import rewrite_expression
from tests.builders import make_watch


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("a1 and b2 or c3", "a1 AND b2 OR c3"),
        ("not a1 (b2 Or not c3)", "NOT a1 (b2 OR NOT c3)"),
        ("(a1 or(b2 and c3))", "(a1 OR(b2 AND c3))"),
        ("-not a1", "-NOT a1"),
        ('"this or that" and “not so”', '"this or that" AND “not so”'),
        ("author: or or author:and", "author: or OR author:and"),
        ("title:(a1 or b2)", "title:(a1 OR b2)"),
        ("and-or pre-and or* x.or", "and-or pre-and or* x.or"),
        ("a1 AND b2", "a1 AND b2"),
    ],
)
def test_operators_are_put_in_capitals_and_words_stay(old: str, new: str) -> None:
    assert rewrite_expression(old) == new
    assert rewrite_expression(new) == new


def test_what_was_rewritten_says_what_it_said() -> None:
    assert parse_expression(rewrite_expression("a1 or not b2 c3")) == parse_expression("a1 OR (-b2 AND c3)")


@pytest.mark.django_db
def test_the_command_rewrites_what_is_stored_and_finds_nothing_to_do_then(capsys: pytest.CaptureFixture[str]) -> None:
    watch = make_watch(words="a1 or b2")
    call_command("rewrite_watches")
    assert f"{watch.slug}: a1 or b2 → a1 OR b2" in capsys.readouterr().out
    watch.refresh_from_db()
    assert watch.words == "a1 OR b2"
    call_command("rewrite_watches")
    assert capsys.readouterr().out == ""
