"""Do the links of published issues still lead somewhere? As their last checks found."""

from __future__ import annotations

from collections.abc import Iterator

from core.clock import Clock
from issues.coverage.link_health import dead_links
from llmwatch.doctor.finding import Finding, ok, warning


def check_links(clock: Clock) -> Iterator[Finding]:
    dead = dead_links()
    if dead:
        said = f"Dead links of papers in published issues: {len(dead)}; the first is {dead[0].link.url}."
        yield warning("links", said, "Mend them on the papers' pages; the desk lists them.")
    else:
        yield ok("links", "No link of a paper in a published issue is known to be dead.")
