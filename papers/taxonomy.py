"""arXiv's categories: which codes exist, which pairs are one, and which archives issued old identifiers."""

import re
from collections.abc import Iterable
from typing import Final

# Archive → its subject classes. An archive with no class is itself a category.
_SUBJECTS: Final[dict[str, str]] = {
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS "
    "PF PL RO SC SD SE SI SY",
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
    "nlin": "AO CD CG PS SI",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn "
    "gen-ph geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "stat": "AP CO ME ML OT TH",
}
_CURRENT_WHOLE: Final = "gr-qc hep-ex hep-lat hep-ph hep-th math-ph nucl-ex nucl-th quant-ph"
_CLOSED: Final = (
    "acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga funct-an "
    "mtrl-th patt-sol plasm-ph q-alg solv-int supr-con"
)
# Old papers carry these whole archives as their category.
_ONCE_WHOLE: Final = "astro-ph cond-mat q-bio"

_WHOLE = f"{_CURRENT_WHOLE} {_CLOSED} {_ONCE_WHOLE}".split()

ARCHIVES: Final[frozenset[str]] = frozenset(_SUBJECTS).union(_WHOLE)
OLD_ID_ARCHIVES: Final[frozenset[str]] = ARCHIVES - {"econ", "eess", "q-fin", "stat"}
CATEGORIES: Final[frozenset[str]] = frozenset(
    f"{archive}.{subject}" for archive, subjects in _SUBJECTS.items() for subject in subjects.split()
).union(_WHOLE)

_SUBJECT = re.compile(r"[A-Z]{2}|[a-z]{1,12}(?:-[a-z]{1,8})?")


def is_category(code: str) -> bool:
    """Whether `code` is a category; a class younger than this table, of an archive in it, is one too."""
    if code in CATEGORIES:
        return True
    archive, _, subject = code.partition(".")
    return archive in _SUBJECTS and _SUBJECT.fullmatch(subject) is not None


def keep_categories(codes: Iterable[str]) -> tuple[str, ...]:
    """The real categories among `codes`, in their order and once each; ACM and MSC classes are dropped."""
    return tuple(dict.fromkeys(code for code in map(str.strip, codes) if is_category(code)))
