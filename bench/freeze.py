"""Freezing an audience of a million beside PostgreSQL's bare INSERT … SELECT of the same rows into the same table.

    python bench/freeze.py [--readers 1000000] [--rounds 3]

Bare: who and what is known beforehand (a table of the finished rows, in their order), so that nothing is chosen,
sorted, joined or counted; the table of deliveries has all of its indexes and constraints for both, is emptied before
each, and both are one transaction. Exit code 1 where freezing takes more than three times as long.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.embedded_plugin import DEFAULTS  # noqa: E402 (found by the path above)

GOAL = 3.0
# Nine in ten may be mailed; one in fifty has paid, one in ten wants the highlights only, all did something some day.
FILL = """
INSERT INTO subscribers_subscriber
    (email, address_hash, state, name, token, depth, paid_until, confirmed_at, last_acted,
     basis, consent_where, consent_words, source)
SELECT 'reader-' || number || '@example.org', encode(sha256(number::text::bytea), 'hex'),
    CASE WHEN number %% 10 = 0 THEN 'unsubscribed' ELSE 'active' END, '',
    left(encode(sha256(number::text::bytea), 'hex'), 32),
    CASE WHEN number %% 10 = 1 THEN 'highlights' ELSE 'full' END, CASE WHEN number %% 50 = 2 THEN DATE '2099-01-01' END,
    now() - number * interval '1 minute', now() - (number::bigint * 7919 %% 1000000) * interval '1 second',
    'confirmed', '', '', ''
FROM generate_series(1, %s) AS number
"""
COLUMNS = "mailing_id, subscriber_id, address_hash, depth, supporters, is_seed, state, claimed_by, attempts, reply"
KEEP = f"CREATE UNLOGGED TABLE finished AS SELECT {COLUMNS} FROM mailings_delivery ORDER BY id"
BARE = f"INSERT INTO mailings_delivery ({COLUMNS}) SELECT {COLUMNS} FROM finished"


def execute(statement: str, values: list[Any] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def fill(readers: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from llmwatch.demo import sample

    call_command("migrate", verbosity=0)
    sample.load_files()
    execute("TRUNCATE subscribers_subscriber CASCADE")
    execute(FILL, [readers])
    execute("VACUUM ANALYZE subscribers_subscriber")


def timed(work: Any) -> float:
    """Seconds, with the commit."""
    from django.db import transaction

    execute("TRUNCATE mailings_delivery CASCADE")
    execute("CHECKPOINT")
    started = time.perf_counter()
    with transaction.atomic():
        work()
    return time.perf_counter() - started


def measured(rounds: int) -> int:
    from django.utils import timezone

    from issues.models import Issue
    from mailings import audience
    from mailings.models import Mailing

    mailing, rows = Mailing.objects.create(issue=Issue.objects.get()), []
    timed(lambda: rows.append(audience.freeze_audience(mailing, timezone.localdate())))
    execute(KEEP)
    execute("ANALYZE finished")
    taken: list[tuple[float, float]] = []
    for _ in range(rounds):
        bare = timed(lambda: execute(BARE))
        taken.append((bare, timed(lambda: audience.freeze_audience(mailing, timezone.localdate()))))
        print(f"bare {taken[-1][0]:.1f} s, freezing {taken[-1][1]:.1f} s", flush=True)
    ratio = statistics.median(ours / bare for bare, ours in taken)
    bare, ours = (statistics.median(times) / rows[0] * 1e6 for times in zip(*taken, strict=True))
    print(f"{rows[0]:,} recipients: bare {bare:.1f} µs each, freezing {ours:.1f} µs each")
    print(f"freezing : bare = {ratio:.2f} (goal: at most {GOAL})")
    return 0 if ratio <= GOAL else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    from llmwatch import devservers

    with (
        tempfile.TemporaryDirectory(prefix="llmwatch-bench-") as folder,
        devservers.start_servers(Path(folder)) as servers,
    ):
        os.environ |= {
            **DEFAULTS,
            "DJANGO_SETTINGS_MODULE": "llmwatch.settings",
            "DATABASE_URL": servers.addresses.database_url,
            "REDIS_URL": servers.addresses.redis_url,
            "MEDIA_ROOT": f"{folder}/media",
        }
        fill(options.readers)
        return measured(options.rounds)


if __name__ == "__main__":
    sys.exit(main())
