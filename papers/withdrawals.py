"""Whether a paper's own comment or abstract says that it was withdrawn. arXiv has no flag for it."""

import re
from typing import Final

_PAPER = r"(?:paper|article|preprint|manuscript|submission|report|draft|note|work|version)s?"
# A paper withdrawn from a journal or a conference is not withdrawn from arXiv.
_WITHDRAWN = r"withdrawn?\b(?! from (?!(?:the )?arxiv))"
_SAYS_SO = re.compile(
    rf"\b{_PAPER}(?: and (?:its )?abstract)?(?: (?:is|are|ha(?:s|ve) been))?(?: now)? {_WITHDRAWN}"
    rf"|\b(?:this|it) (?:is|has been) {_WITHDRAWN} by (?:the )?(?:author|arxiv)",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"\W*withdrawn\b", re.IGNORECASE)
_SUCCESSOR = re.compile(
    r"replac|supersed|subsum|merge|repost|resubmi|re-submi|incorporat|improved version|(?:new|newer|updated|revised) "
    r"(?:version|paper|manuscript|submission)|\barxiv:\s?(?:\d|[a-z-]+/)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])|\n+")
LONGEST: Final = 1_000


def withdrawal_sentence(comment: str, abstract: str) -> str:
    """The sentence that says that this paper is withdrawn; empty where none does, or where another took its place.

    A paper that was replaced, merged or published elsewhere is no retraction: what to do with it is for a person.
    """
    for text in filter(mentions_withdrawal, (comment, abstract)):
        if _SUCCESSOR.search(text):
            return ""
        if sentence := _said_in(text):
            return sentence
    return ""


def mentions_withdrawal(text: str) -> bool:
    """Whether the text speaks of a withdrawal at all, be it of another paper."""
    return "withdr" in text.lower()


def _said_in(text: str) -> str:
    sentences = _SENTENCE_END.split(text)
    if _BEGINS.match(text):
        return sentences[0][:LONGEST]
    return next((sentence[:LONGEST] for sentence in sentences if _SAYS_SO.search(sentence)), "")
