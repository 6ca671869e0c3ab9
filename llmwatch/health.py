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

MAX_WAIT = 2.0  # seconds that the broker may take to answer


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 names what does not answer."""
    missing = [name for name, answers in READY_CHECKS.items() if not answers()]
    lines = [f"{name} does not answer\n" for name in missing] or ["ok\n"]
    return HttpResponse("".join(lines), status=503 if missing else 200, content_type="text/plain")


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
