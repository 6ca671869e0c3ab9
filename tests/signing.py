"""Messages as issues are, signed as a mail server signs them, with a key made for the test run."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import dkim

from issues.document.values import Document, TextBlock
from issues.rendering.mail.sample import sample_message
from tests.builders import NOON
from tests.servers.dns_server import in_pieces

DOMAIN = "news.example.com"
RECEIVED = (
    b"Authentication-Results: mx.example.net; spf=pass (it is; allowed) smtp.mailfrom=news.example.com;\r\n"
    b" dkim=pass header.d=news.example.com; dmarc=pass (p=NONE) header.from=news.example.com\r\n"
    b"Received: from mail.example.com (mail.example.com [11.0.0.25])\r\n"
    b"\tby mx.example.net with ESMTPS id 1; Sun, 07 Sep 2025 12:00:00 +0000\r\n"
    b"Received: from localhost (localhost [127.0.0.1]) by mail.example.com with ESMTP id 2\r\n"
)
# As signers do it: From once more than it is there, so that nobody can add another one.
USUAL = (
    "From From To Subject Date Message-ID Reply-To List-Unsubscribe List-Unsubscribe-Post MIME-Version Content-Type"
).split()


@dataclass(frozen=True, slots=True)
class Signer:
    private: bytes
    public: str

    @property
    def zone(self) -> dict[str, list[str]]:
        """Where the key stands, a policy, and who may send."""
        return {
            f"mail._domainkey.{DOMAIN}": [in_pieces(f"v=DKIM1; k=rsa; p={self.public}")],
            f"_dmarc.{DOMAIN}": ['TXT "v=DMARC1; p=none"'],
            DOMAIN: ['TXT "v=spf1 ip4:11.0.0.25 -all"'],
            "25.0.0.11.in-addr.arpa": ["PTR mail.example.com."],
            "mail.example.com": ["A 11.0.0.25"],
        }

    def sign(
        self, message: bytes, *, domain: str = DOMAIN, headers: Sequence[str] = USUAL, length: bool = False
    ) -> bytes:
        """The message with its signature above it."""
        signature: bytes = dkim.sign(
            message,
            b"mail",
            domain.encode(),
            self.private,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.encode() for name in headers],
            length=length,
        )
        return signature + message


@cache
def make_signer(bits: int = 2048) -> Signer:
    private = _openssl("genrsa", str(bits))
    public = _openssl("rsa", "-pubout", given=private).decode()
    return Signer(private, "".join(line for line in public.splitlines() if "-" not in line))


def _openssl(*words: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *words], input=given, check=True, capture_output=True).stdout


def make_message() -> bytes:
    """What a subscriber gets, as the settings say."""
    text = "Agents\n\nThat plan, and say so.\n\n" * 20
    return sample_message(Document(title="Papers", slug="papers", blocks=(TextBlock(uuid="a", text=text),)), NOON)
