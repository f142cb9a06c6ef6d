"""The extraction stage: equal pages are read once, in a run and over runs. The store's stage: many
results are one commit, also where the spider looks at them meanwhile."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.spiders import Spider
from scrapy.statscollectors import MemoryStatsCollector

from crawler.outcomes import Outcome
from crawler.records import Capture, Document, IndexPage, Loss, Memento, Reading
from pipelines import stages
from pipelines.stages import ExtractPipeline, StorePipeline
from pipelines.store import Store
from tests.factories import TARGET, capture, document

POLICY = "<p>We keep your address as long as you are a customer of ours, and no longer.</p>" * 20


class InThisProcess:
    """A pool that runs what it is given here, and notes what was read anew."""

    def __init__(self) -> None:
        self.read = 0

    async def run(self, function: Callable[..., Reading], *given: Any) -> Reading:
        found = function(*given)
        self.read += found.same_as is None
        return found


class Stored:
    """The reading side of the store's stage."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def readings(self, of: Capture) -> dict[str, str]:
        return self.store.readings(of)

    async def text(self, text_id: str) -> Any:
        return self.store.text(text_id)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "corpus.duckdb")


def extracted(store: Store, pool: InThisProcess, *pages: tuple[str, str]) -> list[Document]:
    """What a run makes of pages (timestamp, body), which it stores."""
    captures = [capture(timestamp) for timestamp, _ in pages]
    store.begin_listing(TARGET)
    store.add_page(TARGET, IndexPage(captures, [], None))
    stage = ExtractPipeline(pool)  # type: ignore[arg-type]
    stage.store = Stored(store)  # type: ignore[assignment]

    async def run() -> list[Any]:
        return [
            await stage.process_item(Memento(c, c.timestamp, c.original, (), body.encode()))
            for c, (_, body) in zip(captures, pages, strict=True)
        ]

    made = asyncio.run(run())
    assert all(isinstance(document, Document) for document in made)
    store.record(made)
    return made


def page(script: int, canonical: str = "/privacy", more: str = "") -> str:
    head = f'<link rel=canonical href="{canonical}"><script>token = {script}</script>'
    return f"<html><head>{head}</head><body>{POLICY}{more}</body></html>"


def test_equal_pages_of_a_run_are_read_once(store: Store) -> None:
    pool = InThisProcess()
    first, second, third = extracted(
        store,
        pool,
        ("20150101000000", page(1)),
        ("20160101000000", page(2, "/moved")),
        ("20170101000000", page(3, more="<p>Once more: your address is kept by us.</p>")),
    )
    assert pool.read == 2
    assert first.text.text_id == second.text.text_id != third.text.text_id
    assert second.text.extracted.canonical == "http://example.com/moved"


def test_a_text_that_another_page_gave_is_not_made_again(store: Store) -> None:
    pool = InThisProcess()
    pages = [page(1).replace("<body>", f"<body class={name}>") for name in ("blue", "green")]
    first, second = extracted(
        store, pool, ("20150101000000", pages[0]), ("20160101000000", pages[1])
    )
    (third,) = extracted(store, pool, ("20170101000000", pages[0].replace("blue", "red")))
    assert pool.read == 1
    assert first.text == second.text
    assert third.text.text_id == first.text.text_id
    assert first.tree != second.tree != third.tree
    readings = store.db.execute(
        "SELECT count(DISTINCT tree), count(DISTINCT text_id) FROM readings"
    )
    assert readings.fetchall() == [(3, 1)]


class WithoutTrees(InThisProcess):
    """A pool for which the texts of long pages follow from more than their trees."""

    async def run(self, function: Callable[..., Reading], *given: Any) -> Reading:
        found = await super().run(function, *given)
        return replace(found, tree=None) if b"number" in given[0] else found


def test_what_is_forgotten_of_the_last_pages_is_not_taken_for_known(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "REMEMBERED", 3)
    pool = WithoutTrees()
    others = [(f"201{n}0101000000", page(n, more=f"<p>This is number {n}.</p>")) for n in range(5)]
    *_, last = extracted(
        store, pool, ("20090101000000", page(8)), *others, ("20190101000000", page(9))
    )
    assert pool.read == 7
    assert last.tree is not None


def test_a_page_equal_to_one_of_an_earlier_run_is_not_read_again(store: Store) -> None:
    pool = InThisProcess()
    (first,) = extracted(store, pool, ("20150101000000", page(1)))
    (second,) = extracted(store, pool, ("20160101000000", page(2, "/moved")))
    assert pool.read == 1
    assert second.text.text_id == first.text.text_id
    assert second.text.policy_score == first.text.policy_score
    assert second.text.extracted.canonical == "http://example.com/moved"
    assert store.db.execute(
        "SELECT count(DISTINCT text_id), count(*) FROM captures"
    ).fetchall() == [(1, 2)]


def test_a_text_that_is_gone_from_the_corpus_is_made_again(store: Store) -> None:
    pool = InThisProcess()
    (first,) = extracted(store, pool, ("20150101000000", page(1)))
    store.db.execute("DELETE FROM texts")
    (second,) = extracted(store, pool, ("20160101000000", page(2)))
    assert pool.read == 2
    assert second.text == first.text


def recording(monkeypatch: pytest.MonkeyPatch) -> list[list[Capture]]:
    """The captures of each commit of results."""
    commits: list[list[Capture]] = []
    record = Store.record

    def noted(store: Store, results: Iterable[Document | Loss]) -> None:
        given = list(results)
        commits.append([result.capture for result in given])
        record(store, given)

    monkeypatch.setattr(Store, "record", noted)
    return commits


def test_the_spider_sees_results_before_they_are_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = recording(monkeypatch)
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.set("DUCKDB_PATH", str(tmp_path / "corpus.duckdb"))
    crawler = Crawler(Spider, settings)
    crawler.stats = MemoryStatsCollector(crawler)
    stage = StorePipeline(crawler)
    first, second, third = (capture(f"2015010{day}000000") for day in (1, 2, 3))

    async def run() -> None:
        await stage.open_spider()
        await stage.begin_listing(first.target)
        await stage.add_page(first.target, IndexPage([first, second, third], [], None))
        await stage.process_item(document(first, "words"))
        await stage.process_item(Loss(second, Outcome.ARCHIVE_ERROR, "http_503"))
        known = await stage.known(first.target)
        assert [k.outcome for k in known] == ["text", "archive_error", "pending"]
        await stage.decide([], [third], "unique")
        assert commits == []
        await stage.decide([(second, Outcome.SAME_DIGEST, None)], [], "unique")
        assert commits == [[first, second]]
        known = await stage.known(first.target)
        assert [k.outcome for k in known] == ["text", "same_digest", "pending"]
        await stage.process_item(document(third, "others"))
        await stage.close_spider()

    asyncio.run(run())
    assert commits == [[first, second], [third]]
