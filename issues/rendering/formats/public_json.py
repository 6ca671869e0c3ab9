"""Document → the public JSON of an issue, as `/p/<slug>.json` and the export give it. Pure."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from issues.document.json_form import to_json
from issues.document.values import Document
from issues.rendering.formats.markdown_blocks import picture_address
from issues.rendering.page.cover import cover_of

HEAD_FIELDS = ("title", "subtitle", "slug", "number", "series", "series_name", "authors", "access")


def to_public_json(document: Document, published_at: datetime | None) -> dict[str, Any]:
    """What contract.md promises, and more where a block has more; texts are Markdown, pictures have their address."""
    data = to_json(document)
    head = {name: data[name] for name in HEAD_FIELDS}
    published = published_at.isoformat() if published_at else None
    return {**head, "cover": _cover(document), "published_at": published, "blocks": list(map(_block, data["blocks"]))}


def _cover(document: Document) -> dict[str, Any] | None:
    return asdict(cover) if (cover := cover_of(document)) else None


def _block(block: dict[str, Any]) -> dict[str, Any]:
    return {**block, "src": picture_address(block["src"])} if block["kind"] == "figure" else block
