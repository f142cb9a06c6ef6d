"""`scrapy feed`: what a feed reader gets, what stays when nothing is new, what is hostile."""

import io
import os
import shlex
import subprocess
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from crawler.errors import InputError
from crawler.records import IndexPage, Target
from pipelines.feeds import atom
from pipelines.feeds import folder as feeds
from pipelines.feeds.news import Change
from pipelines.inert import in_xml
from pipelines.storage.corpus import reading
from pipelines.storage.histories import update_histories
from pipelines.storage.store import Store
from pipelines.versioning.comparison import compare_passages
from tests.crawling import ROOT, Crawl
from tests.factories import capture, document
from tests.imitation import imitate
from tests.test_version_search import history, search

ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = etree.RelaxNG(etree.parse(ROOT / "tests" / "atom.rng"))
SITE = "example.com"
OLD = "We collect your name when you order something from us.\nWe share nothing with anybody."
NEW = "We collect your name when you order something from us.\nWe sell your address to others."
LAST = "We collect nothing at all.\nWe share nothing with anybody.\nThis is all that there is."


class Watched:
    """A corpus that runs add to, and the folder of its feeds."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "corpus.duckdb"
        self.folder = folder / "feeds"

    def run(self, day: str, site: str = SITE, /, compared: bool = True, **texts: str) -> None:
        """A run of a day that fetched captures of a site: `t20150101=...` is one and its text."""
        url = f"https://{site}/privacy"
        captures = [
            capture(f"{name[1:]}000000", domain=site, policy_url=url, original=url)
            for name in texts
        ]
        store = Store(self.path, f"{day} {site}")
        store.begin_run({}, {})
        target = Target(site, url, archive="wayback")
        store.begin_listing(target)
        store.add_page(target, IndexPage(captures, [], None))
        store.record([document(c, t) for c, t in zip(captures, texts.values(), strict=True)])
        store.db.execute(
            "UPDATE captures SET fetched_at = ? WHERE fetched_at > TIMESTAMP '2020-01-01'"
            " AND domain = ?",
            [datetime.fromisoformat(day), site],
        )
        if compared:
            update_histories(store.db)
        store.close()

    def change(self, sql: str) -> None:
        """Change the corpus behind its back."""
        store = Store(self.path, "later")
        store.db.execute(sql)
        store.close()

    def write(self, most: int = 100, *, substantive: bool = False) -> str:
        """Bring the feeds up to date."""
        with reading(self.path) as db:
            return feeds.write_feeds(db, self.folder, most, substantive)

    def entries(self, file: str = "all.atom") -> list[etree._Element]:
        """The entries of a feed, which is valid."""
        return entries(self.folder / file)

    def ids(self, file: str = "all.atom") -> list[str]:
        """Their identities."""
        return [said(entry, "id") for entry in self.entries(file)]

    def files(self) -> dict[str, tuple[bytes, int]]:
        """All that is in the folder: bytes, and when they were written."""
        return {
            str(path.relative_to(self.folder)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in self.folder.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def entries(path: Path) -> list[etree._Element]:
    tree = etree.parse(path)
    SCHEMA.assertValid(tree)
    found = tree.findall(f"{ATOM}entry")
    ids = [said(entry, "id") for entry in found]
    assert len(set(ids)) == len(ids)
    assert not feedparser.parse(path.read_bytes())["bozo"]
    return found


def said(entry: etree._Element, name: str) -> str:
    return entry.findtext(f"{ATOM}{name}") or ""


def titles(found: list[etree._Element]) -> list[str]:
    return [said(entry, "title") for entry in found]


def page(entry: etree._Element) -> LexborHTMLParser:
    """An entry's content as a browser reads it."""
    return LexborHTMLParser(said(entry, "content"))


@pytest.fixture(scope="module")
def demo_feeds(demo: Crawl, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "feeds"
    done = demo.scrapy("feed", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"27 changes, 15 feeds written in {folder}\n"
    return folder


def test_the_feed_of_all_sites_has_every_change_and_so_have_those_of_the_sites(
    demo: Crawl, demo_feeds: Path
) -> None:
    columns = "changed_after::DATE, changed_before::DATE, words_added, words_removed"
    rows = demo.rows(f"SELECT domain, {columns} FROM changes WHERE NOT coalesce(silent, backdated)")
    expected = {
        f"{site}: changed between {after} and {before}, +{came} -{went} words"
        for site, after, before, came, went in rows
    }
    found = entries(demo_feeds / "all.atom")
    assert expected <= {title.removesuffix(", stood before") for title in titles(found)}
    of_sites = [entry for path in demo_feeds.glob("sites/*") for entry in entries(path)]
    assert {etree.tostring(e) for e in of_sites} == {etree.tostring(e) for e in found}
    assert len(found) == 27


def test_an_entry_shows_what_changed_and_leads_to_both_snapshots(demo_feeds: Path) -> None:
    entry = entries(demo_feeds / "sites" / "northpantry.example.atom")[0]
    assert said(entry, "title") == (
        "northpantry.example: changed between 2020-04-05 and 2022-02-14, +38 -5 words"
    )
    assert said(entry, "summary").startswith("+ and an analytics company in the United States")
    links = {link.get("rel"): str(link.get("href")) for link in entry.findall(f"{ATOM}link")}
    assert links["alternate"].startswith("https://web.archive.org/web/20220214100803id_/")
    assert links["related"].startswith("https://web.archive.org/web/20180526063340id_/")
    content = page(entry)
    assert "between 2020-04-05 17:15:22 and 2022-02-14 10:08:03 (captures, UTC)" in content.text()
    assert "1 February 2022" in [node.text() for node in content.css("ins")]
    assert "22 May 2018" in [node.text() for node in content.css("del")]
    assert "… 11 paragraphs unchanged …" in content.text()
    assert [node.attributes["href"] for node in content.css("a")] == [
        links["related"],
        links["alternate"],
    ]


def test_the_index_leads_to_the_feeds(demo_feeds: Path) -> None:
    index = LexborHTMLParser((demo_feeds / "index.html").read_text())
    named = {str(node.attributes["href"]) for node in index.css("a")}
    there = {str(path.relative_to(demo_feeds)) for path in demo_feeds.rglob("*.atom")}
    assert named == there


def test_the_same_corpus_leaves_the_folder_alone(demo: Crawl, demo_feeds: Path) -> None:
    state = {path: path.stat().st_mtime_ns for path in [demo_feeds, *demo_feeds.rglob("*")]}
    done = demo.scrapy("feed", demo_feeds)
    assert done.stdout == f"27 changes, nothing new in {demo_feeds}\n"
    assert state == {path: path.stat().st_mtime_ns for path in [demo_feeds, *demo_feeds.rglob("*")]}


def test_another_folder_gets_the_same_bytes(demo: Crawl, demo_feeds: Path, tmp_path: Path) -> None:
    with reading(demo.corpus) as db:
        feeds.write_feeds(db, tmp_path / "new" / "feeds", 100, False)
    for path in demo_feeds.rglob("*.*"):
        other = tmp_path / "new" / "feeds" / path.relative_to(demo_feeds)
        assert path.read_bytes() == other.read_bytes()


def test_a_change_that_is_new_is_added_and_nothing_else_is_touched(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.run("2019-01-01", "other.example", t20150101=OLD, t20160101=NEW)
    watched.write()
    before, known = watched.files(), [etree.tostring(e) for e in watched.entries()]
    watched.run("2019-01-08", t20170101=LAST)
    assert watched.write() == "3 changes, 2 feeds written"
    after = watched.files()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"all.atom", "sites/example.com.atom", "index.html"}
    assert [etree.tostring(entry) for entry in watched.entries()][1:] == known
    assert said(watched.entries()[0], "published") == "2019-01-08T00:00:00Z"


def test_a_run_that_finds_nothing_new_changes_nothing(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.write()
    before = watched.files()
    watched.run("2019-01-08", t20170101=NEW)
    assert watched.write() == "1 change, nothing new"
    assert watched.files() == before


def test_a_bracket_that_narrows_is_the_same_entry_updated(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.write()
    (wide,) = watched.entries()
    watched.run("2019-01-08", t20150601=OLD, t20150901=f"[{NEW[:9]}](/x){NEW[9:]}")
    watched.write()
    (narrow,) = watched.entries()
    assert said(narrow, "id") == said(wide, "id")
    assert said(wide, "published") == said(narrow, "published") == "2019-01-01T00:00:00Z"
    assert (said(wide, "updated"), said(narrow, "updated")) == (
        "2019-01-01T00:00:00Z",
        "2019-01-08T00:00:00Z",
    )
    assert "between 2015-06-01 and 2015-09-01" in said(narrow, "title")


def test_weekly_crawls_add_to_the_feeds_and_make_brackets_narrower(crawl: Crawl) -> None:
    def feed() -> list[etree._Element]:
        with reading(crawl.corpus) as db:
            feeds.write_feeds(db, crawl.folder / "feeds", 100, False)
        return entries(crawl.folder / "feeds" / "all.atom")

    captures = history(*["v1"] * 37, *["v2"] * 43, *["v3"] * 20)
    with imitate(captures[:80], page_size=1000) as archive:
        search(crawl, archive, budget=4)
        (wide,) = feed()
        assert "captures in between not read" in page(wide).text()
        search(crawl, archive)
        (narrow,) = feed()
        archive.captures += captures[80:]
        search(crawl, archive)
        new, same = feed()
    assert said(wide, "id") == said(narrow, "id")
    assert said(wide, "published") == said(narrow, "published")
    assert said(wide, "updated") <= said(narrow, "updated")
    assert "between 2001-02-09 and 2001-02-10" in said(narrow, "title")
    assert "captures in between not read" not in page(narrow).text()
    assert etree.tostring(same) == etree.tostring(narrow)
    assert said(new, "published") >= said(same, "updated")
    assert "v3" in said(new, "content")


def test_a_version_found_in_between_makes_two_other_entries(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.write()
    (before,) = watched.ids()
    watched.run("2019-01-08", t20150601=LAST)
    watched.write()
    after = watched.ids()
    assert len(after) == 2
    assert before not in after


def test_the_same_change_made_twice_is_two_entries_and_the_one_known_first_keeps_its_id(
    watched: Watched,
) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.write()
    (known,) = watched.ids()
    watched.run("2019-01-08", t20120101=OLD, t20130101=NEW, t20140101=LAST)
    watched.write()
    found = {said(e, "title")[29:39]: said(e, "id") for e in watched.entries()}
    assert found["2015-01-01"] == known
    assert len(set(found.values())) == 4
    watched.run("2019-01-15", t20150601=OLD)
    watched.write()
    assert known in [said(e, "id") for e in watched.entries() if "2015-06-01" in said(e, "title")]


def test_what_was_found_last_comes_first_and_then_what_changed_last(watched: Watched) -> None:
    watched.run("2019-01-01T08:00", "a.example", t20150101=OLD, t20180101=NEW)
    watched.run("2019-01-01T09:00", "b.example", t20150101=OLD, t20160101=NEW)
    watched.run("2019-01-08", "c.example", t20010101=OLD, t20020101=NEW)
    watched.write()
    assert [title[:9] for title in titles(watched.entries())] == [
        "c.example",
        "a.example",
        "b.example",
    ]


def test_a_feed_has_the_newest_entries_only(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW, t20170101=LAST)
    watched.run("2019-01-08", "other.example", t20150101=OLD, t20160101=NEW)
    assert watched.write(1) == "3 changes, the newest 1 in all.atom, 3 feeds written"
    assert [title[:13] for title in titles(watched.entries())] == ["other.example"]
    (entry,) = watched.entries("sites/example.com.atom")
    assert "2017-01-01" in said(entry, "title")


def test_a_site_has_a_feed_before_it_has_a_change(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD)
    watched.write()
    assert watched.entries("sites/example.com.atom") == watched.entries() == []
    tree = etree.parse(watched.folder / "all.atom")
    assert tree.findtext(f"{ATOM}updated") == "2019-01-01T00:00:00Z"


def test_changes_that_no_run_has_compared_yet_wait(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.run("2019-01-08", t20170101=LAST, compared=False)
    watched.write()
    assert len(watched.entries()) == 1


def test_what_was_imported_has_the_archives_dates(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.change("UPDATE captures SET fetched_at = NULL")
    watched.write()
    (entry,) = watched.entries()
    assert said(entry, "published") == said(entry, "updated") == "2016-01-01T00:00:00Z"


def test_only_changes_of_substance_if_that_is_asked_for(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=OLD.replace("order", "ordered"))
    watched.run("2019-01-08", t20170101=NEW)
    watched.write()
    assert titles(watched.entries())[1].endswith("+1 -1 words, editorial")
    assert "Other spelling" in page(watched.entries()[1]).text()
    watched.folder = watched.folder.with_name("of-substance")
    watched.write(substantive=True)
    assert [title[-5:] for title in titles(watched.entries())] == ["words"]


def test_a_folder_that_reads_while_a_run_writes_is_that_of_the_state_before(
    watched: Watched,
) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    store = Store(watched.path, "next")
    store.db.execute("DELETE FROM text_changes")
    watched.write()
    store.close()
    assert len(watched.entries()) == 1


def test_sites_with_hostile_names_stay_in_the_folder(watched: Watched) -> None:
    for name in ("..", "../../x", "a/b", 'x"><script>alert(1)</script>'):
        watched.run("2019-01-01", name, t20150101=OLD, t20160101=NEW)
    watched.write()
    assert len(watched.entries()) == 4
    names = [path for path in watched.folder.rglob("*") if path.is_file()]
    assert len(names) == 6
    assert {path.parent for path in names} == {watched.folder, watched.folder / "sites"}
    index = LexborHTMLParser((watched.folder / "index.html").read_text())
    assert not index.css("script")


TAGS = {"p", "a", "hr", "div", "ins", "del", "code"}
HOSTILE = (
    "<script>alert(1)</script> ]]> &lt;b&gt; <img src=x onerror=alert(2)> </content></entry>"
    " \x00\x1b[2J\u202e\ufffe <![CDATA[ and so on for seven words"
)


def test_a_page_that_is_hostile_is_text_and_nothing_else(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=f"{OLD}\n{HOSTILE}")
    watched.change("UPDATE texts SET plain = plain || chr(8238) || chr(27) || chr(65534)")
    watched.write()
    (entry,) = watched.entries()
    content = page(entry)
    assert {node.tag for node in content.css("body *")} <= TAGS
    assert "<script>alert(1)</script>" in content.text()
    assert "<script>alert(1)</script>" in LexborHTMLParser(said(entry, "summary")).text()
    assert not {"\x1b", "\u202e", "\ufffe"} & set(said(entry, "content"))
    assert "\\x202e\\x1b\ufffd" in content.text()


def made(**fields: Any) -> Change:
    """A change of example.com with everything that a test does not care about filled in."""
    given = {
        "domain": SITE,
        "archive": "wayback",
        "policy_id": "https://example.com/privacy",
        "policy_url": "https://example.com/privacy",
        "language": "en",
        "words_before": "a",
        "fingerprint": "b",
        "anchor": "20160101000000",
        "published": datetime(2019, 1, 1),
        "updated": datetime(2019, 1, 2),
        "from_text_id": "old",
        "to_text_id": "new",
        "old_timestamp": "20150101000000",
        "new_timestamp": "20160101000000",
        "old_snapshot": "https://web.archive.org/web/20150101000000id_/https%3A//example.com/",
        "new_snapshot": "https://web.archive.org/web/20160101000000id_/https%3A//example.com/",
        "changed_after": datetime(2015, 6, 1, 12),
        "changed_before": datetime(2016, 1, 1),
        "words_added": 1200,
        "words_removed": 3,
        "kind": "substantive",
        "stated_date": None,
        "backdated": None,
        "silent": None,
        "returned": False,
        "unseen": 0,
    }
    return Change(**{**given, **fields})


def written(change: Change, old: str, new: str) -> etree._Element:
    """The entry of a change between two texts."""
    stream = io.StringIO()
    feed = atom.Feed("urn:uuid:" + "0" * 36, "t", "all.atom", ".", change.updated, [change])
    atom.write_atom(feed, ("mark", "x"), {"old": old, "new": new}.__getitem__, stream)
    tree = etree.fromstring(stream.getvalue().encode())
    SCHEMA.assertValid(tree)
    (entry,) = tree.findall(f"{ATOM}entry")
    return entry


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@given(TEXT, TEXT)
def test_any_two_texts_make_a_feed_that_shows_what_came_as_it_is(old: str, new: str) -> None:
    new = f"{new}\n{HOSTILE}"
    content = page(written(made(), old, new))
    assert {node.tag for node in content.css("body *")} <= TAGS
    for node in content.css("del"):
        node.decompose()
    shown = [node.text() for node in content.css("div > p")]
    for passage in compare_passages(old, new):
        if passage.new is not None and not passage.is_same:
            assert any(text.endswith(in_xml(passage.new)) for text in shown)


def test_what_is_odd_about_a_change_is_said() -> None:
    day = {"changed_after": datetime(2016, 1, 1), "changed_before": datetime(2016, 1, 1, 9)}
    assert atom.title(made(**day)) == "example.com: changed on 2016-01-01, +1,200 -3 words"
    odd = made(backdated=True, stated_date=datetime(2014, 1, 1).date(), returned=True, unseen=3)
    assert atom.title(odd).endswith("words, back-dated, stood before")
    text = page(written(odd, "a", "b")).text()
    assert "It states the date 2014-01-01, which is before it changed." in text
    assert "3 captures in between not read: there may be several changes." in text
    assert "This text has stood before." in text
    silent = made(silent=True, backdated=False, stated_date=datetime(2014, 1, 1).date())
    assert atom.title(silent).endswith("words, silent")
    assert "2014-01-01, as the text before did." in page(written(silent, "a", "b")).text()


def test_a_long_comparison_is_cut_and_the_command_named_shows_all_of_it(
    demo: Crawl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atom, "LONGEST", 300)
    with reading(demo.corpus) as db:
        feeds.write_feeds(db, tmp_path / "feeds", 100, False)
    entry = entries(tmp_path / "feeds" / "sites" / "northpantry.example.atom")[1]
    content = page(entry)
    assert sum(len(node.text()) for node in content.css("div > p")) < 400
    assert "Cut here, after 300 characters." in content.text()
    (command,) = [node.text() for node in content.css("code")]
    program, *arguments = shlex.split(command)
    assert program == "scrapy"
    done = demo.scrapy(*arguments)
    assert "between 2017-11-14 and 2018-05-26 (captures)" in done.stdout
    assert "legal bases" in done.stdout.lower()
    assert "legal bases" not in content.text().lower()


def test_a_paragraph_without_end_is_cut_inside() -> None:
    content = page(written(made(), "word " * 10_000, "other " * 10_000))
    assert sum(len(node.text()) for node in content.css("div > p")) <= atom.LONGEST
    assert "Cut here" in content.text()
    whole = page(written(made(), "word " * 10, "other " * 10))
    assert "Cut here" not in whole.text()


def test_a_command_made_of_hostile_names_is_safe_in_a_shell() -> None:
    change = made(policy_id="https://x/;rm -rf $HOME'`", domain="$(id)")
    assert shlex.split(atom.diff_command(change))[2:8:5] == ["$(id)", "--policy-url"]
    assert "https://x/;rm -rf $HOME'`" in shlex.split(atom.diff_command(change))


def test_a_run_that_is_killed_leaves_whole_files_and_the_next_goes_on(watched: Watched) -> None:
    for n in range(5):
        watched.run("2019-01-01", f"site{n}.example", t20150101=OLD, t20160101=NEW)
    program = (
        "import os, sys; from pathlib import Path\n"
        "from pipelines.feeds import folder as feeds\n"
        "from pipelines.storage.corpus import reading\n"
        "whole, times = feeds.write_atom, iter(range(9))\n"
        "def write(feed, mark, text, stream):\n"
        "    if next(times) == 3: stream.write('<feed'); stream.flush(); os.kill(os.getpid(), 9)\n"
        "    whole(feed, mark, text, stream)\n"
        "feeds.write_atom = write\n"
        f"with reading(Path({str(watched.path)!r})) as db:\n"
        f"    feeds.write_feeds(db, Path({str(watched.folder)!r}), 100, False)"
    )
    killed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert killed.returncode == -9
    there = sorted(path.name for path in watched.folder.rglob("*.atom"))
    assert there == ["all.atom", "site0.example.atom", "site1.example.atom"]
    first = watched.files()
    assert watched.write() == "5 changes, 3 feeds written"
    assert all(entries(path) for path in watched.folder.rglob("*.atom"))
    assert all(watched.files()[name] == first[name] for name in ("all.atom", "sites/" + there[1]))


def test_what_others_have_put_there_is_not_overwritten(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.folder.mkdir()
    mine = watched.folder / "index.html"
    mine.write_text("<!doctype html>my page")
    with pytest.raises(InputError, match=r"index\.html: exists, and is not of this command"):
        watched.write()
    assert [*watched.folder.iterdir()] == [mine]


def test_a_folder_of_another_corpus_or_kind_is_left_as_it_is(
    watched: Watched, tmp_path: Path
) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.write()
    other = Watched(tmp_path / "other")
    other.run("2019-01-02", t20150101=OLD, t20160101=NEW)
    other.folder = watched.folder
    files = watched.files()
    for write in (other.write, partial(watched.write, substantive=True)):
        with pytest.raises(InputError, match="feeds: its feeds are of another corpus, or"):
            write()
    assert watched.files() == files
    assert watched.write() == "1 change, nothing new"


def test_a_folder_of_what_was_imported_goes_on_when_that_is_crawled(watched: Watched) -> None:
    watched.run("2019-01-01", t20150101=OLD, t20160101=NEW)
    watched.change("DELETE FROM runs")
    watched.write()
    watched.run("2019-01-08", t20170101=LAST)
    assert watched.write() == "2 changes, 2 feeds written"


def test_a_run_of_a_machine_whose_clock_is_behind_makes_no_other_corpus(watched: Watched) -> None:
    watched.run("2019-01-08", t20150101=OLD, t20160101=NEW)
    watched.write()
    watched.run("2019-01-01", t20170101=LAST)
    assert watched.write() == "2 changes, 2 feeds written"


def test_what_was_typed_wrong_is_said_in_a_line(demo: Crawl, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for arguments, what in (
        ([file], f"{file}: Not a directory"),
        ([], "feed takes one folder"),
    ):
        done = demo.scrapy("feed", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert what in done.stderr
    assert os.listdir(tmp_path) == ["file"]


def test_a_corpus_without_a_text_has_no_feeds(watched: Watched) -> None:
    Store(watched.path, "empty").close()
    with pytest.raises(InputError, match="no version in it"):
        watched.write()
    assert not watched.folder.exists()


def identities(watched: Watched) -> dict[str, str]:
    """The identity of each change, by what it says of its dates."""
    return {said(entry, "title").split(", ")[0]: said(entry, "id") for entry in watched.entries()}


def test_an_identity_never_passes_to_another_change(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.run(
        "2019-01-01", t20100101=OLD, t20110101=NEW, t20140101=OLD, t20150101=NEW, t20160101=LAST
    )
    watched.write()
    before = identities(watched)
    watched.run("2019-01-08", t20100601=LAST)  # a version in between
    watched.write()
    after = identities(watched)
    for title in before.keys() & after.keys():
        assert before[title] == after[title], title
    new = {after[title] for title in after.keys() - before.keys()}
    assert new
    assert not new & set(before.values())


def test_what_was_imported_keeps_its_identity_when_it_is_crawled(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.run(
        "2019-01-01", t20100101=OLD, t20110101=NEW, t20140101=LAST, t20150101=OLD, t20160101=NEW
    )
    watched.change("UPDATE captures SET fetched_at = NULL, source = 'import:x'")
    watched.write()
    before = {said(e, "id"): said(e, "published") for e in watched.entries()}
    watched.run("2019-01-08", t20100601=OLD)
    watched.write()
    after = {said(e, "id"): said(e, "published") for e in watched.entries()}
    assert before == after


def test_a_feed_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.run("2019-01-01", t20100101=OLD, t20110101=NEW)
    watched.write()
    [feed] = [path for path in tmp_path.rglob("*.atom") if path.name != "all.atom"]
    whole = feed.read_bytes()
    for left in (b"", whole[:500]):
        feed.write_bytes(left)
        watched.write()
        assert feed.read_bytes() == whole
