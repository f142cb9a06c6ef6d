"""What changed between two texts: paragraphs, words, moves; as a person sees it."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from pipelines.versioning.comparison import Passage, compare_passages
from pipelines.versioning.history import saying
from tests.crawling import Crawl

COLLECT = "We collect your name and your address when you order something from us."
SHARE = "We share nothing with anybody, except where a court orders us to do so."
KEEP = "Invoices are kept for six years because the law says that they must be."


def shape(old: str, new: str) -> list[tuple[int | None, int | None, bool]]:
    found = compare_passages(old, new)
    return [(p.old_place, p.new_place, p.moved) for p in found if not p.is_same]


def words(passage: Passage) -> str:
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(marks[s.tag].format(s.text) for s in passage.stretches())


def test_equal_texts_have_no_changes() -> None:
    assert shape(f"{COLLECT}\n{SHARE}", f"{COLLECT}\n{SHARE}") == []
    assert compare_passages("", "") == []


def test_a_paragraph_that_changed_is_one_and_shows_its_words() -> None:
    changed = SHARE.replace("nothing", "your address").replace("anybody", "our partners")
    _, passage = compare_passages(f"{COLLECT}\n{SHARE}", f"{COLLECT}\n{changed}")
    assert words(passage) == (
        "We share [-nothing-]{+your address+} with [-anybody-]{+our partners+},"
        " except where a court orders us to do so."
    )


def test_words_that_changed_on_both_sides_of_a_space_are_one_change() -> None:
    (passage,) = compare_passages("Kept for thirty days in Sweden", "Kept for one year in Sweden")
    assert words(passage) == "Kept for [-thirty days-]{+one year+} in Sweden"


def test_paragraphs_come_and_go() -> None:
    assert shape(f"{COLLECT}\n{KEEP}", f"{COLLECT}\n{SHARE}\n{KEEP}") == [(None, 2, False)]
    assert shape(f"{COLLECT}\n{SHARE}\n{KEEP}", f"{COLLECT}\n{KEEP}") == [(2, None, False)]


def test_a_paragraph_that_moved_is_no_change_of_words() -> None:
    old, new = f"{SHARE}\n{COLLECT}\n{KEEP}", f"{COLLECT}\n{KEEP}\n{SHARE}"
    assert shape(old, new) == [(1, 3, True)]


def test_a_paragraph_that_moved_and_changed_is_both() -> None:
    moved = SHARE.replace("a court", "the law")
    (passage,) = (
        p
        for p in compare_passages(f"{SHARE}\n{COLLECT}\n{KEEP}", f"{COLLECT}\n{KEEP}\n{moved}")
        if not p.is_same
    )
    assert passage.moved
    assert "[-a court-]{+the law+}" in words(passage)


def test_short_lines_do_not_move() -> None:
    old, new = f"Contact\n{COLLECT}\n{KEEP}", f"{COLLECT}\n{KEEP}\nContact"
    assert shape(old, new) == [(1, None, False), (None, 3, False)]


LINE = st.sampled_from(["one", "two two", COLLECT, SHARE, KEEP, f"{COLLECT} {SHARE}", "x y z u v"])
TEXT = st.lists(LINE, max_size=8).map("\n".join)


@given(TEXT, TEXT)
def test_both_texts_can_be_read_off_a_comparison(old: str, new: str) -> None:
    found = compare_passages(old, new)
    before = {p.old_place: p.old for p in found if p.old is not None}
    after = [p.new for p in found if p.new is not None]
    assert [before[place] for place in sorted(before, key=int)] == old.splitlines()
    assert after == new.splitlines()
    for passage in found:
        parts = passage.stretches()
        assert "".join(s.text for s in parts if s.tag != "insert") == (passage.old or "")
        assert "".join(s.text for s in parts if s.tag != "delete") == (passage.new or "")


SITE = "northpantry.example"


def test_a_history_tells_dates_brackets_and_what_changed(demo: Crawl) -> None:
    done = demo.scrapy("history", SITE)
    lines = done.stdout.splitlines()
    assert lines[0] == "http://www.northpantry.example/privacy (en, warc)"
    assert lines[1].split() == (
        "2013-05-11 … 2015-08-06 237 words first capture known, states 2013-03-04".split()
    )
    assert "+44 -10 words, began after 2015-08-06, states 2016-09-19" in lines[2]
    assert lines[3].strip().startswith("+ If you use our app, we collect the location")
    assert "  listed at https://www.northpantry.example/legal/privacy-notice" in lines


def test_a_history_is_that_of_the_views(demo: Crawl) -> None:
    told = json.loads(demo.scrapy("history", "--format", "json", SITE).stdout)
    columns = "timestamp, snapshot_url, words, captures, text_id"
    rows = demo.rows(f"SELECT {columns} FROM policies WHERE domain = ? ORDER BY ALL", [SITE])
    assert [tuple(v[name] for name in columns.split(", ")) for v in told] == rows
    columns = "words_added, words_removed, kind, backdated, silent, unseen"
    rows = demo.rows(
        f"SELECT {columns} FROM changes WHERE domain = ? ORDER BY changed_before", [SITE]
    )
    assert [tuple(v[name] for name in columns.split(", ")) for v in told[1:]] == rows


def test_a_diff_is_of_the_last_two_versions_or_of_those_of_two_dates(demo: Crawl) -> None:
    last = demo.scrapy("diff", SITE).stdout
    assert "Last updated [-22 May 2018-]{+1 February 2022+}" in last
    assert "paragraphs: 4 changed, 0 came, 0 went, 0 moved, 21 unchanged" in last
    assert "… 11 paragraphs unchanged …" in last
    assert "between 2020-04-05 and 2022-02-14 (captures)" in last
    wide = demo.scrapy("diff", SITE, "--from", "2014", "--to", "2016-10-03").stdout
    assert "2013-05-11 … 2015-08-06" in wide
    assert "2016-10-02 … 2017-11-14" in wide
    assert demo.scrapy("diff", SITE, "--to", "2022").stdout == last


def test_a_year_in_which_the_first_version_came_means_that_version(demo: Crawl) -> None:
    first = demo.scrapy("diff", SITE, "--from", "2013", "--to", "2016").stdout
    assert first == demo.scrapy("diff", SITE, "--from", "2014", "--to", "2016").stdout


def test_where_nothing_can_be_coloured_changes_have_signs(demo: Crawl) -> None:
    plain = demo.scrapy("diff", SITE).stdout
    command = f"{sys.executable} -m scrapy diff {SITE} -s DUCKDB_PATH={demo.corpus}"
    for name, value in (("TERM", "dumb"), ("NO_COLOR", "1")):
        done = subprocess.run(
            ["script", "-qec", command, "/dev/null"],
            cwd=demo.folder,
            env={**demo.environment(), "COLUMNS": "10000", name: value},
            capture_output=True,
            text=True,
        )
        assert "[-22 May 2018-]" in done.stdout
        assert "{+1 February 2022+}" in done.stdout
    assert "[-22 May 2018-]{+1 February 2022+}" in plain


def test_a_very_long_paragraph_takes_bounded_memory() -> None:
    old = " ".join(f"word{n}" for n in range(30_000))
    (passage,) = compare_passages(old, old.replace("word7", "another7"))
    assert [stretch.tag for stretch in passage.stretches()] == ["delete", "insert"]


def test_a_diff_as_markdown_and_html_says_the_same(demo: Crawl) -> None:
    markdown = demo.scrapy("diff", SITE, "--format", "markdown").stdout
    page = LexborHTMLParser(MarkdownIt("commonmark").enable("strikethrough").render(markdown))
    inserted = [node.text() for node in page.css("strong")]
    html = LexborHTMLParser(demo.scrapy("diff", SITE, "--format", "html").stdout)
    assert inserted == [node.text().strip() for node in html.css("ins")]
    assert [n.text() for n in page.css("s")] == [n.text().strip() for n in html.css("del")]
    assert "1 February 2022" in inserted


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["history", "northpantr.example"], "did you mean northpantry.example?"),
        (["history", "a b"], "'a b' is not a domain name"),
        (
            ["history", "https://www.northpantry.example/privacy"],
            "'https://www.northpantry.example/privacy' is not a domain name;"
            " its site is northpantry.example",
        ),
        (["history", "stillwater-fm.example"], "stillwater-fm.example: no capture of it"),
        (["diff", SITE, "--from", "2001"], "the first capture known is of 2013-05-11"),
        (["diff", SITE, "--from", "2018-06", "--to", "2019"], "at both dates"),
        (["diff", SITE, "--to", "2014"], "no version known before 2013-05-11"),
        (["diff", SITE, "--to", "tomorrow"], "--to=tomorrow: not a year"),
        (["diff", SITE, "--policy-url", "http://x/"], "no such policy of the site among"),
        (["diff", SITE, "--language", "de"], "no such policy of the site among"),
        (["diff", SITE, "--from", "2019", "--to", "2014"], "is after --to"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_line(
    demo: Crawl, arguments: list[str], said: str
) -> None:
    done = demo.scrapy(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_changed_in_a_line_begins_with_a_word() -> None:
    old = "We send your data to partners in Norway, the United Kingdom and Iceland, as we must."
    new = "We send your data to partners in Norway and Iceland, as we must."
    assert saying(compare_passages(old, new)) == ("-", "the United Kingdom")
