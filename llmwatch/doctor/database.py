"""Is the database there, new enough, complete, and is there room?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from core.clock import Clock
from llmwatch.doctor.finding import Finding, error, ok, warning

ANSWERS_CHECK: Final = "database"
OLDEST_VERSION: Final = 15
_EXTENSIONS: Final = ("pg_trgm", "unaccent")
_SCARCE: Final = 2_000_000_000  # bytes; a mailing or a backup may fill as much
NEARLY_NONE: Final = 200_000_000


def check_database(clock: Clock) -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except OperationalError as fault:
        said = str(fault).strip().splitlines()[0]
        yield error(ANSWERS_CHECK, f"It does not answer: {said}.", "Start PostgreSQL, or mend DATABASE_URL.")
        return
    yield judge_version(int(str(_one("SHOW server_version_num"))))
    yield judge_encoding(str(_one("SHOW server_encoding")))
    yield judge_extensions({str(name) for name in _column("SELECT extname FROM pg_extension")})
    yield judge_migrations(_missing_migrations())
    yield from check_disks()


def judge_version(number: int) -> Finding:
    """`number` as PostgreSQL counts: 150003 is 15.3."""
    said = f"PostgreSQL {number // 10_000}.{number % 10_000} answers."
    if number // 10_000 < OLDEST_VERSION:
        return error(ANSWERS_CHECK, said, f"Move to PostgreSQL {OLDEST_VERSION} or newer.")
    return ok(ANSWERS_CHECK, said)


def judge_encoding(name: str) -> Finding:
    if name != "UTF8":
        mend = "Make a database with ENCODING 'UTF8', restore into it, and point DATABASE_URL there."
        return error("database.encoding", f"It keeps text as {name}, which cannot hold every name.", mend)
    return ok("database.encoding", "It keeps text as UTF8.")


def judge_extensions(there: set[str]) -> Finding:
    missing = [name for name in _EXTENSIONS if name not in there]
    if missing:
        mend = "; ".join(f"CREATE EXTENSION {name}" for name in missing)
        return error("database.extensions", f"Missing: {', '.join(missing)}.", f"As its owner: {mend}.")
    return ok("database.extensions", f"All are there: {', '.join(_EXTENSIONS)}.")


def judge_migrations(missing: Sequence[str]) -> Finding:
    if missing:
        said = f"Migrations that wait: {len(missing)}; the first is {missing[0]}."
        return error("database.migrations", said, "Run manage.py migrate.")
    return ok("database.migrations", "All migrations are applied.")


def check_disks() -> Iterator[Finding]:
    """Room where pictures are kept and, where it is on this machine, where the database is."""
    places = {"database.disk": _one("SELECT setting FROM pg_settings WHERE name = 'data_directory'")}
    for name, place in ({"media.disk": str(settings.MEDIA_ROOT)} | places).items():
        folder = Path(str(place or ""))
        there = next((one for one in (folder, *folder.parents) if one.is_dir()), None) if place else None
        if there is not None and (folder.is_dir() or name == "media.disk"):
            yield judge_room(name, shutil.disk_usage(there).free)


def judge_room(name: str, free: int) -> Finding:
    said = f"{free / 1e9:,.1f} GB are free."
    if free < NEARLY_NONE:
        return error(name, said, "Make room at once: PostgreSQL stops at a full disk.")
    return warning(name, said, "Make room, or move to a larger disk.") if free < _SCARCE else ok(name, said)


def _missing_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _column(query: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def _one(query: str) -> object:
    return next(iter(_column(query)), None)
