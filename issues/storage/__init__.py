"""An issue's rows and its document: everything is rendered from the value that `load_document` gives."""

from issues.storage.load import load_document
from issues.storage.save import save_document
from issues.storage.write_counts import DoesNotFit, WriteCounts

__all__ = ["DoesNotFit", "WriteCounts", "load_document", "save_document"]
