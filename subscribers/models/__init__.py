from subscribers.models.account_mail import AccountMail
from subscribers.models.import_file import ImportChunk, ImportedAddress, SubscriberImport
from subscribers.models.sending_permit import SendingPermit
from subscribers.models.signup_request import SignupRequest
from subscribers.models.subscriber import Subscriber
from subscribers.models.suppression import Suppression

__all__ = [
    "AccountMail",
    "ImportChunk",
    "ImportedAddress",
    "SendingPermit",
    "SignupRequest",
    "Subscriber",
    "SubscriberImport",
    "Suppression",
]
