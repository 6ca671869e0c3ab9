"""A proof of work, so that a program that sends thousands of forms pays for each: no third party, nothing remembered.

The browser looks for a number while a person goes on typing: SHA-256 of "hour:address:number" begins with two zero
bytes, about 65,000 tries. It is bound to the address and the hour, so the page itself stays the same for everybody.
Without JavaScript there is none, and the stricter limits hold.
"""

import hashlib
from datetime import datetime
from typing import Final

AN_HOUR: Final = 3600  # seconds
_ZEROS: Final = b"\0\0"


def is_proven(proof: str, address: str, now: datetime) -> bool:
    """`proof` is "hour:number", the hour counted from 1970; clocks may differ by one. `address` is as it was typed."""
    hour, _colon, number = proof.partition(":")
    if not (hour.isascii() and hour.isdigit()) or abs(int(hour) - int(now.timestamp()) // AN_HOUR) > 1:
        return False
    return hashlib.sha256(f"{hour}:{address.strip().lower()}:{number}".encode()).digest().startswith(_ZEROS)
