"""Single mails: asked for by a row, written and sent outside the web request, each at most once.

A row is claimed before the server is spoken to. Where the server may have taken the mail and no answer came, it is not
sent again: whoever waits for it asks once more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from email.charset import QP, Charset
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext as _

from core.concurrency import dispatch
from core.mail.masking import mask_address
from core.mail.message_bytes import render_message
from core.mail.retry_ladder import delay_after
from core.mail.return_paths import MailKind, account_mail_id, return_path
from core.mail.smtp import Connection, SmtpAnswer, Stage, Verdict
from core.site import absolute_url
from issues.models import Issue
from subscribers import signed_links
from subscribers.addresses import address_hash, in_ascii
from subscribers.models import AccountMail, SendingPermit, Subscriber

log = logging.getLogger(__name__)

ONE_DAY: Final = timedelta(days=1)
A_DAY: Final = dict.fromkeys(AccountMail.Kind, 3) | {AccountMail.Kind.SIGN_IN: 10, AccountMail.Kind.WELCOME: 1}
_MAX_RETRIES: Final = 4  # somebody waits for it
_TRIED_AGAIN: Final = frozenset({Verdict.LATER, Verdict.AGAIN})
BATCH_SIZE: Final = 200
# No relay has to recode it, where it knows no 8BITMIME, and so breaks no signature.
_QUOTED: Final = Charset("utf-8")
_QUOTED.body_encoding = QP
# Where the link of a letter leads: the name of its address, and what its token is for.
_LINKS: Final = {
    AccountMail.Kind.CONFIRM.value: ("subscribers:confirm", signed_links.CONFIRM_LINK),
    AccountMail.Kind.SIGN_IN.value: ("subscribers:sign_in", signed_links.SIGN_IN_LINK),
    AccountMail.Kind.EXPORT.value: ("mailings:export", signed_links.EXPORT_LINK),
    AccountMail.Kind.ERASE.value: ("mailings:erase", signed_links.ERASE_LINK),
    AccountMail.Kind.ADDRESS.value: ("subscribers:address", signed_links.ADDRESS_LINK),
    AccountMail.Kind.MOVE.value: ("subscribers:move", signed_links.MOVE_LINK),
}


def request_mail(
    subscriber: Subscriber, kind: AccountMail.Kind, now: datetime, *, issue: str = "", to: str = ""
) -> AccountMail | None:
    """Puts a letter down as due; None where the address had enough of this kind within a day.

    `to` is an address that is not the subscriber's (yet, or any more).
    """
    from subscribers import tasks

    with transaction.atomic():
        Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        had = AccountMail.objects.to_address(to) if to else subscriber.account_mails.all()
        if had.filter(kind=kind).asked_since(now - ONE_DAY).count() >= A_DAY[kind]:
            return None
        letter = AccountMail.objects.create(
            subscriber=subscriber, kind=kind, issue=issue, to=to, asked_at=now, due_at=now
        )
        transaction.on_commit(lambda: dispatch.dispatch_now(tasks.send_account_mail, letter.pk))
    return letter


def send_due(now: datetime) -> int:
    """Sends what no worker has sent, all over one connection; gives how many the server took.

    Forgets mails of a month ago.
    """
    AccountMail.objects.outlived(now).delete()
    mails = list(AccountMail.objects.due(now).select_related("subscriber").order_by("due_at")[:BATCH_SIZE])
    return _send_all(mails, now)


def send_mail(key: int, now: datetime) -> bool:
    """Sends one mail if it is due and nobody else does; False where it was not sent (now)."""
    return bool(_send_all(AccountMail.objects.due(now).select_related("subscriber").filter(pk=key), now))


def compose_mail(letter: AccountMail, now: datetime) -> EmailMultiAlternatives:
    """The message; its Message-ID is the same however often it is composed."""
    subject, template = _SUBJECTS[letter.kind](), f"subscribers/mail/{letter.kind}"
    values = {
        **_particulars(letter),
        "link": absolute_url(_link(letter, now)),
        "subject": subject,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "postal_address": settings.POSTAL_ADDRESS,
    }
    message = EmailMultiAlternatives(
        subject,
        _text(f"{template}.txt", values),
        # What the mail server gets as the sender, and what is shown as one.
        from_email=_return_path(letter),
        to=[letter.recipient],
        reply_to=[settings.REPLY_TO] if settings.REPLY_TO else None,
        headers={
            "Message-ID": account_mail_id(letter.pk, address_hash(letter.recipient)),
            "From": settings.DEFAULT_FROM_EMAIL,
        },
    )
    message.encoding = _QUOTED
    message.attach_alternative(get_template(f"{template}.html").render(values), "text/html")
    return message


def _return_path(letter: AccountMail) -> str:
    """Where the mail comes back to if nobody takes it."""
    if not settings.BOUNCE_ADDRESS:
        return settings.DEFAULT_FROM_EMAIL
    return return_path(MailKind.ACCOUNT_MAIL, letter.pk, address_hash(letter.recipient))


def _send_all(mails: Iterable[AccountMail], now: datetime) -> int:
    """How many the server took. No mail is claimed before the server answers, so that those it leaves stay due."""
    if not SendingPermit.objects.is_armed():
        return 0
    sent = 0
    with Connection(settings.MAIL_SERVER, settings.SITE_HOST) as relay:
        for mail in mails:
            refusal = relay.refusal()
            if refusal is not None:
                log.warning("account_mail.no_server answer=%s", refusal)
                break
            if mail.claim(now):
                answer = _hand_over(mail, now, relay)
                _write_down(mail, answer, now)
                sent += answer.verdict is Verdict.ACCEPTED
    return sent


def _hand_over(mail: AccountMail, now: datetime, relay: Connection) -> SmtpAnswer:
    recipient = in_ascii(mail.recipient)
    if recipient is None:
        return SmtpAnswer(Stage.RCPT, 0, _("Mail servers do not take an address like this one."))
    message = compose_mail(mail, now)
    return relay.send(parseaddr(message.from_email)[1], recipient, render_message(message))


def _write_down(mail: AccountMail, answer: SmtpAnswer, now: datetime) -> None:
    """What was not handed over is tried again; where the server may have the mail, it is not sent twice."""
    verdict = answer.verdict
    if verdict is Verdict.ACCEPTED:
        mail.close(AccountMail.State.SENT)
        return
    wait = delay_after(mail.attempts + 1, most=_MAX_RETRIES) if verdict in _TRIED_AGAIN else None
    if wait is not None:
        mail.postpone(now + wait, str(answer))
    else:
        is_refused = verdict in {Verdict.REFUSED, Verdict.LATER}
        mail.close(AccountMail.State.FAILED, str(answer), is_refused=is_refused)
    log.warning("account_mail.not_sent mail=%d code=%d attempts=%d", mail.pk, answer.code, mail.attempts + 1)


def _link(letter: AccountMail, now: datetime) -> str:
    if letter.kind in _LINKS:
        route, purpose = _LINKS[letter.kind]
        about = letter if letter.kind == AccountMail.Kind.MOVE else letter.subscriber
        path = reverse(route, args=[purpose.token(about, now)])
        return f"{path}?issue={letter.issue}" if letter.issue else path
    return letter.subscriber.get_preferences_url()


def _particulars(letter: AccountMail) -> Mapping[str, str]:
    """What single kinds of letters say beside their link."""
    if letter.kind == AccountMail.Kind.MOVED:
        return {"address": mask_address(letter.subscriber.email), "contact": settings.REPLY_TO}
    if letter.kind != AccountMail.Kind.WELCOME:
        return {}
    latest = _latest_for(letter.subscriber)
    values = {"leave": absolute_url(letter.subscriber.get_unsubscribe_url())}
    return (
        values
        if latest is None
        else {**values, "title": latest.title, "latest": absolute_url(latest.get_absolute_url())}
    )


def _latest_for(subscriber: Subscriber) -> Issue | None:
    """The newest issue of what the person chose; of everything where nothing was chosen."""
    chosen = list(subscriber.series.all())
    issues = Issue.objects.published()
    return (issues.filter(series__in=chosen) if chosen else issues).first()


def _text(template: str, values: Mapping[str, str]) -> str:
    """Plain text has nothing to escape."""
    body = get_template(template).template  # type: ignore[attr-defined]
    return str(body.render(Context(values, autoescape=False)))


_SUBJECTS = {
    AccountMail.Kind.CONFIRM.value: lambda: _("Please confirm your subscription to %s") % settings.SITE_NAME,
    AccountMail.Kind.KNOWN.value: lambda: _("You are subscribed to %s already") % settings.SITE_NAME,
    AccountMail.Kind.SIGN_IN.value: lambda: _("Your sign-in link for %s") % settings.SITE_NAME,
    AccountMail.Kind.WELCOME.value: lambda: _("Welcome to %s") % settings.SITE_NAME,
    AccountMail.Kind.EXPORT.value: lambda: _("All that %s holds about you") % settings.SITE_NAME,
    AccountMail.Kind.ERASE.value: lambda: _("Your link to be deleted from %s") % settings.SITE_NAME,
    AccountMail.Kind.ADDRESS.value: lambda: _("Your link to change the address at %s") % settings.SITE_NAME,
    AccountMail.Kind.MOVE.value: lambda: _("Please confirm your new address for %s") % settings.SITE_NAME,
    AccountMail.Kind.MOVED.value: lambda: _("Your address at %s was changed") % settings.SITE_NAME,
}
