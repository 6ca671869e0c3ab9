"""What holds a mailing that is being sent, in sentences for an editor, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mailings.engine import warmup
from mailings.models import Delivery, Mailing

_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Waits:
    """`sentences`: none where nothing but the mail server and the rate keeps the next message.

    `hold_up`: some of it must wait, for our own inboxes or for another day of the ramp.
    """

    sentences: tuple[str, ...]
    hold_up: bool


def hold_reasons(mailing: Mailing, now: datetime) -> _Waits:
    step = warmup.current_step(now)
    ahead = _ahead(mailing) if step else 0
    said = (*_of_seeds(mailing, now), *_of_ramp(step, ahead, now)) if mailing.is_sending else ()
    return _Waits(said, mailing.holds_back(now) or (step is not None and ahead > step.room))


def _of_seeds(mailing: Mailing, now: datetime) -> Iterator[str]:
    if mailing.waits_for_seeds:
        said = ngettext(
            "First to the inboxes of our own; the others get it %d minute after that.",
            "First to the inboxes of our own; the others get it %d minutes after that.",
            settings.MAIL_SEED_WAIT,
        )
        yield said % settings.MAIL_SEED_WAIT
    elif mailing.others_from is not None and mailing.others_from > now:
        # Nobody else has got anything yet.
        has = mailing.deliveries.filter(state=Delivery.State.SENT).count()
        said = ngettext(
            "%(has)d inbox of our own has it: look there now. The others follow %(when)s at the earliest.",
            "%(has)d inboxes of our own have it: look there now. The others follow %(when)s at the earliest.",
            has,
        )
        none = _(
            "None of our own inboxes has it: see below what the mail server said. "
            "The others follow %(when)s at the earliest."
        )
        yield (said if has else none) % {"has": has, "when": describe_moment(mailing.others_from, now)}


def _of_ramp(step: warmup.WarmupStep | None, ahead: int, now: datetime) -> Iterator[str]:
    if step is None or not ahead:
        return
    values = {"number": step.number, "cap": step.cap, "sent": step.sent, "when": describe_moment(step.ends, now)}
    if ahead <= step.room:
        yield _("Day %(number)d of the ramp: %(cap)d a day, %(sent)d sent today.") % values
        return
    days = step.days_for(ahead)
    said = ngettext(
        "Day %(number)d of the ramp: %(cap)d a day, %(sent)d sent today; goes on by itself %(when)s and ends that day.",
        "Day %(number)d of the ramp: %(cap)d a day, %(sent)d sent today; goes on by itself %(when)s, "
        "and takes %(days)d more days.",
        days,
    )
    yield said % {**values, "days": days}


def describe_moment(when: datetime, now: datetime) -> str:
    """Such as “at 10:10”, “tomorrow at 09:00”, “on Friday at 09:00”, in the site's own time."""
    there, here = timezone.localtime(when), timezone.localtime(now)
    days = (there.date() - here.date()).days
    form = {0: _("at %(hour)s"), 1: _("tomorrow at %(hour)s")}.get(days, _("on %(day)s at %(hour)s"))
    return form % {"hour": f"{there:%H:%M}", "day": date_format(there, "l" if when - now < _WEEK else "j F")}


def _ahead(mailing: Mailing) -> int:
    """How many are still to be sent to, also of mailings that began before: these go first."""
    before = Mailing.objects.sending().filter(pk__lte=mailing.pk)
    return Delivery.objects.filter(mailing__in=before).open().count()
