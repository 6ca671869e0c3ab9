"""The mail server, and the mailbox for what comes back, as values: what the settings read and connections use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over; an empty host: nowhere yet."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    tls: bool = False  # STARTTLS
    ssl: bool = False  # TLS from the first byte


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder that is read over IMAP; an empty host: none. Without TLS on this machine only."""

    host: str = ""
    port: int = 993
    user: str = ""
    password: str = ""
    folder: str = "INBOX"
    tls: bool = True
