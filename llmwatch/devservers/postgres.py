"""The private PostgreSQL: its data folder made once, its server started or attached to, its database there."""

import os
import shutil
import signal
import time
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from llmwatch.devservers.account import account_environment
from llmwatch.devservers.engine import PostgresEngine, choose_engine, find_engines
from llmwatch.devservers.errors import EmbeddedError
from llmwatch.devservers.keeper import ServerOrders
from llmwatch.devservers.lease import Lease, take_lease
from llmwatch.devservers.places import ServerPlace, find_data_folders

_PORT = 5432  # only a part of the socket's name; said everywhere, as PGPORT would move both ends
_NAME = "llmwatch"  # of the database and of its owner
CONNECT_WITHIN = 30.0  # seconds; a server that recovers from a backend's death turns clients away for a moment

PostgresConnection = psycopg.Connection[tuple[object, ...]]


def share_postgres(place: ServerPlace) -> tuple[Lease, str]:
    """Attach or start; the lease and the address as dj-database-url reads it. Raises EmbeddedError."""
    home = place.home()
    engine = choose_engine(list(find_engines(place.account)), find_data_folders(home))
    data = home / f"postgres-{engine.major}"
    orders = _orders(place, engine, data)
    lease = take_lease(orders, partial(_prepare, place, engine, data))
    sockets = str(Path(orders.socket).parent)
    try:
        _ensure_database(sockets)
    except BaseException:
        lease.leave()
        raise
    return lease, f"postgres://{_NAME}@{quote(sockets, safe='')}:{_PORT}/{_NAME}"


def _orders(place: ServerPlace, engine: PostgresEngine, data: Path) -> ServerOrders:
    sockets = place.sockets(f"postgres-{engine.major}")
    return ServerOrders(
        name=f"postgres-{engine.major}",
        command=_command(engine, data, sockets, durable=place.durable),
        environment=account_environment(),
        uid=place.account.identity.get("user"),
        gid=place.account.identity.get("group"),
        socket=str(sockets / f".s.PGSQL.{_PORT}"),
        ready_file=str(data / "postmaster.pid"),
        # Fast, then immediate, then the kernel's; what is thrown away needs no last checkpoint.
        stop_signals=[*([signal.SIGINT] if place.durable else []), signal.SIGQUIT, signal.SIGKILL],
        control=str(place.control),
        throw_away=[] if place.durable else [str(data), str(sockets)],
    )


def _command(engine: PostgresEngine, data: Path, sockets: Path, *, durable: bool) -> list[str]:
    settings = {
        "listen_addresses": "",
        "port": str(_PORT),
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(engine.program("postgres")), "-D", str(data), *options]


def _prepare(place: ServerPlace, engine: PostgresEngine, data: Path) -> None:
    """Make the data folder when missing, and clear what a kill -9 or a crash of the machine left."""
    if not data.exists():
        _initialise(place, engine, data)
    sign = place.folder / data.name
    if sign != data and not sign.is_symlink() and not sign.exists() and place.durable:
        sign.symlink_to(data)  # so that a person finds it
    _clear_stale(data)


def _initialise(place: ServerPlace, engine: PostgresEngine, data: Path) -> None:
    """initdb beside the place and rename: one that is killed half-way leaves nothing that looks whole."""
    for left in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    unfinished = data.with_name(f"{data.name}.new-{os.getpid()}")
    for locale in _locales(engine.major):
        place.account.own(unfinished)
        done = place.account.run([*_initdb(engine, unfinished, durable=place.durable), *locale])
        if done.returncode == 0:
            unfinished.rename(data)
            return
        shutil.rmtree(unfinished, ignore_errors=True)
    raise EmbeddedError(f"initdb of {engine.folder} failed for {data}: {done.stderr.strip()[-800:]}")


def _initdb(engine: PostgresEngine, data: Path, *, durable: bool) -> list[str | Path]:
    command: list[str | Path] = [engine.program("initdb"), "-D", data, "-U", _NAME, "--encoding=UTF8"]
    safety = ["--no-instructions", "--auth-local=trust", "--auth-host=reject"]
    return [*command, *safety, *([] if durable else ["--no-sync"])]


def _locales(major: int) -> list[list[str]]:
    """Order by code point, case of all of Unicode; plain C where the machine knows no C.UTF-8."""
    built_in = [["--locale=C.UTF-8", "--locale-provider=builtin"]] if major >= 17 else []
    return [*built_in, ["--locale=C.UTF-8"], ["--locale=C"]]


def _clear_stale(data: Path) -> None:
    """Remove a postmaster.pid whose number is another process's by now: PostgreSQL would take that for a server."""
    file = data / "postmaster.pid"
    try:
        first = file.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0]
    except FileNotFoundError:
        return
    if not first.isdigit() or not _may_serve(int(first), data):
        file.unlink(missing_ok=True)


def _may_serve(process: int, data: Path) -> bool:
    """A server works in its data folder; where the system has no /proc the judgement is left to PostgreSQL."""
    if not Path("/proc/self/cwd").exists():
        return True
    try:
        return Path(f"/proc/{process}/cwd").samefile(data)
    except OSError:
        return False


def _ensure_database(sockets: str) -> None:
    """Create the database when missing. Raises EmbeddedError when the server turns everybody away."""
    deadline = time.monotonic() + CONNECT_WITHIN
    while True:
        try:
            return _connect_or_create(sockets)
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL in {sockets} turns clients away: {error}") from error
            time.sleep(0.1)


def _connect_or_create(sockets: str) -> None:
    try:
        _connect(sockets, _NAME).close()
    except psycopg.OperationalError:
        with _connect(sockets, "postgres") as connection:
            _create(connection)


def _create(connection: PostgresConnection) -> None:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_NAME]).fetchone():
        return
    try:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_NAME)))
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return  # another process was first


def _connect(sockets: str, database: str) -> PostgresConnection:
    return psycopg.connect(host=sockets, port=_PORT, user=_NAME, dbname=database, autocommit=True)
