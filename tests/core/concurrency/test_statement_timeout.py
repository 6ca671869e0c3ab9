"""What takes too long is broken off, and nothing else is."""

import pytest
from django.db import DatabaseError, OperationalError, connection

from core.concurrency.statement_timeout import TooSlow, limit_statements

pytestmark = pytest.mark.django_db


def asked(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_a_statement_that_takes_longer_is_broken_off() -> None:
    with pytest.raises(TooSlow), limit_statements(0.001):
        asked("SELECT pg_sleep(60)")
    assert asked("SHOW statement_timeout") == "0"


def test_within_another_block_its_bound_comes_back() -> None:
    with limit_statements(50):
        with limit_statements(20):
            assert asked("SHOW statement_timeout") == "20s"
        assert asked("SHOW statement_timeout") == "50s"


def test_what_fails_for_another_reason_is_not_called_slow() -> None:
    with pytest.raises(DatabaseError, match="division by zero"), limit_statements(60):
        asked("SELECT 1 / 0")


def test_a_database_in_trouble_is_not_called_slow() -> None:
    with pytest.raises(OperationalError, match="no room"), limit_statements(60):
        asked("DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$")
