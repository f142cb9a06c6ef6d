"""One crawl over several archives, each asked at its own pace and named in what it gave."""

import time
from collections import Counter

from crawler.allowance import Allowance
from pipelines.storage.corpus import reading
from tests.crawling import DEMO, Crawl
from tests.imitation import ALWAYS, imitate
from tests.test_archive_trouble import QUICK, URL, history

SITE = f"site.example {URL}"


def test_each_archive_is_listed_and_fetched_from_and_its_captures_say_so(
    crawl: Crawl, pywb: str
) -> None:
    collection = f"{pywb}/demo"
    archives = f"{collection},{DEMO}/demo.warc.gz"
    done = crawl.run(domains=DEMO / "domains.txt", archive=archives)
    assert done.returncode == 0, done.stderr
    counts = crawl.rows(
        "SELECT archive, count(*), count(text_id) FROM captures GROUP BY ALL ORDER BY 1"
    )
    (one, captures, texts), (other, *same) = counts
    assert (one, other) == (collection, "warc")
    assert [captures, texts] == same
    versions = "SELECT domain, text_id FROM policies WHERE archive = ? ORDER BY ALL"
    assert crawl.rows(versions, [one]) == crawl.rows(versions, [other])
    assert "stillwater-fm.example: no address of its policy is known" in done.stdout
    assert done.stdout.count("stillwater-fm.example") == 1


def test_an_archive_that_fails_does_not_keep_another_waiting_and_is_named(crawl: Crawl) -> None:
    with imitate(history(3), faults=Counter(cdx_notice=ALWAYS)) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "RETRY_TIMES": 1}
        done = crawl.run(domains=SITE, archive=f"wayback,{DEMO}/demo.warc.gz", settings=settings)
    assert done.returncode == 1
    assert f"{URL}: failed in wayback, not_an_index_page" in done.stdout
    assert f"{URL}: no captures in warc" in done.stdout
    assert crawl.rows("SELECT archive, status FROM listings ORDER BY 1") == [
        ("warc", "complete"),
        ("wayback", "failed"),
    ]


def test_an_archive_that_stands_still_does_not_hold_up_another(crawl: Crawl) -> None:
    with imitate(history(20), page_size=100, faults=Counter({"page_429": 1})) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "ARCHIVE_PAUSE": 120}
        settings |= {"PUBLISH_SECONDS": 0.2, "STORE_SECONDS": 0.2}
        lines = [SITE, *(DEMO / "domains.txt").read_text().splitlines()]
        domains = crawl.prepared() / "domains.txt"
        domains.write_text("\n".join(lines))
        archives = f"wayback,{DEMO}/demo.warc.gz"
        process = crawl.start(domains=domains, archive=archives, select="all", settings=settings)
        while not any(seen.fault == "page_429" for seen in archive.seen):
            time.sleep(0.1)
        texts = "SELECT count(*) FROM captures WHERE archive = 'warc' AND outcome = 'text'"
        listed = "SELECT count(*) FROM listings WHERE archive = 'warc' AND status = 'complete'"
        end = time.monotonic() + 100
        found = 0
        while found < 80 and time.monotonic() < end:
            time.sleep(0.5)
            found = read(crawl, texts) * (read(crawl, listed) >= 17)
        process.kill()
        process.communicate()
    assert found >= 80


def read(crawl: Crawl, query: str) -> int:
    """What readers see meanwhile."""
    if not crawl.corpus.exists():
        return 0
    with reading(crawl.corpus) as db:
        return int(db.execute(query).fetchall()[0][0])


def test_the_pace_holds_over_restarts_of_a_crawl(crawl: Crawl) -> None:
    with imitate(history(3), page_size=100) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "WAYBACK_CDX_RATE": 15}
        started = time.monotonic()
        for _ in range(3):
            crawl.run(domains=f"{SITE},other.example https://other.example/", settings=settings)
        assert time.monotonic() - started > 3 * 60 / 15
        assert len(archive.queries()) == 6
        assert len(archive.seen) == 9
        settings["WAYBACK_CDX_RATE"] = 6
        process = crawl.start(domains=SITE, settings=settings)
        time.sleep(8)
        assert len(archive.seen) == 9  # six were asked within the last minute
        process.terminate()
        process.communicate(timeout=60)


def test_a_pause_holds_over_restarts_of_a_crawl(crawl: Crawl) -> None:
    with imitate(history(3), faults=Counter({"cdx_429": 1})) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "ARCHIVE_PAUSE": 15}
        process = crawl.start(domains=SITE, settings=settings)
        while not archive.seen:
            time.sleep(0.1)
        time.sleep(1)
        process.kill()
        process.communicate()
        crawl.run(domains=SITE, settings=settings)
    first, second, *_ = archive.seen
    assert second.at - first.at >= 15
    assert crawl.outcomes() == {"text": 3}


def test_a_refusal_of_another_process_holds_back_what_waits_for_its_turn(crawl: Crawl) -> None:
    with imitate(history(20), page_size=100) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "WAYBACK_PAGE_RATE": 240}
        process = crawl.start(domains=SITE, select="all", settings=settings)
        while len(archive.pages()) < 3:
            time.sleep(0.05)
        memory = crawl.folder / ".scrapy" / "allowance.sqlite"
        Allowance(memory, archive.address.removeprefix("http://"), 60).refused(0)
        sent = len(archive.pages())
        time.sleep(2.5)
        assert len(archive.pages()) <= sent + 3  # on their way already
        process.terminate()
        process.communicate(timeout=60)
