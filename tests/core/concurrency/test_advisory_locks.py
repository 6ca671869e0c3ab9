"""Locks that one process holds at a time."""

import zlib

import pytest

from core.concurrency.advisory_locks import alone_at
from tests.connections import another

pytestmark = pytest.mark.django_db(transaction=True)
KEY = zlib.crc32(b"the feeds")


def test_what_another_is_at_is_not_begun() -> None:
    with another() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [KEY])
        with alone_at("the feeds") as is_ours, alone_at("the weather") as another_is:
            assert (is_ours, another_is) == (False, True)


def test_what_is_done_with_may_be_begun_by_another() -> None:
    with another() as other:
        with alone_at("the feeds") as is_ours:
            assert is_ours
            assert other.execute("SELECT pg_try_advisory_lock(%s)", [KEY]).fetchone() == (False,)
        assert other.execute("SELECT pg_try_advisory_lock(%s)", [KEY]).fetchone() == (True,)


def test_the_lock_of_a_process_that_died_is_free() -> None:
    other = another()
    other.execute("SELECT pg_advisory_lock(%s)", [KEY])
    other.close()  # as the kernel does for a process that is killed
    with another() as third:
        third.execute("SELECT pg_advisory_lock(%s)", [KEY])
        third.execute("SELECT pg_advisory_unlock(%s)", [KEY])
    with alone_at("the feeds") as is_ours:
        assert is_ours
