"""Search over 270,000 papers: 200 questions made from real titles and names, through papers.search and as SQL alone.

    python bench/search.py [FILE…]     default: the recorded archive and the recent corpus

Loads the files into a fresh private database and fills up with copies under other identifiers. Each question is asked
three times, in turn with the SQL that it sends, through the bare driver; the middle counts. The slowest are explained:
in which step of its plan a statement spends most. Exit code 1 where a goal of bench/README.md is missed.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CORPUS = Path(os.environ.get("LLMWATCH_DATA", ROOT.parent / "shared" / "data")) / "arxiv" / "corpus"
FILES = [CORPUS / "archive_cs_stat_to_2019.jsonl.xz", CORPUS / "recent_ai_2025-03_2026-02.jsonl.gz"]
LEAST = 270_000  # papers
GOAL = 1.5  # times the SQL alone, median by median
SEED = 20261125
SLOWEST = 10
# Common words, which people ask for, too, and which cost most.
COMMON = [
    "model",
    "deep learning",
    "language model",
    "neural network",
    "learning",
    '"neural network" data',
    "mod* lear*",
]


@dataclass(frozen=True, slots=True)
class Sample:
    """A paper that questions are made from."""

    arxiv_id: str
    title: str
    author: str
    category: str
    year: int

    @property
    def words(self) -> list[str]:
        """Those of its title that one would ask for."""
        return [word for word in self.title.split() if word.isascii() and word.isalpha() and len(word) > 3]


def slip(word: str, chance: random.Random) -> str:
    """Two neighbouring letters inside the word changed about."""
    at = chance.randrange(1, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def misspelt(sample: Sample, chance: random.Random) -> str:
    """The first words of its title and the longest one, which has a slip."""
    return f"{' '.join(sample.words[:2])} {slip(max(sample.words, key=len), chance)}"


Maker = Callable[[Sample, random.Random], str]
# What is asked, and how often.
KINDS: list[tuple[str, int, Maker]] = [
    ("words of a title", 35, lambda s, c: " ".join(c.sample(s.words, 3))),
    ("two words", 25, lambda s, c: " ".join(s.words[:2])),
    ("phrases", 25, lambda s, c: '"{}"'.format(" ".join(s.title.split()[:3]))),
    ("beginnings", 18, lambda s, c: f"{s.words[0]} {s.words[-1][:5]}*"),
    ("exclusions", 15, lambda s, c: f"{s.words[0]} {s.words[1]} -{s.words[2]}"),
    ("author:", 18, lambda s, c: f'author:"{s.author}"'),
    ("names", 10, lambda s, c: s.author),
    ("cat:", 12, lambda s, c: f"{s.words[0]} cat:{s.category}"),
    ("year:", 12, lambda s, c: f"{s.words[0]} {s.words[1]} year:{s.year}"),
    ("identifiers", 8, lambda s, c: s.arxiv_id),
    ("slips", 15, misspelt),
    ("common words", len(COMMON), lambda s, c: ""),
]


def samples() -> list[Sample]:
    from papers.models import Paper

    chance = random.Random(SEED)
    keys = list(Paper.objects.exclude(arxiv_id__startswith="60").order_by("arxiv_id").values_list("pk", flat=True))
    found = Paper.objects.filter(pk__in=chance.sample(keys, min(len(keys), 1_000))).order_by("arxiv_id")
    made = [
        Sample(paper.arxiv_id or "", paper.title, paper.authors[0], paper.primary_category, paper.year or 2018)
        for paper in found
        if paper.authors and paper.primary_category
    ]
    usable = [sample for sample in made if len(sample.words) > 3]
    chance.shuffle(usable)
    return usable


def questions() -> Iterator[tuple[str, str]]:
    """Kind and question."""
    chance, some = random.Random(SEED), iter(samples())
    for kind, number, make in KINDS:
        asked = COMMON if kind == "common words" else [make(next(some), chance) for _ in range(number)]
        yield from ((kind, question) for question in asked)


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds through papers.search, and of the same SQL alone."""

    kind: str
    question: str
    whole: float
    bare: float
    said: str
    statements: Sequence[str]


def timed(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return (time.perf_counter() - started) * 1000


def run(statements: Sequence[str]) -> list[Any]:
    from django.db import connection

    rows: list[Any] = []
    with connection.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            rows += cursor.fetchall() if cursor.description else []
    return rows


def measure(kind: str, question: str) -> Taken:
    """With the help for what finds nothing."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from papers.search.query import parse_query
    from papers.search.search import search_papers, suggest_spelling

    def ask() -> str:
        query = parse_query(question)
        found = search_papers(query).hits
        return f"{len(found)} found" if found else f"none; {suggest_spelling(query) or 'no help'}"

    with CaptureQueriesContext(connection) as sent:
        said = ask()
    statements = [one["sql"] for one in sent]
    pairs = [(timed(ask), timed(lambda: run(statements))) for _ in range(3)]
    whole, bare = (sorted(times)[1] for times in zip(*pairs, strict=True))
    return Taken(kind, question, whole, bare, said, statements)


def steps(plan: dict[str, Any]) -> Iterator[tuple[float, str]]:
    """Milliseconds in each step of a plan alone, and what it is."""
    below = plan.get("Plans", [])
    mine = plan["Actual Total Time"] * plan["Actual Loops"]
    theirs = sum(one["Actual Total Time"] * one["Actual Loops"] for one in below)
    of = plan.get("Index Name") or plan.get("Relation Name") or ""
    yield (
        mine - theirs,
        f"{plan['Node Type']} {of}".strip() + f", {plan['Actual Rows'] * plan['Actual Loops']:,.0f} rows",
    )
    for one in below:
        yield from steps(one)


def explained(taken: Taken) -> str:
    """The step that costs most, of all statements."""
    found = []
    for statement in filter(lambda one: one.startswith(("SELECT", "(SELECT")), taken.statements):
        if "set_config" not in statement:
            (answer,) = run([f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"])[0]
            plans = json.loads(answer) if isinstance(answer, str) else answer
            found += list(steps(plans[0]["Plan"]))
    return "{1}: {0:.1f} ms".format(*max(found))


def told(taken: Sequence[float]) -> str:
    return f"median {statistics.median(taken):.1f} ms, 95th percentile {statistics.quantiles(taken, n=20)[-1]:.1f} ms"


def top_up() -> int:
    """Copies under identifiers of the years from 2060 on, until there are enough papers; how many."""
    from django.db import connection

    from papers.models import Paper

    missing = max(LEAST - Paper.objects.count(), 0)
    same = [
        str(f.column) for f in Paper._meta.local_concrete_fields if not f.generated and f.name not in {"id", "arxiv_id"}
    ]
    names, table = ", ".join(same), Paper._meta.db_table
    number = "'60' || lpad((1 + (row_number() OVER (ORDER BY id) - 1) / 99999)::text, 2, '0') || '.'"
    ids = f"{number} || lpad((1 + (row_number() OVER (ORDER BY id) - 1) % 99999)::text, 5, '0')"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (arxiv_id, {names}) SELECT {ids}, {names} FROM {table} LIMIT {missing}")
        cursor.execute(f"VACUUM ANALYZE {table}")
    return missing


def measured(files: list[Path]) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from papers.ingest.bulk_load import load_files
    from papers.models import Paper
    from papers.search import index_backlog

    settings.DEBUG = False  # with it Django writes down every statement, which no site does
    call_command("migrate", verbosity=0)
    print(", ".join(load_files(files).lines()), flush=True)
    print(f"words of {index_backlog.index_backlog(float('inf')):,} papers read", flush=True)
    copies = top_up()
    print(f"{Paper.objects.count():,} papers, of which {copies:,} are copies under other identifiers", flush=True)
    return verdict([measure(kind, question) for kind, question in questions()])


def verdict(taken: list[Taken]) -> int:
    for kind, _number, _make in KINDS:
        mine = [one for one in taken if one.kind == kind]
        print(f"  {kind:<16} {len(mine):>3}: {told([one.whole for one in mine])}")
    print(f"the slowest {SLOWEST}, and where most of it goes:")
    for one in sorted(taken, key=lambda one: -one.whole)[:SLOWEST]:
        print(
            f"  {one.whole:>7.1f} ms, SQL {one.bare:>7.1f} ms  {one.question}: {one.said}; {explained(one)}", flush=True
        )
    whole, bare = [one.whole for one in taken], [one.bare for one in taken]
    times = statistics.median(whole) / statistics.median(bare)
    print(f"{len(taken)} questions: {told(whole)}\nSQL alone: {told(bare)}\nsearch : SQL = {times:.2f}")
    return 0 if times <= GOAL else 1


def main(files: list[Path]) -> int:
    from llmwatch import devservers

    with (
        tempfile.TemporaryDirectory(prefix="llmwatch-bench-") as folder,
        devservers.start_servers(Path(folder)) as servers,
    ):
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "llmwatch.settings",
            "DEBUG": "1",
            "DATABASE_URL": servers.addresses.database_url,
            "REDIS_URL": servers.addresses.redis_url,
        }
        return measured(files)


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or FILES))
