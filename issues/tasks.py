"""Slices of what is due about the papers in issues; what is lost, the next tick hands out again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from celery import shared_task

import papers.enrichment.check_links
from core.command_reports import Problem
from core.concurrency import dispatch
from issues.coverage import link_health
from papers.enrichment import huggingface

log = logging.getLogger(__name__)

_SLICE = 10  # links, or papers, that one task takes


@shared_task
def check_links(links: Sequence[int]) -> None:
    for problem in papers.enrichment.check_links.check_links(links).problems:
        log.warning("links.problem where=%s what=%s", problem.where, problem.what)


@shared_task
def ask_hugging_face(papers: Sequence[int]) -> None:
    for problem in huggingface.ask_hugging_face(papers).problems:
        log.warning("huggingface.problem paper=%s what=%s", problem.where, problem.what)


def dispatch_due(now: datetime) -> tuple[Problem, ...]:
    """A slice of the links to check and of the papers to ask Hugging Face about, for a worker."""
    links = list(link_health.links_worth_checking().due(now).values_list("pk", flat=True)[:_SLICE])
    huggingface.lower_if_unasked()
    due = huggingface.due_papers(link_health.papers_of_interest(now), now) if huggingface.is_asked() else None
    papers = list(due.values_list("pk", flat=True)[:_SLICE]) if due is not None else []
    work = [(task, (keys,)) for task, keys in ((check_links, links), (ask_hugging_face, papers)) if keys]
    return dispatch.dispatch(work, "links wait for their check")
