import gzip
import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from core.text.mathml import MATHML_TAGS, MAX_DEPTH, MAX_LENGTH, BadFormula, is_prose, to_mathml
from tests.data import data_path, needs_data

COMMANDS = r"\frac \sqrt \alpha \text \mathbf \sum_ \left( \right) \begin{matrix} \end{matrix} \foo \{ \} \\".split()
tex = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*COMMANDS, *"{}^_&%x1+ <>\"'"]), max_size=12).map("".join),
)


def inner(formula: str) -> str:
    """What stands inside <math>."""
    return to_mathml(formula).partition("<mrow>")[2].removesuffix("</mrow></math>")


@pytest.mark.parametrize(
    ("formula", "mathml"),
    [
        ("x^2", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        (r"50\%", "<mn>50</mn><mi>%</mi>"),
        ("50%", "<mn>50</mn><mi>%</mi>"),
        (r"\mathbb{R}", "<mi>ℝ</mi>"),
        (r"\mathbf{AB}", "<mrow><mi>𝐀</mi><mi>𝐁</mi></mrow>"),
        (r"\boldsymbol{\theta}", "<mrow><mi>𝜽</mi></mrow>"),
        (r"\text{if }x", "<mtext>if\u00a0</mtext><mi>x</mi>"),
        ("a<b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"\{a\}", '<mo stretchy="false">{</mo><mi>a</mi><mo stretchy="false">}</mo>'),
    ],
)
def test_formula_becomes_mathml(formula: str, mathml: str) -> None:
    assert inner(formula) == mathml


def test_cases_keep_their_brace() -> None:
    assert "{</mo><mtable>" in to_mathml(r"\begin{cases} a & b\\ c & d\end{cases}")


def test_source_is_the_alternative_text() -> None:
    assert 'alttext="a&lt;50%"' in to_mathml("a<50%")


def test_display_formula_says_so() -> None:
    assert to_mathml("x", display=True).startswith('<math display="block"')


@pytest.mark.parametrize(
    "formula",
    [
        r"\foo",
        r"\foo{x}",
        r"\textsuperscript{2}",
        r"\text{a{b}c}",
        r"\text{<script>}",
        r"\begin{aligned} a&=b \end{aligned}",
        r"\left( x",
        r"\frac{a}",
        r"\sqrt",
        "a_b_c",
        "a__b",
        "a^^b",
        "a_",
        "{a",
        "a}",
        "&lt;",
        "a & b",
        r"\,",
        "",
        r"\href{javascript:alert(1)}{x}",
        r"\newcommand{\x}{y} \x",
        r"\def\x{y}",
        "per request and x more",
        "x" * (MAX_LENGTH + 1),
        "{" * (MAX_DEPTH + 1) + "x" + "}" * (MAX_DEPTH + 1),
    ],
)
def test_formula_that_would_lose_something_is_refused(formula: str) -> None:
    with pytest.raises(BadFormula):
        to_mathml(formula)


@pytest.mark.parametrize(
    ("formula", "prose"),
    [
        ("5 for each of these", True),
        (r"\text{if and only if it rains}", False),
        (r"\alpha \beta \gamma \delta", False),
        ("a b c d e", False),
    ],
)
def test_words_between_two_amounts_are_prose(formula: str, prose: bool) -> None:
    assert is_prose(formula) is prose


@given(tex)
def test_whatever_is_converted_is_whole_and_well_formed(formula: str) -> None:
    try:
        assert_whole(to_mathml(formula))
    except BadFormula:
        return


def assert_whole(mathml: str) -> None:
    for element in etree.fromstring(mathml).iter():
        assert element.tag in MATHML_TAGS
        assert "\\" not in (element.text or "")


@needs_data
def test_nearly_all_formulas_of_real_papers_are_converted() -> None:
    formulas = set(real_formulas())
    converted = {formula for formula in formulas if is_converted(formula)}
    assert len(formulas) > 3_000
    assert len(converted) / len(formulas) > 0.97


def is_converted(formula: str) -> bool:
    try:
        assert_whole(to_mathml(formula.strip()))
    except BadFormula:
        return False
    return True


def real_formulas() -> Iterator[str]:
    """Formulas in titles and abstracts, those aside that are links or two amounts of money."""
    with gzip.open(data_path("arxiv/corpus/recent_ai_2025-03_2026-02.jsonl.gz"), "rt") as lines:
        for line in lines:
            record = json.loads(line)
            for found in re.findall(
                r"(?<![\\$])\$(?!\$)((?:[^$\\]|\\.)+)\$(?!\$)", record["title"] + record["abstract"]
            ):
                if "\\href" not in found and not is_prose(found):
                    yield found
