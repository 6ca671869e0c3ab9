from mailings.models.click import ClickCount, MailLink
from mailings.models.mail_event import MailEvent
from mailings.models.mailing import Delivery, Mailing, Rendition
from mailings.models.warmup_day import RampDay
from subscribers.models.account_mail import Letter
from subscribers.models.import_file import Intake, IntakeMet, IntakePiece
from subscribers.models.sending_permit import Station
from subscribers.models.signup_request import Slip
from subscribers.models.subscriber import Subscriber
from subscribers.models.suppression import Suppression

__all__ = [
    "ClickCount",
    "Delivery",
    "Intake",
    "IntakeMet",
    "IntakePiece",
    "Letter",
    "MailEvent",
    "MailLink",
    "Mailing",
    "RampDay",
    "Rendition",
    "Slip",
    "Station",
    "Subscriber",
    "Suppression",
]
