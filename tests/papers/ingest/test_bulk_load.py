"""Bulk loading: streamed, told line by line, the same after a kill as without one."""

import gzip
import json
import lzma
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from core.command_reports import Problem, Refused
from papers.ingest.bulk_formats import parse_line
from papers.ingest.bulk_load import BATCH_SIZE, MOST_PROBLEMS, LoadStep, load_files
from papers.models import Paper, PaperLink, PaperVersion
from tests.data import ROOT, data_path, needs_data
from tests.papers.ingest.test_bulk_formats import ARCHIVE, CORPUS, SNAPSHOT
from tests.papers.test_normalize import edge_cases

pytestmark = pytest.mark.django_db

MANY = 2 * BATCH_SIZE + 500


def corpus_line(number: int = 1, **fields: Any) -> str:
    return json.dumps({**CORPUS, "id": f"2509.{number:05d}", "links": [], **fields})


def write_lines(path: Path, *lines: str) -> Path:
    text = "".join(f"{line}\n" for line in lines).encode()
    match path.suffix:
        case ".gz":
            text = gzip.compress(text)
        case ".xz":
            text = lzma.compress(text)
    path.write_bytes(text)
    return path


def counted(*paths: Path) -> dict[str, int]:
    counts = dict(load_files(paths).counts)
    assert counts.pop("records_per_second") > 0
    return counts


def outcome(**counts: int) -> dict[str, int]:
    return {"new": 0, "updated": 0, "unchanged": 0, "missing": 0, "failed": 0, **counts}


@pytest.mark.parametrize("name", ["papers.jsonl", "papers.jsonl.gz", "papers.jsonl.xz"])
def test_a_file_is_loaded_once(tmp_path: Path, name: str) -> None:
    path = write_lines(tmp_path / name, corpus_line(1), "", corpus_line(2))
    assert counted(path) == outcome(new=2)
    assert counted(path) == outcome(unchanged=2)


def test_the_three_shapes_may_stand_in_one_file(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "all.jsonl", *map(json.dumps, (CORPUS, ARCHIVE, SNAPSHOT)))
    assert counted(path) == outcome(new=3)
    assert dict(Paper.objects.values_list("source", "arxiv_id")) == {
        "corpus": "2509.03312",
        "archive": "cs/9905004",
        "snapshot": "0704.0001",
    }
    assert list(PaperVersion.objects.values_list("version", flat=True)) == [10, 2, 1]


def test_a_changed_line_updates_its_paper_and_no_other(tmp_path: Path) -> None:
    load_files([write_lines(tmp_path / "a.jsonl", corpus_line(1), corpus_line(2))])
    changed = write_lines(tmp_path / "b.jsonl", corpus_line(1), corpus_line(2, title="Another"))
    assert counted(changed) == outcome(updated=1, unchanged=1)
    assert Paper.objects.get(title="Another").arxiv_id == "2509.00002"


def test_bad_lines_are_named_by_file_and_line_and_the_others_kept(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", corpus_line(1), "{", "", corpus_line(2, title=""), corpus_line(3))
    report = load_files([path])
    assert (report.counts["new"], report.counts["failed"]) == (2, 2)
    assert report.problems == (
        Problem(f"{path}:2", "the line is not valid JSON"),
        Problem(f"{path}:4", "2509.00002 has an empty title"),
    )


def test_no_more_than_the_first_problems_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    report = load_files([write_lines(tmp_path / "a.jsonl", *["{"] * (MOST_PROBLEMS + 5), corpus_line())])
    assert (report.counts["new"], report.counts["failed"]) == (1, MOST_PROBLEMS + 5)
    assert len(report.problems) == MOST_PROBLEMS + 1
    assert report.problems[-1].what == "5 further lines failed"


def test_a_line_of_many_megabytes_is_refused_without_being_kept(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", "x" * 9_000_000, corpus_line(1))
    report = load_files([path])
    assert report.counts["new"] == 1
    assert report.problems == (Problem(f"{path}:1", "the line is longer than 2,000,000 characters"),)


@pytest.mark.parametrize("name", ["cut.jsonl.gz", "cut.jsonl.xz"])
def test_a_file_that_is_cut_off_is_a_problem_and_what_was_read_is_kept(tmp_path: Path, name: str) -> None:
    lines = [corpus_line(number, abstract=os.urandom(300).hex()) for number in range(1, 2_001)]
    path = write_lines(tmp_path / name, *lines)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    report = load_files([path])
    assert 500 < report.counts["new"] == Paper.objects.count() < 1_500
    assert [problem.where for problem in report.problems] == [str(path)]
    assert "is cut off or damaged after line" in report.problems[0].what


def test_a_file_that_is_not_what_its_name_says_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_text(corpus_line())
    assert load_files([tmp_path / "a.jsonl.gz"]).counts["failed"] == 1


def test_a_missing_file_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    good = write_lines(tmp_path / "a.jsonl", corpus_line())
    with pytest.raises(Refused, match=r"missing\.jsonl cannot be read: No such file or directory\."):
        load_files([good, tmp_path / "missing.jsonl"])
    assert not Paper.objects.exists()


def test_progress_is_told_after_each_batch(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", *(corpus_line(number) for number in range(1, MANY + 1)))
    steps: list[LoadStep] = []
    load_files([path], progress=steps.append)
    assert [step.records for step in steps] == [BATCH_SIZE, 2 * BATCH_SIZE, MANY]
    assert steps[-1].bytes_read == path.stat().st_size


def test_text_that_no_column_holds_harms_no_other_line(tmp_path: Path) -> None:
    hostile = {
        "title": "a\x00b\ud800c",
        "comment": "https://github.com/a/" + "é" * 1_900,
        "categories": ["cs." + "x" * 99],
    }
    path = write_lines(
        tmp_path / "a.jsonl",
        corpus_line(1, **hostile),
        json.dumps({**ARCHIVE, "doi": "10.1000/" + "9" * 300}),
        json.dumps({**SNAPSHOT, "license": "x" * 300}),
        corpus_line(2, links=[{"kind": "code", "url": "https://github.com/a/\x00b"}]),
    )
    assert counted(path) == outcome(new=3, failed=1)
    assert Paper.objects.get(arxiv_id="2509.00001").title == "abc"


def test_the_command_reports_in_words_and_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_lines(tmp_path / "a.jsonl", corpus_line())
    words, as_json = StringIO(), StringIO()
    call_command("load_papers", path, stdout=words)
    call_command("load_papers", path, "--json", stdout=as_json)
    assert words.getvalue().startswith("new: 1\nupdated: 0\nunchanged: 0\nmissing: 0\nfailed: 0\nrecords per second: ")
    assert json.loads(as_json.getvalue())["unchanged"] == 1
    assert capsys.readouterr().err == "Loading a.jsonl (0.0 MB) …\n" * 2


def test_a_terminal_gets_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    call_command("load_papers", write_lines(tmp_path / "a.jsonl", corpus_line()), stdout=StringIO())
    assert "a.jsonl: 100%" in terminal.getvalue()


def test_the_command_ends_with_2_on_an_unusable_file_and_1_on_a_bad_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("load_papers", tmp_path / "missing.jsonl")
    assert refused.value.returncode == 2
    with pytest.raises(SystemExit) as failed:
        call_command("load_papers", write_lines(tmp_path / "a.jsonl", "{"), stdout=StringIO())
    assert failed.value.code == 1


@pytest.mark.django_db(transaction=True)
def test_a_load_that_is_killed_and_run_again_ends_the_same(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", *(corpus_line(number) for number in range(1, MANY + 1)))
    killed = (
        "import os, signal, django; django.setup()\n"
        "from django.conf import settings; from pathlib import Path; from papers.ingest.bulk_load import load_files\n"
        f"settings.DATABASES['default']['NAME'] = {settings.DATABASES['default']['NAME']!r}\n"
        f"load_files([Path({str(path)!r})], progress=lambda step: os.kill(os.getpid(), signal.SIGKILL))\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "llmwatch.settings", "DEBUG": "1"}
    done = subprocess.run([sys.executable, "-c", killed], cwd=ROOT, env=environment)
    assert done.returncode == -signal.SIGKILL
    assert Paper.objects.count() == BATCH_SIZE
    assert counted(path) == outcome(new=MANY - BATCH_SIZE, unchanged=BATCH_SIZE)
    assert Paper.objects.count() == MANY


@needs_data
def test_the_nine_papers_of_the_seed_issue_are_loaded_with_their_links() -> None:
    assert counted(data_path("seed/papers.jsonl")) == outcome(new=9)
    agents = Paper.objects.get(arxiv_id="2509.03312")
    assert agents.title == "AgenTracer: Who Is Inducing Failure in the LLM Agentic Systems?"
    assert PaperLink.objects.filter(paper=agents, kind="code").exists()
    assert counted(data_path("seed/papers.jsonl")) == outcome(unchanged=9)


@needs_data
def test_every_recorded_edge_case_is_loaded(tmp_path: Path) -> None:
    rows = [
        {"categories": [], **row}
        for name, cases in edge_cases().items()
        if name != "title_changed_between_sources"
        for row in cases.values()
    ]
    path = write_lines(tmp_path / "edge.jsonl", *map(json.dumps, rows))
    distinct = {parse_line(json.dumps(row)).arxiv_id for row in rows}
    assert counted(path) == outcome(new=len(distinct), unchanged=len(rows) - len(distinct))
    assert counted(path) == outcome(unchanged=len(rows))


@needs_data
def test_a_sample_of_real_papers_is_loaded_and_the_second_run_writes_nothing() -> None:
    sample = data_path("arxiv/corpus/sample_2000.jsonl")
    assert counted(sample) == outcome(new=2_000)
    before = last_write()
    assert counted(sample) == outcome(unchanged=2_000)
    assert last_write() == before


def last_write() -> list[tuple[int, int]]:
    """Where each row lies and who wrote it: any write would change it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, xmin::text::bigint FROM papers_paper ORDER BY id")
        return [(key, writer) for key, writer in cursor.fetchall()]
