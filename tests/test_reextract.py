"""Fetched pages are kept, and all texts can be made again from them without the archive."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from crawler.records import Memento
from pipelines.storage.pages import PageWriter, read_page
from tests.crawling import DEMO, Crawl
from tests.factories import capture

VERSIONS = "SELECT * FROM policies ORDER BY domain, policy_url, timestamp"


@pytest.fixture
def demo(crawl: Crawl) -> Crawl:
    done = crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz", select="unique")
    assert done.returncode == 0, done.stderr
    return crawl


def reextract(crawl: Crawl) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "reextract", "-s", f"DUCKDB_PATH={crawl.corpus}"]
    return subprocess.run(
        command, cwd=crawl.prepared(), env=crawl.environment(), capture_output=True, text=True
    )


def change(crawl: Crawl, statement: str) -> None:
    with duckdb.connect(crawl.corpus) as corpus:
        corpus.execute(statement)


def test_a_page_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    headers = (("content-type", "text/html; charset=x"), ("x-odd", "a: b"))
    pages = [bytes([n]) * n for n in range(20)]
    writer = PageWriter(tmp_path, "run")
    addresses = [
        writer.write(Memento(capture(), "20150607080910", "http://example.com/p", headers, page))
        for page in pages
    ]
    writer.close()
    for page, address in reversed(list(zip(pages, addresses, strict=True))):
        kept_headers, body = read_page(tmp_path, address)
        assert body == page
        assert dict(headers).items() <= dict(kept_headers).items()


def test_every_page_that_was_fetched_is_kept(demo: Crawl) -> None:
    missing = demo.rows(
        "SELECT count(*) FROM captures WHERE outcome = 'text' AND page_file IS NULL"
    )
    assert missing == [(0,)]


def test_the_same_extractor_makes_the_same_corpus(demo: Crawl) -> None:
    before = demo.rows(VERSIONS)
    done = reextract(demo)
    assert done.returncode == 0, done.stderr
    assert "       94 with the same text as before\n" in done.stdout
    assert demo.rows(VERSIONS) == before


def test_texts_of_an_older_extractor_are_replaced_all_at_once(demo: Crawl) -> None:
    before = demo.rows(VERSIONS)
    change(
        demo,
        "INSERT INTO texts SELECT * REPLACE ('old' || text_id AS text_id,"
        " 'older ' || body AS body, 'old' AS extractor) FROM texts;"
        "UPDATE captures SET text_id = 'old' || text_id WHERE text_id IS NOT NULL;"
        "DELETE FROM texts WHERE extractor <> 'old';",
    )
    assert demo.rows(VERSIONS) != before
    done = reextract(demo)
    assert "       94 with another text\n" in done.stdout
    assert demo.rows(VERSIONS) == before
    assert demo.rows("SELECT count(*) FROM texts WHERE extractor = 'old'") == [(0,)]
    assert demo.rows("SELECT count(*) FROM reextracted") == [(0,)]


def test_a_page_that_is_gone_keeps_its_text(demo: Crawl) -> None:
    before = demo.rows(VERSIONS)
    for kept in demo.corpus.with_suffix(".pages").iterdir():
        kept.unlink()
    done = reextract(demo)
    assert done.returncode == 1
    assert "pages could not be read; their texts stay as they were" in done.stdout
    assert demo.rows(VERSIONS) == before


def test_pages_are_not_kept_where_that_is_switched_off(crawl: Crawl) -> None:
    crawl.run(
        domains=DEMO / "domains.txt",
        archive=DEMO / "demo.warc.gz",
        select="unique",
        settings={"KEEP_PAGES": False},
    )
    assert crawl.outcomes()["text"] == 94
    assert not crawl.corpus.with_suffix(".pages").exists()
    done = reextract(crawl)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no page of it is kept (KEEP_PAGES)" in done.stderr


def test_a_folder_of_kept_pages_that_is_not_there_is_named(demo: Crawl) -> None:
    folder = demo.corpus.with_suffix(".pages")
    folder.rename(demo.folder / "elsewhere")
    done = reextract(demo)
    assert done.returncode == 2
    assert done.stderr == f"{folder}: no such folder; the kept pages were there\n"


def test_a_corpus_that_is_not_there_is_named(crawl: Crawl) -> None:
    done = reextract(crawl)
    assert done.returncode == 2
    assert done.stderr == f"DUCKDB_PATH={crawl.corpus}: no such file\n"
