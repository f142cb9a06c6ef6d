"""Texts that are nearly the same, of whatever site."""

import random
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.versioning.clusters import ALIKE, Member, clusters
from tests.crawling import DEMO, Crawl


def text(seed: int, words: int = 800) -> list[str]:
    dice = random.Random(seed)
    return [f"w{dice.randrange(5000)}" for _ in range(words)]


def changed(words: list[str], seed: int, places: int) -> list[str]:
    """The same words but for some in a row."""
    start = random.Random(seed).randrange(len(words) - places)
    return [*words[:start], *(f"x{n}" for n in range(places)), *words[start + places :]]


def of(*texts: list[str]) -> list[str]:
    found = clusters((str(n), " ".join(words)) for n, words in enumerate(texts))
    assert [member.text_id for member in found] == [str(n) for n in range(len(texts))]
    return [member.cluster for member in found]


def test_texts_that_are_nearly_the_same_are_one_cluster() -> None:
    ours, other = text(1), text(2)
    assert of(ours, other, changed(ours, 3, 20), changed(other, 4, 20)) == ["0", "1", "0", "1"]


def test_texts_that_share_half_their_words_are_two() -> None:
    ours = text(1)
    assert of(ours, ours[:400] + text(2)[:400]) == ["0", "1"]


def test_a_history_of_small_changes_is_one_cluster() -> None:
    versions = [text(1)]
    for n in range(20):
        versions.append(changed(versions[-1], n, 25))
    found = clusters((str(n), " ".join(words)) for n, words in enumerate(versions))
    assert {member.cluster for member in found} == {"0"}
    assert found[-1].similarity < ALIKE < found[1].similarity


def test_a_template_with_many_names_in_it_is_one_cluster() -> None:
    template = text(1)
    named = [[*template[:400], f"name{n}", *template[400:]] for n in range(200)]
    assert of(*named, text(2)) == ["0"] * 200 + ["200"]


def test_case_and_punctuation_do_not_count() -> None:
    assert of(["We", "keep", "it."], ["we", "keep", "IT"]) == ["0", "0"]


def test_no_texts_have_no_clusters() -> None:
    assert clusters([]) == []


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(1, 60)), max_size=12))
def test_each_text_is_in_one_cluster_that_is_named_after_an_earlier_one(
    given_texts: list[tuple[int, int, int]],
) -> None:
    texts = [(str(n), " ".join(changed(text(a), b, c))) for n, (a, b, c) in enumerate(given_texts)]
    found = clusters(texts)
    assert found == clusters(texts)
    names = {member.cluster: member for member in found}
    for member in found:
        assert int(member.cluster) <= int(member.text_id)
        assert 0 <= member.similarity <= 1
    for name in names:
        assert Member(name, name, 1.0) in found
    for one, other in pairwise(found):
        if texts[int(one.text_id)][1] == texts[int(other.text_id)][1]:
            assert one.cluster == other.cluster


def test_the_command_writes_a_cluster_for_every_text(crawl: Crawl) -> None:
    crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    command = [sys.executable, "-m", "scrapy", "clusters", "-s", f"DUCKDB_PATH={crawl.corpus}"]
    said = [
        subprocess.run(
            command, cwd=crawl.folder, env=crawl.environment(), capture_output=True, text=True
        )
        for _ in range(2)
    ]
    assert said[0].stdout == said[1].stdout, said[0].stderr
    assert said[0].stdout.endswith("; 0 of more than one site\n")
    (texts,) = crawl.rows("SELECT count(DISTINCT text_id) FROM captures")[0]
    assert crawl.rows("SELECT count(*) FROM text_clusters JOIN texts USING (text_id)") == [(texts,)]
    assert crawl.rows("SELECT similarity FROM text_clusters WHERE cluster = text_id LIMIT 1") == [
        (1.0,)
    ]


def test_the_command_needs_a_corpus(crawl: Crawl) -> None:
    command = [sys.executable, "-m", "scrapy", "clusters", "-s", "DUCKDB_PATH=none.duckdb"]
    done = subprocess.run(
        command, cwd=crawl.prepared(), env=crawl.environment(), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (2, "DUCKDB_PATH=none.duckdb: no such file\n")


@pytest.mark.parametrize("words", [0, 1, 4, 5, 6])
def test_short_texts_have_their_cluster(words: int) -> None:
    assert of(text(1, words), text(1, words)) == ["0", "0"]
