"""How long the database may think about a statement: one question never holds a process, nor the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

_SET: Final = "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)"


class TooSlow(Exception):
    """The database did not answer in time; nothing of the block was written."""


@contextmanager
def limit_statements(seconds: float) -> Iterator[None]:
    """No statement within takes longer, waiting for locks included. Raises TooSlow."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SET, [f"{max(round(seconds * 1_000), 1)}ms"])
            (before, _now) = cursor.fetchone()
            yield
            cursor.execute(_SET, [before])
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise
