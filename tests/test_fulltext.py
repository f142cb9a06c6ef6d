"""Which versions say something: queries, snippets, dates, and an index that keeps up."""

import csv
import gc
import json
import os
import string
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import InputError
from crawler.records import IndexPage, Target
from pipelines.search import fulltext
from pipelines.search.fulltext import Index, parse, seen, snippet, sought
from pipelines.search.searching import Search, Which
from pipelines.storage.corpus import reading
from pipelines.storage.publication import stamp
from pipelines.storage.store import Store
from tests.crawling import DEMO, Crawl
from tests.factories import TARGET, capture, document

TEXTS = (
    "We never sell data to third parties.",
    "A third person; other parties. Encryption helps.",
    "当社は、お客様の個人情報を第三者に提供しません。",
    "Nous protégeons l'adresse e-mail de l'utilisateur.",
    "เราเก็บข้อมูลส่วนบุคคล",
)


def found(folder: Path, query: str, texts: tuple[str, ...] = TEXTS) -> list[int]:
    """The texts that match, by number, in order."""
    index = Index(folder)
    if not index.numbers():
        assert list(index.add((n, "Privacy policy", text) for n, text in enumerate(texts)))
    return sorted(index.hits(parse(query))[0])


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("third parties", [0, 1]),
        ('"third parties"', [0]),
        ("“third parties”", [0]),
        ("THIRD AND data", [0]),
        ("data OR encryption", [0, 1]),
        ("third -data", [1]),
        ("third NOT (data OR x)", [1]),
        ("NOT third", [2, 3, 4]),
        ("data OR -third", [0, 2, 3, 4]),
        ("encrypt", []),
        ("encrypt*", [1]),
        ('"third part"*', [0]),
        ("zzz*", []),
        ("個人情報", [2]),
        ("人情", [2]),
        ("人報", []),
        ("ข้อมูล", [4]),
        ("protegeons", [3]),
        ("l'utilisateur & e-mail", [3]),
        ("privacy", [0, 1, 2, 3, 4]),
        ('"policy we"', []),
    ],
)
def test_a_query_finds(tmp_path: Path, query: str, numbers: list[int]) -> None:
    assert found(tmp_path, query) == numbers


@pytest.mark.parametrize("query", ["", '"third', "third AND", "(third", "()", "wo*rd", "&", "-"])
def test_a_query_that_is_none_is_said_in_a_line(query: str) -> None:
    with pytest.raises(InputError, match=r"\A[^\n]*; search for words[^\n]*\Z"):
        parse(query)


@given(st.text(alphabet='ab "*()-&個é\n\\\x1b' + string.punctuation, max_size=30))
def test_whatever_is_typed_is_a_query_or_said_to_be_none(text: str) -> None:
    with suppress(InputError):
        assert parse(text)


def test_the_text_with_more_of_the_words_is_better(tmp_path: Path) -> None:
    index = Index(tmp_path)
    texts = "cookies", "cookies cookies cookies", "cookies and much else that is of no interest"
    assert list(index.add((n, "", text) for n, text in enumerate(texts))) == [0, 1, 2]
    assert index.hits(parse("cookies"))[0] == [1, 0, 2]
    index.remove([1])
    assert Index(tmp_path).hits(parse("cookie*"))[0] == [0, 2]


def marked(query: str, text: str) -> str:
    pieces = snippet(sought(parse(query)), text)
    return "".join(f"[{piece}]" if is_sought else piece for piece, is_sought in pieces)


def test_a_snippet_shows_what_was_sought_in_its_place() -> None:
    text = f"third. {'word ' * 200}\nWe sell to third\nparties; {'word ' * 200}"
    shown = marked('"third parties"', text)
    assert "word We sell to [third parties]; word" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 320
    assert marked("個人情報", TEXTS[2]) == "当社は、お客様の[個人情報]を第三者に提供しません"
    assert marked("protegeons -x", TEXTS[3]).startswith("Nous [protégeons] l'adresse")
    assert marked("zzz", "Nothing of it") == "Nothing of it"
    assert marked("zzz", "...") == ""


def test_a_snippet_is_where_most_of_the_words_are() -> None:
    text = f"sell {'x ' * 500} we sell data to parties {'x ' * 500}"
    assert "[sell] [data] to [parties]" in marked("parties data sell", text)


@given(st.text(max_size=400), st.sampled_from(["a", "a*", '"a b"', "a b", "個", "0*"]))
def test_a_snippet_of_whatever_text_is_one_line_of_it(text: str, query: str) -> None:
    shown = "".join(piece for piece, _ in snippet(sought(parse(query)), text))
    assert shown == seen(shown)
    assert len(shown) <= len(text) * 3 + 4


def test_signs_that_steer_a_terminal_or_hide_are_not_shown() -> None:
    assert seen("a\x1b[31m\u202eb\u200b\r\n c\x9b") == "a[31mb c"
    assert seen("a\x85\x1b b") == "a b"


HISTORY = (
    ("20150101000000", "We sell cookies."),
    ("20150601000000", "We sell cookies."),
    ("20160101000000", "We give cookies."),
    ("20170101000000", "We eat cookies."),
)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus with a policy that changed twice."""
    return written(tmp_path / "corpus.duckdb", *HISTORY)


def written(corpus: Path, *texts: tuple[str, str]) -> Path:
    """The corpus with captures (timestamp, text) added."""
    store = Store(corpus)
    captures = {capture(timestamp): words for timestamp, words in texts}
    store.begin_listing(TARGET)
    store.add_page(TARGET, IndexPage(list(captures), [], None))
    store.record([document(taken, words) for taken, words in captures.items()])
    store.close()
    return corpus


def test_of_equals_the_first_sites_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    store = Store(tmp_path / "corpus.duckdb")
    texts = {
        "d.example": "We sell cookies.",
        "b.example": "We sell cookies. We sell them.",
        "c.example": "We sell cookies.",
        "a.example": "We bake cookies.",
    }
    for site, words in texts.items():
        address = f"http://{site}/"
        taken = capture(domain=site, policy_url=address, urlkey=site, original=address)
        store.begin_listing(Target(site, address, archive="wayback"))
        store.add_page(Target(site, address, archive="wayback"), IndexPage([taken], [], None))
        store.record([document(taken, words)])
    store.close()
    with reading(store.path) as db:
        search = Search(store.path, db, stamp(store.path))
        for limit in range(1, 5):
            answer = search.versions(parse("cookies"), Which(), limit)
            sites = ["a.example", "c.example", "d.example", "b.example"]  # a long text is worse
            assert [found.domain for found in answer.found] == sites[:limit]
            assert (answer.versions, answer.sites) == (4, 4)


def searched(corpus: Path, query: str, which: Which = Which(every=True)) -> list[tuple[Any, Any]]:  # noqa: B008
    """What is found: the day it was archived on, and whether it stood."""
    made_of = stamp(corpus)
    with reading(corpus) as db:
        answer = Search(corpus, db, made_of).versions(parse(query), which, 10)
        rows = sorted((f"{row.archived_on}", row.standing) for row in answer.found)
    assert answer.versions == len(rows)
    return rows


def at(moment: str) -> Which:
    return Which(datetime.fromisoformat(moment))


def test_the_last_version_is_searched_or_all_are(corpus: Path) -> None:
    assert searched(corpus, "cookies", Which()) == [("2017-01-01", None)]
    assert searched(corpus, "sell", Which()) == []
    assert searched(corpus, "sell OR give") == [("2015-01-01", None), ("2016-01-01", None)]


@pytest.mark.parametrize(
    ("moment", "standing"),
    [
        ("2014-12-31 23:59:59", None),
        ("2015-01-01", ("2015-01-01", "yes")),
        ("2015-03-01", ("2015-01-01", "yes")),
        ("2015-06-01 00:00:01", ("2015-01-01", "in a bracket")),
        ("2015-12-31 23:59:59", ("2015-01-01", "in a bracket")),
        ("2016-01-01", ("2016-01-01", "yes")),
        ("2017-01-01 00:00:01", ("2017-01-01", "not seen since")),
    ],
)
def test_at_a_date_it_is_said_whether_a_version_stood(
    corpus: Path, moment: str, standing: tuple[str, str] | None
) -> None:
    assert searched(corpus, "cookies", at(moment)) == ([standing] if standing else [])


def test_sites_and_languages_can_be_chosen(corpus: Path) -> None:
    assert len(searched(corpus, "cookies", Which(every=True, domain="example.com"))) == 3
    assert searched(corpus, "cookies", Which(every=True, domain="example.org")) == []
    assert searched(corpus, "cookies", Which(every=True, language="fr")) == []


def test_years_count_the_versions_seen_in_them(corpus: Path) -> None:
    with reading(corpus) as db:
        query = Search(corpus, db, stamp(corpus)).years(parse("sell OR eat"), Which(every=True))
        assert db.execute(*query).fetchall() == [
            (2015, 1, 1, 1, 1),
            (2016, 0, 1, 0, 1),
            (2017, 1, 1, 1, 1),
        ]


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The texts that are added to an index from now on."""
    added: list[int] = []
    add = Index.add

    def noted(self: Index, texts: Iterable[tuple[int, str, str]]) -> Iterator[int]:
        for number in add(self, texts):
            added.append(number)
            yield number

    monkeypatch.setattr(Index, "add", noted)
    return added


def test_only_what_is_new_is_indexed(corpus: Path, indexed: list[int]) -> None:
    assert len(searched(corpus, "cookies")) == len(indexed) == 3
    assert len(searched(corpus, "cookies")) == len(indexed) == 3
    written(corpus, ("20180101000000", "We bake cookies."))
    assert len(searched(corpus, "cookies")) == len(indexed) == 4


def test_a_corpus_that_is_replaced_is_noticed(corpus: Path, tmp_path: Path) -> None:
    assert len(searched(corpus, "cookies")) == 3
    os.replace(written(tmp_path / "other.duckdb", HISTORY[3], ("20180101000000", "Tea")), corpus)
    assert [day for day, _ in searched(corpus, "cookies")] == ["2017-01-01"]
    assert Index(tmp_path / "corpus.search" / "words").hits(parse("sell")) == ([], [])


def test_another_version_of_the_engine_indexes_anew(
    corpus: Path, indexed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(searched(corpus, "cookies")) == len(indexed) == 3
    monkeypatch.setattr(fulltext, "FORMAT", "next")
    assert len(searched(corpus, "cookies")) == 3
    assert len(indexed) == 6


PARTS = ["made.json", "versions.duckdb", "words/meta.json", "texts.sqlite"]


@pytest.mark.parametrize("lost", PARTS)
def test_what_is_lost_of_the_index_is_made_again(corpus: Path, lost: str) -> None:
    assert len(searched(corpus, "cookies")) == 3
    corpus.with_suffix(".search").joinpath(lost).unlink()
    assert len(searched(corpus, "cookies")) == 3


@pytest.mark.parametrize("broken", PARTS[1:3])
def test_an_index_that_cannot_be_read_is_named(corpus: Path, broken: str) -> None:
    assert len(searched(corpus, "cookies")) == 3
    corpus.with_suffix(".search").joinpath(broken).write_text("{" * 5000)
    with pytest.raises(InputError, match=r"\A[^\n]*corpus.search: [^\n]*; remove that folder\Z"):
        searched(corpus, "cookies")


@pytest.mark.parametrize("damage", [b"", b"{" * 5000, None])
def test_texts_that_cannot_be_read_beside_the_index_are_read_from_the_corpus(
    corpus: Path, damage: bytes | None
) -> None:
    file = corpus.with_suffix(".search") / "texts.sqlite"
    with reading(corpus) as db:
        search = Search(corpus, db, stamp(corpus))
        file.unlink()
        if damage is not None:
            file.write_bytes(damage)
        found = list(search.versions(parse("eat"), Which(), 10).found)
    assert ["".join(text for text, _ in version.snippet) for version in found] == [
        "Privacy We eat cookies"
    ]
    assert file.exists() is (damage is not None)


def test_an_index_that_the_engine_cannot_mend_is_made_anew(
    corpus: Path, indexed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(searched(corpus, "cookies")) == len(indexed) == 3
    written(corpus, ("20180101000000", "We bake cookies."))
    add = Index.add

    def stuck(self: Index, texts: Iterable[tuple[int, str, str]]) -> Iterator[int]:
        monkeypatch.setattr(Index, "add", add)
        raise ValueError("Failed to open file for write: FileAlreadyExists")

    monkeypatch.setattr(Index, "add", stuck)
    assert len(searched(corpus, "cookies")) == 4
    assert len(indexed) == 3 + 4


def test_who_is_killed_leaves_what_the_next_goes_on_with(
    corpus: Path, indexed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fulltext, "_BATCH", 1)
    with monkeypatch.context() as patched:
        patched.setattr("tqdm.tqdm", broken_off)
        with pytest.raises(KeyboardInterrupt):
            searched(corpus, "cookies")
    gc.collect()
    assert len(searched(corpus, "cookies")) == 3
    assert len(indexed) == 2 + 2  # the second had not been kept


def broken_off(added: Iterator[int], **_: object) -> Iterator[int]:
    yield from islice(added, 2)
    raise KeyboardInterrupt


def scrapy(corpus: Path, *arguments: str) -> subprocess.Popen[str]:
    crawl = Crawl(corpus.parent)
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", "search", *arguments, "-s", f"DUCKDB_PATH={corpus}"],
        cwd=crawl.prepared(),
        env=crawl.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(corpus: Path, *arguments: str) -> str:
    process = scrapy(corpus, *arguments)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return out


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    crawl = Crawl(tmp_path_factory.mktemp("demo") / "crawl")
    crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    return crawl.corpus


def test_the_command_finds_and_says_where(demo: Path) -> None:
    first = [scrapy(demo, '"personal information"', "--all", "--limit", "3") for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in first]
    assert outputs[0] == outputs[1]  # though both made the index
    assert outputs[0].count("https://web.archive.org/web/") == 3
    assert "personal information" in outputs[0]
    assert "3 of " in outputs[0].splitlines()[-1]
    assert "\x1b" not in outputs[0]


def test_the_command_writes_what_programs_read(demo: Path) -> None:
    (row,) = json.loads(said(demo, "個人情報", "--format", "json"))
    assert (row["domain"], row["language"]) == ("hoshizora-ryokan.example", "ja")
    assert "個人情報" in row["snippet"]
    table = csv.DictReader(said(demo, "cookie*", "--all", "--format", "csv").splitlines())
    assert {"domain", "text_id", "snapshot_url"} < set(next(table))
    assert json.loads(said(demo, "qwertyuiop", "--format", "json")) == []
    assert said(demo, "qwertyuiop") == "in none of the 14 versions searched\n"
    counted = json.loads(said(demo, "cookies", "--count", "--format", "json"))
    assert all(year["sites"] <= year["of_sites"] for year in counted)
    assert said(demo, "cookies", "--format", "markdown").startswith("|")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (['"third'], "'\"third': cannot be read from"),
        (["a", "--at", "June"], "--at=June: not a year"),
        (["a", "--at", "2015", "--all"], "--at=2015: not with --all"),
        (["a", "--domain", "nowhere.example"], "nowhere.example: no capture of it in this corpus"),
        (["a", "--language", "xx"], "xx: no text of this corpus is in that language"),
        (["a", "--limit", "0"], "--limit=0: not 1 or more"),
    ],
)
def test_what_cannot_be_searched_is_one_line_and_nothing_is_written(
    corpus: Path, arguments: list[str], message: str
) -> None:
    process = scrapy(corpus, *arguments)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err.startswith(message)
    assert len(err.splitlines()) == 1
    assert not corpus.with_suffix(".search").exists()


def test_the_command_shows_nothing_of_a_page_that_steers_the_terminal(tmp_path: Path) -> None:
    path = written(tmp_path / "c.duckdb", ("20150101000000", "cookies \x1b]0;evil\x07\u202e end"))
    assert "cookies ]0;evil end" in said(path, "cookies")
