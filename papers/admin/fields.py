"""Fields of the papers' forms: lists of names, and arXiv's categories."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _

from papers import taxonomy

# What a newsletter on language models watches.
USUAL_FIELDS: Final = {
    "cs.CL": "Computation and Language",
    "cs.LG": "Machine Learning",
    "cs.AI": "Artificial Intelligence",
    "cs.CV": "Computer Vision",
    "cs.IR": "Information Retrieval",
    "cs.MA": "Multiagent Systems",
    "cs.SE": "Software Engineering",
    "cs.CR": "Cryptography and Security",
    "cs.HC": "Human-Computer Interaction",
    "cs.RO": "Robotics",
    "cs.DC": "Distributed Computing",
    "cs.NE": "Neural and Evolutionary Computing",
    "eess.AS": "Audio and Speech",
    "stat.ML": "Machine Learning (Statistics)",
}
_CODES: Final = {code.lower(): code for code in taxonomy.ALL_CATEGORIES}
_BETWEEN = re.compile(r"[\s,;]+")


class NamesField(forms.Field):
    """A list of names, one a line."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: str | None) -> list[str]:
        return list(filter(None, (" ".join(line.split()) for line in (value or "").splitlines())))


class CategoriesField(forms.Field):
    """Codes of arXiv's categories in any case, with spaces or commas between them."""

    widget = forms.TextInput(attrs={"class": "vTextField"})

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value

    def to_python(self, value: str | None) -> list[str]:
        words = filter(None, _BETWEEN.split((value or "").replace("\x00", " ")))
        codes = [_CODES.get(word.lower(), word) for word in words]
        for code in codes:
            if not taxonomy.is_category(code):
                raise forms.ValidationError(_("“%s” is no category of arXiv; write it like cs.CL.") % code[:30])
        return codes
