"""An issue's rows ⇄ its document: `read` gives the value that everything is rendered from, `write` brings one in."""

from issues.composing.ledger import DoesNotFit, WriteCounts
from issues.composing.reading import read
from issues.composing.writing import write

__all__ = ["DoesNotFit", "WriteCounts", "read", "write"]
