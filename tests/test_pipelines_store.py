"""The DuckDB file: what is written stays, what is half written does not, and versions add up."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from pkgutil import resolve_name
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import AsyncMock
from urllib.parse import quote

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler import timestamps
from crawler.errors import InputError
from crawler.outcomes import Listing, Outcome
from crawler.records import (
    DOUBTFUL,
    Capture,
    IndexPage,
    ListingEnd,
    Loss,
    MalformedRow,
    PageAddress,
    Target,
)
from crawler.selection.brackets import report
from crawler.selection.version_search import Seen
from pipelines.manifest import entry_of
from pipelines.pool import ProcessPool, WorkerDied
from pipelines.storage import schema
from pipelines.storage.histories import update_histories
from pipelines.storage.publication import writing_copy
from pipelines.storage.store import WHOLE, Span, Store
from pipelines.summary import corpus_summary
from pipelines.versioning.versions import document as versioned
from pipelines.versioning.versions import domain_ranges, policies_view
from tests.crawling import written_by_another
from tests.factories import POLICY, TARGET, capture, document, text

WEEK = timedelta(days=7)
CAPTURE_STATE = "SELECT timestamp, outcome, text_id FROM captures ORDER BY timestamp"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "corpus.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = opened(path)
    yield store
    store.close()


def opened(path: Path, run_id: str = "run-1", target: Target = TARGET) -> Store:
    store = Store(path, run_id)
    store.begin_run({"domains": "example.com"}, {"python": "3"})
    store.begin_listing(target)
    return store


def add(store: Store, *captures: Capture, malformed: list[MalformedRow] | None = None) -> int:
    return store.add_page(TARGET, IndexPage(list(captures), malformed or [], None))


def rows(store: Store, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return store.db.execute(query, values).fetchall()


def history(store: Store, *texts: str | None) -> list[Capture]:
    """Captures a month apart from 2015 on that gave these texts; None is a loss."""
    months = [divmod(month, 12) for month in range(len(texts))]
    captures = [capture(f"{2015 + year}{month + 1:02}01000000") for year, month in months]
    add(store, *captures)
    store.record(
        [
            Loss(c, Outcome.NOT_FOUND, "HTTP 404") if words is None else document(c, words)
            for c, words in zip(captures, texts, strict=True)
        ]
    )
    return captures


def versions(store: Store) -> list[tuple[str, str, int]]:
    return rows(store, "SELECT timestamp[5:6], text, captures FROM policies ORDER BY timestamp")


def test_a_page_that_comes_twice_is_known_once(store: Store) -> None:
    page = [capture("20150101000000"), capture("20150201000000")]
    assert add(store, *page) == 2
    assert add(store, *page, capture("20150301000000")) == 1
    assert rows(store, "SELECT count(*) FROM captures") == [(3,)]
    assert rows(store, "SELECT captures, new, malformed FROM listings") == [(3, 3, 0)]


def test_a_capture_is_read_back_as_it_was_listed(store: Store) -> None:
    full = capture("20150101000000", original="http://example.com:80/é%20'x'", statuscode=301)
    bare = capture("20150201000000", mimetype="-", statuscode=None, digest=None, length=None)
    add(store, bare, full)
    assert [member.capture for member in store.known(TARGET, WEEK)] == [
        full,
        bare,
    ]
    assert all(member.outcome is Outcome.PENDING for member in store.known(TARGET, WEEK))


def test_captures_of_one_second_are_told_apart(store: Store) -> None:
    twins = [capture(digest="A"), capture(digest="B"), capture(original="https://example.com/")]
    assert add(store, *twins) == 3


def test_one_run_knows_what_its_own_listing_has(path: Path) -> None:
    first = opened(path, "run-1")
    captures = history(first, "one", "two")
    first.close()
    second = opened(path, "run-2")
    assert second.known(TARGET, WEEK) == []
    assert add(second, captures[1], capture("20160101000000")) == 1
    assert [(m.capture.timestamp, m.outcome) for m in second.known(TARGET, WEEK)] == [
        ("20150201000000", Outcome.TEXT),
        ("20160101000000", Outcome.PENDING),
    ]
    assert rows(second, "SELECT timestamp, listed_in FROM captures ORDER BY timestamp") == [
        ("20150101000000", "run-1"),
        ("20150201000000", "run-2"),
        ("20160101000000", "run-2"),
    ]
    assert rows(second, "SELECT run_id, captures, new FROM listings ORDER BY run_id") == [
        ("run-1", 2, 2),
        ("run-2", 2, 1),
    ]
    second.close()


def test_malformed_rows_are_kept_once(store: Store) -> None:
    bad = [MalformedRow('["x"]', "no timestamp"), MalformedRow('["y"]', "no urlkey")]
    add(store, malformed=bad)
    add(store, malformed=bad[:1])
    assert rows(store, "FROM malformed_rows ORDER BY row") == [
        ("wayback", "example.com", POLICY, '["x"]', "no timestamp"),
        ("wayback", "example.com", POLICY, '["y"]', "no urlkey"),
    ]


def test_a_listing_has_an_end(store: Store) -> None:
    assert rows(store, "SELECT status, listed_at FROM listings") == [("unfinished", None)]
    store.end_listing(ListingEnd(TARGET, Listing.PARTIAL, "http_504"))
    nowhere = Target("b.com", None, archive="wayback")
    store.end_listing(ListingEnd(nowhere, Listing.NO_POLICY_URL))
    assert rows(store, "SELECT domain, policy_url, status, detail FROM listings ORDER BY ALL") == [
        ("b.com", None, "no_policy_url", None),
        ("example.com", POLICY, "partial", "http_504"),
    ]
    assert rows(store, "SELECT count(*) FROM listings WHERE listed_at IS NULL") == [(0,)]


def test_what_was_chosen_is_pending_until_it_is_fetched(store: Store) -> None:
    chosen, passed = capture("20150101000000"), capture("20150201000000")
    add(store, chosen, passed)
    store.decide([(passed, Outcome.NOT_SELECTED, "why")], [chosen], "unique")
    state = "SELECT outcome, detail, fetched_at FROM captures ORDER BY timestamp"
    assert rows(store, state) == [("pending", None, None), ("not_selected", "why", None)]


def test_a_result_is_recorded_with_what_was_served(store: Store) -> None:
    got, gone = capture("20150101000000"), capture("20150201000000")
    add(store, got, gone)
    served = document(got, "words", timestamp="20150101120000", url="https://example.com/")
    store.record([served, Loss(gone, Outcome.ARCHIVE_ERROR, "http_503")])
    query = (
        "SELECT outcome, detail, served_timestamp, served_url, text_id, fetched_at IS NOT NULL"
        " FROM captures ORDER BY timestamp"
    )
    assert rows(store, query) == [
        ("text", None, "20150101120000", "https://example.com/", served.text.text_id, True),
        ("archive_error", "http_503", None, None, None, True),
    ]
    assert not store.known(TARGET, WEEK)[0].served_exactly


def test_captures_of_one_digest_share_the_text_of_the_one_fetched(store: Store) -> None:
    first, before, after = (capture(f"2015020{day}000000", digest="A") for day in (2, 1, 3))
    other = capture("20150204000000", digest="B")
    add(store, first, before, after, other)
    store.decide(
        [(c, Outcome.SAME_DIGEST, None) for c in (before, after, other)], [first], "unique"
    )
    store.record([document(first, "words")])
    text_id = text("words").text_id
    assert rows(store, CAPTURE_STATE) == [
        (before.timestamp, "same_digest", text_id),
        (first.timestamp, "text", text_id),
        (after.timestamp, "same_digest", text_id),
        (other.timestamp, "same_digest", None),
    ]


def test_results_that_wait_are_seen_as_if_they_were_recorded_and_are_not(store: Store) -> None:
    first, before = (capture(f"2015020{day}000000", digest="A") for day in (2, 1))
    gone, kept = capture("20150301000000"), capture("20150401000000")
    add(store, first, before, gone, kept)
    store.decide([(before, Outcome.SAME_DIGEST, None)], [first, gone], "unique")
    store.record([document(kept, "old words")])
    results = [
        document(first, "words"),
        Loss(gone, Outcome.NOT_FOUND, "HTTP 404"),
        Loss(kept, Outcome.ARCHIVE_ERROR, "http_503"),
    ]
    everything = "FROM captures ORDER BY timestamp", "FROM texts", "FROM readings"
    unseen = [rows(store, query) for query in everything]
    seen = store.known_with(results, TARGET, WEEK)
    assert [rows(store, query) for query in everything] == unseen
    store.record(results)
    assert store.known(TARGET, WEEK) == seen
    assert [(k.outcome, k.has_text) for k in seen] == [
        ("same_digest", True),
        ("text", True),
        ("not_found", False),
        ("text", True),
    ]


def test_what_a_page_was_read_as_is_recorded_once_whichever_policy_had_it_first(
    store: Store,
) -> None:
    mine, twin = capture("20150101000000"), capture("20150102000000")
    other = capture("20150101000000", policy_url="https://example.com/legal")
    add(store, mine, twin, other)
    store.record([replace(document(c, "words"), tree="a tree") for c in (mine, twin)])
    store.record([replace(document(other, "words"), tree="a tree")])
    assert rows(store, "SELECT tree, text_id FROM readings") == [
        ("a tree", document(mine, "words").text.text_id)
    ]


def test_a_capture_listed_later_shares_the_text_at_once(store: Store) -> None:
    first, later = capture("20150101000000", digest="A"), capture("20160101000000", digest="A")
    add(store, first)
    store.record([document(first, "words")])
    add(store, later)
    store.decide([(later, Outcome.SAME_DIGEST, None)], [], "unique")
    assert rows(store, CAPTURE_STATE)[1] == (later.timestamp, "same_digest", text("words").text_id)


@pytest.mark.parametrize(
    "served", [{"timestamp": "20150101000001"}, {"url": "https://www.example.com/privacy"}]
)
def test_a_text_from_another_capture_is_not_shared(store: Store, served: dict[str, str]) -> None:
    first, other = capture("20150101000000", digest="A"), capture("20150201000000", digest="A")
    add(store, first, other)
    store.decide([(other, Outcome.SAME_DIGEST, None)], [first], "unique")
    store.record([document(first, "words", **served)])
    assert rows(store, CAPTURE_STATE)[1] == (other.timestamp, "same_digest", None)


def test_a_text_is_not_shared_with_another_policy_or_without_a_digest(store: Store) -> None:
    first, same = capture("20150101000000", digest=None), capture("20150201000000", digest=None)
    elsewhere = capture("20150301000000", digest="A", policy_url="http://example.com/other")
    page = capture("20150401000000", digest="A")
    add(store, first, same, elsewhere, page)
    store.decide(
        [(c, Outcome.SAME_DIGEST, None) for c in (same, elsewhere)], [first, page], "unique"
    )
    store.record([document(first, "one"), document(page, "two")])
    assert [row[2] is None for row in rows(store, CAPTURE_STATE)] == [False, True, True, False]


def test_a_text_is_stored_once(store: Store) -> None:
    history(store, "same", "same", "other")
    assert rows(store, "SELECT body, plain, words FROM texts ORDER BY body") == [
        ("other", "other", 1),
        ("same", "same", 1),
    ]
    assert rows(store, "SELECT count(*) FROM texts WHERE text_id <> sha256(title||chr(10)||body)")[
        0
    ] == (0,)


@pytest.mark.parametrize("step", ["Store.add_texts", "Store._set_outcomes", "share_texts"])
def test_a_batch_that_fails_midway_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    first, second = capture("20150101000000"), capture("20150201000000")
    add(store, first, second)
    before = rows(store, "FROM captures")
    work = resolve_name(f"pipelines.storage.store.{step}")

    def fail(*args: Any, **kwargs: Any) -> None:
        work(*args, **kwargs)
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(f"pipelines.storage.store.{step}", fail)
        with pytest.raises(OSError, match="disk full"):
            store.record([document(first, "words"), Loss(second, Outcome.EMPTY)])
    assert rows(store, "FROM captures") == before
    assert rows(store, "FROM texts") == []
    store.record([document(first, "words"), Loss(second, Outcome.EMPTY)])
    assert [row[1] for row in rows(store, CAPTURE_STATE)] == ["text", "empty"]


def test_a_page_that_fails_midway_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "_listing_key", fail)
        with pytest.raises(OSError, match="disk full"):
            add(store, capture(), malformed=[MalformedRow("[]", "why")])
    assert rows(store, "FROM captures") == rows(store, "FROM malformed_rows") == []


def test_a_version_is_a_longest_run_of_one_text(store: Store) -> None:
    history(store, "one", "one", "two", "two", "two")
    assert versions(store) == [("01", "one", 2), ("03", "two", 3)]
    assert rows(store, "SELECT first_seen, last_seen FROM policies ORDER BY ALL") == [
        (datetime(2015, 1, 1), datetime(2015, 2, 1)),
        (datetime(2015, 3, 1), datetime(2015, 5, 1)),
    ]


def test_a_text_that_comes_back_is_a_version_of_its_own(store: Store) -> None:
    history(store, "one", "two", "one")
    assert versions(store) == [("01", "one", 1), ("02", "two", 1), ("03", "one", 1)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.text("ABCD", min_size=1, max_size=12))
def test_changes_and_variants_are_those_that_the_search_sees(texts: str, tmp_path: Path) -> None:
    with TemporaryDirectory(dir=tmp_path) as folder:
        store = opened(Path(folder) / "corpus.duckdb")
        captures = history(store, *texts)
        update_histories(store.db)
        seen = [
            Seen(c.timestamp, None, text(t).fingerprint)
            for c, t in zip(captures, texts, strict=True)
        ]
        expected = report(seen)
        found = rows(
            store, "SELECT changed_after, changed_before FROM changes ORDER BY changed_before"
        )
        alternating = rows(store, "SELECT list(fingerprint) FROM variants GROUP BY alternates")
        store.close()
    times = [timestamps.parse(c.timestamp).replace(tzinfo=None) for c in captures]
    assert found == [(times[b.changed_after], times[b.changed_before]) for b in expected.brackets]
    assert {frozenset(group) for (group,) in alternating} == set(expected.variants)


def test_captures_in_a_bracket_that_nobody_has_read_are_counted(store: Store) -> None:
    history(store, "one", "one", "two", "three", None, "four")
    unread = ("20141231", "20150110", "20150210", "20150220", "20150510")
    add(store, *(capture(f"{day}000000") for day in unread))
    assert rows(store, "SELECT unseen FROM changes ORDER BY changed_before") == [(2,), (0,), (1,)]


@pytest.mark.parametrize("condition", ["= 'example.com'", "LIKE 'example%'"])
def test_the_changes_of_a_site_are_made_of_its_captures_alone(store: Store, condition: str) -> None:
    history(store, "one", "two")
    for number in range(50):
        other = Target(f"site{number}.example", f"http://site{number}.example/", archive="wayback")
        captures = [
            capture(
                f"2015{m:02}01000000", **{"domain": other.domain, "policy_url": other.policy_url}
            )
            for m in (1, 2, 3)
        ]
        store.begin_listing(other)
        store.add_page(other, IndexPage(captures, [], None))
        store.record([document(taken, f"{taken.timestamp}") for taken in captures])
    query = f"EXPLAIN (ANALYZE, FORMAT json) SELECT * FROM changes WHERE domain {condition}"
    ((_, plan),) = rows(store, query)
    steps = re.findall(r'"intermediate_rows": (\d+),[^{}]*"type": "WINDOW"', plan)
    assert steps
    assert {int(step) for step in steps} == {2}


def test_an_old_page_that_stays_online_makes_no_changes(store: Store) -> None:
    old, new = POLICY, POLICY.replace("privacy", "legal/privacy")
    said = [(old, 2001, "A"), *((old, year, "B") for year in (2007, 2012, 2016, 2020))]
    said += [
        (new, year, text) for year, text in ((2008, "B"), (2010, "C"), (2014, "D"), (2018, "E"))
    ]
    captures = [capture(f"{y}0101000000", policy_url=u, original=u) for u, y, _ in said]
    add(store, *captures)
    store.record([document(c, f"text {w}") for c, (*_, w) in zip(captures, said, strict=True)])
    update_histories(store.db)
    found = rows(store, "SELECT timestamp[:4], text FROM policies ORDER BY ALL")
    assert [(year, text[-1]) for year, text in found] == [
        ("2001", "A"),
        ("2007", "B"),
        ("2010", "C"),
        ("2014", "D"),
        ("2018", "E"),
    ]


ENGLISH = "We collect your name and your address when you register, and we keep them. " * 4
GERMAN = "Wir erheben Ihren Namen und Ihre Anschrift, wenn Sie sich anmelden, für ein Jahr. " * 4


def test_the_languages_of_a_policy_have_histories_of_their_own(store: Store) -> None:
    first = [f"{ENGLISH} One.", f"{GERMAN} Eins.", f"{ENGLISH} One.", "(untitled)"]
    history(store, *first, f"{GERMAN} Eins.", f"{ENGLISH} Two.", f"{GERMAN} Zwei.")
    update_histories(store.db)
    assert rows(store, "SELECT language, timestamp[5:6] FROM policies ORDER BY timestamp") == [
        ("en", "01"),
        ("de", "02"),
        ("en", "04"),
        ("en", "06"),
        ("de", "07"),
    ]
    assert rows(
        store,
        "SELECT language, changed_after::DATE::VARCHAR, returned FROM changes ORDER BY ALL",
    ) == [
        ("de", "2015-05-01", False),
        ("en", "2015-03-01", False),
        ("en", "2015-04-01", False),
    ]


def test_a_text_that_has_returned_is_not_back_dated(store: Store) -> None:
    older, newer = f"{ENGLISH} Last updated: 1 May 2010.", f"{ENGLISH} Last updated: 9 May 2014."
    history(store, older, newer, older)
    update_histories(store.db)
    assert rows(store, "SELECT returned, backdated FROM changes ORDER BY changed_before") == [
        (False, True),
        (True, False),
    ]


def many_versions(store: Store) -> None:
    history(store, *(f"Version {n} of our policy. We keep {n % 7} files." for n in range(150)))


@pytest.mark.parametrize("trouble", [None, WorkerDied("killed"), TimeoutError()])
def test_versions_compared_in_processes_are_compared_alike(
    store: Store, trouble: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_versions(store)
    update_histories(store.db)
    changes = "FROM text_changes ORDER BY ALL"
    alone = rows(store, changes)
    store.db.execute("DELETE FROM text_changes")
    if trouble is not None:
        monkeypatch.setattr(ProcessPool, "run", AsyncMock(side_effect=trouble))
    update_histories(store.db, workers=2)
    assert len(alone) == 149
    assert rows(store, changes) == alone


@pytest.mark.parametrize("at_once", [1, 5, 25_000])
def test_sites_asked_for_a_few_at_a_time_have_the_same_versions(
    store: Store, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.versioning.versions._AT_ONCE", at_once)
    for site, texts in {"a.com": "ABABAB", "b.com": "AB", "c.com": "CC", "d.com": "CDC"}.items():
        target = replace(TARGET, domain=site)
        captures = [capture(f"2015{month + 1:02}01000000", domain=site) for month in range(6)]
        store.add_page(target, IndexPage(captures, [], None))
        store.record(document(*pair) for pair in zip(captures, texts, strict=False))
    update_histories(store.db)
    assert (
        domain_ranges(store.db)
        == {
            1: [("a.com", "a.com"), ("b.com", "b.com"), ("c.com", "c.com"), ("d.com", "d.com")],
            5: [("a.com", "c.com"), ("d.com", "d.com")],
            25_000: [("a.com", "d.com")],
        }[at_once]
    )
    assert corpus_summary(store.db, [store.run_id])["versions"] == (12, 4)
    assert rows(store, "SELECT domain, count(*) FROM variants GROUP BY ALL") == [("a.com", 2)]
    pairs = rows(
        store,
        "SELECT old.plain, new.plain FROM text_changes JOIN texts AS old"
        " ON old.text_id = from_text_id JOIN texts AS new ON new.text_id = to_text_id ORDER BY ALL",
    )
    assert pairs == [("A", "B"), ("C", "D"), ("D", "C")]


def test_two_addresses_of_one_page_do_not_count_its_captures_twice(store: Store) -> None:
    addresses = [POLICY, POLICY.replace("http", "https")]
    captures = [capture("20150101000000", policy_url=url) for url in addresses]
    add(store, *captures)
    store.record([document(c, "words") for c in captures])
    update_histories(store.db)
    assert versions(store) == [("01", "words", 1)]


def test_losses_do_not_break_a_run(store: Store) -> None:
    history(store, None, "one", None, None, "one", "two", None)
    assert versions(store) == [("02", "one", 2), ("06", "two", 1)]


def test_policies_and_archives_have_histories_of_their_own(store: Store) -> None:
    fields = [
        {},
        {"policy_url": "http://example.com/other"},
        {"archive": "warc"},
        {"domain": "b.com"},
    ]
    captures = [capture("20150101000000", **given) for given in fields]
    add(store, *captures)
    store.record([document(c, "words") for c in captures])
    assert [row[2] for row in versions(store)] == [1, 1, 1, 1]


def test_a_text_counts_when_the_capture_served_was_made(store: Store) -> None:
    early, late = capture("20150101000000"), capture("20150301000000")
    add(store, early, late)
    nearby = {"timestamp": "20150201000000", "url": POLICY}
    store.record([document(early, "words", **nearby), document(late, "words", **nearby)])
    assert versions(store) == [("02", "words", 2)]


def test_a_version_has_a_key_of_its_own_where_two_captures_of_a_second_differ(
    store: Store,
) -> None:
    twins = [capture(original=f"{scheme}://example.com/privacy") for scheme in ("http", "https")]
    add(store, *twins)
    store.record([document(twins[0], "one"), document(twins[1], "two")])
    key = schema.POLICIES.key.strip("()")
    assert rows(store, f"SELECT count(*) FROM (SELECT {key} FROM policies GROUP BY ALL)") == [(2,)]


def test_a_document_begins_with_its_header(store: Store) -> None:
    page = capture("20150129034904", original="http://www.example.com:80/a b?x=ü&y=%2F#'~")
    add(store, page)
    store.record([document(page, "We keep _nothing_.")])
    url = "https://web.archive.org/web/20150129034904id_/" + quote(page.original)
    assert rows(store, "SELECT markdown, text, title, archived_on::VARCHAR FROM policies") == [
        (
            "> *The following text is extracted and transformed from the example.com privacy "
            "policy that was archived on 2015-01-29. Please check the [original snapshot on the "
            f"Wayback Machine]({url}) for the most accurate reproduction.*\n\n"
            "# Privacy\n\nWe keep _nothing_.\n",
            "We keep nothing.",
            "Privacy",
            "2015-01-29",
        )
    ]
    assert rows(store, "SELECT snapshot_url FROM policies") == [(url,)]
    made = versioned(page.domain, page.timestamp, page.original, "Privacy", "We keep _nothing_.")
    assert rows(store, "SELECT markdown FROM policies") == [(made,)]


@pytest.mark.parametrize(
    ("title", "snapshots", "location", "address"),
    [
        ("Arquivo.pt", "https://arquivo.pt/r/", None, "https://arquivo.pt/r/20150101000000id_/{}"),
        (
            "its archive",
            None,
            "https://a.example/20150101000000id_/x",
            "https://a.example/20150101000000id_/x",
        ),
        (
            "Common Crawl",
            None,
            "crawl-data/1.warc.gz 77 2000",
            "https://data.commoncrawl.org/crawl-data/1.warc.gz#77+2000/20150101000000id_/{}",
        ),
    ],
)
def test_a_document_leads_to_the_archive_that_gave_it(
    store: Store, title: str, snapshots: str | None, location: str | None, address: str
) -> None:
    page = capture("20150101000000", archive="other", location=location)
    store.note_archives([("other", title, snapshots)])
    add(store, page)
    store.record([document(page, "words")])
    url = address.format(quote(page.original))
    assert rows(store, "SELECT snapshot_url FROM policies") == [(url,)]
    ((markdown,),) = rows(store, "SELECT markdown FROM policies")
    assert f"Please check the [original snapshot on {title}]({url}) for" in markdown
    assert location or entry_of(markdown).original == page.original


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(original=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_address_is_quoted_as_python_quotes_it(store: Store, original: str) -> None:
    expression = "replace(url_encode(?), '%2F', '/')"
    assert expression.replace("?", "original") in policies_view()
    assert rows(store, f"SELECT {expression}", original) == [(quote(original),)]


@pytest.mark.parametrize("view", [schema.POLICIES, schema.COVERAGE])
def test_a_view_has_the_columns_that_the_dictionary_describes(
    store: Store, view: schema.Table
) -> None:
    described = rows(store, f"SELECT column_name, column_type FROM (DESCRIBE {view.name})")
    assert described == [(column.name, column.type) for column in view.columns]


def test_coverage_counts_what_became_of_each_year(store: Store) -> None:
    first, second, third = (capture(f"{year}0101000000") for year in (2015, 2016, 2016))
    third = replace(third, timestamp="20160601000000")
    add(store, first, second, third)
    unsure = document(second, "words")
    made = replace(unsure.text.extracted, kept=DOUBTFUL - 0.01)
    unsure.text = replace(unsure.text, extracted=made)
    store.decide([], [first, second], "unique")
    store.record([Loss(first, Outcome.NOT_FOUND, "HTTP 404"), unsure])
    store.decide([(third, Outcome.NOT_SELECTED, None)], [], "unique")
    counts = "year, captures, chosen, fetched, texts, doubtful, not_found, text, not_selected"
    assert rows(store, f"SELECT {counts} FROM coverage WHERE captures > 0 ORDER BY year") == [
        (2015, 1, 1, 1, 0, 0, 1, 0, 0),
        (2016, 2, 1, 1, 1, 1, 0, 1, 1),
    ]


def test_coverage_tells_no_captures_from_none_that_could_be_seen(store: Store) -> None:
    for domain, status in (("a.com", Listing.COMPLETE), ("b.com", Listing.FAILED)):
        target = Target(domain, f"http://{domain}/privacy", archive="wayback")
        store.begin_listing(target)
        store.end_listing(ListingEnd(target, status))
    store.end_listing(ListingEnd(Target("c.com", None, archive="wayback"), Listing.NO_POLICY_URL))
    query = "SELECT domain, year, listing, captures, text FROM coverage WHERE domain <> ?"
    assert rows(store, f"{query} ORDER BY domain", TARGET.domain) == [
        ("a.com", None, "complete", 0, 0),
        ("b.com", None, "failed", 0, 0),
        ("c.com", None, "no_policy_url", 0, 0),
    ]


def seen(store: Store) -> dict[int | None, str]:
    """Years of the coverage, and how their listing ended."""
    return dict(rows(store, "SELECT year, listing FROM coverage WHERE year IS NULL OR year < 2020"))


def listed(path: Path, run_id: str, status: Listing, span: Span, *captures: Capture) -> Store:
    store = Store(path, run_id)
    store.begin_listing(TARGET, span)
    add(store, *captures)
    store.end_listing(ListingEnd(TARGET, status))
    return store


def test_a_year_is_seen_whole_only_by_a_listing_of_all_of_it(path: Path) -> None:
    first, last = capture("20150101000000"), capture("20170101000000")
    listed(path, "run-1", Listing.PARTIAL, WHOLE, first, last).close()
    later = ("20170101000000", None)
    store = listed(path, "run-2", Listing.COMPLETE, later, last)
    assert seen(store) == {2015: "partial", 2016: "partial", 2017: "complete"}
    store.close()
    store = listed(path, "run-3", Listing.COMPLETE, WHOLE, first, last)
    assert seen(store) == {2015: "complete", 2016: "complete", 2017: "complete"}
    store.close()


def test_no_captures_in_a_part_of_the_time_is_not_nothing(path: Path) -> None:
    store = listed(path, "run-1", Listing.COMPLETE, (None, "19991231235959"))
    assert seen(store) == {None: "partial"}
    ((*_, why),) = corpus_summary(store.db, ["run-1"])["nothing"]
    assert why == "no captures to 19991231235959"
    store.close()


def test_rows_that_cannot_be_used_are_not_no_rows(store: Store) -> None:
    add(store, malformed=[MalformedRow("20000800", "no such time")])
    store.end_listing(ListingEnd(TARGET, Listing.COMPLETE))
    assert rows(store, "SELECT year, captures, malformed FROM coverage") == [(None, 0, 1)]
    ((*_, why),) = corpus_summary(store.db, [store.run_id])["nothing"]
    assert why == "no captures, 1 rows that cannot be used"


def test_where_a_listing_broke_off_what_earlier_runs_listed_is_known(path: Path) -> None:
    first, last = capture("20150101000000"), capture("20170101000000")
    listed(path, "run-1", Listing.COMPLETE, WHOLE, first, last).close()
    store = listed(path, "run-2", Listing.FAILED, WHOLE)
    assert store.known(TARGET, WEEK) == []
    span = ("20160101000000", None)
    assert [m.capture for m in store.known(TARGET, WEEK, span)] == [last]
    assert [m.capture for m in store.known(TARGET, WEEK, WHOLE)] == [first, last]
    store.close()


def test_the_table_of_outcomes_is_the_closed_list(store: Store) -> None:
    assert dict(rows(store, "FROM outcomes")) == {o.value: o.meaning for o in Outcome}


def test_a_file_is_opened_again_with_all_that_is_in_it(path: Path) -> None:
    first = opened(path)
    history(first, "one", None)
    first.end_run({"requests": 2})
    first.close()
    second = Store(path)
    assert versions(second) == [("01", "one", 1)]
    assert rows(second, "SELECT count(*) FROM outcomes") == [(len(Outcome),)]
    assert rows(second, "FROM corpus") == [(schema.FORMAT, None)]
    assert rows(second, "SELECT arguments->>'domains', counts->>'requests' FROM runs") == [
        ("example.com", "2")
    ]
    assert corpus_summary(second.db, [second.run_id]) == {
        "versions": (1, 1),
        "with_text": 1,
        "missed": None,
        "wide": None,
        "outcomes": {"not_found": 1, "text": 1},
        "listings": {},
        "unlisted": [],
        "nothing": [],
        "addressless": [],
    }
    second.close()


@pytest.mark.parametrize("texts", [1, 50])  # so many do not go through DuckDB's log
def test_what_is_committed_outlives_a_crash(path: Path, tmp_path: Path, texts: int) -> None:
    store = opened(path)
    history(store, *(f"text {number}" for number in range(texts)))
    known = versions(store)
    copy = tmp_path / "copy.duckdb"
    for suffix in ("", ".wal"):
        if (part := Path(f"{writing_copy(path)}{suffix}")).exists():
            Path(f"{copy}{suffix}").write_bytes(part.read_bytes())
    store.close()
    again = Store(copy)
    assert versions(again) == known
    assert len(known) == texts
    again.close()


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    Store(tmp_path / "new" / "folder" / "corpus.duckdb").close()
    assert (tmp_path / "new" / "folder" / "corpus.duckdb").is_file()


def refused(path: Path) -> str:
    with pytest.raises(InputError) as error:
        Store(path)
    return str(error.value).removeprefix(f"DUCKDB_PATH={path}: ")


def test_a_file_that_is_no_duckdb_file_is_left_as_it_is(path: Path) -> None:
    path.write_text("my notes\n" * 1000)
    assert refused(path) == "not a DuckDB file"
    assert path.read_text() == "my notes\n" * 1000


def test_a_duckdb_file_of_another_kind_is_left_as_it_is(path: Path) -> None:
    with duckdb.connect(path) as db:
        db.execute("CREATE TABLE captures (pigeon VARCHAR)")
    assert refused(path) == "a DuckDB file, but not one of this tool"
    with duckdb.connect(path) as db:
        assert db.execute("SHOW TABLES").fetchall() == [("captures",)]


def test_a_file_of_another_format_is_left_as_it_is(path: Path) -> None:
    Store(path).close()
    with duckdb.connect(path) as db:
        db.execute("UPDATE corpus SET format = 99")
    assert refused(path) == (
        f"has format 99; this version of the tool writes format {schema.FORMAT}"
    )


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path)


def test_a_folder_that_is_a_file_is_refused(path: Path) -> None:
    path.write_text("")
    assert refused(path / "corpus.duckdb")


def test_a_file_that_another_process_holds_is_refused(path: Path) -> None:
    Store(path).close()
    with written_by_another(path):
        said = refused(path)
    assert said == "another process writes it; wait for its end"
    Store(path).close()


def test_values_are_never_part_of_a_statement(store: Store) -> None:
    nasty = "'); DROP TABLE captures; --"
    page = capture("20150101000000", original=f"http://example.com/{nasty}", digest=nasty)
    add(store, page, malformed=[MalformedRow(nasty, nasty)])
    store.record([document(page, nasty)])
    assert [m.capture for m in store.known(TARGET, WEEK)] == [page]
    assert rows(store, "SELECT body FROM texts") == [(nasty,)]


@pytest.mark.parametrize("lost", ["text_id", "served_timestamp", "served_url", "page_file"])
def test_a_result_that_came_back_broken_after_a_kill_is_asked_for_again(
    path: Path, lost: str
) -> None:
    first, second = capture("20150101000000", digest="A"), capture("20160101000000", digest="B")
    store = Store(path)
    add(store, first, second)
    store.record(
        [replace(document(c, "words"), kept=PageAddress("p.warc.gz", 7)) for c in (first, second)]
    )
    store.close()
    with duckdb.connect(path) as db:
        db.execute(f"UPDATE captures SET {lost} = NULL WHERE digest = 'A'")
    again = Store(path)
    found = "SELECT outcome, text_id IS NULL, page_offset, fetched_at IS NULL FROM captures"
    assert rows(again, f"{found} ORDER BY digest") == [
        ("pending", True, None, True),
        ("text", False, 7, False),
    ]
    again.close()
