from subscribers.models.click import ClickCount, MailLink
from subscribers.models.event import MailEvent
from subscribers.models.intake import Intake, IntakeMet, IntakePiece
from subscribers.models.letter import Letter
from subscribers.models.mailing import Delivery, Mailing, Rendition
from subscribers.models.ramp import RampDay
from subscribers.models.slip import Slip
from subscribers.models.station import Station
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
