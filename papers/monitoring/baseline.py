"""What is usual: how many papers a category brings on a feed day, by its own last days and by the pace of the day.

The pace is what the other categories brought beside their usual: after a weekend all bring more, around a holiday
all bring less, and a feed that is cut falls out of step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, exp, log
from statistics import median
from typing import Final

DayCounts = Mapping[str, int]  # category → papers of one feed day

_DAYS: Final = 20
FEWEST_DAYS: Final = 5  # days; before that nothing is usual
SMALL_CATEGORY: Final = 5  # papers a day: of so few, none may come on a working day
_STEADY: Final = 10  # papers a day: fewer tell nothing of the day's pace
_OTHERS: Final = 3
# In standard deviations of the logarithm, which are at least so wide. Tried on a year of five categories.
OWN_WIDTH, OWN_SPREAD = 4.0, 0.3
STEP_WIDTH, STEP_SPREAD = 3.5, 0.15
_MAD: Final = 1.4826  # makes a median absolute deviation a standard deviation


@dataclass(frozen=True, slots=True)
class UsualCounts:
    """Fewer than `least` and more than `most` are suspicious; the last days brought from `low` to `high`."""

    least: int
    most: int
    low: int
    high: int


def usual_counts(category: str, day: DayCounts, before: Sequence[DayCounts]) -> UsualCounts | None:
    """By the feed days before, oldest first; `day` itself says what the others brought. None: too few days."""
    days = [counts for counts in before if counts.get(category)][-_DAYS:]
    own = [counts[category] for counts in days]
    if len(own) < FEWEST_DAYS:
        known = sum(category in counts for counts in before)
        is_tiny = bool(own) and known >= FEWEST_DAYS and max(own) < SMALL_CATEGORY
        return UsualCounts(0, 6 * SMALL_CATEGORY, 0, max(own)) if is_tiny else None
    middle = median(own)
    least, most = _band(own, OWN_WIDTH, OWN_SPREAD)
    if middle < SMALL_CATEGORY:
        return UsualCounts(0, max(ceil(most), 6 * SMALL_CATEGORY), min(own), max(own))
    if middle >= _STEADY:
        least = max(least, _in_step(category, day, days))
    return UsualCounts(max(1, ceil(least)), ceil(most), min(own), max(own))


def _in_step(category: str, day: DayCounts, days: Sequence[DayCounts]) -> float:
    """The least that goes with what the other categories brought; 0 where that tells nothing."""
    middles = _middles(days)
    paces = [_pace(category, counts, middles) for counts in days]
    steps = [counts[category] / pace for counts, pace in zip(days, paces, strict=True) if pace]
    pace = _pace(category, day, middles)
    if not pace or len(steps) < FEWEST_DAYS:
        return 0.0
    return _band(steps, STEP_WIDTH, STEP_SPREAD)[0] * pace


def _middles(days: Sequence[DayCounts]) -> dict[str, float]:
    names = {name for counts in days for name in counts}
    return {name: median(counts.get(name, 0) for counts in days) for name in names}


def _pace(category: str, day: DayCounts, middles: Mapping[str, float]) -> float:
    """1 on a usual day; 0 where too few others are steady."""
    others = [count / middles[name] for name, count in day.items() if name != category and _is_steady(name, middles)]
    return median(others) if len(others) >= _OTHERS else 0.0


def _is_steady(name: str, middles: Mapping[str, float]) -> bool:
    return middles.get(name, 0.0) >= _STEADY


def _band(values: Sequence[float], width: float, spread: float) -> tuple[float, float]:
    logs = [log(value) for value in values]
    middle = median(logs)
    deviation = max(_MAD * median(abs(each - middle) for each in logs), spread)
    return exp(middle - width * deviation), exp(middle + width * deviation)
