"""The house as a whole: folders that one can look over, no import circle, names that say what they do."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.data import ROOT
from tests.house.test_house import APPS, sources

MOST_MODULES = 16
MOST_BARE_WORDS = 60


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules() -> dict[str, Path]:
    """Those of the product, by their dotted names."""
    return {dotted(path): path for path in sources() if path.relative_to(ROOT).parts[0] in APPS}


def test_no_folder_holds_more_than_16_modules() -> None:
    folders = defaultdict(list)
    for path in sources(tests=True):
        if path.name != "__init__.py" and path.parent.name != "commands":
            folders[path.parent.relative_to(ROOT).as_posix()].append(path.name)
    assert {folder: len(names) for folder, names in folders.items() if len(names) > MOST_MODULES} == {}


def imports_at_start(name: str, known: dict[str, Path]) -> Iterator[str]:
    """The modules of the house that this one needs before it stands; what functions import comes later."""
    for node in tree_of(known[name]).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (full if full in known else node.module for full in inner)


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    waiting = {name: set(imports_at_start(name, known)) - {name} for name in known}
    while free := {name for name, needs in waiting.items() if not needs}:
        waiting = {name: needs - free for name, needs in waiting.items() if name not in free}
    assert waiting == {}


def is_view(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "request"


def bare_names(path: Path) -> Iterator[str]:
    """Public names of one word at the top of a module. Models, choices, commands and views have the field's words."""
    name = dotted(path)
    is_of_models = "models" in name.split(".")
    for node in tree_of(path).body:
        names: list[str] = []
        if (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_view(node)) or (
            isinstance(node, ast.ClassDef) and not is_of_models
        ):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        yield from (found for found in names if re.fullmatch(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+", found))


# Django and Celery look for these by name.
ASKED_FOR = {"app", "application", "log", "urlpatterns", "Command"}


def test_few_public_names_are_one_bare_word() -> None:
    bare = defaultdict(list)
    for name, path in modules().items():
        if path.name != "settings.py" and path.parent.name != "commands":
            for found in bare_names(path):
                bare[found].append(name)
    counted = set(bare) - ASKED_FOR
    assert len(counted) <= MOST_BARE_WORDS, sorted(counted)


def test_no_app_reaches_up_by_the_name_of_a_model() -> None:
    """`apps.get_model("mailings.Delivery")` is an import that no contract sees."""
    found = [
        (dotted(path), ast.unparse(node))
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"get_model", "get_app_config"}
        if any(isinstance(argument, ast.Constant) for argument in node.args)
    ]
    assert found == []


def walks() -> list[tuple[str, list[str]]]:
    """Each walk of docs/adr/walks.md with the files that it enters, in their order."""
    parts = re.split(r"^## ", (ROOT / "docs" / "adr" / "walks.md").read_text(), flags=re.MULTILINE)[1:]
    return [(part.partition("\n")[0], re.findall(r"^\d+\. `([^`]+)`", part, re.MULTILINE)) for part in parts]


def test_there_are_five_walks_through_the_house() -> None:
    assert len(walks()) == 5


@pytest.mark.parametrize("number", range(5))
def test_a_walk_enters_at_most_twelve_files_that_are_there(number: int) -> None:
    _title, files = walks()[number]
    assert 0 < len(files) <= 12
    assert [name for name in files if not (ROOT / name).is_file()] == []
