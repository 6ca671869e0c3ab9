"""What a sponsor may be told: in which issues the block ran, how many got it, and how often its links were followed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.utils.text import slugify

from issues.models import Issue, Sponsor
from mailings.models import Mailing, MailLink
from mailings.stats.issue_stats import LinkNumbers, MailingNumbers, numbers_of, with_bars

PUBLIC_KINDS: Final = (Issue.State.PUBLISHED, Issue.State.REMOVED)


@dataclass(frozen=True, slots=True)
class SponsorRun:
    """A sponsor's block in an issue; `numbers` are None where it was not mailed."""

    block: Sponsor
    numbers: MailingNumbers | None
    links: tuple[LinkNumbers, ...]

    @property
    def issue(self) -> Issue:
        return self.block.parent

    @property
    def clicks(self) -> int | None:
        """On its own links; None where no clicks were counted."""
        return sum(row.clicks for row in self.links) if self.links else None


@dataclass(frozen=True, slots=True)
class SponsorReport:
    """The newest run first; `name` is the heading of that one."""

    slug: str
    name: str
    runs: tuple[SponsorRun, ...]

    @property
    def times(self) -> int:
        return len({run.issue.pk for run in self.runs})

    @property
    def delivered(self) -> int:
        return sum({run.issue.pk: run.numbers.delivered.count for run in self.runs if run.numbers}.values())

    @property
    def clicks(self) -> int | None:
        counted = [run.clicks for run in self.runs if run.clicks is not None]
        return sum(counted) if counted else None


def slug_of(block: Sponsor) -> str:
    """The same site is the same sponsor; without an address, the same heading."""
    try:
        host = urlsplit(block.url).hostname or ""
    except ValueError:
        host = ""
    return host.removeprefix("www.") or slugify(block.heading, allow_unicode=True) or str(block.uuid)


def load_reports() -> list[SponsorReport]:
    """Of all sponsors whose block ran in an issue that was published, the last to run first."""
    return _reports(_blocks())


def load_report(slug: str) -> SponsorReport | None:
    return next(iter(_reports(block for block in _blocks() if slug_of(block) == slug)), None)


def _blocks() -> Iterable[Sponsor]:
    blocks = Sponsor.objects.filter(parent__state__in=PUBLIC_KINDS, parent__published_at__isnull=False)
    return blocks.select_related("parent").order_by("-parent__published_at", "-parent", "ordering", "pk")


def _reports(blocks: Iterable[Sponsor]) -> list[SponsorReport]:
    chosen = list(blocks)
    numbers, links = _numbers(chosen), _links(chosen)
    runs: dict[str, list[SponsorRun]] = defaultdict(list)
    for block in chosen:
        of_the_block = tuple(links.get(str(block.uuid), ()))
        runs[slug_of(block)].append(SponsorRun(block, numbers.get(block.parent_id), of_the_block))
    return [SponsorReport(slug, found[0].block.heading, tuple(found)) for slug, found in runs.items()]


def _numbers(blocks: Sequence[Sponsor]) -> Mapping[int, MailingNumbers]:
    """By issue."""
    issues = {block.parent_id for block in blocks}
    mailings = Mailing.objects.filter(issue__in=issues, kind=Mailing.Kind.ISSUE, audience__isnull=False)
    return {found.mailing.issue_id: found for found in numbers_of(mailings.select_related("issue"))}


def _links(blocks: Sequence[Sponsor]) -> Mapping[str, list[LinkNumbers]]:
    """By the UUID of the block."""
    found: dict[str, list[LinkNumbers]] = defaultdict(list)
    uuids = [str(block.uuid) for block in blocks]
    for row in with_bars(MailLink.objects.real().counted().filter(block__in=uuids)):
        found[row.link.block].append(row)
    return found
