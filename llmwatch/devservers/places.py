"""Where data and sockets lie: below the folder asked for, or elsewhere when the servers cannot get there."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llmwatch.devservers.account import ServerAccount, account_for
from llmwatch.devservers.errors import EmbeddedError

# Only root ever needs a place outside the checkout for data, so it can be one that no cleaner of /tmp empties.
STATE_FOLDER = Path("/var/lib/llmwatch")
# Fixed, not $TMPDIR: two processes of one checkout must come to the same place.
_SHORT = Path("/tmp")  # noqa: S108 (the folder below it is made 0700 and its owner is checked)
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 107, on macOS 103
LONGEST_NAME = "/.s.PGSQL.5432"
_CONTROL = "embedded"


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """One folder asked for, as one user can use it."""

    folder: Path
    account: ServerAccount
    durable: bool

    @property
    def control(self) -> Path:
        """Locks and logs: read and written by us, not by the servers."""
        return self.folder / _CONTROL

    def home(self) -> Path:
        """The folder that holds data, made when missing. Raises EmbeddedError when data are out of reach."""
        if self.account.can_enter(self.folder):
            return self.folder
        for data in find_data_folders(self.folder).values():
            if not data.is_symlink():
                raise EmbeddedError(
                    f"User {self.account.uid}, who runs the servers for root, cannot get to {data}: "
                    "`chmod a+x` the folders above it."
                )
        return _open_state(self._key) if self.durable else self._short()

    def sockets(self, name: str) -> Path:
        """The folder of a server's socket: of its user alone, with a path short enough for the kernel."""
        near = self.control / f"run-{name}"
        fits = len(os.fsencode(near)) + len(LONGEST_NAME) < LONGEST_SOCKET
        folder = near if fits and self.account.can_enter(self.control) else self._short() / near.name
        self.account.own(folder)
        return folder

    @property
    def _key(self) -> str:
        return hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]

    def _short(self) -> Path:
        folder = _SHORT / f"llmwatch-{self.account.uid}-{self._key}"
        self.account.own(folder)
        return folder


def open_place(folder: Path, *, durable: bool) -> ServerPlace:
    """Raises EmbeddedError when the folder cannot be written."""
    folder = folder.resolve()
    control = folder / _CONTROL
    try:
        control.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(control, error) from error
    return ServerPlace(folder, account_for([*find_data_folders(folder).values(), control]), durable)


def find_data_folders(folder: Path) -> dict[int, Path]:
    """The data folders of PostgreSQL by major version."""
    found = {path.name.removeprefix("postgres-"): path for path in folder.glob("postgres-*") if path.is_dir()}
    return {int(major): path for major, path in found.items() if major.isdigit()}


def open_copy(folders: Sequence[Path], name: str) -> Path:
    """A folder that every user can get to, with a copy of these folders made once under `name`."""
    copy = STATE_FOLDER / name
    if not copy.is_dir():
        unfinished = _open_state(f"{name}.{os.getpid()}")
        for folder in folders:
            shutil.copytree(folder, unfinished / folder.name, symlinks=True)
        _open_to_all(unfinished)
        try:
            unfinished.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(unfinished)
    return copy


def _open_state(name: str) -> Path:
    """A folder below STATE that other users can get to, whatever root's umask."""
    folder = STATE_FOLDER / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        STATE_FOLDER.chmod(0o755)
        folder.chmod(0o755)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def _open_to_all(folder: Path) -> None:
    """As `chmod -R a+rX`: a wheel installed under umask 077 is root's alone."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))


def _unwritable(folder: Path, error: OSError) -> EmbeddedError:
    return EmbeddedError(
        f"Cannot write {folder} ({error.strerror}): mend its permissions, or set DATABASE_URL and REDIS_URL."
    )
