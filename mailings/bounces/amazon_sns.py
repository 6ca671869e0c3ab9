"""Amazon SES reports by Amazon SNS. Read by anymail, which asks Amazon for nothing here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from anymail.webhooks.amazon_ses import AmazonSESBaseWebhookView, AmazonSESTrackingWebhookView
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.alarms import lower_alarm, raise_alarm

_ALARM: Final = "mail.hooks.amazon_ses"
_ADDRESS = re.compile(r"https://sns\.[a-z0-9-]{1,30}\.amazonaws\.com(?:\.cn)?/[A-Za-z0-9?&=:%._~/-]{1,1000}")


class SnsView(AmazonSESTrackingWebhookView):  # type: ignore[misc]
    """Who may report is confirmed by a person: no address that comes with a request is opened from this server."""

    def __init__(self, **options: Any) -> None:
        # Past the one that wants boto3, with which it would answer Amazon.
        super(AmazonSESBaseWebhookView, self).__init__(**options)

    def parse_events(self, request: HttpRequest) -> list[Any]:
        events: list[Any] = super().parse_events(request)
        if self._parse_sns_message(request)["Type"] == "Notification":
            lower_alarm(_ALARM)
        return events

    def auto_confirm_sns_subscription(self, sns_message: Mapping[str, Any]) -> None:
        """By its name it would do it; here it tells who can."""
        topic, address = (str(sns_message.get(name, "")) for name in ("TopicArn", "SubscribeURL"))
        if _ADDRESS.fullmatch(address):
            said = _("Amazon SNS asks whether “%(topic)s” may report here. If it is yours, open %(address)s once.")
        else:
            said = _("Amazon SNS asks whether “%(topic)s” may report here. If it is yours, confirm it in the console.")
        raise_alarm(_ALARM, said % {"topic": re.sub(r"[^\w:-]", "", topic)[:200], "address": address})
