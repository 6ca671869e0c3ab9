"""Where the recorded real data lies; tests that need it are skipped, with the reason, where it is missing."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("LLMWATCH_DATA", ROOT.parent / "shared" / "data"))

needs_data = pytest.mark.skipif(
    not DATA.is_dir() and "CI" not in os.environ,
    reason="the recorded data is missing: put it at ../shared/data or name its folder in LLMWATCH_DATA",
)


def data_path(name: str) -> Path:
    """The path of one recorded file, e.g. `seed/issue.txt`."""
    return DATA / name
