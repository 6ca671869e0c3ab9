"""The sample issue: our own words about real papers. `load()` brings it into an empty database and publishes it."""

from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

FOLDER = Path(__file__).resolve().parent
SLUG = "eight-papers-that-gave-the-language-model-its-shape"


def load() -> None:
    """Safe twice: what is there already stays as it is."""
    from issues.importing import import_issue
    from papers.loading import load as load_papers

    _copy_pictures()
    load_papers([FOLDER / "papers.jsonl"])
    import_issue(FOLDER / "issue.md", publish=True)


def _copy_pictures() -> None:
    for picture in sorted((FOLDER / "figures").glob("*.*")):
        name = f"figures/{picture.name}"
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(picture.read_bytes()))
