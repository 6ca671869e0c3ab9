"""arXiv's categories: which codes exist, which pairs are one, and which archives issued old identifiers."""

import re
from collections.abc import Iterable
from functools import lru_cache
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

ARXIV_ARCHIVES: Final[frozenset[str]] = frozenset(_SUBJECTS).union(_WHOLE)
OLD_ID_ARCHIVES: Final[frozenset[str]] = ARXIV_ARCHIVES - {"econ", "eess", "q-fin", "stat"}
ALL_CATEGORIES: Final[frozenset[str]] = frozenset(
    f"{archive}.{subject}" for archive, subjects in _SUBJECTS.items() for subject in subjects.split()
).union(_WHOLE)

# Six categories have two names. The second is the one that arXiv files them under, and the one that papers carry here.
CATEGORY_ALIASES: Final[dict[str, str]] = {
    "cs.NA": "math.NA",
    "cs.SY": "eess.SY",
    "math.IT": "cs.IT",
    "math.MP": "math-ph",
    "q-fin.EC": "econ.GN",
    "stat.TH": "math.ST",
}

# Archives that are groups of their own in OAI-PMH; all others belong to physics.
_OWN_GROUPS: Final = frozenset({"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"})

_SUBJECT = re.compile(r"[A-Z]{2}|[a-z]{1,12}(?:-[a-z]{1,8})?")


def is_category(code: str) -> bool:
    """Whether `code` is a category; a class younger than this table, of an archive in it, is one too."""
    if code in ALL_CATEGORIES:
        return True
    archive, _, subject = code.partition(".")
    return archive in _SUBJECTS and _SUBJECT.fullmatch(subject) is not None


def canonical_category(code: str) -> str:
    """The one name of a category that may be known by two."""
    return CATEGORY_ALIASES.get(code, code)


def set_of(code: str) -> str:
    """The OAI-PMH set with the papers of this category: cs:cs:CL, physics:hep-th, physics:astro-ph:CO."""
    archive, _, subject = code.partition(".")
    group = archive if archive in _OWN_GROUPS else "physics"
    return f"{group}:{archive}:{subject}" if subject else f"{group}:{archive}"


def categories_within(code: str) -> list[str]:
    """The categories that papers of this one carry, or of this archive: those that are filed elsewhere, too."""
    classes = (one for one in ALL_CATEGORIES if one.startswith(f"{code}."))
    return sorted({canonical_category(one) for one in (code, *classes)})


def keep_categories(codes: Iterable[str]) -> tuple[str, ...]:
    """The real categories among `codes`, in their order and once each, by one name; ACM and MSC classes are dropped."""
    return _kept(tuple(codes))


@lru_cache(maxsize=10_000)
def _kept(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(canonical_category(code) for code in map(str.strip, codes) if is_category(code)))
