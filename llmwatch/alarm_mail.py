"""The editors are told of alarms: those that are new, in one mail, once; while no mail goes they stand in the admin."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.mail.message_bytes import render_message
from core.mail.smtp import Connection, SmtpAnswer, Verdict
from core.models import Alarm
from core.site import absolute_url
from subscribers.addresses import in_ascii, sender_address
from subscribers.models import SendingPermit

log = logging.getLogger(__name__)

_APART: Final = timedelta(hours=1)  # what is raised sooner after a mail goes with the next one
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)


def mail_alarms(now: datetime) -> int:
    """Mails what nobody was told yet to everybody who may edit issues; gives the number of alarms told."""
    if not _may_mail(now):
        return 0
    readers = _readers()
    alarms = _claimed(now) if readers else []
    if not alarms:
        return 0
    refusal = _send(_compose(alarms, readers), readers)
    if refusal is not None:
        _take_back(alarms, now, refusal)
        return 0
    log.info("alarms.told alarms=%d readers=%d", len(alarms), len(readers))
    return len(alarms)


def _send(message: EmailMessage, readers: Sequence[str]) -> SmtpAnswer | None:
    """To each of them; what the mail server said where none got it."""
    data, sender = render_message(message), sender_address()
    with Connection(settings.MAIL_SERVER, settings.SITE_HOST) as relay:
        answers = [relay.send(sender, in_ascii(reader) or "", data) for reader in readers]
    return None if any(answer.verdict is Verdict.ACCEPTED for answer in answers) else answers[-1]


def _may_mail(now: datetime) -> bool:
    """Nothing in most minutes, so that one is asked first."""
    if not Alarm.objects.to_be_told(now).exists() or not SendingPermit.objects.is_armed():
        return False
    last: datetime | None = Alarm.objects.aggregate(last=Max("told"))["last"]
    return last is None or last <= now - _APART


def _readers() -> list[str]:
    """The addresses of those who may change issues, each once."""
    users = get_user_model().objects.with_perm("issues.change_issue").filter(is_staff=True).exclude(email="")
    return sorted(set(users.values_list("email", flat=True)))


def _claimed(now: datetime) -> list[Alarm]:
    """Exactly one process gets them; taken back only where the mail server failed."""
    with transaction.atomic():
        alarms = list(Alarm.objects.to_be_told(now).select_for_update(skip_locked=True))
        Alarm.objects.filter(pk__in=[alarm.pk for alarm in alarms]).update(told=now)
    return alarms


def _take_back(alarms: Sequence[Alarm], now: datetime, answer: SmtpAnswer) -> None:
    """Tried again when they have stood as long again, at most six hours from now: never each minute."""
    wait = min(max(now - alarms[0].raised, FIRST_WAIT), LONGEST_WAIT)
    told = Alarm.objects.filter(pk__in=[alarm.pk for alarm in alarms])
    told.update(told=None, tell_after=now + wait)
    log.warning("alarms.not_told alarms=%d answer=%s", len(alarms), answer)


def _compose(alarms: Sequence[Alarm], readers: Sequence[str]) -> EmailMessage:
    lines = [f"* {alarm.sentence} ({_since(alarm.raised)})" for alarm in alarms]
    where = _("They stand on the editorial desk until their causes have ended: %s") % absolute_url(
        reverse("admin:index")
    )
    return EmailMessage(
        ngettext("%(site)s: %(n)d alarm", "%(site)s: %(n)d alarms", len(alarms))
        % {"site": settings.SITE_NAME, "n": len(alarms)},
        "\n\n".join([*lines, where]) + "\n",
        to=list(readers),
        headers={"Auto-Submitted": "auto-generated"},
    )


def _since(moment: datetime) -> str:
    return _("since %s UTC") % moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
