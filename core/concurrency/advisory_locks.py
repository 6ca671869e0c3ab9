"""Locks in PostgreSQL that a process holds while it works. They end with its connection, so a crash leaves none."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone_at(what: str) -> Iterator[bool]:
    """Takes the lock of this name until the block ends, if no other process has it; yields whether it did."""
    key = lock_key(what)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def lock_key(what: str) -> int:
    """PostgreSQL knows these locks by numbers only."""
    return zlib.crc32(what.encode())
