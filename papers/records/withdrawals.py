"""Whether a paper's own comment or abstract says that it was withdrawn. arXiv has no flag for it."""

import re
from dataclasses import dataclass
from typing import Final

_PAPER = r"(?:paper|article|preprint|manuscript|submission|report|draft|note|work|version)s?"
# A paper withdrawn from a journal or a conference is not withdrawn from arXiv.
_WITHDRAWN = r"withdr(?:awn?|wan|awed)\b(?! from (?!(?:the )?arxiv))"
_WITHDRAW = r"(?:withdraw(?:ing)?|request(?:ing)? (?:the )?withdrawal)\b(?! from (?!(?:the )?arxiv))"
_PLAINLY = re.compile(
    rf"\b{_PAPER}(?: and (?:its )?abstract)?(?: (?:is|are|ha(?:s|ve) been))?"
    rf"(?: (?:now|being|already|temporarily|administratively))? {_WITHDRAWN}"
    rf"|\b(?:this|it) (?:is|has been) {_WITHDRAWN} by (?:the )?(?:author|arxiv)",
    re.IGNORECASE,
)
# The authors speak, or the paper is not named: of arXiv, unless a journal or a conference is spoken of.
_IN_PASSING = re.compile(
    rf"\b(?:i|we|(?:co-?)?authors?|me)\b[^.;]{{0,80}}\b{_WITHDRAW} (?:(?:this|the|our|my) (?:\w+ )?{_PAPER}|it)\b"
    rf"|[:;,(.] ?{_WITHDRAWN} (?:after|due to|because|owing to|by (?:the )?(?:co-?)?(?:author|arxiv))"
    rf"|\b(?:this|it) (?:is|was|has been) {_WITHDRAWN} (?:due to|because)"
    rf"|^(?:please )?{_WITHDRAW} (?:(?:this|the|our|my) (?:\w+ )?{_PAPER}|it)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"submitted|accepted|journal|conference|workshop|proceedings|publisher|poster", re.IGNORECASE)
_BEGINS = re.compile(r"\W*withdrawn\b", re.IGNORECASE)
_SUCCESSOR = re.compile(
    r"replac|supersed|subsum|merge|repost|resubmi|re-submi|incorporat|improved version|(?:new|newer|updated|revised) "
    r"(?:version|paper|manuscript|submission)|\barxiv:\s?(?:\d|[a-z-]+/)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])|\n+")
MAX_LENGTH: Final = 1_000


@dataclass(frozen=True, slots=True)
class WithdrawalSentence:
    """The sentence that says that a paper was withdrawn, empty where none does, and whether that is all it says.

    A paper that was replaced, merged or published elsewhere is no retraction: what it is, is for a person to say.
    """

    sentence: str = ""
    certain: bool = False


NO_WITHDRAWAL: Final = WithdrawalSentence()


def read_withdrawal(comment: str, abstract: str) -> WithdrawalSentence:
    """What the paper's own words say of its withdrawal."""
    for text in filter(mentions_withdrawal, (comment, abstract)):
        if sentence := _said_plainly(text):
            return WithdrawalSentence(sentence, certain=not _SUCCESSOR.search(text))
        if text is comment and (sentence := _first(_IN_PASSING, text)):
            return WithdrawalSentence(sentence, certain=not (_SUCCESSOR.search(text) or _ELSEWHERE.search(text)))
    return NO_WITHDRAWAL


def mentions_withdrawal(text: str) -> bool:
    """Whether the text speaks of a withdrawal at all, be it of another paper."""
    return "withdr" in text.lower()


def _said_plainly(text: str) -> str:
    return _SENTENCE_END.split(text)[0][:MAX_LENGTH] if _BEGINS.match(text) else _first(_PLAINLY, text)


def _first(pattern: re.Pattern[str], text: str) -> str:
    """The first sentence of the text that says it so."""
    return next((sentence[:MAX_LENGTH] for sentence in _SENTENCE_END.split(text) if pattern.search(sentence)), "")
