"""Formulas in mail: a line of HTML that says the same, or none at all."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.mathml import BadFormula
from issues.rendering.mail.formulas import to_html

LINES = {
    "T": "T",
    "x_{t_i}": "x[t[i]]",
    r"p_i = \exp(z_i/T) / \sum_j \exp(z_j/T)": "p[i] = exp(z[i]/T)/∑[j] exp(z[j]/T)",
    r"\operatorname{softmax}\left(\frac{Q K^{\top}}{\sqrt{d_k}}\right) V": "softmax(QK{⊤}/√d[k])V",
    r"-\log p_\theta(x_t\mid x_{<t})+\beta D_{KL}(\pi\|\rho)": "−log p[θ](x[t] ∣ x[<t]) + βD[KL](π‖ρ)",
    r"O(n^2)": "O(n{2})",
    r"10^{-3}": "10{−3}",
    r"\frac{1}{2}x": "(1/2)x",
    r"\frac{a+b}{c}": "(a + b)/c",
    r"\frac{a}{b}^2": "(a/b){2}",
    r"\frac12": "1/2",
    r"a/\frac{b}{c}": "a/(b/c)",
    r"a - \frac{b}{cd}": "a − b/(cd)",
    r"\log\frac{a}{b}": "log (a/b)",
    r"\sqrt{x+y}": "√(x + y)",
    r"\sqrt{x}y": "√x y",
    r"\sqrt{x}^2": "(√x){2}",
    r"\sqrt{x^2}": "√(x{2})",
    r"\hat{y}": "ŷ",
    r"\mathbb{R}^{d}": "ℝ{d}",
    r"\mathcal{L}": "ℒ",
    r"\mathcal O(n)": "𝒪(n)",
    r"\boldsymbol{\theta}": "θ",
    "x=-1": "x = −1",
    r"1{,}000": "1,000",
    "1,000": "1,000",
    r"\sum_{i=1}^n i": "∑[i=1]{n} i",
    "f'(x)": "f′(x)",
    r"\{a, b\}": "{a, b}",
    r"50\%": "50%",
    r"\text{a b}_i": "a b[i]",
    "a<b": "a < b",
}
REFUSED = [r"\begin{matrix}a\end{matrix}", r"\unknown{x}", "x^", "{a", "a}", "x_{a_{b_c}}", r"\sqrt[3]{x}", "a & b", ""]


def words(html: str) -> str:
    """Scripts as [below] and {above}, other tags dropped."""
    scripts = html.replace("<sub>", "[").replace("</sub>", "]").replace("<sup>", "{").replace("</sup>", "}")
    return re.sub(r"</?(em|strong|code)>", "", scripts).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize("tex", LINES)
def test_a_formula_that_fits_in_a_line_says_in_it_what_it_said(tex: str) -> None:
    assert words(to_html(tex)) == LINES[tex]


@pytest.mark.parametrize("tex", REFUSED)
def test_a_formula_that_would_lose_something_is_refused(tex: str) -> None:
    with pytest.raises(BadFormula):
        to_html(tex)


def test_a_variable_is_slanted_and_a_bold_one_strong() -> None:
    assert to_html(r"\mathbf{W}x") == "<strong><em>W</em></strong><em>x</em>"


@given(st.lists(st.sampled_from([*r"\frac \sqrt \alpha \mathbf \text { } ^ _ x 1 + = < & ( ) , ' \left".split(), " "])))
def test_any_row_of_tokens_gives_balanced_html_or_is_refused(tokens: list[str]) -> None:
    try:
        html = to_html(" ".join(tokens))
    except BadFormula:
        return
    assert "\\" not in html
    assert all(html.count(f"<{tag}>") == html.count(f"</{tag}>") for tag in ("em", "sub", "sup", "strong"))
