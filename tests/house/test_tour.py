"""The tour and its pictures: none is missing, none is left over, none is heavy. `make tour` takes them."""

import re

from tests.data import ROOT

PICTURES = ROOT / "docs" / "tour"
MOST = 120_000  # bytes of one picture
MOST_IN_ALL = 2_100_000


def named(document: str, prefix: str) -> set[str]:
    return set(re.findall(rf'(?:src="|\()(?:{prefix})([\w-]+\.webp)', (ROOT / document).read_text()))


def test_every_picture_stands_in_the_tour_and_every_one_named_there_exists() -> None:
    assert named("docs/tour.md", "tour/") == {path.name for path in PICTURES.iterdir()}


def test_every_picture_in_the_readme_exists() -> None:
    pictures = named("README.md", "docs/tour/")
    assert len(pictures) >= 2
    assert all((PICTURES / name).is_file() for name in pictures)


def test_every_picture_says_what_it_shows() -> None:
    tags = re.findall(r"<img [^>]+>", (ROOT / "docs/tour.md").read_text())
    assert tags
    assert all(re.search(r' alt="[^"]{8,}"', tag) for tag in tags)


def test_pictures_are_light() -> None:
    sizes = [path.stat().st_size for path in PICTURES.iterdir()]
    assert max(sizes) <= MOST
    assert sum(sizes) <= MOST_IN_ALL
