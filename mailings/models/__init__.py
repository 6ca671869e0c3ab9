from mailings.models.click import ClickCount, MailLink
from mailings.models.mail_event import MailEvent
from mailings.models.mailing import Delivery, Mailing, Rendition
from mailings.models.warmup_day import WarmupDay

__all__ = [
    "ClickCount",
    "Delivery",
    "MailEvent",
    "MailLink",
    "Mailing",
    "Rendition",
    "WarmupDay",
]
