"""`scrapy discover` and crawls of bare domains: the commands, against an imitated archive."""

import csv
import io
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from crawler.discovery.conclusion import Found
from crawler.discovery.discover import Discovery
from crawler.discovery.evidence import Kind, Route
from pipelines.storage.discoveries import main_addresses, record_discovery
from pipelines.storage.schema import ADDRESSES, create_statement
from tests.archive_imitations import serve, yearly
from tests.benchmarks.discovery import Tally, ask
from tests.crawling import Crawl
from tests.imitation import ALWAYS, Captured, Imitation, imitate, serving
from tests.large_site import LargeSite
from tests.made_sites import MadeSite, made_sites
from tests.test_archive_trouble import QUICK, page
from tests.test_discovery_inquiry import ask as in_this_process
from tests.test_settings import project_settings

CHOSEN = ("movinglamp.example", "lawroom.example", "ropewalk.example")  # moves, a hub, another host
NOWHERE = "nowhere.example"
HOMELY = b"<html><body><h1>Welcome</h1><p>We sell lamps.</p></body></html>"


@pytest.fixture(scope="module")
def sites() -> list[MadeSite]:
    return [site for site in made_sites() if site.domain in CHOSEN]


@pytest.fixture(scope="module")
def captures(sites: list[MadeSite]) -> list[Captured]:
    """The captures of all of these sites, and of one without a policy, in one archive."""
    found = {(c.url, c.timestamp): c for site in sites for c in site.captures}
    nothing = [Captured(f"{year}0415120000", f"http://{NOWHERE}/", HOMELY) for year in (2001, 2010)]
    return [*found.values(), *nothing]


def discover(
    crawl: Crawl, archive: Imitation, *more: object, domains: str = "", **settings: object
) -> subprocess.CompletedProcess[str]:
    given = {"WAYBACK_BASE_URL": archive.address, **QUICK, **settings}
    named = [part for name, value in given.items() for part in ("-s", f"{name}={value}")]
    domains = domains or ",".join([*CHOSEN, NOWHERE])
    return crawl.scrapy("discover", "-a", f"domains={domains}", "-L", "WARNING", *named, *more)


def memory_of(process: psutil.Process) -> float:
    """What a process of the command takes now (MB)."""
    try:
        is_ours = "large.example" in " ".join(process.cmdline())
        return float(process.memory_info().rss / 2**20) if is_ours else 0.0
    except psutil.NoSuchProcess:
        return 0.0


def of_main(sites: list[MadeSite]) -> set[str]:
    return {f"{site.domain} {stay.policy_url}" for site in sites for stay in site.main}


def known(crawl: Crawl) -> list[tuple[Any, ...]]:
    """What was found, domain first, and last whether the archive answered all."""
    columns = "domain, * EXCLUDE (domain, whole, run_id, found_at), whole"
    return crawl.rows(f"SELECT {columns} FROM addresses ORDER BY ALL")


# -- what it prints and writes ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def discovered(
    captures: list[Captured], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Crawl, subprocess.CompletedProcess[str]]:
    """A run over all sites; to be read only."""
    crawl = Crawl(tmp_path_factory.mktemp("discovered") / "crawl")
    with imitate(captures, page_size=10_000) as archive:
        done = discover(crawl, archive)
    assert done.returncode == 0, done.stderr
    return crawl, done


Discovered = tuple[Crawl, subprocess.CompletedProcess[str]]


def test_the_main_policys_addresses_are_printed_as_a_domain_list(
    discovered: Discovered, sites: list[MadeSite]
) -> None:
    printed = [line for line in discovered[1].stdout.splitlines() if "  # " in line]
    assert {line.partition("  # ")[0] for line in printed} == of_main(sites)
    moved = [line for line in printed if line.startswith("movinglamp.example")]
    assert [line.partition("  # ")[2][:4] for line in moved] == ["2004", "2012"]
    assert f"{NOWHERE}: no address of its policy is known" in discovered[1].stdout


def test_what_was_found_is_in_the_corpus_with_its_evidence(discovered: Discovered) -> None:
    crawl, _ = discovered
    routes = dict(
        crawl.rows(
            "SELECT domain, string_agg(DISTINCT route, ' ' ORDER BY route) FROM addresses"
            " WHERE kind = 'main' GROUP BY ALL"
        )
    )
    assert "redirect" in routes["movinglamp.example"]
    assert "hub" in routes["lawroom.example"]
    assert "home" in routes["ropewalk.example"]
    nothing = crawl.rows(
        "SELECT policy_url, kind, whole FROM addresses WHERE domain = ?", [NOWHERE]
    )
    assert nothing == [(None, "nothing", True)]


@pytest.mark.parametrize("domain", [*CHOSEN, NOWHERE])
def test_the_story_of_a_site_is_told(discovered: Discovered, domain: str) -> None:
    crawl, _ = discovered
    done = crawl.scrapy("discover", "--explain", domain)
    assert done.returncode == 0
    first, *story = done.stdout.splitlines()
    assert first.startswith(f"{domain}, wayback: ")
    urls = crawl.rows("SELECT DISTINCT policy_url FROM addresses WHERE domain = ?", [domain])
    assert all((url or "nothing") in done.stdout for (url,) in urls)
    if domain == NOWHERE:
        assert "no policy of the site found" in done.stdout
    else:
        assert any(line.startswith("main  http") for line in story)
        assert " at http" in done.stdout


def test_of_a_site_that_nobody_asked_about_it_says_so(discovered: Discovered) -> None:
    done = discovered[0].scrapy("discover", "--explain", "https://Other.example/")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "other.example: nobody has looked for its policy; `scrapy discover` does"
    ]


def test_the_list_that_is_written_can_be_crawled(
    crawl: Crawl, captures: list[Captured], sites: list[MadeSite]
) -> None:
    with imitate(captures, page_size=10_000) as archive:
        domains = f"movinglamp.example,{NOWHERE}"
        done = discover(crawl, archive, "-o", "found.csv", domains=domains)
        assert done.returncode == 0, done.stderr
        written = (crawl.folder / "found.csv").read_text()
        rows = list(csv.DictReader(io.StringIO(written)))
        main = {f"{r['domain']} {r['policy_url']}" for r in rows if r["kind"] == "main"}
        assert [r["policy_url"] for r in rows if r["domain"] == NOWHERE] == [""]
        assert main == {line for line in of_main(sites) if line.startswith("movinglamp")}
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK}
        done = crawl.run(domains="found.csv", select="year", settings=settings)
        assert done.returncode == 0, done.stderr
    found = crawl.rows("SELECT DISTINCT domain || ' ' || policy_url FROM policies")
    assert {line for (line,) in found} == main
    assert sorted(path.name for path in crawl.folder.glob("*found*")) == ["found.csv"]


# -- crawls of bare domains ------------------------------------------------------------------------


def test_a_crawl_of_bare_domains_ends_with_versions_and_asks_once(
    crawl: Crawl, captures: list[Captured], sites: list[MadeSite]
) -> None:
    domains = f"movinglamp.example,{NOWHERE}"
    with imitate(captures, page_size=10_000) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK}
        done = crawl.run(domains=domains, select="year", settings=settings)
        assert done.returncode == 0, done.stderr
        assert "looked for those of 2 sites" in done.stdout
        first, before = known(crawl), len(archive.seen)
        versions = crawl.rows("SELECT domain || ' ' || policy_url FROM policies")
        again = crawl.run(domains=domains, select="year", settings=settings)
        assert again.returncode == 0, again.stderr
        later = [seen.path for seen in archive.seen[before:] if seen.path.startswith("/cdx/")]
    main = {line for line in of_main(sites) if line.startswith("movinglamp")}
    assert {line for (line,) in versions} == main
    listings = crawl.rows("SELECT domain, status FROM listings WHERE status <> 'complete'")
    assert listings == [(NOWHERE, "no_policy_url")] * 2
    assert known(crawl) == first
    assert not any("matchType" in path for path in later)
    assert len(later) == len(main)


@pytest.mark.parametrize("faults", [("cdx_503", "page_503"), ("cdx_429", "page_429")])
def test_an_archive_that_does_not_answer_is_never_taken_for_no_policy(
    crawl: Crawl, captures: list[Captured], faults: tuple[str, ...]
) -> None:
    with imitate(captures, page_size=10_000) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "RETRY_TIMES": 1}
        settings |= {"ARCHIVE_PATIENCE": 1, "ARCHIVE_PAUSE": 0.3, "DISCOVER_REQUESTS": 1}
        archive.faults.update(dict.fromkeys(faults, ALWAYS))
        done = crawl.run(domains="movinglamp.example", select="year", settings=settings)
        assert done.returncode == 1, done.stdout
        assert crawl.rows("SELECT status FROM listings") == [("failed",)]
        assert [row[-1] for row in known(crawl)] == [False]
        archive.faults.clear()
        settings |= {"DISCOVER_REQUESTS": 12}
        done = crawl.run(domains="movinglamp.example", select="year", settings=settings)
        assert done.returncode == 0, done.stdout + done.stderr
    assert {row[-1] for row in known(crawl)} == {True}
    assert len(crawl.rows("SELECT DISTINCT policy_url FROM policies")) == 2


@pytest.mark.parametrize(
    ("fault", "status"),
    [("page_excluded", "excluded"), ("page_robots", "robots"), ("page_hrm", "no_policy_url")],
)
def test_a_policy_that_cannot_be_seen_is_never_taken_for_none(
    crawl: Crawl, captures: list[Captured], fault: str, status: str
) -> None:
    with imitate(captures, page_size=10_000) as archive:
        archive.faults[fault] = ALWAYS
        done = discover(crawl, archive, "-o", "found.csv", domains="movinglamp.example")
    assert crawl.rows("SELECT status FROM listings") == [(status,)]
    assert {
        (kind, url is None)
        for url, kind, *_ in crawl.rows(
            "SELECT policy_url, kind FROM addresses WHERE kind <> 'unread'"
        )
    } == {("unseen", True), ("unseen", False)}
    rows = list(csv.DictReader((crawl.folder / "found.csv").open()))
    assert {row["kind"] for row in rows} == {"unseen"}
    assert all(row["says"] for row in rows)
    assert "movinglamp.example" in done.stdout


def test_what_was_known_stays_in_the_list_if_the_archive_does_not_answer(
    crawl: Crawl, captures: list[Captured]
) -> None:
    with imitate(captures, page_size=10_000) as archive:
        first = discover(crawl, archive, "-o", "first.csv", domains="movinglamp.example")
        archive.faults.update(cdx_503=ALWAYS, page_503=ALWAYS)
        again = discover(
            crawl, archive, "-o", "again.csv", domains="movinglamp.example", RETRY_TIMES=0
        )
    assert (first.returncode, again.returncode) == (0, 1)
    assert (crawl.folder / "again.csv").read_text() == (crawl.folder / "first.csv").read_text()


def test_a_query_that_takes_too_long_is_asked_for_fewer_rows(
    crawl: Crawl, captures: list[Captured], sites: list[MadeSite]
) -> None:
    with imitate(captures, page_size=10_000, bearable_rows=2500) as archive:
        done = discover(crawl, archive, domains="movinglamp.example", RETRY_TIMES=0)
        assert done.returncode == 0, done.stderr
        limits = [query["limit"] for query in archive.queries()]
    assert limits[:4] == ["10000", "5000", "2500", "2500"]
    assert {row[-1] for row in known(crawl)} == {True}
    main = {line for line in of_main(sites) if line.startswith("movinglamp")}
    assert all(f"{line}  # " in done.stdout for line in main)


def test_what_an_archive_does_not_answer_takes_nothing_away() -> None:
    policy = Found("a.example", "http://a.example/p", Kind.MAIN, "2001", "2009", 3.0, "", ())
    refused = replace(policy, kind=Kind.REFUSED)
    answered = Discovery([policy], 3, [])
    silent, partly = Discovery([], 2, ["http_503"]), Discovery([policy], 2, ["http_503"])
    for first, second, stays in (
        (answered, silent, True),
        (answered, partly, True),
        (partly, silent, True),
        (silent, partly, False),
        (partly, answered, False),
        (answered, Discovery([refused], 3, []), False),
        (Discovery([], 3, []), partly, False),
    ):
        with duckdb.connect() as db:
            db.execute(create_statement(ADDRESSES))
            record_discovery(db, "1", "wayback", "a.example", first)
            record_discovery(db, "2", "wayback", "a.example", second)
            runs = db.execute("SELECT DISTINCT run_id FROM addresses").fetchall()
        assert runs == [("1" if stays else "2",)]


def test_a_site_is_asked_again_if_nothing_was_found_a_while_ago() -> None:
    found = Found("a.example", "http://a.example/kids", Kind.SUB, None, None, 3.0, "", ())
    main = replace(found, kind=Kind.MAIN)
    lately, long_ago = timedelta(days=7), timedelta()
    for discovery, soon, later in (
        (Discovery([main], 3, []), [main.policy_url], [main.policy_url]),
        (Discovery([found], 3, []), [], None),
        (Discovery([], 3, []), [], None),
        (Discovery([main], 3, ["http_503"]), None, None),
    ):
        with duckdb.connect() as db:
            db.execute(create_statement(ADDRESSES))
            assert main_addresses(db, "wayback", "a.example", lately) is None
            record_discovery(db, "1", "wayback", "a.example", discovery)
            assert main_addresses(db, "wayback", "a.example", lately) == soon
            assert main_addresses(db, "wayback", "a.example", long_ago) == later


def test_a_run_that_was_killed_finds_the_same_when_it_is_started_again(
    crawl: Crawl, captures: list[Captured], discovered: Discovered
) -> None:
    domains = f"movinglamp.example,{NOWHERE}"
    with imitate(captures, page_size=10_000) as archive:
        command = [sys.executable, "-m", "scrapy", "discover", "-a", f"domains={domains}"]
        settings = {"WAYBACK_BASE_URL": archive.address, "DUCKDB_PATH": crawl.corpus, **QUICK}
        for name, value in settings.items():
            command += ["-s", f"{name}={value}"]
        run = subprocess.Popen(
            command, cwd=crawl.prepared(), env=crawl.environment(), stderr=subprocess.DEVNULL
        )
        enough = random.randint(2, 8)
        while len(archive.seen) < enough and run.poll() is None:
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert discover(crawl, archive, domains=domains).returncode == 0
    assert known(crawl) == [row for row in known(discovered[0]) if row[0] in domains]


# -- what was typed wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "domains is missing: -a domains=FILE, or names separated by commas"),
        (["-a", "domains=a.example", "-a", "select=all"], "unknown argument select; the arguments"),
        (["-a", "domains=a.example", "-o", "no/such.csv"], "no/such.csv: no such folder"),
        (["-a", "domains=a.example", "-o", "scrapy.cfg"], "scrapy.cfg: exists; give the name of"),
        (["-a", "domains=a.example", "policies"], "discover takes no arguments but -a"),
        (["--explain", "no domain"], "'no domain' is not a domain name"),
        (["--explain", "a.example", "-o", "a.csv"], "--explain tells what is stored: without -a"),
        (["--explain", "a.example"], "corpus.duckdb: no such file"),
    ],
)
def test_what_was_typed_wrong_is_named(crawl: Crawl, given: list[str], said: str) -> None:
    done = crawl.scrapy("discover", *given)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert said in done.stderr
    assert not crawl.corpus.exists()


# -- hostile, damaged, large -----------------------------------------------------------------------


def test_what_pages_and_indexes_say_steers_no_terminal_and_no_list(crawl: Crawl) -> None:
    odd = "http://shop.example/privacy\x1b[2J,=1+1;a b"
    said = b"<title>Privacy Policy \x1b[31m\xe2\x80\xae</title>"
    body = page("v").replace(b"<title>Privacy Policy</title>", said)
    home = f"<a href='{odd}'>Privacy\x1b]0;owned\x07 Policy</a>".encode()
    captures = [Captured(f"{2001 + n}0415120000", odd, body) for n in range(3)]
    captures += [Captured("20030415120000", "http://shop.example/", home)]
    with imitate(captures, page_size=100) as archive:
        printed = discover(crawl, archive, domains="shop.example")
        written = discover(crawl, archive, "-o", "found.csv", domains="shop.example")
    told = crawl.scrapy("discover", "--explain", "shop.example")
    file = (crawl.folder / "found.csv").read_text()
    assert "shop.example http" in printed.stdout, printed.stdout + printed.stderr
    for text in printed.stdout, written.stdout, told.stdout, file:
        assert not set(text) & {"\x1b", "\x07", "\u202e"}
    (row,) = csv.DictReader(io.StringIO(file))
    assert row["policy_url"].startswith("http://shop.example/privacy%1B")
    assert not set(row["policy_url"]) & set(" \x1b")


def test_a_collection_that_may_not_exist_is_no_site_without_a_policy(
    crawl: Crawl, pywb: str
) -> None:
    done = crawl.run(domains="tidewater-auctions.example", archive=f"{pywb}/dmo")
    assert done.returncode == 1
    assert crawl.rows("SELECT status FROM listings") == [("failed",)]
    assert crawl.rows("SELECT kind, whole FROM addresses") == [("unseen", False)]


def test_the_seeds_are_found_from_their_domains(crawl: Crawl, shared_data: Path) -> None:
    seeds = shared_data / "seed-archive"
    lines = (seeds / "domains.txt").read_text().splitlines()
    listed = dict(line.split() for line in lines if line and not line.startswith("#"))
    done = crawl.scrapy(
        *("discover", "-L", "WARNING", "-a", f"domains={','.join(listed)}"),
        *("-a", f"archive={seeds / 'seeds.warc.gz'}"),
    )
    assert done.returncode == 0, done.stderr
    found = crawl.rows("SELECT DISTINCT domain, policy_url FROM addresses WHERE kind = 'main'")
    assert len(found) == len(listed)
    for domain, url in found:
        assert url.partition("://")[2] == listed[domain].partition("://")[2]


def test_a_site_is_found_in_an_archive_with_an_index_for_each_crawl(
    crawl: Crawl, captures: list[Captured], sites: list[MadeSite]
) -> None:
    with serve(yearly(captures)) as server:
        at = {f"COMMONCRAWL_{name}_URL": server.address for name in ("INDEX", "DATA")}
        at["WAYBACK_BASE_URL"] = "http://archive.example"
        done = discover(crawl, Imitation([]), *("-a", "archive=commoncrawl"), **at)
    assert done.returncode == 0, done.stderr
    printed = {line.partition("  # ")[0] for line in done.stdout.splitlines() if "  # " in line}
    assert printed == of_main(sites)
    assert crawl.rows("SELECT max(requests) <= 12 FROM addresses") == [(True,)]


def test_a_site_of_five_million_rows_takes_no_more_requests_than_others() -> None:
    found, requests = in_this_process(LargeSite([], page_size=10_000), "large.example")
    assert requests <= 12
    assert Kind.MAIN in {f.kind for f in found.found}


def test_nor_more_memory_where_the_archive_sends_all_rows(crawl: Crawl) -> None:
    home = [Captured("20050415120000", "https://large.example/", HOMELY)]
    with serving(LargeSite(home, page_size=10_000, can_filter=False)) as archive:
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(discover, crawl, archive, domains="large.example")
            peak = 0
            while not running.done():
                peak = max([peak, *map(memory_of, psutil.Process().children(recursive=True))])
                time.sleep(0.05)
        done = running.result()
        assert done.returncode == 0, done.stderr
        assert len(archive.seen) <= 12 + 1  # and a look at the archive's own page
    assert 50 < peak < 400
    assert ("main",) in crawl.rows("SELECT DISTINCT kind FROM addresses")


# -- how well --------------------------------------------------------------------------------------


def test_made_sites_are_found_as_well_as_ever() -> None:
    """A third of those at hand; `tests/benchmarks/discovery.py` measures all."""
    open_to_see = [site for site in made_sites() if not site.held_back]
    settings, tally = project_settings(WAYBACK_BASE_URL="http://archive.example"), Tally()
    for site in open_to_see[::3]:
        tally.add(site, ask(site, frozenset(Route), settings))
    assert tally.right / tally.true >= 0.95
    assert tally.right / tally.found >= 0.97
    assert max(tally.requests) <= 12
