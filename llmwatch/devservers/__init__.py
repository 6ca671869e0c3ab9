"""Private PostgreSQL and Valkey on unix sockets, for development, the demo and the tests: no port, no Docker.

The first process that needs a server starts it, later ones attach, the last to leave stops it (lease.py, keeper.py).
"""

import atexit
import contextlib
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from llmwatch.devservers import postgres, valkey
from llmwatch.devservers.errors import EmbeddedError
from llmwatch.devservers.lease import Lease
from llmwatch.devservers.places import open_place

__all__ = ["DevServers", "EmbeddedError", "ServerAddresses", "provide_servers", "start_servers"]

_TRUE = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class ServerAddresses:
    """As DATABASE_URL and REDIS_URL hold them."""

    database_url: str
    redis_url: str


class DevServers:
    """A share in the running servers, given back by close() or the end of the `with` block."""

    def __init__(self, addresses: ServerAddresses, leases: list[Lease]) -> None:
        self.addresses = addresses
        self._leases = leases

    def close(self) -> None:
        """Leave; who leaves last waits until the servers are gone. Safe twice."""
        for lease in reversed(self._leases):
            lease.leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start_servers(folder: Path, *, durable: bool = True) -> DevServers:
    """Start PostgreSQL and Valkey below the folder, or attach to them.

    `durable=False`: the last user to leave removes the data and the folder. Raises EmbeddedError.
    """
    place = open_place(folder, durable=durable)
    with contextlib.ExitStack() as undo:
        database, database_url = postgres.share_postgres(place)
        undo.callback(database.leave)
        broker, redis_url = valkey.share_valkey(place)
        undo.pop_all()
    return DevServers(ServerAddresses(database_url, redis_url), [database, broker])


def provide_servers(environ: MutableMapping[str, str], root: Path) -> None:
    """Where DEBUG is set, fill an empty DATABASE_URL or REDIS_URL with servers below root/var.

    They are kept until this process ends; its children need no share of their own. Raises EmbeddedError.
    """
    if environ.get("DEBUG", "").strip().lower() not in _TRUE:
        return
    for name, share in (("DATABASE_URL", postgres.share_postgres), ("REDIS_URL", valkey.share_valkey)):
        if environ.get(name, "").strip():
            continue
        lease, address = share(open_place(root / "var", durable=True))
        atexit.register(lease.leave)
        environ[name] = address
