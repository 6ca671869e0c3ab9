"""The mail server as a value: what the settings read and the connections use."""

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
