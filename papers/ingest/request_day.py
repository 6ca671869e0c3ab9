"""A day that an editor wants to be asked for again: a window left to be gone on with; the next round asks arXiv."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from papers.arxiv.oai_client import METADATA_FORMATS
from papers.models import Pull
from papers.monitoring.pull_history import sets_holding


def ask_again(day: date, categories: Sequence[str], now: datetime) -> int:
    """Over OAI-PMH, which still has what a feed did not show; gives how many windows were not waiting already."""
    begun = 0
    for category in categories:
        window = {
            "source": Pull.Source.OAI,
            "set_spec": sets_holding(category)[-1],
            "day": day,
            "form": METADATA_FORMATS[0],
        }
        waiting = {"outcome": Pull.Outcome.PENDING, "reason": _("An editor asked for this day again."), "started": now}
        _pull, is_new = Pull.objects.unfinished().get_or_create(**window, defaults=waiting)
        begun += is_new
    return begun
