"""Real bodies of all three roads, spoilt: each gives a result or an error with a name, in little memory."""

import subprocess
import sys

import pytest

from tests.data import DATA, needs_data
from tests.papers.arxiv.spoiled_responses import ROADS, survive

MOST_MEMORY = 256  # MB
CASES = 50_000


@needs_data
@pytest.mark.parametrize("road", sorted(ROADS))
def test_spoilt_bodies_give_a_result_or_an_error_with_a_name(road: str) -> None:
    assert 0 < survive(ROADS[road], 200, seed=20261125) < 200


@needs_data
@pytest.mark.soak
@pytest.mark.parametrize("road", sorted(ROADS))
def test_fifty_thousand_spoilt_bodies_are_survived_in_little_memory(road: str) -> None:
    command = [sys.executable, "-m", "tests.papers.arxiv.spoiled_responses", road, str(CASES), "1"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env={"LLMWATCH_DATA": str(DATA)}).stdout
    read, named, memory = map(int, said.split())
    assert read + named == CASES
    assert 0 < read < CASES
    assert memory < MOST_MEMORY
