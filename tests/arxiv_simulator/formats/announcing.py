"""A category's feed, pulled at any time."""

from core.clock import Clock
from core.command_reports import Report
from papers.arxiv.polite_http import ArxivRefused
from papers.ingest import arxiv_gateway, feeds
from papers.ingest.run import IngestRun


def pull_announcements(category: str, *, clock: Clock) -> Report:
    """As `pull_arxiv --watch` does it for each category of a watch."""
    run = IngestRun(clock)
    with arxiv_gateway.open_gateway(clock) as polite:
        try:
            feeds.read_feed(polite, category, run)
        except ArxivRefused as refusal:
            run.fail(category, f"{refusal}.")
    return run.report()
