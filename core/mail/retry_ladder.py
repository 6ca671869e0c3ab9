"""How long to wait before a message is tried again that the mail server put off: one ladder for all mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

RETRY_DELAYS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, *[60] * 23))


def delay_after(attempts: int, *, most: int = len(RETRY_DELAYS)) -> timedelta | None:
    """After so many attempts; None: it was tried long enough, or `most` times where the mail is soon stale."""
    return RETRY_DELAYS[attempts - 1] if attempts <= most else None
