"""A command of manage.py in a process of its own, which nobody waits for."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from django.conf import settings

# The shell ends at once, so that whoever starts the command is not its parent and has nothing to wait for.
_DETACH: Final = '"$@" </dev/null >/dev/null 2>&1 &'


def start_command(name: str, *arguments: str) -> None:
    """Returns when it was started; it goes on when we end, and what it prints is thrown away."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), name, *arguments]
    subprocess.run(["/bin/sh", "-c", _DETACH, "sh", *command], check=True, start_new_session=True)
