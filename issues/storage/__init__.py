"""An issue's rows ⇄ its document: `read` gives the value that everything is rendered from, `write` brings one in."""

from issues.storage.load import load_document
from issues.storage.save import save_document
from issues.storage.write_counts import DoesNotFit, WriteCounts

__all__ = ["DoesNotFit", "WriteCounts", "read", "write"]
