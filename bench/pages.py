"""Requests a second for the archive with twelve issues, side by side: as a file of nginx, kept by nginx, kept in
Valkey, made each time, and an empty Django view with the same twelve rows.

    python bench/pages.py [--seconds 4] [--rounds 3]        needs nginx and wrk: apt-get install -y nginx-light wrk
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from llmwatch import devservers  # noqa: E402
from tests.embedded_plugin import DEFAULTS  # noqa: E402
from tests.servers.nginx import NGINX, free_port, serving, wait_for  # noqa: E402

PAGE = "/issues/"
GOALS = [
    ("kept by nginx", "a file of nginx", 0.5),
    ("kept in Valkey", "made each time", 5.0),
    ("made each time", "twelve rows alone", 0.3),
]


def fill() -> None:
    """Twelve published issues, and the style sheets as in production (static_root/)."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from issues.editorial import publish
    from issues.models import Text
    from tests.builders import make_issue

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    for number in range(1, 13):
        issue = make_issue(title=f"Papers You Should Know About, number {number}", subtitle="The week in short")
        Text.objects.create(parent=issue, text="What happened this week.")
        publish.publish(issue, now=timezone.now(), mail=False)


@contextmanager
def gunicorn(module: str, **variables: str) -> Iterator[str]:
    """The `host:port` of two workers of this app."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", module, "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    quiet = ["--log-level", "error", "--pythonpath", str(ROOT)]
    with subprocess.Popen([*command, *quiet], cwd=ROOT, env=os.environ | variables) as process:
        try:
            wait_for(port)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def rate(url: str, seconds: int) -> float:
    """Requests a second of eight connections. Raises AssertionError where not all were answered with 200."""
    said = subprocess.run(
        ["wrk", "--threads", "1", "--connections", "8", "--duration", f"{seconds}s", url],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


def measure(seconds: int, rounds: int) -> dict[str, float]:
    """The median of each road, taken in turn so that a noisy machine is noisy for all."""
    with ExitStack() as stack:
        kept = stack.enter_context(gunicorn("llmwatch.wsgi", PAGE_CACHE="1"))
        made = stack.enter_context(gunicorn("llmwatch.wsgi", PAGE_CACHE="0"))
        rows = stack.enter_context(gunicorn("bench._twelve_rows", PAGE_CACHE="0"))
        edge, media = stack.enter_context(serving(made))
        page = edge.get(PAGE, timeout=60)
        (media / "page.html").write_bytes(page.content)
        print(f"{PAGE}: {len(page.content):,} bytes")
        urls = {
            "a file of nginx": f"{edge.base_url}/media/page.html",
            "kept by nginx": f"{edge.base_url}{PAGE}",
            "kept in Valkey": f"http://{kept}{PAGE}",
            "made each time": f"http://{made}{PAGE}",
            "twelve rows alone": f"http://{rows}/twelve-rows/",
        }
        for url in urls.values():
            edge.get(url, timeout=60).raise_for_status()
            rate(url, 1)
        taken = [{name: rate(url, seconds) for name, url in urls.items()} for _ in range(rounds)]
    return {name: statistics.median(round_[name] for round_ in taken) for name in urls}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not NGINX or not shutil.which("wrk"):
        print("nginx or wrk is missing: apt-get install -y nginx-light wrk")
        return 2
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="llmwatch-bench-"))
        servers = stack.enter_context(devservers.start_servers(Path(folder), durable=False))
        addresses = {"DATABASE_URL": servers.addresses.database_url, "REDIS_URL": servers.addresses.redis_url}
        os.environ.update(DEFAULTS | addresses | {"DJANGO_SETTINGS_MODULE": "llmwatch.settings"})
        fill()
        rates = measure(options.seconds, options.rounds)
    for name, value in rates.items():
        print(f"{name:<20} {value:>10,.0f} requests a second")
    for name, other, goal in GOALS:
        ratio = rates[name] / rates[other]
        print(f"{name} / {other}: {ratio:.2f} (goal {goal}) {'ok' if ratio >= goal else 'MISSED'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
