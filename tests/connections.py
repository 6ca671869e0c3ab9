"""The connection of another process, and what a lock does to those who want it."""

import threading
from typing import Any, Final

import psycopg
from django.db import connection

MOST_LOOKS: Final = 2_400
BLOCKED: Final = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def another() -> psycopg.Connection[Any]:
    """To the same database, outside of our transaction; closing it is how that process dies."""
    names = {"host", "port", "user", "password"}
    parameters = {name: value for name, value in connection.get_connection_params().items() if name in names}
    return psycopg.connect(dbname=connection.settings_dict["NAME"], autocommit=True, **parameters)


def wait_until_somebody_waits() -> None:
    """For a lock, in the database of this test."""
    with another() as watcher:
        for _look in range(MOST_LOOKS):
            if watcher.execute(BLOCKED).fetchone() != (0,):
                return
            threading.Event().wait(0.05)
    raise AssertionError("Nobody waits for a lock.")
