"""Alarms about mail that should be sent and is not."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.alarms import lower_alarm, lower_others, raise_alarm
from mailings.models import Mailing
from subscribers.models import AccountMail, SendingPermit

_PAUSED: Final = "mail.paused:"
_LETTERS: Final = "mail.letters"
_LATE: Final = timedelta(minutes=30)


def check_mail(now: datetime) -> None:
    """Raises the alarms of mail, and lowers those whose cause has ended."""
    _look_at_mailings(now)
    _look_at_letters(now)


def _look_at_mailings(now: datetime) -> None:
    """Mailings that the engine paused. When a person paused one, nobody needs to be told."""
    paused = Mailing.objects.filter(state=Mailing.State.PAUSED).exclude(why="").select_related("issue").order_by("pk")
    said = _("The mailing of “%(issue)s” has paused itself: %(why)s. Mend that, then let it go on (admin: Mailings).")
    sentences = {f"{_PAUSED}{each.pk}": said % {"issue": each.issue, "why": each.why.rstrip(".")} for each in paused}
    for key, sentence in sentences.items():
        raise_alarm(key, sentence, now=now)
    lower_others(_PAUSED, list(sentences), now=now)


def _look_at_letters(now: datetime) -> None:
    """A database that was not armed sends none, and that is meant so."""
    late = AccountMail.objects.due(now).filter(due_at__lte=now - _LATE).count()
    if not late or not SendingPermit.objects.is_armed():
        lower_alarm(_LETTERS, now=now)
        return
    said = ngettext(
        "%d person has waited for a confirmation or a sign-in link for more than half an hour.",
        "%d people have waited for a confirmation or a sign-in link for more than half an hour.",
        late,
    )
    raise_alarm(
        _LETTERS, said % late + " " + _("See that the mail server of EMAIL_URL answers (manage.py doctor)."), now=now
    )
