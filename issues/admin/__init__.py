"""The editor's side of issues: one module a page, each a thin door to the process of its name."""

from issues.admin.decisions import DecisionAdmin
from issues.admin.issue import IssueAdmin
from issues.admin.polls import PollAdmin
from issues.admin.series import SeriesAdmin
from issues.admin.topics import TopicAdmin

__all__ = ["DecisionAdmin", "IssueAdmin", "PollAdmin", "SeriesAdmin", "TopicAdmin"]
