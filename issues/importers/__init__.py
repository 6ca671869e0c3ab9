"""Files → drafts of issues. Pure: what a file says, before anything is looked up or written."""

from issues.importers.draft import BadIssue, Draft
from issues.importers.markdown import parse_markdown
from issues.importers.text import parse_text

__all__ = ["BadIssue", "Draft", "parse_markdown", "parse_text"]
