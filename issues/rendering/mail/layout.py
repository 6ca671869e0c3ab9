"""What both bodies of a mail are written from. Pure but for `letterhead()`, which reads the settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Final, Literal
from urllib.parse import quote

from django.conf import settings
from django.utils.text import Truncator

from issues.document.values import Document, PollValue
from issues.poll_words import word_of

# Stands for the reader's token: as long as one, and made of the same letters, so that it can be replaced in bytes.
TOKEN_PLACEHOLDER: Final = "tHe-tOkEn-oF-tHe-oNe-wHo-rEaDs-1"  # noqa: S105 (no password)
# In each body: two ways out and the preferences; the choices of polls come on top.
_TOKENS: Final = 3
# Keeps mail clients from filling the preview with what stands after the preheader.
_PADDING: Final = "\u034f\u00a0" * 60
LONGEST_TITLE: Final = 60  # characters, in the subject of a reply
MailDepth = Literal["full", "highlights"]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes; addresses on the site are built from `site_url`, which has no slash at its end."""

    site_name: str
    site_url: str
    postal_address: str
    reply_to: str = ""  # an address alone; empty where nobody reads replies

    @property
    def unsubscribe_url(self) -> str:
        return f"{self.site_url}/me/{TOKEN_PLACEHOLDER}/unsubscribe/"

    @property
    def preferences_url(self) -> str:
        return f"{self.site_url}/me/{TOKEN_PLACEHOLDER}/"

    def vote_url(self, poll: str, choice: str) -> str:
        """Where a reader votes for the choice of this label; the page there asks before it counts."""
        return f"{self.site_url}/polls/{poll}/{word_of(choice)}/{TOKEN_PLACEHOLDER}/"


@dataclass(frozen=True, slots=True)
class MailSheet:
    """What both bodies are written from. `is_short`: the reader chose less; `is_withheld`: the reader may have less.

    `is_counted`: how often its links are followed is counted, and the mail says so.
    """

    head: Letterhead
    document: Document
    published_at: datetime | None
    is_short: bool
    is_withheld: bool
    is_counted: bool = False

    @property
    def subject(self) -> str:
        return " ".join((self.document.mail_subject or self.document.title).split())

    @property
    def preheader(self) -> str:
        return " ".join((self.document.preheader or self.document.subtitle).split())

    def reply_url(self, entry: str) -> str:
        """A mail to the editor about one entry (RFC 6068), without anything of the reader's; empty where none goes."""
        if not self.head.reply_to:
            return ""
        subject = f"Re: {_in_short(self.document.title)} · {_in_short(entry)}"
        return f"mailto:{quote(self.head.reply_to, safe='@+')}?subject={quote(subject, safe='')}"

    @property
    def tokens(self) -> int:
        """How many places of both bodies together are for the reader's token."""
        choices = sum(len(block.choices) for block in self.document.blocks if isinstance(block, PollValue))
        return 2 * (_TOKENS + choices)

    @property
    def web_url(self) -> str:
        """The public page: the same for everybody, so that a forwarded mail gives no right away."""
        return f"{self.head.site_url}/p/{self.document.slug}/"

    @property
    def supporters_url(self) -> str:
        return f"{self.head.site_url}/me/read/{self.document.slug}/"

    @property
    def postal_lines(self) -> list[str]:
        return self.head.postal_address.splitlines()

    @property
    def padding(self) -> str:
        return _PADDING


def load_letterhead() -> Letterhead:
    """This site's own, as the settings say."""
    _name, reply_to = parseaddr(settings.REPLY_TO or settings.DEFAULT_FROM_EMAIL)
    return Letterhead(settings.SITE_NAME, settings.SITE_URL, settings.POSTAL_ADDRESS.strip(), reply_to)


def _in_short(text: str) -> str:
    """In one line of a subject."""
    words = " ".join(text.split())
    return Truncator("".join(letter for letter in words if letter.isprintable())).chars(LONGEST_TITLE)
