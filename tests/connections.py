"""The connection of another process."""

from typing import Any

import psycopg
from django.db import connection


def another() -> psycopg.Connection[Any]:
    """To the same database, outside of our transaction; closing it is how that process dies."""
    names = {"host", "port", "user", "password"}
    parameters = {name: value for name, value in connection.get_connection_params().items() if name in names}
    return psycopg.connect(dbname=connection.settings_dict["NAME"], autocommit=True, **parameters)
