"""The pictures of docs/tour.md: a demo is started from a copy of the sources, walked through in Chromium, and stopped.

    python docs/make_tour.py [--only NAME...]        needs Chromium: apt-get install chromium

`make tour` takes all of them, in about two minutes. `--only issue publish` takes the pictures of these stations alone.
"""

import argparse
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "tour"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync".split()
# What a clone does not have.
BESIDE = (".git", ".venv", "var", "media", "static_root", "__pycache__", ".*_cache", ".hypothesis", "node_modules")
OURS = ("DATABASE_URL", "REDIS_URL", "SITE_URL", "EMAIL_URL", "MEDIA_ROOT", "PAGE_CACHE", "SECRET_KEY", "ADDRESS_KEY")
HEIGHT = 1600  # pixels; of a longer page its beginning is shown
QUALITY = 62  # of the WebP
A4 = (794, 1123)  # pixels at 96 an inch
MARGIN = (60, 68)  # the @page margins of the style sheet: 1.6 and 1.8 cm

# What the first sheet of paper has no room for goes on the next one, with the heading above it.
NEXT_SHEET = """() => {
  const pieces = [...document.querySelectorAll("main :is(h2, h3, p, li, dt, dd, tr, figure)")].reverse();
  let below = false;
  for (const piece of pieces) {
    const goes = piece.getBoundingClientRect().bottom > innerHeight || (below && /^H/.test(piece.tagName));
    if (goes) piece.style.visibility = "hidden";
    below = goes;
  }
}"""

ISSUE = "/p/eight-papers-that-gave-the-language-model-its-shape/"
DRAFT = """---
title: Three Papers That Made Models Smaller
slug: three-papers-that-made-models-smaller
number: 2
series: from-the-archive
mail_subject: Three papers that made models smaller
preheader: Distillation, subwords, and what a student keeps of its teacher
---

Welcome back. This week is about thrift: three old answers to the question how much of a model is needed.

## Distilling the Knowledge in a Neural Network ([paper](https://arxiv.org/abs/1503.02531))

### What problem does it solve?

An ensemble is better than each of its members and far too slow to be used.

### How does it solve the problem?

A small network learns from the wrong answers of the large ones, too: how wrong each of them is says a lot.

## Neural Machine Translation of Rare Words with Subword Units ([paper](https://arxiv.org/abs/1508.07909))

A vocabulary of pieces is smaller than one of words, and knows more of them.

## Wrap-Up

Most of what is left out is not missed.
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """Where it runs, and the key to its admin."""

    url: str
    password: str


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    name: str
    width: int
    scheme: str = "light"
    on_paper: bool = False


WIDE, NARROW, PRINTED = Look("1280", 1280), Look("390", 390), Look("print", A4[0] - 2 * MARGIN[0], on_paper=True)
DARK = (Look("1280-dark", 1280, "dark"), Look("390-dark", 390, "dark"))
SCREENS = (WIDE, NARROW, *DARK)
EVERY = (*SCREENS, PRINTED)


@dataclass(frozen=True, slots=True)
class Station:
    """A page of the tour: its address, what is done there before the picture is taken, and how it is looked at."""

    name: str
    path: str
    looks: tuple[Look, ...] = EVERY
    walk: Callable[[Page], object] = lambda page: None
    whole: bool = True  # False: what a window shows


def hover_a_term(page: Page) -> None:
    term = page.locator(".highlight .term").first
    term.evaluate("term => window.scrollTo(0, term.getBoundingClientRect().top + window.scrollY - 320)")
    term.locator("a").hover()
    page.locator(".term:hover [role=tooltip]").wait_for()


def open_the_draft(page: Page) -> None:
    page.get_by_role("link", name="Three Papers That Made Models Smaller").first.click()
    page.locator(".order-machine .inline-related").first.wait_for()
    page.locator(".order-machine").evaluate("machine => window.scrollTo(0, machine.getBoundingClientRect().top - 60)")


def plan_with_mail(page: Page) -> None:
    open_the_draft(page)
    page.goto(re.sub(r"change/$", "publish/", page.url))
    page.get_by_label("on the web and by mail").check()
    page.get_by_role("button", name="Continue").click()
    page.locator(".outcome").wait_for()


def open_the_mailing(page: Page) -> None:
    page.locator("#result_list tbody th a").first.click()
    page.locator(".live").wait_for()


def open_the_newest_mail(page: Page) -> None:
    page.locator("main a[href^='/outbox/']").first.click()
    page.frame_locator("iframe.mail").locator("body").wait_for()


STATIONS = (
    Station("paper", "/papers/1706.03762/"),
    Station("edit", "/admin/issues/issue/", SCREENS, open_the_draft, whole=False),
    Station("publish", "/admin/issues/issue/", SCREENS, plan_with_mail),
    Station("home", "/"),
    Station("issue", ISSUE),
    Station("tooltip", ISSUE, SCREENS, hover_a_term, whole=False),
    Station("glossary", "/glossary/"),
    Station("archive", "/issues/"),
    Station("subscribe", "/subscribe/", SCREENS),
    Station("mailing", "/admin/mailings/mailing/", SCREENS, open_the_mailing),
    Station("mail", "/outbox/", SCREENS, open_the_newest_mail),
)


@contextmanager
def demo() -> Iterator[Demo]:
    """A demo of its own, in a copy of the sources, with a draft beside the sample issue; nothing of it stays."""
    folder = Path(tempfile.mkdtemp(prefix="llmwatch-tour-", dir="/tmp"))
    folder.chmod(0o755)  # the servers run as an ordinary user
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*BESIDE), dirs_exist_ok=True)
    command = [sys.executable, "manage.py", "demo", "--port", str(free_port())]
    with subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            started = listen(process)
            bring_in_the_draft(folder)
            yield started
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(folder)


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OURS} | {"DEBUG": "1"}


def free_port() -> int:
    """The demo's own, so that the pictures show the address that readers see; another one where it is taken."""
    for port in (8000, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise SystemExit("There is no free port.")


def listen(process: "subprocess.Popen[str]") -> Demo:
    """Reads what the demo says until it says that it runs."""
    said = ""
    for line in process.stdout or ():
        said += line
        if "Ctrl-C" in line:
            return Demo(*(re.findall(key, said)[0] for key in (r"http://127\.0\.0\.1:\d+", r"password ([\w-]+)\)")))
    raise SystemExit(f"The demo did not start:\n{said}")


def bring_in_the_draft(folder: Path) -> None:
    written = folder / "var" / "draft.md"
    written.write_text(DRAFT)
    command = [sys.executable, "manage.py", "import_issue", str(written)]
    subprocess.run(command, cwd=folder, env=environment(), check=True, stdout=subprocess.DEVNULL)


def sign_in(browser: Browser, demo: Demo) -> list[dict[str, object]]:
    """The cookies of an editor."""
    page = browser.new_page()
    page.goto(f"{demo.url}/admin/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{demo.url}/admin/")
    cookies = [dict(cookie) for cookie in page.context.cookies()]
    page.close()
    return cookies


def take(browser: Browser, demo: Demo, station: Station, look: Look, cookies: list[dict[str, object]]) -> bytes:
    """The picture as PNG."""
    viewport = {"width": look.width, "height": A4[1] - 2 * MARGIN[1] if look.on_paper else 920}
    context = browser.new_context(viewport=viewport, color_scheme=look.scheme, locale="en-GB")  # type: ignore[arg-type]
    if "/admin/" in station.path:
        context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.emulate_media(media="print" if look.on_paper else "screen")
    page.goto(demo.url + station.path)
    station.walk(page)
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready")
    if look.on_paper:
        page.evaluate(NEXT_SHEET)
    picture = page.screenshot(full_page=station.whole and not look.on_paper, animations="disabled")
    context.close()
    return picture


def keep(picture: bytes, path: Path, look: Look) -> None:
    """As WebP: the beginning of a long page, and paper with its margins and an edge."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, HEIGHT)))
    if look.on_paper:
        image = ImageOps.expand(ImageOps.expand(image, MARGIN, "white"), 1, "#bbb")
    image.save(path, "WEBP", quality=QUALITY, method=6)
    print(f"{path.relative_to(ROOT)}  {image.width} x {image.height}  {path.stat().st_size / 1000:.0f} kB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=[station.name for station in STATIONS], default=[])
    wanted = parser.parse_args().only
    if not Path(CHROMIUM).exists():
        print(f"There is no {CHROMIUM}: apt-get install chromium, or name one with CHROMIUM.")
        return 2
    PICTURES.mkdir(exist_ok=True)
    with demo() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        cookies = sign_in(browser, running)
        for station in STATIONS:
            for look in station.looks if not wanted or station.name in wanted else ():
                picture = take(browser, running, station, look, cookies)
                keep(picture, PICTURES / f"{station.name}-{look.name}.webp", look)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
