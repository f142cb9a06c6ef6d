"""Sites taken out of a corpus and put back: all rows, once, or nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cluster.sharding import check_no_plan, divided, open_plan
from crawler.domains import read_targets
from crawler.errors import InputError
from crawler.records import Target
from pipelines.shards import site_shards as shards
from pipelines.storage import schema
from pipelines.storage.store import Store
from tests.crawling import DEMO, Crawl

TARGETS = read_targets(str(DEMO / "domains.txt"))
SITES = sorted({target.domain for target in TARGETS})


def rows(store: Store) -> dict[str, list[object]]:
    """All rows of all tables that go from file to file."""
    tables = (*shards.OF_SITES, *shards.BY_KEY)
    return {t.name: store.db.execute(f"FROM {t.name} ORDER BY ALL").fetchall() for t in tables}


@pytest.fixture
def known(demo: Crawl, tmp_path: Path) -> Store:
    """A corpus that knows the demo's sites."""
    shutil.copy(demo.corpus, tmp_path / "known.duckdb")
    return Store(tmp_path / "known.duckdb")


@pytest.fixture
def fresh(known: Store, tmp_path: Path) -> Store:
    """Another one, in another folder, that knows nothing."""
    store = Store(tmp_path / "fresh" / "corpus.duckdb")
    store.db.execute("UPDATE corpus SET reader = ?", [reader(known)])
    return store


def reader(store: Store) -> str:
    return str(store.db.execute("SELECT reader FROM corpus").fetchall()[0][0])


def test_every_table_is_dealt_with() -> None:
    dealt_with = [*shards.OF_SITES, *shards.BY_KEY, *shards.ITS_OWN]
    assert sorted(t.name for t in dealt_with) == sorted(t.name for t in schema.TABLES)


def test_sites_split_and_merged_are_what_they_were(
    known: Store, fresh: Store, tmp_path: Path
) -> None:
    assert all(rows(known)[name] for name in ("captures", "texts", "text_changes", "addresses"))
    for name, sites in (("a", SITES[:6]), ("b", SITES[6:])):
        shard = tmp_path / f"{name}.duckdb"
        shards.split(known, shard, sites)
        part = Store(shard)
        assert {row[0] for row in part.db.execute("SELECT domain FROM listings").fetchall()} == {
            *sites
        }
        assert reader(part) == reader(known)
        part.close()
        assert shards.split(fresh, tmp_path / "nothing.duckdb", sites) == shards.NOTHING
        shards.merge(fresh, shard, name, sites, shards.NOTHING)
    assert not (tmp_path / "nothing.duckdb").exists()
    assert rows(fresh) == rows(known)
    fresh.close()
    known.close()


def test_what_is_merged_twice_changes_nothing(known: Store, tmp_path: Path) -> None:
    before = rows(known)
    shard, sites = tmp_path / "a.duckdb", SITES[:6]
    stamp = shards.split(known, shard, sites)
    shards.merge(known, shard, "a", sites, stamp)
    shards.merge(known, shard, "a", sites, stamp)
    assert rows(known) == before
    assert known.db.execute("SELECT shard FROM merged").fetchall() == [("a",)]
    known.close()


def test_a_merger_killed_before_its_end_has_changed_nothing(known: Store, tmp_path: Path) -> None:
    before = rows(known)
    shard, sites = tmp_path / "a.duckdb", SITES[:6]
    stamp = shards.split(known, shard, sites)
    part = Store(shard)
    part.db.execute("UPDATE captures SET detail = 'later'")
    part.close()
    known.close()
    program = f"""
import os
from pathlib import Path
from pipelines.shards import site_shards as shards
from pipelines.storage.store import Store
shards.now = lambda: os._exit(9)  # all rows are in, and nothing is committed
shards.merge(Store({str(known.path)!r}), Path({str(shard)!r}), "a", {sites!r}, {stamp!r})
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 9
    again = Store(known.path)
    assert rows(again) == before
    shards.merge(again, shard, "a", sites, stamp)
    later = "SELECT DISTINCT domain FROM captures WHERE detail = 'later'"
    of_shard = "SELECT DISTINCT domain FROM captures WHERE domain IN (SELECT unnest(?))"
    assert sorted(again.db.execute(later).fetchall()) == sorted(
        again.db.execute(of_shard, [sites]).fetchall()
    )
    again.close()


def test_rows_that_came_meanwhile_are_not_overwritten(known: Store, tmp_path: Path) -> None:
    shard, sites = tmp_path / "a.duckdb", SITES[:6]
    stamp = shards.split(known, shard, sites)
    known.db.execute("UPDATE captures SET detail = 'imported' WHERE domain = ?", [sites[0]])
    before = rows(known)
    with pytest.raises(InputError, match="other rows"):
        shards.merge(known, shard, "a", sites, stamp)
    assert rows(known) == before
    known.close()


def test_texts_of_another_reader_do_not_come_in(known: Store, tmp_path: Path) -> None:
    shard, sites = tmp_path / "a.duckdb", SITES[:6]
    stamp = shards.split(known, shard, sites)
    part = Store(shard)
    part.db.execute("UPDATE corpus SET reader = 'another'")
    part.close()
    before = rows(known)
    with pytest.raises(InputError, match="made by another and"):
        shards.merge(known, shard, "a", sites, stamp)
    assert rows(known) == before
    known.close()


@given(
    st.lists(st.tuples(st.sampled_from(SITES), st.sampled_from("abc")), unique=True),
    st.integers(1, 12),
)
def test_a_site_is_in_one_shard_wherever_it_stands_in_the_list(
    listed: list[tuple[str, str]], count: int
) -> None:
    targets = [Target(domain, f"http://{domain}/{path}") for domain, path in listed]
    parts = divided(targets, count)
    assert sorted(map(str, (t for part in parts.values() for t in part))) == sorted(
        map(str, targets)
    )
    for name, part in parts.items():
        for target in part:
            (alone,) = divided([target], count)
            assert alone == name


def test_a_plan_is_made_once_and_is_of_one_crawl(tmp_path: Path) -> None:
    store = Store(tmp_path / "corpus.duckdb")
    folder, given = tmp_path / "corpus.shards", {"domains": "list.txt"}
    folder.with_name("corpus.shards.part").mkdir()  # a run was killed here
    plan = open_plan(store, folder, given, TARGETS, 3)
    assert open_plan(store, folder, given, TARGETS, 3) == plan
    listed = [t for shard in plan.shards for t in read_targets(str(shard.domains))]
    assert {(t.domain, t.policy_url) for t in listed} == {(t.domain, t.policy_url) for t in TARGETS}
    for other in ((given, TARGETS, 4), (given, TARGETS[1:], 3), ({"domains": "b"}, TARGETS, 3)):
        with pytest.raises(InputError, match="the shards of another crawl"):
            open_plan(store, folder, *other)
    store.close()


def test_who_else_writes_a_corpus_waits_for_the_crawl_in_shards(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.duckdb"
    check_no_plan(corpus)
    (tmp_path / "corpus.shards").mkdir()
    (tmp_path / "corpus.shards" / "plan.json").write_text("{}")
    with pytest.raises(InputError, match=r"corpus\.shards: .* end it first"):
        check_no_plan(corpus)
