"""Who is asked for DNS records, as a value: what the settings read and the doctor uses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameServer:
    """An address of a name server; an empty one: whom the system asks. `patience` in seconds, for one answer."""

    address: str = ""
    port: int = 53
    patience: float = 3.0
