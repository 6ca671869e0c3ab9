from subscribers.models.event import MailEvent
from subscribers.models.intake import Intake, IntakePiece
from subscribers.models.letter import Letter
from subscribers.models.mailing import Delivery, Mailing, Rendition
from subscribers.models.slip import Slip
from subscribers.models.station import Station
from subscribers.models.subscriber import Subscriber, Suppression

__all__ = [
    "Delivery",
    "Intake",
    "IntakePiece",
    "Letter",
    "MailEvent",
    "Mailing",
    "Rendition",
    "Slip",
    "Station",
    "Subscriber",
    "Suppression",
]
