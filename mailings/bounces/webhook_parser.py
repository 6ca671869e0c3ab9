"""What a mail service tells of our messages, as anymail understood it, read into reports. Pure.

anymail calls much one word (*bounced*) that the services tell apart; what they say themselves decides here whether an
address is dead. That a message was delivered, opened or followed is dropped: nobody is watched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from core.mail.masking import mask_addresses
from core.mail.verdicts import find_code, judge_recipient
from mailings.bounces.parser import REPORT_KINDS, MailReport, ReportKind, clean_text, find_addresses


class _Notice(Protocol):
    """anymail's AnymailTrackingEvent, as far as it is read; nothing in it need be of the type that it should be."""

    event_type: Any
    timestamp: Any
    event_id: Any
    esp_event: Any  # in the service's own form
    message_id: Any
    recipient: Any
    reject_reason: Any
    description: Any
    mta_response: Any


# Where each service says of what kind a bounce is, and its words for a dead address.
_PERMANENT: Final[Mapping[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "amazon_ses": (("bounce.bounceType",), frozenset({"Permanent"})),
    "brevo": (("event",), frozenset({"hard_bounce", "invalid_email"})),
    "mailersend": (("data.type",), frozenset({"hard_bounced"})),
    "mailgun": (("event-data.reason",), frozenset({"bounce", "suppress-bounce"})),
    "mailjet": (("error",), frozenset({"user unknown", "mailbox inactive", "invalid domain", "no mail host"})),
    "mailtrap": (("event",), frozenset({"bounce"})),
    "mandrill": (("event",), frozenset({"hard_bounce"})),
    "postmark": (("Type", "SuppressionReason"), frozenset({"HardBounce", "BadEmailAddress"})),
    "resend": (("data.bounce.type",), frozenset({"Permanent"})),
    "sendgrid": (("type",), frozenset({"bounce"})),
    "sparkpost": (("bounce_class",), frozenset({"10", "30"})),
    "unisender_go": (
        ("delivery_info.delivery_status",),
        frozenset({"err_user_unknown", "err_user_inactive", "err_domain_inactive"}),
    ),
}
# Where our own Message-ID and envelope sender stand, where anymail does not give them.
MESSAGE_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "amazon_ses": ("mail.commonHeaders.messageId",),
    "postal": ("payload.message.message_id", "payload.original_message.message_id"),
}
_SENDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "amazon_ses": ("mail.source",),
    "mailgun": ("event-data.envelope.sender",),
    "sparkpost": ("msg_from",),
}
_CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "mailgun": ("event-data.delivery-status.enhanced-code",),
    "sendgrid": ("status",),
}
# What a service did not send because of what it had learned before; any other reason is between it and us.
_REJECTED: Final[Mapping[str, ReportKind]] = {
    "bounced": "hard",
    "invalid": "hard",
    "spam": "complaint",
    "unsubscribed": "left",
}
# A receiver that took the message for no spam, or that judged its signature or its attachments.
NO_COMPLAINTS: Final = frozenset({"not-spam", "auth-failure", "virus"})


def parse_notices(provider: str, notices: Iterable[_Notice]) -> tuple[MailReport, ...]:
    """One for each recipient, without what is nobody's business."""
    return tuple(report for notice in notices if (report := _report(provider, notice)) is not None)


def _report(provider: str, notice: _Notice) -> MailReport | None:
    raw = _own_words(provider, notice.esp_event)
    said = _word(notice.mta_response) or _word(notice.description)
    code = find_code(" ".join([*_found(raw, _CODES.get(provider, ())), said]))
    kind = _kind(provider, notice, raw, code, said)
    if kind is None:
        return None
    recipient = next(iter(find_addresses([_word(notice.recipient)])), "")
    ours = [f"<{found.strip('<>')}>" for found in _found(raw, MESSAGE_IDS.get(provider, ()))]
    return MailReport(
        source=provider,
        event_id=_number(provider, notice, raw, recipient),
        kind=kind,
        status=code,
        recipient=recipient,
        returned_to=find_addresses(_found(raw, _SENDERS.get(provider, ()))),
        message_id=" ".join([*ours, _word(notice.message_id)]),
        queued_as=_word(notice.message_id),
        is_vouched=True,
        diagnostic=mask_addresses(said),
        happened=_time(notice.timestamp),
    )


def _kind(provider: str, notice: _Notice, raw: Mapping[str, Any], code: str, said: str) -> ReportKind | None:
    """None where it says nothing of whether the person is reached."""
    match notice.event_type:
        case "bounced":
            return _bounce(provider, raw, code, said)
        case "complained":
            return _complaint(provider, raw)
        case "deferred":
            return "soft" if raw.get("event") == "soft bounce" else "delayed"  # mailtrap's, which is no delay
        case "unsubscribed":
            return "left"
        case "rejected":
            kind = _REJECTED.get(str(notice.reject_reason), "refused")
            return "soft" if kind == "hard" and _is_permanent(provider, raw) is False else kind
        case "failed":
            # Postal's word for what others call a bounce; with the others we did something wrong.
            return _bounce(provider, raw, code, said) if provider == "postal" else "refused"
        case _:
            return None


def _bounce(provider: str, raw: Mapping[str, Any], code: str, said: str) -> ReportKind:
    return REPORT_KINDS[judge_recipient(code, said, is_permanent=_is_permanent(provider, raw))]


def _complaint(provider: str, raw: Mapping[str, Any]) -> ReportKind | None:
    if provider == "postmark" and raw.get("Type") == "SpamNotification":
        return "soft"  # by a filter, not by the person
    kind = _found(raw, ("complaint.complaintFeedbackType",)) if provider == "amazon_ses" else []
    return None if NO_COMPLAINTS.intersection(kind) else "complaint"


def _is_permanent(provider: str, raw: Mapping[str, Any]) -> bool | None:
    """As the service says; None where it does not say."""
    paths, words = _PERMANENT.get(provider, ((), frozenset()))
    found = _found(raw, paths)
    return bool(words.intersection(found)) if found else None


def _own_words(provider: str, raw: Any) -> Mapping[str, Any]:
    """Without the two wrappings that SparkPost puts around them."""
    if provider == "sparkpost" and isinstance(raw, dict):
        inner = raw.get("msys")
        raw = next(iter(inner.values()), None) if isinstance(inner, dict) else None
    return raw if isinstance(raw, Mapping) else {}


def _number(provider: str, notice: _Notice, raw: Mapping[str, Any], recipient: str) -> str:
    """The service's own number of the event where it has one that is the same when it tells it again."""
    # Mailgun's is unique within a day, and anymail's for it changes when the event is told again.
    own = " ".join(_found(raw, ("event-data.id", "event-data.timestamp"))) if provider == "mailgun" else ""
    name = own or _word(notice.event_id) or f"{_word(notice.message_id)} {notice.timestamp}"
    return hashlib.sha256("\n".join([name, str(notice.event_type), recipient]).encode()).hexdigest()


def _found(raw: Mapping[str, Any], paths: Iterable[str]) -> list[str]:
    """The words at these places, names parted by full stops; places that are not there are passed over."""
    found = []
    for path in paths:
        value: Any = raw
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        found.append(_word(value))
    return [word for word in found if word]


def _word(value: Any) -> str:
    return clean_text(str(value)) if isinstance(value, str | int | float) else ""


def _time(value: Any) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
