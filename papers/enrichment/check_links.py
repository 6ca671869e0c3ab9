"""Whether the links of papers still lead somewhere: about once a week, one at a time, and politely to each host."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Problem, Report
from core.concurrency.advisory_locks import alone_at
from core.site import VERSION
from papers.enrichment.url_probe import PUBLIC_PORTS, AllowedPorts, LinkVerdict, ProbeOutcome, probe_url
from papers.models import PaperLink

log = logging.getLogger(__name__)

HOST_DELAY: Final = 2.0  # seconds between two questions to one host
# Where so many hosts and more do not answer, and none does, it is this machine that is cut off.
CUT_OFF: Final = 5
_COUNTS: Final = ("alive", "failing", "dead", "untold")


@dataclass(slots=True)
class _Visits:
    """When each host was last asked in this run."""

    clock: Clock
    asked: dict[str, datetime] = field(default_factory=dict)

    def wait_for(self, host: str) -> None:
        if host in self.asked:
            wait = HOST_DELAY - (self.clock.now() - self.asked[host]).total_seconds()
            if wait > 0:
                self.clock.sleep(min(wait, HOST_DELAY))
        self.asked[host] = self.clock.now()


def check_links(links: Sequence[int], *, clock: Clock = REAL_CLOCK, doors: AllowedPorts = PUBLIC_PORTS) -> Report:
    """Checks those of these links (primary keys) that are due, in their order. Safe to repeat; one run at a time.

    Counts: alive, failing, dead, untold. `doors` says where may be connected to: only tests let anything else in.
    """
    with alone_at("link checking") as is_ours:
        found = _found(links, clock, doors) if is_ours else []
    if _is_cut_off(found):
        what = gettext("None of %d hosts answered, so nothing is said of their links: is this machine cut off?")
        return Report(dict.fromkeys(_COUNTS, 0), (Problem("links", what % len(_hosts(found))),))
    counts = Counter(_write(link, verdict, clock.now()) for link, verdict in found)
    log.info("links.checked %s", " ".join(f"{name}={counts[name]}" for name in _COUNTS))
    return Report({name: counts[name] for name in _COUNTS})


def _found(links: Sequence[int], clock: Clock, doors: AllowedPorts) -> list[tuple[PaperLink, LinkVerdict]]:
    visits, found = _Visits(clock), []
    known = PaperLink.objects.in_bulk(links)
    for link in (known[key] for key in links if key in known):
        if PaperLink.objects.claim(link, clock.now()):
            visits.wait_for(_host(link))
            found.append((link, probe_url(link.url, _agent(), doors)))
    return found


def _agent() -> str:
    said = f"llmwatch/{VERSION} (+{settings.ARXIV_CONTACT}; checks its links once a week)"
    return "".join(char for char in said if " " <= char <= "~")


def _host(link: PaperLink) -> str:
    return urlsplit(link.url).netloc.lower()


def _hosts(found: Sequence[tuple[PaperLink, LinkVerdict]]) -> set[str]:
    return {_host(link) for link, _ in found}


def _is_cut_off(found: Sequence[tuple[PaperLink, LinkVerdict]]) -> bool:
    return len(_hosts(found)) >= CUT_OFF and not any(verdict.reached for _, verdict in found)


def _write(link: PaperLink, verdict: LinkVerdict, now: datetime) -> str:
    """The word under which it is counted."""
    match verdict.outcome:
        case ProbeOutcome.ALIVE:
            link.answered(now)
        case ProbeOutcome.UNTOLD:
            link.stayed_untold(now, verdict.fault)
            return "untold"
        case _:
            link.failed(now, verdict.fault, gone=verdict.outcome is ProbeOutcome.GONE)
    if link.is_dead:
        return "dead"
    return "alive" if link.state == PaperLink.State.ALIVE else "failing"
