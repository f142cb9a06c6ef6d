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
from pipelines.storage.corpus import reading
from pipelines.storage.publication import writing_copy
from pipelines.storage.store import Store
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


def store_stage(corpus: Path, **settings: object) -> StorePipeline:
    given = Settings({"DUCKDB_PATH": str(corpus)})
    given.setmodule("crawler.settings", priority="default")
    given.update(settings, priority="cmdline")
    crawler = Crawler(Spider, given)
    crawler.stats = MemoryStatsCollector(crawler)
    return StorePipeline(crawler)


def test_the_spider_sees_results_before_they_are_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = recording(monkeypatch)
    stage = store_stage(tmp_path / "corpus.duckdb")
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


def test_a_run_that_ends_while_it_is_published_writes_what_follows_from_its_texts(
    tmp_path: Path,
) -> None:
    stage = store_stage(tmp_path / "corpus.duckdb")
    captures = [capture(f"2015010{day}000000") for day in (1, 2)]

    async def run() -> None:
        await stage.open_spider()
        await stage.begin_listing(TARGET)
        await stage.add_page(TARGET, IndexPage(captures, [], None))
        for of, words in zip(captures, ("some words", "other words"), strict=True):
            await stage.process_item(document(of, words))
        await stage._flush()
        assert stage._store is not None
        stage._store.publication._next = 0  # it is due
        publishing = asyncio.create_task(stage._publish())
        await asyncio.sleep(0)  # it is the thread's turn
        await stage.close_spider()
        await publishing

    asyncio.run(run())
    assert stage.crawler.stats
    assert stage.crawler.stats.get_value("corpus")["versions"] == (2, 1)
    with reading(stage.path) as corpus:
        assert corpus.execute("SELECT count(*) FROM text_changes").fetchall() == [(1,)]


def test_a_run_whose_copy_was_removed_is_not_whole_and_leaves_the_corpus(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "corpus.duckdb"
    Store(path).close()
    before = path.read_bytes()
    stage = store_stage(path, PUBLISH_SECONDS=0)

    async def run() -> None:
        await stage.open_spider()
        writing_copy(path).unlink()
        await stage.begin_listing(TARGET)
        await stage.close_spider()

    asyncio.run(run())
    assert stage.crawler.stats
    assert stage.crawler.stats.get_value("corpus") is None
    assert f"{path} cannot be written" in caplog.text
    assert path.read_bytes() == before
