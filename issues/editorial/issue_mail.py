"""What an editor is told about the mail of an issue, as far as this app knows it."""

from __future__ import annotations

from issues.models import Issue


class IssueMail:
    """Knows nothing, for issues do not know who mails them. The app that does gives the issue's admin a better one."""

    def audience(self, issue: Issue) -> int | None:
        """How many people it would be mailed to; None where that is not known."""
        return None

    def progress_page(self, issue: Issue) -> str:
        """The address at which its mailing is watched; empty where there is none yet."""
        return ""

    def hindrance(self) -> str:
        """Why no mail can leave at all; empty where it can."""
        return ""
