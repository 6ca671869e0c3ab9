"""The name server that the doctor asks for DNS records, as the settings give it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameServer:
    """An address of a name server; an empty one: whom the system asks. `patience` in seconds, for one answer."""

    address: str = ""
    port: int = 53
    patience: float = 3.0
