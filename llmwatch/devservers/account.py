"""Who runs the servers: an ordinary user itself; for root, as PostgreSQL demands, another user that exists."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from llmwatch.devservers.errors import EmbeddedError

_UNPRIVILEGED = ("postgres", "nobody")
# Only what a server needs: the caller's PGPORT, PGDATA or locale must not reshape the private servers.
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")


class AccountIdentity(TypedDict, total=False):
    """The arguments of subprocess.Popen that change the user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class ServerAccount:
    uid: int
    gid: int

    @property
    def identity(self) -> AccountIdentity:
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run to the end as this user. Raises OSError when that is refused or the program cannot be reached."""
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            cwd="/",
            env=account_environment(),
            **self.identity,
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this user gets there through all of the parents; the kernel is asked, as modes are not all."""
        return not self.identity or self.run(["test", "-x", folder]).returncode == 0

    def own(self, folder: Path) -> None:
        """Make a folder of this user alone; one that is there must already be that."""
        if not folder.is_symlink() and not folder.exists():
            self._make(folder)
        self._must_own(folder)

    def _make(self, folder: Path) -> None:
        """It appears whole: another process that starts at once sees none or its owner's."""
        unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
        unfinished.mkdir(mode=0o700)
        if self.identity:
            os.chown(unfinished, self.uid, self.gid)
        try:
            unfinished.rename(folder)
        except OSError:  # the other one was first, and uses its own
            unfinished.rmdir()

    def _must_own(self, folder: Path) -> None:
        found = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or found.st_uid != self.uid or found.st_mode & 0o077:
            raise EmbeddedError(f"{folder} is not a private folder of user {self.uid}; move it away.")


def account_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    path = os.pathsep.join(filter(None, [kept.get("PATH"), os.defpath]))
    return kept | {"PATH": path, "LC_ALL": "C", "TZ": "UTC"}


def account_for(made: Sequence[Path]) -> ServerAccount:
    """Who runs the servers: for root the owner of what earlier servers made, else `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return ServerAccount(os.geteuid(), os.getegid())
    for owner in (path.stat() for path in made):
        if owner.st_uid != 0:
            return ServerAccount(owner.st_uid, owner.st_gid)
    return _unprivileged()


def _unprivileged() -> ServerAccount:
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
            account = ServerAccount(entry.pw_uid, entry.pw_gid)
            account.run(["true"])
        except (KeyError, OSError, subprocess.SubprocessError):  # no such user, or this root may not become it
            continue
        return account
    raise EmbeddedError(
        "PostgreSQL does not run as root, and root cannot become a user `postgres` or `nobody` here: "
        "work as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )
