"""Records as a parser hands them on, made to order."""

from datetime import UTC, datetime
from typing import Any

from papers.arxiv.records import PaperRecord
from papers.enrichment.extract_links import FoundLink

FIRST = datetime(2025, 9, 3, 17, 0, tzinfo=UTC)
SECOND = datetime(2025, 10, 1, 9, 30, tzinfo=UTC)
CODE = FoundLink("code", "https://github.com/bingreeky/AgenTracer", "abstract")


def make_record(arxiv_id: str = "2509.03312", version: int | None = 1, **fields: Any) -> PaperRecord:
    """What the query API says of the first version; with `version=None` and `source="corpus"` a line of a bulk file."""
    defaults: dict[str, Any] = {
        "title": "AgenTracer",
        "abstract": "Our own words.",
        "authors": ("Guibin Zhang", "Junhao Wang"),
        "categories": ("cs.CL", "cs.MA"),
        "source": "atom",
    }
    if fields.get("source", "atom") == "atom":
        defaults |= {"submitted": FIRST, "updated": SECOND if (version or 1) > 1 else FIRST}
    return PaperRecord(arxiv_id=arxiv_id, version=version, **{**defaults, **fields})
