"""A crawl that is killed, again and again, ends as one that never was."""

import random
import re
import signal
import time
from typing import Any

import pytest

from pipelines.storage import schema
from tests.crawling import Crawl
from tests.imitation import Imitation, imitate
from tests.test_archive_trouble import QUICK
from tests.test_version_search import history

SITES = [f"https://www.site{n}.example/privacy" for n in range(3)]
DOMAINS = ",".join(f"{url.split('/')[2].removeprefix('www.')} {url}" for url in SITES)
RESULT = (
    "SELECT policy_url, timestamp, outcome, text_id FROM captures ORDER BY ALL",
    "SELECT policy_url, timestamp, captures, text_id, changed_after FROM policies ORDER BY ALL",
    "SELECT * EXCLUDE run_id FROM searches ORDER BY ALL",
    "FROM lineage ORDER BY ALL",
    "FROM readings ORDER BY ALL",
)


def archive() -> Any:
    texts = ["v1"] * 13 + ["v2"] * 2 + ["v3"] * 20 + ["v4"] * 25
    captures = [c for n, url in enumerate(SITES) for c in history(*texts[n:], site=url)]
    return imitate(captures, page_size=40)


def given(imitation: Imitation, **settings: object) -> dict[str, object]:
    pace = {"WAYBACK_PAGE_RATE": 1200, "STORE_BATCH": 3, "STORE_SECONDS": 0.2}
    return {"WAYBACK_BASE_URL": imitation.address, **QUICK, **pace, **settings}


def test_twenty_kills_change_nothing(crawl: Crawl) -> None:
    unbroken = Crawl(crawl.folder.with_name("unbroken"))
    with archive() as imitation:
        done = unbroken.run(domains=DOMAINS, select="all", settings=given(imitation))
        assert done.returncode == 0, done.stderr
        imitation.seen.clear()
        dice = random.Random(3)
        for _ in range(20):
            process = crawl.start(domains=DOMAINS, select="all", settings=given(imitation))
            time.sleep(dice.uniform(0.5, 3.5))
            process.kill()
            process.communicate()
        stored = crawl.outcomes().get("text", 0)
        before = len(imitation.pages())
        done = crawl.run(domains=DOMAINS, select="all", settings=given(imitation))
        assert done.returncode == 0, done.stderr
        assert len(imitation.pages()) - before == len(imitation.captures) - stored
    for query in RESULT:
        assert crawl.rows(query) == unbroken.rows(query)
    for table in schema.TABLES:
        if table is not schema.CORPUS:  # has one row
            key = ", ".join(re.findall(r"\w+", table.key.split(";")[0]))
            twice = f"SELECT {key} FROM {table.name} GROUP BY ALL HAVING count(*) > 1"
            assert crawl.rows(twice) == [], table.name


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_jobdir_goes_on_too_and_asks_for_nothing_that_is_stored(
    crawl: Crawl, ending: signal.Signals
) -> None:
    with archive() as imitation:
        settings = given(imitation, JOBDIR="job")
        process = crawl.start(domains=DOMAINS, select="all", settings=settings)
        while len(imitation.pages()) < 20:
            time.sleep(0.05)
        process.send_signal(ending)
        process.communicate(timeout=60)
        before, stored = len(imitation.pages()), crawl.outcomes().get("text", 0)
        done = crawl.run(domains=DOMAINS, select="all", settings=settings)
        assert done.returncode == 0, done.stderr
        assert len(imitation.pages()) - before == len(imitation.captures) - stored
    assert crawl.outcomes() == {"text": len(imitation.captures)}
