"""A real Chromium for what a person clicks: Debian's, or the one that CHROMIUM names."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
PATIENCE = 30_000  # milliseconds: a busy machine is slow, not wrong
INSTALL = "apt-get install -y chromium"
# What a test machine wants of it: no sandbox as root, and no request but the page's own.
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    """Skipped, with the one line that installs it, where there is no Chromium; a failure where CI=true."""
    if not CHROMIUM.exists():
        missing = f"There is no {CHROMIUM}; install it with `{INSTALL}`, or name one with CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        # Playwright's loop runs in this thread, and Django would refuse to ask the database in it.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    """A fresh page of 1280 pixels; an error of its scripts or of its Content-Security-Policy fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if line.type == "error" and "Security Policy" in line.text else None,
    )
    yield page
    context.close()
    assert faults == []
