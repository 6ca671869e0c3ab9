"""Single mails: asked for by a row, written and sent outside the web request, each at most once.

A row is claimed before the server is spoken to. Where the server may have taken the mail and no answer came, it is not
sent again: whoever waits for it asks once more.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.charset import QP, Charset
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext as _

from core.concurrency import dispatch
from core.mail.masking import mask_address
from core.mail.return_paths import MailKind, account_mail_id, return_path
from core.mail.smtp import SmtpAnswer, Stage
from core.site import absolute_url
from issues.models import Issue
from subscribers import signed_links
from subscribers.addresses import address_hash
from subscribers.models import AccountMail, SendingPermit, Subscriber
from subscribers.suppressions import suppress_address

log = logging.getLogger(__name__)

ONE_DAY: Final = timedelta(days=1)
A_DAY: Final = dict.fromkeys(AccountMail.Kind, 3) | {AccountMail.Kind.SIGN_IN: 10, AccountMail.Kind.WELCOME: 1}
_RETRIES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
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


class NoServer(OSError):
    """The mail server does not answer; nothing was handed over."""


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
    """Sends what no worker has sent; gives how many the server took. Forgets letters of a month ago."""
    AccountMail.objects.outlived(now).delete()
    sent = 0
    for letter in AccountMail.objects.due(now).select_related("subscriber").order_by("due_at")[:BATCH_SIZE]:
        try:
            sent += _send(letter, now)
        except NoServer as error:
            log.warning("letters.no_server error=%s", error)
            break
    return sent


def send_mail(key: int, now: datetime) -> bool:
    """Sends one letter if it is due and nobody else does; False where it was not sent (now)."""
    letter = AccountMail.objects.due(now).select_related("subscriber").filter(pk=key).first()
    try:
        return letter is not None and _send(letter, now)
    except NoServer as error:
        log.warning("letters.no_server error=%s", error)
        return False


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


def _send(letter: AccountMail, now: datetime) -> bool:
    """Raises NoServer before the letter is claimed, so that it stays due."""
    if not SendingPermit.objects.is_armed():
        return False
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        raise NoServer(str(error)) from error
    try:
        return letter.claim(now) and _hand_over(letter, now, connection)
    finally:
        connection.close()


def _hand_over(letter: AccountMail, now: datetime, connection: Any) -> bool:
    message = compose_mail(letter, now)
    message.connection = connection
    try:
        message.send()
    except (SMTPException, OSError) as error:
        _take_back(letter, now, error)
        return False
    letter.close(AccountMail.State.SENT)
    return True


def _take_back(letter: AccountMail, now: datetime, error: Exception) -> None:
    """Where the server said “later”, it is tried again: it took nothing. All else is the end of this letter."""
    answer, attempts = _answer(error), letter.attempts
    if answer.names_a_dead_address:
        suppress_address(letter.recipient, now)
    if 400 <= answer.code < 500 and attempts < len(_RETRIES):
        letter.postpone(now + _RETRIES[attempts], str(error))
    else:
        letter.close(AccountMail.State.FAILED, str(error))
    log.warning("letter.not_sent letter=%d code=%d attempts=%d", letter.pk, answer.code, attempts + 1)


def _answer(error: Exception) -> SmtpAnswer:
    """The server's; its code is 0 where none came, and it may or may not have the mail."""
    if isinstance(error, SMTPRecipientsRefused):
        code, said = max(error.recipients.values(), default=(0, b""))
        return SmtpAnswer(Stage.RCPT, code, _text_of(said))
    if isinstance(error, SMTPResponseException):
        stage = Stage.BODY if isinstance(error, SMTPDataError) else Stage.MAIL
        return SmtpAnswer(stage, error.smtp_code, _text_of(error.smtp_error))
    return SmtpAnswer(Stage.CONNECT, 0, "")


def _text_of(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


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
