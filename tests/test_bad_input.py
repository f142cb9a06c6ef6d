"""What a person typed wrong: one clear line, exit status 2, nothing written."""

import subprocess
from pathlib import Path

import duckdb
import pytest

from tests.crawling import DEMO, Crawl, written_by_another

GOOD = {"domains": DEMO / "domains.txt", "archive": DEMO / "demo.warc.gz"}


def refused(crawl: Crawl, **given: object) -> str:
    """Run a crawl that must be refused; return what it says."""
    done = crawl.run(**given)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "domains is missing: -a domains=FILE, or names separated by commas"),
        ({**GOOD, "domains": "nowhere/list.txt"}, "domains=nowhere/list.txt: no such file"),
        (
            {**GOOD, "archive": "elsewhere"},
            "archive=elsewhere: unknown archive; use wayback, arquivo, ukwa, commoncrawl, "
            "archive-it:COLLECTION (a number, or all), timemap:ADDRESS, the address of a pywb "
            "collection (http://HOST/COLLECTION), a WARC file or a folder of them; several with "
            "commas between",
        ),
        (
            {**GOOD, "archive": "archive-it:x"},
            "archive=archive-it:x: a collection of Archive-It is a number, or all",
        ),
        ({**GOOD, "archive": "timemap:x"}, "archive=timemap:x: not an http address"),
        (
            {**GOOD, "archive": DEMO / "domains.txt"},
            f"archive={DEMO}/domains.txt: not a WARC file",
        ),
        ({**GOOD, "archive": "no.warc.gz"}, "archive=no.warc.gz: no such file"),
        ({**GOOD, "archive": f"/{'x' * 300}"}, f"archive=/{'x' * 300}: File name too long"),
        ({**GOOD, "archive": "http://[::1/coll"}, "archive=http://[::1/coll: Invalid IPv6 URL"),
        (
            {**GOOD, "select": "some"},
            "select=some: use one of versions, all, unique, halfyear, year, month",
        ),
        (
            {**GOOD, "since": "lately"},
            "since=lately: not a year, a month (2017-05), a date (2017-05-25) or a 14-digit "
            "timestamp",
        ),
        ({**GOOD, "since": "2018", "until": "2017"}, "since=2018 is after until=2017"),
        (
            {**GOOD, "domain": "example.com"},
            "unknown argument domain; the arguments are domains, archive, since, until, select, "
            "audit, budget, until_bracket",
        ),
        ({**GOOD, "select": "all", "budget": "9"}, "budget=9: only with select=versions"),
        ({**GOOD, "budget": "0"}, "budget=0: not a number of fetches, 1 or more"),
        ({**GOOD, "audit": "5%"}, "audit=5%: not a share from 0 to 1 such as 0.05"),
        ({**GOOD, "until_bracket": "30"}, "until_bracket=30: not a number of days such as 30d"),
    ],
)
def test_a_wrong_argument_is_named(crawl: Crawl, given: dict[str, object], said: str) -> None:
    assert refused(crawl, **given) == said
    assert not crawl.corpus.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WAYBACK_CDX_RATE", "abc", "WAYBACK_CDX_RATE=abc: not a number, more than 0"),
        ("EXTRACT_WORKERS", "0", "EXTRACT_WORKERS=0: not a whole number, more than 0"),
        (
            "EXTRACT_MEMORY",
            "300",
            "EXTRACT_MEMORY=300: not a whole number, 700 or more: the extractors themselves need "
            "that",
        ),
        ("POLICY_THRESHOLD", "7", "POLICY_THRESHOLD=7: not a number from 0 to 1"),
        ("WAYBACK_BASE_URL", "foo", "WAYBACK_BASE_URL=foo: not an http address"),
        ("COMMONCRAWL_DATA_URL", "", "COMMONCRAWL_DATA_URL=: not an http address"),
        (
            "ARCHIVE_RATES",
            '{"ukwa": [0, 1]}',
            'ARCHIVE_RATES={"ukwa": [0, 1]}: not {"NAME": [index queries a minute, pages a '
            "minute]} for some of arquivo, ukwa, archive-it, commoncrawl, timemap",
        ),
        ("STORE_BATCH", "1.5", "STORE_BATCH=1.5: not a whole number, more than 0"),
        ("RETRY_WAIT", "nan", "RETRY_WAIT=nan: not a number, 0 or more"),
        ("KEEP_PAGES", "maybe", "KEEP_PAGES=maybe: not True or False"),
        ("KEEP_PAGE", "1", "KEEP_PAGE: no such setting; did you mean KEEP_PAGES?"),
        ("log_levl", "INFO", "log_levl: no such setting; did you mean LOG_LEVEL?"),
    ],
)
def test_a_wrong_setting_is_named(crawl: Crawl, name: str, value: str, said: str) -> None:
    assert refused(crawl, **GOOD, settings={name: value}) == said
    assert not crawl.corpus.exists()


def test_settings_of_other_add_ons_are_let_through(crawl: Crawl) -> None:
    assert crawl.run(**GOOD, settings={"ZYTE_API_KEY": "x"}).returncode == 0


def test_a_file_of_an_older_version_is_named(crawl: Crawl) -> None:
    crawl.prepared()
    with duckdb.connect(crawl.corpus) as db:
        db.execute("CREATE TABLE corpus (format INTEGER)")
        db.execute("INSERT INTO corpus VALUES (1)")
    assert "has format 1; this version of the tool writes format" in refused(crawl, **GOOD)


def test_a_spider_that_does_not_exist_is_named(crawl: Crawl) -> None:
    command = [*crawl.command(**GOOD)]
    command[command.index("policies")] = "policy"
    done = subprocess.run(
        command, cwd=crawl.prepared(), env=crawl.environment(), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (2, "no spider 'policy'; use policies\n")


def test_a_pywb_collection_that_does_not_exist_is_never_taken_for_no_captures(
    crawl: Crawl, pywb: str
) -> None:
    done = crawl.run(domains=DEMO / "domains.txt", archive=f"{pywb}/dmo")
    assert done.returncode == 1
    assert "there may be no such collection" in done.stderr
    assert crawl.rows("SELECT count(*) FROM listings WHERE status = 'complete'") == [(0,)]


def test_a_corpus_whose_texts_another_extractor_made_is_left_as_it_is(crawl: Crawl) -> None:
    crawl.run(**GOOD)
    with duckdb.connect(crawl.corpus) as db:
        db.execute("UPDATE corpus SET reader = 'by hand'")
    said = refused(crawl, **GOOD)
    assert said.startswith(f"DUCKDB_PATH={crawl.corpus}: its texts were made by by hand, and this")
    assert "scrapy reextract" in said


def test_a_folder_that_pages_cannot_be_kept_in_stops_the_crawl(crawl: Crawl) -> None:
    crawl.prepared()
    (crawl.folder / "corpus.pages").write_text("in the way")
    done = crawl.run(**GOOD)
    assert done.returncode == 1
    assert "pages_failed after" in done.stdout
    assert done.stderr.count("corpus.pages: ") >= 1
    assert "text" not in crawl.outcomes()
    (crawl.folder / "corpus.pages").unlink()
    assert crawl.run(**GOOD).returncode == 0
    assert "pending" not in crawl.outcomes()


def test_a_name_that_is_no_unicode_is_taken(crawl: Crawl, tmp_path: Path) -> None:
    listed = tmp_path / "l\udcffst.txt"
    listed.write_text((DEMO / "domains.txt").read_text(encoding="utf-8"), encoding="utf-8")
    assert crawl.run(**{**GOOD, "domains": listed}).returncode == 0


def test_an_empty_domain_list_is_refused(crawl: Crawl, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("# nothing yet\n\n")
    assert refused(crawl, **{**GOOD, "domains": empty}) == f"{empty}: names no domain"


def test_every_bad_line_is_reported_with_its_number(crawl: Crawl, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(
        "good.example http://good.example/privacy\n"
        "not_a_domain!\n"
        "bad.example privacy.html\n"
        "worse.example http://worse.example:99999/\n"
        "two.example http://two.example/a, http://two.example/b\n"
    )
    said = refused(crawl, **{**GOOD, "domains": listed}).splitlines()
    assert said == [
        f"{listed}, line 2: 'not_a_domain!' is not a domain name",
        f"{listed}, line 3: 'privacy.html' is not an address that starts with http:// or https://",
        f"{listed}, line 4: 'http://worse.example:99999/' has a port that is not a number up to "
        "65535",
        f"{listed}, line 5: 'http://two.example/a,' ends with ','",
        "each line is DOMAIN POLICY_URL ..., with spaces between; a CSV begins with the line "
        "domain,policy_url",
    ]
    assert not crawl.corpus.exists()


def test_a_file_that_is_no_duckdb_file_is_left_as_it_is(crawl: Crawl) -> None:
    crawl.prepared()
    crawl.corpus.write_text("my notes\n" * 1000)
    assert refused(crawl, **GOOD) == f"DUCKDB_PATH={crawl.corpus}: not a DuckDB file"
    assert crawl.corpus.read_text() == "my notes\n" * 1000


def test_a_duckdb_file_of_another_kind_is_left_as_it_is(crawl: Crawl) -> None:
    crawl.prepared()
    with duckdb.connect(crawl.corpus) as db:
        db.execute("CREATE TABLE captures (pigeon VARCHAR)")
    said = refused(crawl, **GOOD)
    assert said == f"DUCKDB_PATH={crawl.corpus}: a DuckDB file, but not one of this tool"
    assert crawl.rows("SHOW TABLES") == [("captures",)]


def test_a_duckdb_file_that_another_process_holds_is_named(crawl: Crawl) -> None:
    crawl.prepared()
    with written_by_another(crawl.corpus):
        said = refused(crawl, **GOOD)
    assert said == f"DUCKDB_PATH={crawl.corpus}: another process writes it; wait for its end"


def test_a_warc_cut_in_half_is_used_as_far_as_it_is_whole(crawl: Crawl, tmp_path: Path) -> None:
    half = tmp_path / "half.warc.gz"
    whole = (DEMO / "demo.warc.gz").read_bytes()
    half.write_bytes(whole[: len(whole) // 2])
    done = crawl.run(domains=DEMO / "domains.txt", archive=half)
    assert done.returncode == 1, done.stderr
    assert f"damaged   {half}: " in done.stdout
    assert f"damaged WARC file: {half}: " in done.stderr
    assert crawl.rows("SELECT DISTINCT status FROM listings WHERE policy_url IS NOT NULL") == [
        ("partial",)
    ]
    assert 30 < sum(crawl.outcomes().values()) < 100
    assert crawl.outcomes().keys() <= {
        "text",
        "same_digest",
        "not_found",
        "http_error",
        "soft_404",
        "not_archived",
        "wrong_capture",
        "target_not_archived",
        "redirect_lost",
        "blocked",
        "not_selected",
    }
