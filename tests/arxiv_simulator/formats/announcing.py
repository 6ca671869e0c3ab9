"""A category's feed, pulled at any time."""

from core.clock import Clock
from core.command_reports import Report
from papers.arxiv.polite_http import ArxivRefused
from papers.ingest import arxiv_gateway, feeds
from papers.ingest.run import Round


def pull_announcements(category: str, *, clock: Clock) -> Report:
    """As `pull_arxiv --watch` does it for each category of a watch."""
    run = Round(clock)
    with arxiv_gateway.travelling(clock) as polite:
        try:
            feeds.read(polite, category, run)
        except ArxivRefused as refusal:
            run.fail(category, f"{refusal}.")
    return run.report()
