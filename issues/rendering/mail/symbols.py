"""What TeX's commands look like in Unicode, for formulas in mail."""

from typing import Final, Literal

SymbolKind = Literal[
    "word", "binary", "relation", "open", "close", "comma", "function", "fraction", "root", "slash", "space"
]

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ "
    "mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω "
    "Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"
)
_WORDS = (
    "infty ∞ partial ∂ nabla ∇ ell ℓ hbar ℏ Re ℜ Im ℑ emptyset ∅ varnothing ∅ forall ∀ exists ∃ neg ¬ lnot ¬ top ⊤ "
    "bot ⊥ prime ′ dagger † ldots … dots … cdots ⋯ vdots ⋮ circ ∘ degree ° checkmark ✓ star ⋆ bullet • dag † aleph ℵ "
    "colon : vert | Vert ‖ | ‖ / / backslash \\ % % & & # # $ $ _ _"
)
_BINARIES = (
    "pm ± mp ∓ times × div ÷ cdot · ast ∗ cup ∪ cap ∩ setminus ∖ wedge ∧ land ∧ vee ∨ lor ∨ oplus ⊕ ominus ⊖ otimes ⊗ "
    "odot ⊙"
)
_RELATIONS = (
    "le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ ne ≠ neq ≠ ll ≪ gg ≫ lt < gt > approx ≈ sim ∼ simeq ≃ cong ≅ equiv ≡ "
    "propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ parallel ∥ perp ⊥ to → rightarrow → "
    "longrightarrow ⟶ leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ implies ⇒ Leftarrow ⇐ Leftrightarrow ⇔ iff ⇔ "
    "mapsto ↦ uparrow ↑ downarrow ↓ lesssim ≲ gtrsim ≳ prec ≺ succ ≻ preceq ⪯ succeq ⪰ vdash ⊢ models ⊨ triangleq ≜ "
    "coloneqq ≔ doteq ≐ asymp ≍ mid ∣"
)
_OPENS = "{ { langle ⟨ lfloor ⌊ lceil ⌈ lbrace { lbrack [ lVert ‖ lvert |"
_CLOSES = "} } rangle ⟩ rfloor ⌋ rceil ⌉ rbrace } rbrack ] rVert ‖ rvert |"


def _table(text: str, kind: SymbolKind) -> dict[str, tuple[str, SymbolKind]]:
    words = text.split()
    return {name: (symbol, kind) for name, symbol in zip(words[::2], words[1::2], strict=True)}


SYMBOL_COMMANDS: Final[dict[str, tuple[str, SymbolKind]]] = {
    **_table(_GREEK, "word"),
    **_table(_WORDS, "word"),
    **_table(_BINARIES, "binary"),
    **_table(_RELATIONS, "relation"),
    **_table(_OPENS, "open"),
    **_table(_CLOSES, "close"),
}
FUNCTION_NAMES: Final = {
    **dict(zip("sum prod int oint bigcup bigcap".split(), "∑∏∫∮⋃⋂", strict=True)),
    **{
        name: name
        for name in "log ln lg exp sin cos tan sinh cosh tanh arcsin arccos arctan min max inf sup lim arg det dim ker "
        "Pr gcd deg hom".split()
    },
}
SPACE_COMMANDS: Final = {",": " ", ";": " ", ":": " ", " ": " ", "!": "", "quad": " ", "qquad": " ", "thinspace": " "}
# Commands whose argument is words: how they are set.
UPRIGHT_COMMANDS: Final = {
    **dict.fromkeys("text textrm textnormal mathrm rm mbox operatorname operatorname* textsf mathsf".split(), "{}"),
    "textbf": "<strong>{}</strong>",
    **dict.fromkeys("textit emph mathit".split(), "<em>{}</em>"),
    **dict.fromkeys("texttt mathtt".split(), "<code>{}</code>"),
}
BOLD_COMMANDS: Final = frozenset("mathbf boldsymbol bm".split())
MATH_ALPHABETS: Final = {"mathbb": "DOUBLE-STRUCK", "mathcal": "SCRIPT", "mathscr": "SCRIPT", "mathfrak": "FRAKTUR"}
ACCENT_MARKS: Final = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "overline": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
}
