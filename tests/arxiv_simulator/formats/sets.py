"""OAI-PMH sets: group:archive:CATEGORY since March 2025, whole groups and archives before it; both can be asked for."""

from collections.abc import Iterable, Iterator
from typing import Final

PHYSICS: Final = frozenset(
    "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics quant-ph".split()
)
_PAIRS: Final = (
    ("cs.IT", "math.IT"),
    ("math-ph", "math.MP"),
    ("math.ST", "stat.TH"),
    ("math.NA", "cs.NA"),
    ("eess.SY", "cs.SY"),
    ("econ.GN", "q-fin.EC"),
)
ALIASES: Final = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
# Asking for another group or archive is a bad argument.
GROUPS: Final = frozenset({"cs", "econ", "eess", "math", "physics", "q-bio", "q-fin", "stat"})


def set_of(category: str) -> str:
    archive, _, subject = category.partition(".")
    group = "physics" if archive in PHYSICS else archive
    return f"{group}:{archive}:{subject}" if subject else f"{group}:{archive}"


def sets_of(categories: Iterable[str], old: bool) -> list[str]:
    """The sets that a record's header names; a paper in one of an alias pair is in both."""
    named = dict.fromkeys(one for category in categories for one in _with_alias(category))
    sets = dict.fromkeys(map(set_of, named))
    return list(dict.fromkeys(_old(one) for one in sets)) if old else list(sets)


def is_member(categories: Iterable[str], asked: str) -> bool:
    """Whether a paper is in a set of either generation: a set holds all that stand below it."""
    return any(f"{one}:".startswith(f"{asked}:") for one in _both_forms(categories))


def is_set(asked: str) -> bool:
    group, *rest = asked.split(":")
    inside = not rest or (rest[0] in PHYSICS if group == "physics" else rest[0] == group)
    return group in GROUPS and inside and len(rest) < 3


def _both_forms(categories: Iterable[str]) -> Iterator[str]:
    for one in sets_of(categories, old=False):
        yield one
        if one.count(":") == 1:
            yield f"{one}:{one.partition(':')[2]}"


def _old(name: str) -> str:
    group, archive, *_ = name.split(":")
    return f"{group}:{archive}" if group == "physics" else group


def _with_alias(category: str) -> Iterator[str]:
    yield category
    if category in ALIASES:
        yield ALIASES[category]
