"""Whether the site is alive, and whether what it stands on answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

from core.alarms import TICK_ALARMS
from core.models import Alarm

MAX_WAIT = 2.0  # seconds that the broker may take to answer


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 names what does not answer. A job of the clock that fails is named as well, and the site is ready with it."""
    missing = [name for name, answers in READY_CHECKS.items() if not answers()]
    lines = [f"{name} does not answer\n" for name in missing] or ["ok\n", *_failing_jobs()]
    return HttpResponse("".join(lines), status=503 if missing else 200, content_type="text/plain")


def _failing_jobs() -> list[str]:
    """The one that failed last is first. Only names: anybody may read this page."""
    alarms = Alarm.objects.standing().filter(key__startswith=TICK_ALARMS).order_by("-raised", "-pk")
    return [
        f"job {alarm.key.removeprefix(TICK_ALARMS)} fails since {alarm.raised:%Y-%m-%d %H:%M} UTC\n" for alarm in alarms
    ]


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_answers() -> bool:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=MAX_WAIT, socket_connect_timeout=MAX_WAIT) as broker:
            return bool(broker.ping())
    except (RedisError, OSError):
        return False


READY_CHECKS: Mapping[str, Callable[[], bool]] = {"database": database_answers, "broker": broker_answers}
