"""A mail in finished bytes: its headers, its two bodies, and the words that make it one reader's."""

import dataclasses
import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.document.values import Document, PollValue
from issues.rendering.mail.layout import TOKEN_PLACEHOLDER
from issues.rendering.mail.mime import (
    ADDRESS_PLACEHOLDER,
    ID_PLACEHOLDER,
    BadMessage,
    MailSending,
    NotPersonal,
    PersonalParts,
    personalise,
    to_message,
)
from issues.rendering.mail.render import MailParts, to_mail
from tests.issues.long_documents import DOCUMENTS
from tests.issues.rendering.mail.test_render import HEAD, document

NOON = datetime(2025, 9, 7, 12, 0, tzinfo=UTC)
SENDING = MailSending(sender="LLM Watch <news@example.org>", date=NOON, feedback="issue-1:full:1:llmwatch")
PARTS = to_mail(document(mail_subject="Nine papers"), HEAD)
READER = PersonalParts("Aa0-_" * 6 + "zZ", "reader7@example.org", "<1.0123456789abcdef@example.org>")


def message(parts: MailParts = PARTS, sending: MailSending = SENDING) -> bytes:
    return to_message(parts, HEAD, sending)


def parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, _class=EmailMessage, policy=email.policy.default)
    assert not found.defects
    return found


def bodies(data: bytes) -> dict[str, str]:
    return {part.get_content_type(): part.get_content().replace("\r\n", "\n") for part in parsed(data).iter_parts()}


def test_both_bodies_arrive_as_they_were_written() -> None:
    assert bodies(message()) == {"text/plain": PARTS.text, "text/html": PARTS.html}


def test_the_headers_say_who_writes_to_which_list_and_how_to_leave_it() -> None:
    head = parsed(message(sending=dataclasses.replace(SENDING, reply_to="editor@example.org")))
    assert head["From"] == "LLM Watch <news@example.org>"
    assert head["Reply-To"] == "editor@example.org"
    assert head["Subject"] == "Nine papers"
    assert head["Date"].datetime == NOON
    assert head["List-Id"] == "LLM Watch <news.news.example.org>"
    assert head["List-Unsubscribe"] == f"<{HEAD.site_url}/me/{TOKEN_PLACEHOLDER}/unsubscribe/>"
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert head["List-Archive"] == f"<{HEAD.site_url}/issues/>"
    assert head["Precedence"] == "bulk"
    assert head["Feedback-ID"] == "issue-1:full:1:llmwatch"
    assert head["MIME-Version"] == "1.0"


def test_who_cannot_follow_links_may_leave_by_mail() -> None:
    """RFC 8058: one https address, and it stands first."""
    data = personalise(message(sending=dataclasses.replace(SENDING, way_out=f"out+{TOKEN_PLACEHOLDER}@a.org")), READER)
    by_link = f"<{HEAD.site_url}/me/{READER.token}/unsubscribe/>"
    assert parsed(data)["List-Unsubscribe"] == f"{by_link}, <mailto:out+{READER.token}@a.org?subject=unsubscribe>"
    assert max(map(len, data.partition(b"\r\n\r\n")[0].split(b"\r\n"))) < 100


def test_the_same_parts_make_the_same_bytes() -> None:
    assert message() == message()


def test_the_bytes_are_ready_for_data() -> None:
    data = message()
    assert data.isascii()
    assert data.endswith(b"--\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert not [line for line in data.split(b"\r\n") if line.startswith(b".") or len(line) > 998]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_no_subject_adds_a_header_or_is_lost(subject: str) -> None:
    head = parsed(message(dataclasses.replace(PARTS, subject=subject)))
    assert head.keys() == parsed(message()).keys()
    letters = "".join(character for character in subject if character.isalnum())
    assert "".join(character for character in str(head["Subject"]) if character.isalnum()) == letters


@pytest.mark.parametrize("subject", ["Über α und 🦉", "x" * 300, "=?utf-8?q?not_encoded?=", "two\r\nBcc: a@b.example"])
def test_subjects_of_any_letters_and_length_arrive_in_one_line(subject: str) -> None:
    head = parsed(message(dataclasses.replace(PARTS, subject=subject)))
    assert str(head["Subject"]) == " ".join(subject.split())
    assert head["Bcc"] is None


@pytest.mark.parametrize("name", ["Éditeur", 'The "Watch"', "a\r\nBcc: b@c.example", "Watch, LLM"])
def test_names_of_any_letters_arrive_and_add_no_header(name: str) -> None:
    data = to_message(PARTS, dataclasses.replace(HEAD, site_name=name), SENDING)
    assert parsed(data).keys() == parsed(message()).keys()
    assert str(parsed(data)["List-Id"]).replace("\\", "").strip('"').startswith(" ".join(name.split())[:5])


@pytest.mark.parametrize("sender", ["", "nobody", "a@b.example\r\nBcc: c@d.example", "ä@b.example", "a b@c.example"])
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    with pytest.raises(BadMessage):
        message(sending=dataclasses.replace(SENDING, sender=sender))


def test_a_token_in_the_issue_s_own_words_is_refused() -> None:
    with pytest.raises(BadMessage, match="8 places for a token where 7 belong"):
        message(dataclasses.replace(PARTS, text=f"{PARTS.text}{TOKEN_PLACEHOLDER}"))


def test_a_token_in_the_subject_is_refused() -> None:
    with pytest.raises(BadMessage, match="8 places for a token where 7 belong"):
        message(dataclasses.replace(PARTS, subject=TOKEN_PLACEHOLDER))


def test_the_choices_of_a_poll_hold_a_token_each_in_both_bodies() -> None:
    poll = PollValue(uuid="p", poll="form", question="Which?", choices=("Long", "Short"))
    data = personalise(message(to_mail(document(poll), HEAD)), READER)
    assert [body.count(f"/{READER.token}/") for body in bodies(data).values()] == [5, 5]


@pytest.mark.parametrize("fields", [{"poll": TOKEN_PLACEHOLDER}, {"choices": (TOKEN_PLACEHOLDER,)}])
def test_a_token_in_a_poll_s_own_words_is_refused(fields: dict[str, Any]) -> None:
    poll = PollValue(**{"uuid": "p", "poll": "form", "question": "Which?", "choices": ("Long",), **fields})
    with pytest.raises(BadMessage, match="places for a token"):
        message(to_mail(document(poll), HEAD))


@pytest.mark.parametrize("word", [ADDRESS_PLACEHOLDER, ID_PLACEHOLDER])
def test_another_placeholder_in_the_issue_s_own_words_is_refused(word: str) -> None:
    with pytest.raises(BadMessage):
        message(dataclasses.replace(PARTS, text=f"{PARTS.text}{word}"))


def test_a_reader_s_message_holds_their_token_in_both_bodies_and_the_header_and_no_placeholder() -> None:
    data = personalise(message(), READER)
    assert [body.count(READER.token) for body in bodies(data).values()] == [3, 3]
    assert READER.token in parsed(data)["List-Unsubscribe"]
    assert data.count(READER.token.encode()) == PARTS.tokens + 1 == 7
    assert not any(word.encode() in data for word in (TOKEN_PLACEHOLDER, ADDRESS_PLACEHOLDER, ID_PLACEHOLDER))


@given(DOCUMENTS, st.booleans())
def test_whatever_an_editor_writes_arrives_whole_with_the_reader_s_token_alone(issue: Document, short: bool) -> None:
    parts = to_mail(issue, HEAD, depth="highlights" if short else "full", is_withheld=short)
    arrived = bodies(personalise(message(parts), READER))
    assert arrived == {
        "text/plain": parts.text.replace(TOKEN_PLACEHOLDER, READER.token),
        "text/html": parts.html.replace(TOKEN_PLACEHOLDER, READER.token),
    }


def test_the_address_and_the_id_stand_in_the_headers_alone() -> None:
    data = personalise(message(), READER)
    assert parsed(data)["To"] == "reader7@example.org"
    assert parsed(data)["Message-ID"] == READER.message_id
    assert data.count(b"reader7@example.org") == 1


def test_two_readers_messages_differ_in_their_words_alone() -> None:
    other = PersonalParts("b" * 32, "reader8@example.org", "<1.ffff@example.org>")
    data = personalise(message(), READER)
    for mine, theirs in zip(dataclasses.astuple(READER), dataclasses.astuple(other), strict=True):
        data = data.replace(mine.encode(), theirs.encode())
    assert data == personalise(message(), other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "short"},
        {"token": TOKEN_PLACEHOLDER},
        {"token": "a" * 31 + "\n"},
        {"address": "a@b.example\r\nBcc: c@d.example"},
        {"address": "a@b.example\n"},
        {"address": "ä@b.example"},
        {"address": "a@bü.example"},
        {"address": "a>b@c.example"},
        {"address": "nobody"},
        {"message_id": "1@b.example"},
        {"message_id": "<1@b.example>\r\nBcc: c@d.example"},
    ],
)
def test_anything_but_plain_words_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(NotPersonal):
        personalise(message(), dataclasses.replace(READER, **wrong))
