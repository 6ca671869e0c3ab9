"""A list of a million people, 2 % of its lines broken in more than twenty ways, brought in by the command.

    python bench/import_subscribers.py [--lines 1000000]

Makes the file, suppresses the addresses that shall be, and runs `import_subscribers --confirmed --report` in a process
of its own over 10,000 lines and over all of them, then over all of them again. Exit code 1 where a count is wrong, the
second run writes anything, or a goal of bench/README.md is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FEW = 10_000
EVERY = 50  # of how many lines one is broken
GROWTH = 1.1  # times the memory of 10,000 lines


@dataclass(frozen=True, slots=True)
class Taken:
    """One run of the command: what it counted, and what it took."""

    counts: dict[str, int]
    seconds: float
    cores: float
    megabytes: float

    def told(self, lines: int) -> str:
        return (
            f"{lines / self.seconds:,.0f} lines a second by the clock, {self.cores / lines * 1e6:.0f} µs of a core a "
            f"line (without PostgreSQL), {self.megabytes:.0f} MB at most"
        )


def written(folder: Path, lines: int) -> Path:
    from tests.subscribers.imports import crooked

    path = folder / f"list-{lines}.csv"
    with path.open("wb") as file:
        file.writelines(crooked.lines(lines, EVERY))
    return path


def run(path: Path) -> Taken:
    command = [sys.executable, "manage.py", "import_subscribers", str(path), "--confirmed", "--json"]
    started = time.perf_counter()
    with (path.parent / "out").open("w+") as out:
        process = subprocess.Popen([*command, "--report", f"{path}.untaken"], cwd=ROOT, stdout=out)
        _pid, _status, used = os.wait4(process.pid, 0)
        process.returncode = 0
        out.seek(0)
        counts = {name: value for name, value in json.loads(out.read()).items() if isinstance(value, int)}
    seconds = time.perf_counter() - started
    return Taken(counts, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def prepare(lines: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from subscribers.addresses import address_hash
    from subscribers.models import Suppression
    from tests.subscribers.imports import crooked

    Suppression.objects.bulk_create(
        Suppression(address_hash=address_hash(email), reason="bounced") for email in crooked.suppressed(lines, EVERY)
    )


def right(counts: dict[str, int], expected: Counter[str]) -> bool:
    names = ("created", "duplicates", "left_elsewhere", "suppressed", "invalid")
    wrong = [
        f"{name}: {counts[name]:,} instead of {expected[name]:,}" for name in names if counts[name] != expected[name]
    ]
    print("  ", "; ".join(wrong) or "counts are right: " + ", ".join(f"{name} {counts[name]:,}" for name in names))
    return not wrong


def measured(folder: Path, lines: int) -> int:
    from django.core.management import call_command

    from tests.subscribers.imports import crooked

    prepare(lines)
    few = run(written(folder, FEW))
    print(f"{FEW:,} lines: {few.told(FEW)}")
    good = right(few.counts, crooked.expected(FEW, EVERY))
    call_command("flush", "--no-input", verbosity=0)
    prepare(lines)
    path = written(folder, lines)
    many = run(path)
    print(f"{lines:,} lines ({path.stat().st_size / 1e6:.0f} MB): {many.told(lines)}", flush=True)
    good &= right(many.counts, crooked.expected(lines, EVERY))
    again = run(path)
    print(f"the same again: {again.told(lines)}; created {again.counts['created']}, updated {again.counts['updated']}")
    good &= again.counts["created"] == again.counts["updated"] == 0
    print(f"memory of all lines : of {FEW:,} = {many.megabytes / few.megabytes:.2f}")
    return 0 if good and many.megabytes <= few.megabytes * GROWTH else 1


@contextmanager
def site() -> Iterator[Path]:
    from llmwatch import devservers

    with tempfile.TemporaryDirectory(prefix="llmwatch-bench-") as name, devservers.start_servers(Path(name)) as servers:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "llmwatch.settings",
            # As in production: with DEBUG Django remembers every statement.
            "DEBUG": "0",
            "SITE_URL": "http://127.0.0.1",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECRET_KEY": "k3y-".join("abcdefghijklmnop"),
            "ADDRESS_KEY": "4ddr-".join("abcdefghijklmnop"),
            "DATABASE_URL": servers.addresses.database_url,
            "REDIS_URL": servers.addresses.redis_url,
        }
        yield Path(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    options = parser.parse_args()
    with site() as folder:
        sys.exit(measured(folder, options.lines))
