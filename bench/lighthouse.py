"""Lighthouse and axe-core on the pages that strangers see first, as production serves them: nginx before gunicorn.
The tools come from npm into var/, once.

    python bench/lighthouse.py [--runs 3]    needs Chromium, nginx and npm: apt-get install -y chromium nginx-light npm
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.pages import gunicorn  # noqa: E402
from llmwatch import devservers  # noqa: E402
from tests.browser.conftest import ARGUMENTS, CHROMIUM  # noqa: E402
from tests.embedded_plugin import DEFAULTS  # noqa: E402
from tests.servers.nginx import NGINX, serving  # noqa: E402

TOOLS = ("lighthouse@13.5.0", "axe-core@4.14.1")
MODULES = ROOT / "var" / "npm" / "node_modules"
PAGES = {
    "home": "/",
    "issue": "/p/eight-papers-that-gave-the-language-model-its-shape/",
    "paper": "/papers/1706.03762/",
    "glossary term": "/glossary/attention/",
}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
DEVICES = {"mobile": [], "desktop": ["--preset=desktop"]}
WIDTHS = {"mobile": 390, "desktop": 1280}
GOAL = 100
ATTEMPTS = 3


def install() -> None:
    """Both tools below var/, once; nothing of theirs comes into the repository."""
    if not all((MODULES / tool.partition("@")[0]).exists() for tool in TOOLS):
        print(f"Installing {' and '.join(TOOLS)} below {MODULES.parent} ...")
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"]
        subprocess.run(["npm", "install", "--prefix", MODULES.parent, *quiet, *TOOLS], check=True)


@contextmanager
def site() -> Iterator[str]:
    """The address of the sample issue's site, in a database of its own."""
    temporary = tempfile.TemporaryDirectory(prefix="llmwatch-bench-", dir="/tmp")
    with temporary as folder, devservers.start_servers(Path(folder), durable=False) as servers:
        addresses = {"DATABASE_URL": servers.addresses.database_url, "REDIS_URL": servers.addresses.redis_url}
        mine = {"DJANGO_SETTINGS_MODULE": "llmwatch.settings", "MEDIA_ROOT": f"{folder}/pictures", "PAGE_CACHE": "1"}
        os.environ.update(DEFAULTS | addresses | mine)
        fill()
        with gunicorn("llmwatch.wsgi") as app, serving(app) as (edge, media):
            shutil.copytree(f"{folder}/pictures", media, dirs_exist_ok=True)
            for path in PAGES.values():
                edge.get(path, timeout=60).raise_for_status()
            yield str(edge.base_url).rstrip("/")


def fill() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from llmwatch.demo import sample

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    sample.load_files()


def lighthouse(url: str, device: str) -> tuple[dict[str, int], list[str]]:
    """The four scores, and what cost points where one misses the goal."""
    command = ["node", str(MODULES / "lighthouse" / "cli" / "index.js"), url, "--output=json", "--quiet"]
    browser = f"--chrome-flags=--headless=new {' '.join(ARGUMENTS)}"
    categories = f"--only-categories={','.join(CATEGORIES)}"
    report = json.loads(answer([*command, categories, browser, *DEVICES[device]]))
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}
    return scores, [fault for name in CATEGORIES if scores[name] < GOAL for fault in faults(report, name)]


def answer(command: list[str]) -> str:
    """What it says; on a busy machine it misses its own browser now and then, so it may try again."""
    for _ in range(ATTEMPTS):
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=os.environ | {"CHROME_PATH": str(CHROMIUM)}
        )
        if done.returncode == 0:
            return done.stdout
    raise SystemExit(f"Lighthouse failed {ATTEMPTS} times:\n{done.stderr}")


def faults(report: dict[str, Any], category: str) -> Iterator[str]:
    for counted in report["categories"][category]["auditRefs"]:
        audit = report["audits"][counted["id"]]
        if counted["weight"] and audit["score"] is not None and audit["score"] < 1:
            yield f"{audit['title']} ({audit.get('displayValue', audit['score'])})"


def scored(url: str, device: str, runs: int) -> tuple[dict[str, int], list[str]]:
    """The median of each score: what else the machine does costs points, too. And what cost points in any run."""
    taken = [lighthouse(url, device) for _ in range(runs)]
    scores = {name: round(statistics.median(scores[name] for scores, _ in taken)) for name in CATEGORIES}
    return scores, sorted({fault for _, found in taken for fault in found})


def axe(browser: Browser, url: str, device: str, scheme: str) -> list[str]:
    """What axe-core finds: every rule that it has, the experimental ones left out as it does by itself."""
    page = browser.new_page(
        viewport={"width": WIDTHS[device], "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )
    page.goto(url)
    page.add_script_tag(path=MODULES / "axe-core" / "axe.min.js")
    found = page.evaluate("async () => (await axe.run()).violations")
    page.close()
    return [f"{rule['id']}: {rule['help']} ({rule['nodes'][0]['html'][:100]})" for rule in found]


def measure_axe(url: str) -> int:
    """Prints what it finds; how many faults."""
    count = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        for name, path in PAGES.items():
            found = {
                f"{device} {scheme}": axe(browser, url + path, device, scheme)
                for device in WIDTHS
                for scheme in ("light", "dark")
            }
            print(f"{name:<14}", "  ".join(f"{where} {len(what)}" for where, what in found.items()))
            for where, what in found.items():
                print(*(f"    {where}: {fault}" for fault in what), sep="\n", end="\n" if what else "")
            count += sum(len(what) for what in found.values())
        browser.close()
    return count


def measure_lighthouse(url: str, runs: int) -> int:
    """Prints the scores; how many miss the goal."""
    missed = 0
    print(f"{'':<24}" + "".join(f"{name:>16}" for name in CATEGORIES))
    for name, path in PAGES.items():
        for device in DEVICES:
            scores, why = scored(url + path, device, runs)
            print(f"{name:<14}{device:<10}" + "".join(f"{scores[category]:>16}" for category in CATEGORIES))
            print(*(f"    {fault}" for fault in why), sep="\n", end="\n" if why else "")
            missed += sum(score < GOAL for score in scores.values())
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of Lighthouse for each page and device; the median counts")
    options = parser.parse_args()
    if not NGINX or not CHROMIUM.exists() or not shutil.which("npm"):
        print("chromium, nginx or npm is missing: apt-get install -y chromium nginx-light npm")
        return 2
    install()
    with site() as url:
        print("axe-core, findings")
        found = measure_axe(url)
        print("Lighthouse, scores")
        missed = measure_lighthouse(url, options.runs)
    print(f"axe-core: {found} findings (goal 0); Lighthouse: {missed} scores below {GOAL} (goal 0)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
