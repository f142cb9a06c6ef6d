"""`scrapy browse` on a free port, and a browser that looks at it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.crawling import Crawl

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
# a browser that asks nobody but this machine
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def browsed(crawl: Crawl) -> Iterator[str]:
    """Serve a corpus; yields the server's address, without the slash."""
    command = [sys.executable, "-m", "scrapy", "browse", "--no-open", "--port", "0"]
    server = subprocess.Popen(
        [*command, "-s", f"DUCKDB_PATH={crawl.corpus}"],
        cwd=crawl.prepared(),
        env=crawl.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout
        line = server.stdout.readline()
        assert line.startswith("http://127.0.0.1:"), line
        yield line.split("/  ")[0]
    finally:
        server.terminate()
        server.wait(timeout=30)
        assert server.stdout
        server.stdout.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; skips where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        try:
            yield browser
        finally:
            browser.close()
