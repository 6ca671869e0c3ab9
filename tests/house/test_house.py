"""The house rules that a machine can check: small functions and files, docs that follow the code."""

import ast
import os
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands

from tests.data import ROOT

APPS = {"core", "glossary", "issues", "llmwatch", "mailings", "papers", "reading", "subscribers"}


def sources(*, tests: bool = False) -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for name in sorted(set(listed)):
        path = ROOT / name
        if (
            path.is_file()
            and "migrations" not in path.parts
            and (tests or path.relative_to(ROOT).parts[0] not in {"tests", "bench"})
        ):
            yield path


def functions() -> Iterator[tuple[str, int]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (
                    f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
                    (node.end_lineno or 0) - node.lineno + 1,
                )


def test_no_function_is_longer_than_40_lines_and_the_median_is_below_10() -> None:
    lengths = dict(functions())
    assert [name for name, length in lengths.items() if length > 40] == []
    assert statistics.median(lengths.values()) < 10


def test_no_source_file_is_longer_than_300_lines() -> None:
    assert [str(path.relative_to(ROOT)) for path in sources() if len(path.read_text().splitlines()) > 300] == []


def test_templates_stay_below_80_lines() -> None:
    assert [str(path) for path in (ROOT / "templates").rglob("*.*") if len(path.read_text().splitlines()) > 80] == []


def test_parts_of_templates_begin_with_an_underscore() -> None:
    for path in templates():
        included = re.findall(r'{% include "([^"]+\.(?:html|txt))"', path.read_text())
        assert [name for name in included if not name.rpartition("/")[2].startswith("_")] == [], path


def test_pages_for_everybody_carry_no_token_of_a_form() -> None:
    public = [path for path in templates() if "admin" not in path.parts]
    assert [str(path) for path in public if "csrf_token" in path.read_text()] == []


def templates() -> list[Path]:
    return [path for path in (ROOT / "templates").rglob("*") if path.is_file()]


def test_every_migration_says_what_it_does() -> None:
    for path in ROOT.glob("*/migrations/0*.py"):
        classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
        assert all(ast.get_docstring(node) for node in classes), path


def test_modules_are_named_for_what_they_do() -> None:
    vague = {"utils", "services", "helpers", "base", "common", "misc", "signals"}
    assert [str(path) for path in sources() if path.stem in vague] == []


def test_nothing_happens_behind_the_back_of_a_save() -> None:
    assert [
        str(path) for path in sources() if re.search(r"import .*\breceiver\b|models\.signals", path.read_text())
    ] == []


def test_commands_and_tasks_are_thin_doors() -> None:
    doors = [
        (name, length)
        for name, length in functions()
        if re.search(r"/management/commands/\w+\.py:\d+ (handle|report)$|/tasks\.py:", name)
    ]
    assert doors
    assert [name for name, length in doors if length > 15] == []


def test_html_is_marked_safe_in_one_place_only() -> None:
    text = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sources()}
    marked = {name for name, code in text.items() if re.search(r"mark_safe|SafeString\(", code)}
    assert marked <= {"core/text/markdown.py"}
    assert not [
        str(path)
        for path in (ROOT / "templates").rglob("*.*")
        if re.search(r"\|\s*safe\b|autoescape off", path.read_text())
    ]


def test_dependencies_are_locked_with_hashes_and_without_a_registry() -> None:
    assert not (ROOT / "uv.lock").exists()
    for name in ("requirements.txt", "requirements-dev.txt"):
        pinned = re.findall(r"^[a-z0-9].*", (ROOT / name).read_text(), re.MULTILINE)
        assert pinned
        assert [line for line in pinned if "==" not in line or not line.endswith("\\")] == []


def test_no_package_index_and_no_path_of_a_machine_is_named() -> None:
    # In pieces, so that this file names none itself.
    index = "|".join([r"--(extra-)?index" + "-url", "--find" + "-links", r"https?://[^ \"]*/" + r"simple(/|\"|$)"])
    pattern = rf"{index}|(^|[^a-z.])/(work|root|home)/[a-z]"
    found = subprocess.run(
        ["git", "grep", "-nIE", "-e", pattern, "--", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert found.stdout == ""


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def variables_read() -> set[str]:
    code = (ROOT / "llmwatch" / "settings.py").read_text()
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', code))


@pytest.mark.parametrize("document", ["docs/settings.md", ".env.example"])
def test_every_setting_is_documented(document: str) -> None:
    text = (ROOT / document).read_text()
    assert [name for name in sorted(variables_read()) if not re.search(rf"\b{name}\b", text)] == []


def test_every_command_is_documented() -> None:
    ours = [name for name, app in get_commands().items() if str(app).partition(".")[0] in APPS]
    text = (ROOT / "docs" / "runbook.md").read_text() + (ROOT / "docs" / "editing.md").read_text()
    assert ours
    assert [name for name in sorted(ours) if f"manage.py {name}" not in text] == []


def test_every_dependency_has_its_reason() -> None:
    read = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = [*read["project"]["optional-dependencies"].values(), *read["dependency-groups"].values()]
    wanted = [*read["project"]["dependencies"], *(one for extra in extras for one in extra)]
    names = [re.split(r"[^a-z0-9-]", one)[0] for one in wanted]
    reasons = (ROOT / "docs" / "adr" / "0002-dependencies.md").read_text()
    assert len(names) > 20
    assert [name for name in names if f"| {name} |" not in reasons] == []


# The browser tests set the last one, for the whole process.
NOT_OF_PRODUCTION = {"DEBUG", "SITE_URL", "ALLOWED_HOSTS", "DJANGO_ALLOW_ASYNC_UNSAFE"}


def production(**changes: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OF_PRODUCTION}
    environment |= {
        "SITE_URL": "https://news.example.org",
        "SECRET_KEY": "k3y-".join("abcdefghijklmnop"),
        "ADDRESS_KEY": "4ddr-".join("abcdefghijklmnop"),
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment | changes, capture_output=True, text=True)


def test_the_deploy_check_is_clean_on_a_production_environment() -> None:
    done = production()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", ""),
        ("ADDRESS_KEY", ""),
        ("ALLOWED_HOSTS", "*"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///x"),
        ("REDIS_URL", ""),
        ("SITE_URL", "news.example.org"),
        ("REFRESH_KEY", "short"),
        ("ARXIV_DELAY", "0.1"),
        ("ARXIV_DELAY", "soon"),
        ("DEBUG", "perhaps"),
    ],
)
def test_an_unsafe_or_unreadable_setting_stops_the_start_with_a_sentence_that_names_it(name: str, value: str) -> None:
    done = production(**{name: value})
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert name in done.stderr
