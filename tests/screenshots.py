"""Makes the README's pictures of `scrapy browse`.

    python -m tests.screenshots CORPUS DOMAIN

Writes data/pictures/home.png, site.png and change.png: the first page of a corpus, and a site of it
with the last of its changes.
"""

import sys
from pathlib import Path

import duckdb

from pipelines.browse.site import KEY
from tests.browsing import browsed, chromium
from tests.crawling import ROOT, Existing

FOLDER = ROOT / "data" / "pictures"


def main() -> None:
    """Look at three pages."""
    corpus, domain = Path(sys.argv[1]).resolve(), sys.argv[2]
    with duckdb.connect(corpus, read_only=True) as db:
        [[key]] = db.execute(
            f"SELECT {KEY} FROM policies WHERE domain = ?"
            " AND changed_after IS NOT NULL ORDER BY timestamp DESC LIMIT 1",
            [domain],
        ).fetchall()
    pages = {
        "home": "/",
        "site": f"/sites/{domain}",
        "change": f"/sites/{domain}/changes/{key}?view=side",
    }
    FOLDER.mkdir(exist_ok=True)
    with browsed(Existing(corpus)) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        for name, path in pages.items():
            page.goto(address + path, wait_until="networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
