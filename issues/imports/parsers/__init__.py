"""Files → drafts of issues. Pure: what a file says, before anything is looked up or written."""

from issues.imports.parsers.draft import BadIssue, Draft
from issues.imports.parsers.markdown import parse_markdown
from issues.imports.parsers.text import parse_text

__all__ = ["BadIssue", "Draft", "parse_markdown", "parse_text"]
