"""Names of authors: what counts as one name, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.author_keys import LONGEST_KEY, author_key, author_keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paul Erdős", "Paul Erdos"),
        ("YANN LECUN", "Yann LeCun"),
        ("J.R. Smith", "J. R. Smith"),
        ("J R Smith", "J. R. Smith"),
        ("Jean-Pierre Serre", "Jean Pierre Serre"),
        ("Catherine O’Neil", "Catherine O'Neil"),
        ("Łukasz Kaiser", "Lukasz Kaiser"),
        ("Søren Bjørn", "Soren Bjorn"),
        ("Robert Müller, Jr.", "Robert Muller Jr"),
        ("E\u0301mile Zola", "Émile Zola"),
        ("Андрей Ёлкин", "АНДРЕЙ ЕЛКИН"),
    ],
)
def test_the_same_name_in_two_spellings_is_one(one: str, other: str) -> None:
    assert author_key(one) == author_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("P. Erdős", "Paul Erdős"),
        ("Erdős Paul", "Paul Erdős"),
        ("J. Smith", "J. R. Smith"),
        ("Xiaoli Wang", "Xiao-Li Wang"),
        ("Müller", "Mueller"),
        ("王伟", "王玮"),
        ("कुमार", "कमर"),
        ("ガ", "カ"),
        ("김철수", "김철사"),
    ],
)
def test_names_that_may_be_two_peoples_stay_two(one: str, other: str) -> None:
    assert author_key(one) != author_key(other)


def test_a_normal_form_is_words_with_hyphens_between_them() -> None:
    assert author_key(" Catherine  d'Arc-Smith, Jr. ") == "catherine-darc-smith-jr"
    assert author_key("...") == ""


@given(st.text(max_size=200))
def test_the_normal_form_of_a_normal_form_is_itself(name: str) -> None:
    key = author_key(name)
    assert author_key(key) == key
    assert len(key) <= LONGEST_KEY


def test_each_name_of_a_paper_is_there_once_and_in_its_order() -> None:
    assert author_keys(["Wei Wang", "Ada B.", "...", "WEI WANG"]) == ["wei-wang", "ada-b"]
