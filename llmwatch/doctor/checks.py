"""The checks in the order of what rests on what: without a database nothing else can be said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import Error as DatabaseError

from core.clock import REAL_CLOCK, Clock
from llmwatch.doctor import (
    arxiv,
    bounce_mailbox,
    broker,
    clock_check,
    database,
    huggingface,
    links,
    settings_check,
    smtp_check,
    throughput,
)
from llmwatch.doctor.dns import checks
from llmwatch.doctor.finding import Finding, FindingLevel, error

_Check = Callable[[Clock], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class _Examination:
    """`name` of what is looked at; `outside` where it asks arXiv, Hugging Face or name servers."""

    name: str
    check: _Check
    outside: bool = False
    needs_database: bool = True


ALL_CHECKS: Final = (
    _Examination("settings", settings_check.settings_that_are_risky, needs_database=False),
    _Examination("database", database.check_database, needs_database=False),
    _Examination("broker", broker.check_broker, needs_database=False),
    _Examination("beat", broker.last_tick),
    _Examination("clock", clock_check.check_clocks),
    _Examination("mail", smtp_check.check_connection, needs_database=False),
    _Examination("mail", bounce_mailbox.check_mailbox, needs_database=False),
    _Examination("mail", bounce_mailbox.check_bounces),
    _Examination("mail", throughput.check_throughput),
    _Examination("dns", checks.check_dns, outside=True),
    _Examination("arxiv", arxiv.check_rate_limit),
    _Examination("arxiv", arxiv.check_pulls),
    _Examination("arxiv", arxiv.check_addresses, outside=True),
    _Examination("huggingface", huggingface.check_rate_limit),
    _Examination("huggingface", huggingface.check_address, outside=True),
    _Examination("links", links.check_links),
)


def run_checks(clock: Clock = REAL_CLOCK, *, offline: bool = False) -> Iterator[Finding]:
    """One finding after the other, each within about ten seconds; `offline` asks nobody outside."""
    has_database = True
    for one in ALL_CHECKS:
        if (offline and one.outside) or (one.needs_database and not has_database):
            continue
        try:
            for found in one.check(clock):
                has_database = has_database and (found.name, found.level) != (
                    database.ANSWERS_CHECK,
                    FindingLevel.ERROR,
                )
                yield found
        except DatabaseError as fault:
            said = str(fault).strip().partition("\n")[0]
            yield error(one.name, f"It cannot be told: {said}.", "Mend what is said of the database first.")
