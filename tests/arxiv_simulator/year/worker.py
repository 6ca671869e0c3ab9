"""A process that follows arXiv in the time of a timekeeper; and the one that bears them, which has all imported.

`python -m tests.arxiv_simulator.worker FOLDER` reads names from its standard input, one a line, bears a process for
each and says its number. DATABASE_URL and ARXIV_…_URL are as for the product.
"""

import os
import signal
import sys
from pathlib import Path
from random import Random
from typing import NoReturn

import django

from core.clock import Clock

# Simulated seconds between two looks at what is due. The product's clock looks each minute; a late one does no harm.
SHORT_NAP, LONG_NAPS = 60, (600, 7_200)
SHARE_OF_EDITORS = 0.2


def live(clock: Clock, rng: Random) -> NoReturn:
    """Does what the product's clock hands out, until killed, or until nobody keeps the time any more."""
    from papers.ingest import scheduler

    while True:
        if not scheduler.due_tasks(clock.now()):
            clock.sleep(rng.uniform(*LONG_NAPS))
            continue
        if not scheduler.is_under_way():
            scheduler.follow_arxiv(clock)
        elif rng.random() < SHARE_OF_EDITORS:
            look_up(clock, rng)
        clock.sleep(SHORT_NAP)


def look_up(clock: Clock, rng: Random) -> None:
    """What an editor does while arXiv is followed: asks for some paper, which there is."""
    from papers.ingest.fetch_by_id import pull_ids
    from papers.models import Paper

    found = Paper.objects.filter(arxiv_id__gte=f"25{rng.randint(3, 12):02d}.{rng.randint(0, 25_000):05d}")
    pull_ids([paper.key for paper in found.order_by("arxiv_id")[:3]], clock=clock)


def bear(folder: Path, name: str) -> int:
    """The number of a new process."""
    number = os.fork()
    if number:
        return number
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.close(sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # The name that the database knows it by, and the one by which the simulated arXiv does.
    os.environ["PGAPPNAME"] = name
    from django.conf import settings

    from tests.arxiv_simulator.year.timekeeper import joined

    settings.ARXIV_CONTACT = name
    with joined(folder, name) as clock:
        live(clock, Random(name))


def main(folder: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmwatch.settings")
    django.setup()
    import papers.ingest.scheduler  # noqa: F401

    # The dead need nobody to look after them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        sys.stdout.write(f"{bear(folder, line.strip())}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
