"""How an address names a choice of a poll: by a word of its label, which other labels do not share. Pure."""

import hashlib
from typing import Final

from django.utils.text import slugify

LONGEST_WORD: Final = 48  # characters, 8 of them from the hash


def word_of(label: str) -> str:
    """Letters that can be read where there are any, and a hash for what they leave out: `c-5d2b8f` is not `c++`.

    The case of letters and the width of blanks make no difference.
    """
    wording = " ".join(label.casefold().split())
    mark = hashlib.sha256(wording.encode()).hexdigest()[:6]
    return f"{slugify(wording)[: LONGEST_WORD - 8].strip('-')}-{mark}".strip("-")
