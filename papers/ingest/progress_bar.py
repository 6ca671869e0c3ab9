"""The progress of a load: a bar on a terminal, else one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Never, TextIO

from tqdm import tqdm

from papers.ingest.bulk_load import LoadStep


@contextmanager
def show_progress(paths: Sequence[Path], stream: TextIO) -> Iterator[Callable[[LoadStep], None]]:
    """What `load` is to call after each batch; the bar counts the bytes of the files as they lie on the disk."""
    sizes = {path: path.stat().st_size for path in paths if path.is_file()}
    names = ", ".join(path.name for path in paths)
    if not stream.isatty():
        stream.write(f"Loading {names} ({sum(sizes.values()) / 1e6:,.1f} MB) …\n")
        yield lambda step: None
        return
    bar: tqdm[Never]
    with tqdm(total=sum(sizes.values()), desc=names, file=stream, unit="B", unit_scale=True, dynamic_ncols=True) as bar:
        yield lambda step: _move(bar, sizes, paths, step)


def _move(bar: tqdm[Never], sizes: dict[Path, int], paths: Sequence[Path], step: LoadStep) -> None:
    done = sum(sizes[path] for path in paths[: paths.index(step.path)])
    bar.set_postfix(papers=f"{step.records:,}", refresh=False)
    bar.update(done + step.bytes_read - bar.n)
