"""Columns of lists: the usual headers, and the exports of known services with what they say of who left."""

import pytest

from subscribers.imports.columns import PersonStanding, Role, read_standing, roles_of, service_of

SUBSTACK = "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at"
GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers"
)
BUTTONDOWN = "email,notes,metadata,tags,referrer_url,creation_date,secondary_id,type,source,utm_campaign"
LISTMONK = "uuid,email,name,attributes,status,created_at,updated_at"
OWN = "email,name,series,status,depth,paid_until,basis,consent_at,consent_where,consent_words,created"


def meanings(head: str) -> dict[str, str]:
    names = head.split(",")
    return {name: role.value for name, role in zip(names, roles_of(names), strict=True) if role is not Role.UNUSED}


@pytest.mark.parametrize(
    ("head", "service", "expected"),
    [
        (
            SUBSTACK,
            "Substack",
            {
                "email": "email",
                "active_subscription": "pays",
                "expiry": "paid_until",
                "email_disabled": "left",
                "created_at": "since",
            },
        ),
        (
            GHOST,
            "Ghost",
            {
                "email": "email",
                "name": "name",
                "subscribed_to_emails": "wants",
                "created_at": "since",
                "deleted_at": "left",
                "labels": "topics",
            },
        ),
        (
            BUTTONDOWN,
            "Buttondown",
            {"email": "email", "tags": "topics", "creation_date": "since", "type": "status"},
        ),
        (LISTMONK, "listmonk", {"email": "email", "name": "name", "status": "status", "created_at": "since"}),
        (
            OWN,
            "LLM Watch",
            {
                "email": "email",
                "name": "name",
                "series": "topics",
                "status": "status",
                "depth": "depth",
                "paid_until": "paid_until",
                "consent_at": "since",
            },
        ),
    ],
)
def test_exports_of_services_are_known_by_their_headers(head: str, service: str, expected: dict[str, str]) -> None:
    found = service_of(head.split(","))
    assert found is not None
    assert (found.name, meanings(head)) == (service, expected)


@pytest.mark.parametrize("head", ["email,name", "E-Mail,First,Last,Tags", "email,plan,type"])
def test_other_lists_are_of_no_service(head: str) -> None:
    assert service_of(head.split(",")) is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("E-mail Address,Full Name", {"E-mail Address": "email", "Full Name": "name"}),
        ("mail,first,last", {"mail": "email", "first": "first_name", "last": "last_name"}),
        ("email_address,name,first name", {"email_address": "email", "name": "name"}),
        (
            "Email,Opt-In,Unsubscribed at,Signed up at",
            {"Email": "email", "Opt-In": "wants", "Unsubscribed at": "left"} | {"Signed up at": "since"},
        ),
        ("email,email address,tags,series", {"email": "email", "tags": "topics", "series": "topics"}),
    ],
)
def test_usual_headers_are_guessed(head: str, expected: dict[str, str]) -> None:
    assert meanings(head) == expected


@pytest.mark.parametrize(
    ("statuses", "wants", "left", "expected"),
    [
        (["enabled"], [], [], PersonStanding.OPEN),
        (["Past due"], [], [], PersonStanding.OPEN),
        (["unactivated"], [], [], PersonStanding.WAITING),
        (["blocklisted"], [], [], PersonStanding.GONE),
        (["Hard-Bounced"], [], [], PersonStanding.GONE),
        (["violet"], [], [], PersonStanding.UNKNOWN),
        (["active", "unsubscribed"], [], [], PersonStanding.GONE),
        ([], ["true"], ["false"], PersonStanding.OPEN),
        ([], ["FALSE"], [], PersonStanding.GONE),
        ([], ["0"], [], PersonStanding.GONE),
        (["active"], [], ["true"], PersonStanding.GONE),
        (["active"], [], ["2025-03-01T00:00:00Z"], PersonStanding.GONE),
        (["active"], [], ["None"], PersonStanding.OPEN),
        ([], [], [], PersonStanding.OPEN),
    ],
)
def test_what_says_least_in_favour_of_mail_counts(
    statuses: list[str], wants: list[str], left: list[str], expected: PersonStanding
) -> None:
    assert read_standing(statuses, wants, left)[0] is expected
