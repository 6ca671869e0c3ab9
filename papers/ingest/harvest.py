"""A set of arXiv day by day over OAI-PMH: each page's papers are kept together with how far we are."""

import logging
import re
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Problem, Refused, Report
from core.concurrency.advisory_locks import alone_at
from papers.arxiv.oai_client import METADATA_FORMATS, OaiAnswer, OaiClient, Window
from papers.arxiv.oai_parser import OaiError, OaiPage
from papers.arxiv.polite_http import ArxivRefused, ArxivUnavailable
from papers.ingest import arxiv_gateway, store_page
from papers.ingest.run import IngestRun, RoadEnds, RunStep, TellStep, open_oai_client
from papers.ingest.store_page import FetchedPage
from papers.models import Pull
from papers.models.pull import REST_KEY

__all__ = ["RunStep", "harvest_set", "harvest_window"]
log = logging.getLogger(__name__)

_EARLIEST: Final = date(2005, 9, 16)  # arXiv's records have no earlier datestamp
MOST_PAGES: Final = 2_000
GO_ON: Final = "Run the same again later: it goes on from here."
OUT_OF_TIME: Final = "The time of this round was over; the next one goes on from here."
_SET = re.compile(r"[a-z][a-z-]{1,15}(?::[a-z][a-z-]{0,15}(?::[A-Za-z][A-Za-z-]{0,15})?)?", re.ASCII)


def harvest_set(
    set_spec: str,
    first: date,
    last: date,
    form: str = "arXivRaw",
    *,
    progress: TellStep = lambda _: None,
    clock: Clock = REAL_CLOCK,
) -> Report:
    """Every record of the set that changed on these UTC days. Run again, it goes on where it stopped.

    Counts: new, updated, unchanged, missing (deleted at arXiv), failed, pages. Raises Refused.
    """
    windows = _windows(set_spec, first, last, form, clock.now())
    run = IngestRun(clock, progress)
    with arxiv_gateway.open_gateway(clock) as polite:
        client = open_oai_client(polite)
        for window in windows:
            try:
                harvest_window(client, window, run)
            except (ArxivRefused, ArxivUnavailable, RoadEnds) as fault:
                run.fail(window, str(fault) if isinstance(fault, RoadEnds) else f"{fault}. {GO_ON}")
                break
    log.info("arxiv.harvest set=%s %s", set_spec, " ".join(f"{name}={n}" for name, n in run.counts.items()))
    return run.report("pages")


def _windows(set_spec: str, first: date, last: date, form: str, now: datetime) -> list[Window]:
    """Only days that are over: on a day that is not, records come and go between two pages."""
    if not _SET.fullmatch(set_spec):
        raise Refused(f"“{set_spec[:60]}” is no set of arXiv; write it like cs, cs:cs:CL or physics:hep-th.")
    if form not in METADATA_FORMATS:
        raise Refused(f"“{form[:20]}” is not read; write {' or '.join(METADATA_FORMATS)}.")
    if first < _EARLIEST:
        raise Refused(f"arXiv's records begin on {_EARLIEST}; --from is {first}.")
    if last < first:
        raise Refused(f"--until ({last}) is before --from ({first}).")
    if last >= now.astimezone(UTC).date():
        raise Refused(f"--until ({last}) must be before today (UTC): arXiv may still be changing that day's records.")
    return [Window(set_spec, first + timedelta(days=n), form) for n in range((last - first).days + 1)]


def harvest_window(client: OaiClient, window: Window, run: IngestRun, *, since: datetime | None = None) -> None:
    """All of the window, unless a pull has brought it that was begun at `since` or later (else: when its day was over).

    Raises ArxivRefused, ArxivUnavailable (both leave it pending) and RoadEnds.
    """
    with alone_at(f"harvest:{window.set_spec}:{window.day}:{window.form}") as is_ours:
        if not is_ours:
            run.fail(window, "another process is harvesting this day.")
            return
        pull = _taken_up(window, run.clock, since)
        if pull is None:
            return
        try:
            _go_through(client, window, pull, run)
        except (ArxivRefused, ArxivUnavailable) as fault:
            pull.stop(Pull.Outcome.PENDING, str(fault), resume_at=run.clock.now() + REST_KEY)
            raise
        except OaiError as error:
            pull.stop(Pull.Outcome.REFUSED, f"{error.code}: {error}")
            raise RoadEnds(f"arXiv refuses the question ({error.code}): {error}") from error


def _taken_up(window: Window, clock: Clock, since: datetime | None) -> Pull | None:
    """The pull to go on with, else a new one; None where none was left and all of the window is here."""
    of_window: dict[str, Any] = {
        "source": Pull.Source.OAI,
        "set_spec": window.set_spec,
        "day": window.day,
        "form": window.form,
    }
    known = Pull.objects.answered().filter(started__gte=since) if since else Pull.objects.whole()
    pull = Pull.objects.unfinished().filter(**of_window).first()
    if pull is None and known.filter(**of_window).exists():
        return None
    pull = pull or Pull.objects.create(**of_window, started=clock.now())
    pull.take_up(clock=clock)
    return pull


def _go_through(client: OaiClient, window: Window, pull: Pull, run: IngestRun) -> None:
    may_begin_anew = True
    while pull.is_unfinished:
        started = time.monotonic()
        try:
            fetched = client.following(window, pull.token) if pull.token else client.first(window)
        except OaiError as error:
            if error.code != "badResumptionToken":
                raise
            if not may_begin_anew:
                raise ArxivUnavailable(f"arXiv does not take its own token: {error}") from error
            may_begin_anew = False
            pull.begin_anew(clock=run.clock)
            continue
        _keep(fetched, pull, run, started)
        if pull.is_unfinished and not run.may_go_on:
            pull.stop(Pull.Outcome.PENDING, OUT_OF_TIME)
            return


def _keep(fetched: OaiAnswer, pull: Pull, run: IngestRun, started: float) -> None:
    """The papers and the checkpoint, or neither. Raises ArxivUnavailable where the pages do not add up."""
    page = fetched.page
    _require_progress(pull, page, run.clock)
    problems = tuple(Problem(problem.id or str(pull), problem.sentence) for problem in page.problems)
    records = [record.paper for record in page.records]
    store_page.store_page(
        FetchedPage(records, fetched.sha256, started, problems, len(page.deleted), page.token), pull, run
    )


def _require_progress(pull: Pull, page: OaiPage, clock: Clock) -> None:
    """Raises ArxivUnavailable where the pages do not add up: then the window is begun anew next time."""
    fault = _fault(pull, page)
    if fault:
        pull.begin_anew(clock=clock)
        raise ArxivUnavailable(fault)


def _fault(pull: Pull, page: OaiPage) -> str:
    seen = pull.records + page.size
    if pull.pages >= MOST_PAGES:
        return f"more than {MOST_PAGES:,} pages for one day"
    if pull.token and page.size == 0:
        return "arXiv has nothing left though its token promised more"
    if page.token == "" and page.list_size is not None and page.list_size != seen:
        return f"arXiv counted {page.list_size:,} records and sent {seen:,}"
    return ""
