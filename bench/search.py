"""Search over all the recorded papers: each question of a fixed list, through papers.search and as its SQL alone.

    python bench/search.py [FILE…]     default: the recorded archive and the recent corpus

Loads the files into a fresh private database, asks each question three times and takes the middle. The SQL alone is
what the first run sent, through the bare driver. Exit code 1 where a goal of bench/README.md is missed.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CORPUS = Path(os.environ.get("LLMWATCH_DATA", ROOT.parent / "shared" / "data")) / "arxiv" / "corpus"
FILES = [CORPUS / "archive_cs_stat_to_2019.jsonl.xz", CORPUS / "recent_ai_2025-03_2026-02.jsonl.gz"]
GOAL = 1.5  # times the SQL alone, median by median
QUESTIONS = """
attention is all you need
model
deep learning
chain of thought reasoning
"chain of thought"
"large language models" -vision
retrieval augmented generation
low-rank adaptation
reinforcement learning from human feedback
"mixture of experts"
graph neural networks
sparse attention long context
diffusion models image generation
speculative decoding
BERT pre-training
word embeddings
GPT-4
LLaMA 2
transf*
transf* lang*
quantiz* llm
multimod* agents -robot
benchmark year:2025
survey cat:cs.CL year:2025
cat:cs.MA
cat:stat year:2016-2018 bayesian
gan cat:cs.CV -cat:cs.LG
cat:cs.CL cat:cs.LG distillation
author:"kaiming he"
author:vaswani
author:schütze embeddings
hinrich schutze
bengio attention
1706.03762
https://arxiv.org/abs/1810.04805v2
id:arXiv:2005.14165
hallucination detection factuality
privacy federated learning
tokenization morphology
code generation benchmark
atention mechansim
trasnformer lanugage model
graph neural netwroks
"""


def middle(ask: Callable[[], object]) -> float:
    """Milliseconds, of three runs the one in the middle."""
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - started) * 1000)
    return sorted(taken)[1]


def measure(question: str) -> tuple[float, float]:
    """Milliseconds through papers.search, with the help for what finds nothing, and of the same SQL alone."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from papers.query import parse
    from papers.search import find, suggest

    def ask() -> str:
        query = parse(question)
        found = find(query).hits
        return f"{len(found)} found" if found else f"none; {suggest(query) or 'no help'}"

    with CaptureQueriesContext(connection) as sent:
        said = ask()
    statements = [one["sql"] for one in sent]

    def alone() -> None:
        with connection.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                if cursor.description:
                    cursor.fetchall()

    whole, bare = middle(ask), middle(alone)
    print(f"  {whole:>7.1f} ms, SQL {bare:>7.1f} ms  {question}: {said}", flush=True)
    return whole, bare


def told(taken: list[float]) -> str:
    return f"median {statistics.median(taken):.1f} ms, 95th percentile {statistics.quantiles(taken, n=20)[-1]:.1f} ms"


def measured(files: list[Path]) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from papers import words
    from papers.loading import load
    from papers.models import Paper

    call_command("migrate", verbosity=0)
    print(", ".join(load(files).lines()), flush=True)
    print(f"words of {words.read(float('inf')):,} papers read", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE papers_paper")
    print(f"{Paper.objects.count():,} papers")
    whole, bare = zip(*(measure(question) for question in QUESTIONS.strip().splitlines()), strict=True)
    times = statistics.median(whole) / statistics.median(bare)
    print(f"search: {told(list(whole))}\nSQL alone: {told(list(bare))}\nsearch : SQL = {times:.2f}")
    return 0 if times <= GOAL else 1


def main(files: list[Path]) -> int:
    from llmwatch.lib import embedded

    with tempfile.TemporaryDirectory(prefix="llmwatch-bench-") as folder, embedded.start(Path(folder)) as servers:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "llmwatch.settings",
            "DEBUG": "1",
            "DATABASE_URL": servers.addresses.database_url,
            "REDIS_URL": servers.addresses.redis_url,
        }
        return measured(files)


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or FILES))
