"""Reports of mail services, as they write and sign them; keys and people are made up."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

LOGIN: Final = "hooks:a-password-for-the-tests"
KEY: Final = "a-signing-key-for-the-tests"
SECRETS: Final[Mapping[str, str]] = {
    "amazon_ses": LOGIN,
    "brevo": LOGIN,
    "mailersend": KEY,
    "mailgun": KEY,
    "mailjet": LOGIN,
    "mailtrap": KEY,
    "mandrill": KEY,
    "postmark": LOGIN,
    "resend": LOGIN,
    "sendgrid": LOGIN,
    "sparkpost": LOGIN,
    "unisender_go": KEY,
}
READER: Final = "reader-0000@example.org"
GONE: Final = "550 5.1.1 <reader-0000@example.org>: no such user here"
FULL: Final = "452 4.2.2 the mailbox is full"


@dataclass(frozen=True)
class Event:
    """One thing that happened to one message."""

    what: str = "hard"  # or soft, complaint, left, opened
    number: int = 1
    recipient: str = READER
    message_id: str = ""  # ours
    sender: str = "news@example.org"  # of the envelope
    queued_as: str = "0102018f-aaaa-bbbb"
    happened: datetime = field(default_factory=lambda: timezone.now() - timedelta(minutes=5))

    @property
    def said(self) -> str:
        return {"hard": GONE, "soft": FULL}.get(self.what, "")

    @property
    def seconds(self) -> int:
        return int(self.happened.timestamp())


@dataclass(frozen=True)
class Post:
    provider: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def send(self, *, path: str = "") -> HttpResponse:
        """By a client that has no cookies and knows no token of a form."""
        client = Client(enforce_csrf_checks=True)
        where = path or f"/hooks/{self.provider}/"
        answer = client.post(where, self.body, content_type=self.content_type, headers=dict(self.headers))
        assert not client.cookies
        assert isinstance(answer, HttpResponse)
        return answer


def login(secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"}


def signed_json(provider: str, value: Any, secret: str) -> Post:
    """With the secret in the address, as the program that calls it sends it."""
    return Post(provider, json.dumps(value).encode(), login(secret))


def postmark(events: Sequence[Event], secret: str = LOGIN) -> Post:
    (event,) = events
    types = {"hard": "HardBounce", "soft": "SoftBounce", "complaint": "SpamComplaint"}
    records = {"complaint": "SpamComplaint", "left": "SubscriptionChange", "opened": "Open"}
    common = {"RecordType": records.get(event.what, "Bounce"), "MessageID": event.queued_as, "ServerID": 23}
    own: dict[str, Any] = {"MessageStream": "broadcast", "Tag": "", "Metadata": {}}
    if event.what == "left":
        own |= {"Recipient": event.recipient, "SuppressSending": True, "SuppressionReason": "ManualSuppression"}
        own |= {"Origin": "Recipient", "ChangedAt": event.happened.isoformat()}
    elif event.what == "opened":
        own |= {"Recipient": event.recipient, "FirstOpen": True, "ReceivedAt": event.happened.isoformat()}
    else:
        own |= {"ID": 692560173 + event.number, "Type": types[event.what], "Email": event.recipient}
        own |= {"From": "news@example.org", "BouncedAt": event.happened.isoformat(), "Inactive": True}
        own |= {"Description": "The server was unable to deliver your message.", "Details": f"smtp;{event.said}"}
    return signed_json("postmark", common | own, secret)


def mailgun(events: Sequence[Event], secret: str = KEY) -> Post:
    (event,) = events
    names = {"complaint": "complained", "left": "unsubscribed", "opened": "opened"}
    token, timestamp = f"{event.number:050d}", str(event.seconds)
    signature = hmac.new(secret.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    data: dict[str, Any] = {
        "event": names.get(event.what, "failed"),
        "id": f"G9Bn5sl1TC6nu79C8C0b{event.number:02d}",
        "timestamp": event.happened.timestamp(),
        "recipient": event.recipient,
        "message": {"headers": {"message-id": event.message_id.strip("<>"), "to": event.recipient}},
        "envelope": {"sender": event.sender, "transport": "smtp", "targets": event.recipient},
        "user-variables": {},
        "tags": [],
    }
    if event.said:
        data |= {"severity": "permanent", "reason": "bounce" if event.what == "hard" else "old"}
        data |= {"delivery-status": {"code": int(event.said[:3]), "message": event.said, "description": ""}}
    value = {"signature": {"timestamp": timestamp, "token": token, "signature": signature}, "event-data": data}
    return Post("mailgun", json.dumps(value).encode())


def sendgrid(events: Sequence[Event], secret: str = LOGIN) -> Post:
    names = {"complaint": "spamreport", "left": "unsubscribe", "opened": "open"}
    value = []
    for event in events:
        one: dict[str, Any] = {
            "email": event.recipient,
            "timestamp": event.seconds,
            "event": names.get(event.what, "bounce"),
            "smtp-id": event.message_id,
            "sg_event_id": f"ZGVsaXZlcmVkLTAtMTA{event.number:04d}",
            "sg_message_id": f"{event.queued_as}.recvd-1-0",
        }
        if event.said:
            one |= {"reason": event.said, "status": event.said[4:9], "tls": 1}
            one["type"] = "bounce" if event.what == "hard" else "blocked"
        value.append(one)
    return signed_json("sendgrid", value, secret)


def amazon_ses(events: Sequence[Event], secret: str = LOGIN) -> Post:
    """One message, all of whose recipients are named, as the notifications of an identity are."""
    first = events[0]
    when = first.happened.isoformat().replace("+00:00", "Z")
    ses: dict[str, Any] = {
        "mail": {
            "timestamp": when,
            "source": first.sender,
            "messageId": first.queued_as,
            "destination": [event.recipient for event in events],
            "commonHeaders": {"from": ["news@example.org"], "subject": "Papers", "messageId": first.message_id},
        }
    }
    if first.what == "complaint":
        complained = [{"emailAddress": event.recipient} for event in events]
        ses["notificationType"] = "Complaint"
        ses["complaint"] = {"complainedRecipients": complained, "timestamp": when, "complaintFeedbackType": "abuse"}
    elif first.what == "opened":
        ses |= {"eventType": "Open", "open": {"ipAddress": "192.0.2.1", "timestamp": when, "userAgent": "A reader"}}
    else:
        bounced = [
            {"emailAddress": event.recipient, "action": "failed", "status": "5.1.1", "diagnosticCode": event.said}
            for event in events
        ]
        kind = {"hard": "Permanent", "soft": "Transient"}[first.what]
        ses["notificationType"] = "Bounce"
        ses["bounce"] = {"bounceType": kind, "bounceSubType": "General", "bouncedRecipients": bounced}
    return sns("Notification", {"Message": json.dumps(ses)}, number=first.number, secret=secret)


def sns(kind: str, fields: Mapping[str, str], *, number: int = 1, secret: str = LOGIN) -> Post:
    name = f"22b80b92-fdea-4c2c-8f9d-bdfb0c7b{number:04d}"
    value = {
        "Type": kind,
        "MessageId": name,
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:bounces",
        "Timestamp": timezone.now().isoformat(),
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService.pem",
        **fields,
    }
    headers = {"x-amz-sns-message-type": kind, "x-amz-sns-message-id": name, **login(secret)}
    return Post("amazon_ses", json.dumps(value).encode(), headers, "text/plain; charset=UTF-8")


def brevo(events: Sequence[Event], secret: str = LOGIN) -> Post:
    (event,) = events
    names = {"hard": "hard_bounce", "soft": "soft_bounce", "complaint": "spam", "left": "unsubscribe"}
    value = {
        "event": names.get(event.what, "unique_opened"),
        "email": event.recipient,
        "id": 26224,
        "message-id": event.message_id,
        "ts_epoch": event.seconds * 1000,
        "subject": "Papers",
        "reason": event.said,
    }
    return signed_json("brevo", value, secret)


def sparkpost(events: Sequence[Event], secret: str = LOGIN) -> Post:
    names = {"complaint": "spam_complaint", "left": "list_unsubscribe", "opened": "open"}
    classes = {"message_event": {"hard", "soft", "complaint"}, "unsubscribe_event": {"left"}, "track_event": {"opened"}}
    value = []
    for event in events:
        one = {
            "type": names.get(event.what, "bounce"),
            "event_id": f"9276554898535714{event.number:03d}",
            "timestamp": str(event.seconds),
            "transmission_id": event.queued_as,
            "msg_from": event.sender,
            "raw_rcpt_to": event.recipient,
            "rcpt_to": event.recipient.lower(),
        }
        if event.said:
            one |= {"bounce_class": "10" if event.what == "hard" else "22", "raw_reason": event.said}
        value.append({"msys": {next(name for name, kinds in classes.items() if event.what in kinds): one}})
    return signed_json("sparkpost", value, secret)


def mandrill(events: Sequence[Event], secret: str = KEY) -> Post:
    """A form, signed together with the address that it is sent to."""
    names = {"hard": "hard_bounce", "soft": "soft_bounce", "complaint": "spam", "left": "unsub", "opened": "open"}
    value = [
        {
            "event": names[event.what],
            "ts": event.seconds,
            "_id": f"{event.queued_as}{event.number}",
            "msg": {"email": event.recipient, "diag": event.said, "sender": "news@example.org", "state": "bounced"},
        }
        for event in events
    ]
    told = json.dumps(value)
    signed = f"http://testserver/hooks/mandrill/mandrill_events{told}"
    signature = b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    body = urlencode({"mandrill_events": told}).encode()
    return Post("mandrill", body, {"X-Mandrill-Signature": signature}, "application/x-www-form-urlencoded")


def mailersend(events: Sequence[Event], secret: str = KEY) -> Post:
    (event,) = events
    names = {"hard": "hard_bounced", "soft": "soft_bounced", "complaint": "spam_complaint", "left": "unsubscribed"}
    data = {
        "object": "activity",
        "id": f"62f114f8165fe0d8db0288{event.number:02d}",
        "type": names.get(event.what, "opened"),
        "created_at": event.happened.isoformat(),
        "email": {"message": {"id": event.queued_as}, "recipient": {"email": event.recipient}},
        "morph": {"object": "recipient_bounce", "reason": event.said} if event.said else None,
    }
    body = json.dumps({"type": f"activity.{data['type']}", "data": data}).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Post("mailersend", body, {"Signature": signature})


Writer = Callable[[Sequence[Event], str], Post]
WRITERS: Final[Mapping[str, Writer]] = {
    writer.__name__: writer
    for writer in (amazon_ses, brevo, mailersend, mailgun, mandrill, postmark, sendgrid, sparkpost)
}
