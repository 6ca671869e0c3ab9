"""What a column of a list of people is, by its header: the usual ones, and the exports of known services. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What the cells of a column say of a person."""

    EMAIL = "email", _("e-mail address")
    NAME = "name", _("name")
    FIRST_NAME = "first_name", _("first name")
    LAST_NAME = "last_name", _("last name")
    TOPICS = "topics", _("series they follow")
    STATUS = "status", _("status, in a word")
    WANTS = "wants", _("yes: they want mail")
    LEFT = "left", _("yes or a date: they left")
    SINCE = "since", _("subscribed since")
    DEPTH = "depth", _("whole issue or highlights")
    PAYS = "pays", _("yes: they pay")
    PAID_UNTIL = "paid_until", _("supporter until")
    UNUSED = "unused", _("not used")


class PersonStanding(Enum):
    """How a person stands with the list that is read."""

    OPEN = "open"
    WAITING = "waiting"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Service:
    """Known where all headers of one of these sets stand in the file; what its columns are goes before the usual."""

    name: str
    known_by: tuple[frozenset[str], ...]
    roles: Mapping[str, Role]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Headers without spaces, signs and case. The first column of a role counts, of topics and signs of leaving all do.
USUAL_NAMES: Final[Mapping[Role, frozenset[str]]] = {
    Role.EMAIL: _words(
        "email emailaddress emails mail mailaddress emailadresse subscriberemail useremail adresse emailid correo"
    ),
    Role.NAME: _words("name fullname displayname subscribername"),
    Role.FIRST_NAME: _words("firstname first fname givenname vorname prenom"),
    Role.LAST_NAME: _words("lastname last lname familyname surname nachname nom"),
    Role.TOPICS: _words("topics topic tags tag series lists list segments groups interests sections"),
    Role.STATUS: _words("status state subscriberstatus subscriptionstatus subscribertype memberstatus"),
    Role.WANTS: _words("subscribed issubscribed subscribedtoemails optin optedin active isactive enabled"),
    Role.LEFT: _words(
        "unsubscribed unsubscribedat unsubscribedate unsubscriptiondate unsubtime optout optedout emaildisabled "
        "disabled bounced bouncedat blocked blocklisted blacklisted suppressed cleaned cleantime complained deletedat"
    ),
    Role.SINCE: _words(
        "created createdat creationdate createddate dateadded signupdate signedupat subscribedat subscriptiondate "
        "joined joinedat confirmtime optintime consentat startdate"
    ),
    Role.PAID_UNTIL: _words("paiduntil supporteruntil"),
}

_SERVICES: Final = (
    # An own export (export_subscribers): it alone has these.
    _Service(
        "LLM Watch",
        (_words("email series status depth paiduntil"),),
        {"depth": Role.DEPTH, "paiduntil": Role.PAID_UNTIL, "consentat": Role.SINCE, "created": Role.UNUSED},
    ),
    # active_subscription and plan are about paying: most readers have none and still get the mail. An expiry counts for
    # those who pay; the exports of Ghost, Buttondown and listmonk have none.
    _Service(
        "Substack",
        (_words("email activesubscription"), _words("email emaildisabled firstpaymentat"), _words("email stripeplan")),
        {
            "emaildisabled": Role.LEFT,
            "createdat": Role.SINCE,
            "activesubscription": Role.PAYS,
            "type": Role.UNUSED,
            "plan": Role.UNUSED,
            "expiry": Role.PAID_UNTIL,
        },
    ),
    # Labels are what others call tags; tiers and complimentary_plan are about paying.
    _Service(
        "Ghost",
        (_words("email subscribedtoemails"), _words("email complimentaryplan"), _words("email labels tiers")),
        {
            "subscribedtoemails": Role.WANTS,
            "subscribed": Role.WANTS,
            "labels": Role.TOPICS,
            "createdat": Role.SINCE,
            "deletedat": Role.LEFT,
            "status": Role.UNUSED,
        },
    ),
    # The type of a subscriber says how they pay, but also that they left or never confirmed.
    _Service(
        "Buttondown",
        (
            _words("email creationdate referrerurl"),
            _words("emailaddress creationdate referrerurl"),
            _words("email creationdate notes tags"),
            _words("email subscribertype"),
        ),
        {
            "type": Role.STATUS,
            "subscribertype": Role.STATUS,
            "tags": Role.TOPICS,
            "creationdate": Role.SINCE,
            "unsubscriptiondate": Role.LEFT,
        },
    ),
    # enabled, disabled, blocklisted; attributes are JSON.
    _Service(
        "listmonk",
        (_words("email status attributes"), _words("email status uuid")),
        {"status": Role.STATUS, "lists": Role.TOPICS, "createdat": Role.SINCE, "attributes": Role.UNUSED},
    ),
)

# The words of all services and the usual ones; what stands in none of them is not guessed at.
OPEN_WORDS: Final = _words(
    "active enabled subscribed confirmed regular premium gifted trialed trialing pastdue churning churned free paid "
    "comped comp complimentary member valid optedin optin yes true 1"
)
_WAITING: Final = _words("pending unconfirmed unactivated notconfirmed waiting")
_GONE: Final = _words(
    "unsubscribed disabled blocklisted blacklisted blocked bounced hardbounced softbounced complained complaint spam "
    "spammy removed deleted cleaned inactive undeliverable unreachable suppressed left optedout optout malformed "
    "archived paused no false 0"
)
_NO: Final = _words("no false 0 n f none null nil never off") | {""}


def simplify_header(text: str) -> str:
    """A header or a word of status without spaces, signs and case."""
    return re.sub(r"[\W_]", "", text).casefold()


def service_of(headers: Iterable[str]) -> _Service | None:
    """The service whose export has these headers; None where it is any other list."""
    given = {simplify_header(header) for header in headers}
    return next((service for service in _SERVICES if any(marks <= given for marks in service.known_by)), None)


def roles_of(headers: Iterable[str]) -> tuple[Role, ...]:
    """One for each header."""
    written = [simplify_header(header) for header in headers]
    service = service_of(written)
    own: Mapping[str, Role] = service.roles if service else {}
    found = [own.get(header) or _usual(header) for header in written]
    if Role.NAME in found:
        found = [Role.UNUSED if role in {Role.FIRST_NAME, Role.LAST_NAME} else role for role in found]
    return tuple(
        role if role in {Role.TOPICS, Role.LEFT, Role.STATUS} or role not in found[:position] else Role.UNUSED
        for position, role in enumerate(found)
    )


def read_standing(statuses: Iterable[str], wants: Iterable[str], left: Iterable[str]) -> tuple[PersonStanding, str]:
    """From the cells of these columns, and the word that says it; what says least in favour of mail counts."""
    for word in left:
        if simplify_header(word) not in _NO:
            return PersonStanding.GONE, word
    for word in wants:
        if simplify_header(word) and simplify_header(word) in _NO:
            return PersonStanding.GONE, word
    said = [(_meant(simplify_header(word)), word) for word in statuses if simplify_header(word)]
    order = (PersonStanding.GONE, PersonStanding.UNKNOWN, PersonStanding.WAITING, PersonStanding.OPEN)
    return min(said, key=lambda pair: order.index(pair[0]), default=(PersonStanding.OPEN, ""))


def says_no(cells: Iterable[str]) -> bool:
    """Whether any of these is a no."""
    return any(simplify_header(cell) in _NO for cell in cells)


def _usual(header: str) -> Role:
    return next((role for role, words in USUAL_NAMES.items() if header in words), Role.UNUSED)


def _meant(word: str) -> PersonStanding:
    if word in _GONE:
        return PersonStanding.GONE
    if word in _WAITING:
        return PersonStanding.WAITING
    return PersonStanding.OPEN if word in OPEN_WORDS else PersonStanding.UNKNOWN
