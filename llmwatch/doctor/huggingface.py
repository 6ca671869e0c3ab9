"""May Hugging Face be asked, and does it answer?"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import OperationalError

from core.clock import Clock
from core.models import RateLimit
from llmwatch.doctor import arxiv, probe
from llmwatch.doctor.finding import Finding, error, ok, warning
from papers.enrichment import huggingface


def check_rate_limit(clock: Clock) -> Iterator[Finding]:
    if not huggingface.is_asked():
        yield ok("huggingface", "HF_API_URL is set to nothing: it is never asked.")
        return
    lane = RateLimit.objects.filter(name=huggingface.RATE_LIMIT_NAME, closed_until__gt=clock.now()).first()
    yield arxiv.judge_rate_limit("huggingface.road", "Hugging Face", lane)


def check_address(clock: Clock) -> Iterator[Finding]:
    closed = RateLimit.objects.filter(name=huggingface.RATE_LIMIT_NAME, closed_until__gt=clock.now()).exists()
    if closed or not huggingface.is_asked():
        return
    page = f"{settings.HF_API_URL}/papers/2509.02208"
    mend = "Let this machine reach it by https, mend HF_API_URL, or set it to nothing."
    try:
        answer = probe.ask_address(page, lane=huggingface.RATE_LIMIT_NAME, delay=huggingface.REQUEST_DELAY, clock=clock)
    except OperationalError:
        yield warning("huggingface", "Another process is at Hugging Face just now.", "Ask again in a minute.")
    except probe.NoAnswer as fault:
        yield error("huggingface", f"It does not answer: {fault}.", mend)
    else:
        is_well = answer.status in {200, 404}
        yield (
            ok("huggingface", "It answers.")
            if is_well
            else warning("huggingface", f"It answers HTTP {answer.status}.", mend)
        )
