"""`select=versions` as a user runs it: few fetches, brackets, a budget, later runs, changes."""

import random
import signal
import time
from collections import Counter
from dataclasses import replace

from tests.crawling import Crawl
from tests.imitation import ALWAYS, Captured, Imitation, imitate
from tests.test_archive_trouble import QUICK, URL, page


def history(*texts: str, site: str = URL) -> list[Captured]:
    """Daily captures with these texts, each page with noise of its own."""
    return [
        Captured(
            f"2001{1 + n // 28:02}{1 + n % 28:02}120000",
            site,
            page(text) + b"<p>Visitors: %d</p><!-- %d -->" % (n, n),
        )
        for n, text in enumerate(texts)
    ]


def search(crawl: Crawl, archive: Imitation, **given: object) -> None:
    settings = {"WAYBACK_BASE_URL": archive.address, "MEMENTO_WINDOW": 3600, **QUICK}
    done = crawl.run(**{"domains": f"site.example {URL}", **given}, settings=settings)
    assert done.returncode == 0, done.stderr


def test_each_change_is_bracketed_by_adjacent_captures_with_few_fetches(crawl: Crawl) -> None:
    captures = history(*["v1"] * 37, *["v2"] * 63)
    with imitate(captures, page_size=1000) as archive:
        search(crawl, archive)
        assert len(archive.pages()) <= 14
    assert crawl.rows("SELECT strftime(first_seen, '%m-%d') FROM policies ORDER BY 1") == [
        ("01-01",),
        ("02-10",),
    ]
    bracket = (captures[36].timestamp, captures[37].timestamp)
    assert crawl.rows(
        "SELECT strftime(changed_after, '%Y%m%d%H%M%S'), strftime(changed_before, '%Y%m%d%H%M%S'),"
        " days, kind FROM changes"
    ) == [(*bracket, 1.0, "substantive")]
    found = "SELECT fetches, changes, wide, variants, hits, missed < 1 FROM searches"
    assert crawl.rows(found) == [(crawl.outcomes()["text"], 1, 0, 0, 0, True)]
    assert sum(crawl.outcomes().values()) == 100
    assert crawl.outcomes().keys() == {"text", "not_selected"}


def test_a_later_run_spends_one_fetch_where_nothing_changed(crawl: Crawl) -> None:
    captures = history(*["v1"] * 37, *["v2"] * 63)
    with imitate(captures[:99], page_size=1000) as archive:
        search(crawl, archive)
        before = len(archive.pages())
        archive.captures.append(captures[99])
        search(crawl, archive)
        assert len(archive.pages()) == before + 1
        search(crawl, archive)
        assert len(archive.pages()) == before + 1


def test_captures_that_fail_do_not_end_the_search(crawl: Crawl) -> None:
    captures = history(*["v1"] * 20, *["v2"] * 20)
    for n in (18, 20, 39):
        captures[n].playable = False
    with imitate(captures, page_size=1000) as archive:
        search(crawl, archive)
    assert crawl.rows(
        "SELECT strftime(changed_after, '%Y%m%d'), strftime(changed_before, '%Y%m%d') FROM changes"
    ) == [(captures[19].timestamp[:8], captures[21].timestamp[:8])]
    assert crawl.outcomes().keys() == {"text", "wrong_capture", "not_selected"}


def test_a_budget_goes_to_the_ends_of_all_histories_first_and_the_widest_brackets_next(
    crawl: Crawl,
) -> None:
    other = "https://www.other.example/privacy"
    captures = history(*["v1"] * 30, *["v2"] * 70) + history(*["v3"] * 100, site=other)
    domains = f"site.example {URL},other.example {other}"
    with imitate(captures, page_size=1000) as archive:
        search(crawl, archive, domains=domains, budget=6)
        assert len(archive.pages()) == 6
        texts = (
            "SELECT count(DISTINCT fingerprint) FROM captures JOIN texts USING (text_id)"
            " WHERE domain = ?"
        )
        assert crawl.rows(texts, ["site.example"]) == [(2,)]
        assert crawl.rows(texts, ["other.example"]) == [(1,)]
        assert crawl.outcomes()["pending"] > 100
        so_far = "SELECT domain, changes, wide, missed > 0 FROM searches ORDER BY 1"
        assert crawl.rows(so_far) == [("other.example", 0, 0, True), ("site.example", 1, 1, True)]
        search(crawl, archive, domains=domains)
    assert "pending" not in crawl.outcomes()
    assert crawl.rows("SELECT days FROM changes") == [(1.0,)]


def test_a_part_of_a_history_has_a_report_of_its_own(crawl: Crawl) -> None:
    with imitate(history(*["v1"] * 20, *["v2"] * 30, *["v3"] * 20), page_size=1000) as archive:
        search(crawl, archive)
        search(crawl, archive, until="20010201")
    assert crawl.rows("SELECT until, changes FROM searches ORDER BY until NULLS FIRST") == [
        (None, 2),
        ("20010201235959", 1),
    ]


def test_a_search_after_an_interrupted_crawl_of_all_fetches_what_it_needs(crawl: Crawl) -> None:
    with imitate(history(*["v1"] * 37, *["v2"] * 63), page_size=1000) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "WAYBACK_PAGE_RATE": 120}
        process = crawl.start(domains=f"site.example {URL}", select="all", settings=settings)
        while len(archive.pages()) < 3:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        before = len(archive.pages())
        search(crawl, archive)
        assert len(archive.pages()) - before <= 20


def test_an_error_that_a_longer_history_does_not_need_does_not_keep_it_open(crawl: Crawl) -> None:
    captures = history(*["v1"] * 40)
    with imitate(captures[:39], faults=Counter(page_503=ALWAYS), page_size=1000) as archive:
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK, "RETRY_TIMES": 1}
        crawl.run(domains=f"site.example {URL}", settings=settings)
        assert 2 <= crawl.outcomes()["archive_error"] <= 16
        archive.faults.clear()
        archive.captures.insert(0, replace(captures[0], timestamp="20001201120000"))
        archive.captures.append(captures[39])
        search(crawl, archive)
    assert crawl.outcomes().keys() <= {"text", "not_selected"}


def test_a_bracket_that_is_narrow_enough_is_left(crawl: Crawl) -> None:
    captures = history(*["v1"] * 37, *["v2"] * 63)
    with imitate(captures, page_size=1000) as archive:
        search(crawl, archive, until_bracket="30d", audit="0")
        assert len(archive.pages()) == 4
    ((days,),) = crawl.rows("SELECT days FROM changes")
    assert 1 < days <= 30
    assert crawl.rows("SELECT wide FROM searches") == [(1,)]


def test_texts_that_take_turns_are_variants_and_no_changes(crawl: Crawl) -> None:
    texts = ["v1"] * 4 + ["v2"] * 4
    with imitate(history(*texts, *texts, *texts, "v3"), page_size=1000) as archive:
        search(crawl, archive, select="all")
    said = "SELECT regexp_extract(text, 'version (v.)', 1) FROM policies"
    order = "ORDER BY timestamp"
    assert crawl.rows(f"{said} WHERE variant {order}") == [("v1",), ("v2",), ("v1",), ("v2",)]
    assert crawl.rows(f"{said} WHERE NOT variant {order}") == [("v1",), ("v2",), ("v3",)]
    assert crawl.rows("SELECT count(*) FROM changes") == [(2,)]


ENGLISH = "We collect your name and your address when you register, and we keep them, {}. " * 4
GERMAN = "Wir erheben Ihren Namen und Ihre Anschrift, wenn Sie sich anmelden, {}. " * 4


def test_each_language_of_an_address_is_searched_by_itself(crawl: Crawl) -> None:
    dice = random.Random(4)
    versions = (["one"] * 30 + ["two"] * 30, ["eins"] * 45 + ["zwei"] * 15)
    told = [dice.randrange(2) for _ in range(60)]
    captures = history(*["v"] * 60)
    for n, (captured, which) in enumerate(zip(captures, told, strict=True)):
        words = (ENGLISH, GERMAN)[which].replace("{}", versions[which][n])
        captured.body = f"<title>Privacy</title><h1>Privacy</h1><p>{words}</p><!-- {n} -->".encode()
    with imitate(captures, page_size=1000) as archive:
        search(crawl, archive)
        assert len(archive.pages()) < 45
    brackets = "SELECT language, changed_after, changed_before, unseen FROM changes ORDER BY 1"
    found = crawl.rows(brackets)
    plain = Crawl(crawl.folder.with_name("all"))
    with imitate(captures, page_size=1000) as archive:
        search(plain, archive, select="all")
    assert found == plain.rows(brackets)
    assert [row[0] for row in found] == ["de", "en"]


def test_three_texts_that_take_turns_are_variants_too(crawl: Crawl) -> None:
    with imitate(history(*["v1", "v2", "v3"] * 5, "v4"), page_size=1000) as archive:
        search(crawl, archive, select="all")
    assert crawl.rows("SELECT count(*), count(DISTINCT alternates) FROM variants") == [(3, 1)]
    assert crawl.rows("SELECT count(*) FROM changes") == [(3,)]


def test_a_page_that_names_its_canonical_address_shows_where_a_policy_moved(crawl: Crawl) -> None:
    new = "https://www.site.example/legal/privacy"
    head = f'<link rel="canonical" href="{new}">'.encode()
    old_place = [
        replace(c, body=c.body.replace(b"<head>", b"<head>" + head)) for c in history("v1", "v2")
    ]
    assert all(head in c.body for c in old_place)
    new_place = history(*["v3"] * 4, site=new)[2:]
    with imitate([*old_place, *new_place], page_size=1000) as archive:
        search(crawl, archive, domains=f"site.example {URL} {new}", select="all")
    assert crawl.rows("SELECT policy_url, policy_id, evidence FROM lineage ORDER BY 1") == [
        (new, URL, "canonical"),
        (URL, URL, None),
    ]


def test_a_policy_that_moved_has_one_history(crawl: Crawl) -> None:
    new = "https://www.site.example/legal/privacy"
    old_place, new_place = history("v1", "v1", "v2", "v2"), history(*["v2"] * 6, "v3", site=new)
    moved = Captured("20010106120000", URL, status=301, location=f"/web/20010106120000id_/{new}")
    with imitate([*old_place, moved, *new_place[4:]], page_size=1000) as archive:
        search(crawl, archive, domains=f"site.example {URL} {new}", select="all")
    assert crawl.rows("SELECT policy_url, policy_id, evidence, beside FROM lineage ORDER BY 1") == [
        (new, URL, "redirect", URL),
        (URL, URL, None, None),
    ]
    assert crawl.rows(
        "SELECT regexp_extract(text, 'version (v.)', 1), policy_url, policy_id, captures"
        " FROM policies ORDER BY timestamp"
    ) == [("v1", URL, URL, 2), ("v2", URL, URL, 5), ("v3", new, URL, 1)]
    assert crawl.rows("SELECT policy_id, policy_url FROM changes ORDER BY changed_before") == [
        (URL, URL),
        (URL, new),
    ]
