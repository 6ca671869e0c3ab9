"""A category's feed, pulled at any time."""

from llmwatch.lib.reports import Report
from llmwatch.lib.timing import Clock
from papers import announcements, road
from papers.arxiv.retries import ArxivRefused
from papers.rounds import Round


def pull_announcements(category: str, *, clock: Clock) -> Report:
    """As `pull_arxiv --watch` does it for each category of a watch."""
    run = Round(clock)
    with road.travelling(clock) as polite:
        try:
            announcements.read(polite, category, run)
        except ArxivRefused as refusal:
            run.fail(category, f"{refusal}.")
    return run.report()
