"""Why a mailing was paused: one sentence that an editor understands, with the server's own words and the mend."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from core.mail.smtp import SmtpAnswer, Stage, Verdict


def our_fault(answer: SmtpAnswer) -> str:
    """The mail server refuses us, whoever the recipient is."""
    sentences = {
        Stage.LOGIN: _("The mail server does not accept our user name or password (“%(answer)s”). Check EMAIL_URL."),
        Stage.MAIL: _(
            "The mail server does not accept mail from %(sender)s (“%(answer)s”). "
            "Check DEFAULT_FROM_EMAIL and what the server allows."
        ),
    }
    other = _("The mail server does not let us send (“%(answer)s”). Check EMAIL_URL.")
    sentence = sentences.get(answer.stage, other)
    return sentence % {"answer": str(answer), "sender": settings.DEFAULT_FROM_EMAIL}


def in_a_row(answer: SmtpAnswer, count: int) -> str:
    """Several recipients in a row had the same error; to go on would fail the whole list."""
    refused = _(
        "The mail server refused %(count)d recipients in a row, the last with “%(answer)s”. "
        "Find out why before more are lost."
    )
    silent = _(
        "The mail server took %(count)d messages in a row without an answer (“%(answer)s”), "
        "so that nobody knows whether they arrived. Look into its log."
    )
    sentence = silent if answer.verdict is Verdict.UNKNOWN else refused
    return sentence % {"answer": str(answer), "count": count}


def too_many(answer: SmtpAnswer, refused: int, of: int) -> str:
    """Mail servers judge a sender by how many of its recipients do not exist."""
    sentence = _(
        "%(refused)d of the last %(of)d recipients were refused, the last answer was “%(answer)s”. "
        "Look at them (Deliveries, failed) before you go on: so many harm the name of your address."
    )
    return sentence % {"answer": str(answer), "refused": refused, "of": of}


def describe_unreachable(answer: SmtpAnswer, count: int) -> str:
    """No message could be handed over in many runs; all recipients are still to be sent to."""
    sentence = _(
        "The mail server took nothing in %(count)d attempts, the last ended with “%(answer)s”. "
        "Check EMAIL_URL and the server."
    )
    return sentence % {"answer": str(answer), "count": count}


def came_back(bounced: int, sent: int, most: float) -> str:
    """Too many bounces: providers take them as the sign of an old or bought list."""
    sentence = _(
        "%(bounced)d of %(sent)d messages came back (%(share)s %%, more than %(most)g %%). With so many, mailbox "
        "providers soon refuse the rest, too: look at why (Mail events) and where these addresses are from."
    )
    return sentence % {"bounced": bounced, "sent": sent, "share": _percent(bounced, sent), "most": 100 * most}


def called_spam(complained: int, sent: int, most: float) -> str:
    """Too many complaints: nothing harms a sender more."""
    sentence = _(
        "%(complained)d of %(sent)d recipients called it spam (%(share)s %%, more than %(most)g %%). Going on would "
        "put the mail of all others among the junk: find out who did not want it, and why, before the rest get it."
    )
    return sentence % {"complained": complained, "sent": sent, "share": _percent(complained, sent), "most": 100 * most}


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2g}" if whole else "100"
