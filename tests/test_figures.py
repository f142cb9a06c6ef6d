"""The figures: what they measure, how sure they are, and the page that shows them."""

import csv
import random
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median as middle

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from pipelines.figures import events, lists, measures, plots, trends
from pipelines.figures.estimates import Estimate, median, share
from pipelines.figures.measures import flesch_kincaid
from pipelines.figures.updates import updates
from tests.crawling import DEMO, Crawl

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@pytest.fixture
def measured(demo: Crawl) -> duckdb.DuckDBPyConnection:
    """The demo corpus, measured."""
    db = duckdb.connect(demo.corpus, read_only=True)
    measures.measure(db, lists.read_phrases())
    return db


# -- estimates -------------------------------------------------------------------------------------


@given(VALUES)
def test_a_median_lies_in_its_interval(values: list[float]) -> None:
    found = median(values)
    assert found.value == pytest.approx(middle(values))
    assert found.policies == len(values)
    assert (found.low is None) == (found.high is None)
    if found.low is not None and found.high is not None:
        assert found.low <= found.value <= found.high


def test_fewer_than_six_have_no_interval() -> None:
    assert median([1, 2, 3, 4, 5]).low is None
    assert median([1, 2, 3, 4, 5, 6]) == Estimate(3.5, 1, 6, 6)


def test_the_interval_of_a_median_holds_the_truth_19_times_in_20() -> None:
    rng = random.Random(2018)
    held = 0
    for _ in range(400):
        found = median([rng.lognormvariate(0, 1) for _ in range(25)])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 1 <= found.high
    assert held >= 0.93 * 400


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_and_that_between_0_and_100(counts: tuple[int, int]) -> None:
    found = share(*counts)
    assert found.low is not None
    assert found.high is not None
    assert -1e-9 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 100 + 1e-9


# -- measures --------------------------------------------------------------------------------------


def test_the_grade_is_that_of_the_formula() -> None:
    # 10 words, 2 sentences, 10 syllables
    assert flesch_kincaid("The cat sat on the mat. It was not fat.") == pytest.approx(
        0.39 * 5 + 11.8 * 1.0 - 15.59
    )


def test_longer_words_and_sentences_need_more_school() -> None:
    plain = "We keep your name. We do not sell it."
    legal = (
        "Notwithstanding any contrary provision, personally identifiable information may be"
        " disclosed to affiliated organisations for administrative purposes."
    )
    assert (flesch_kincaid(plain) or 0) < 4 < 16 < (flesch_kincaid(legal) or 0)


def test_a_line_ends_a_sentence() -> None:
    assert flesch_kincaid("Cookies\nWe use them") == flesch_kincaid("Cookies. We use them.")


@given(st.text())
def test_any_text_has_a_grade_or_no_words(text: str) -> None:
    grade = flesch_kincaid(text)
    assert grade is None or grade > -16


def says(text: str) -> set[str]:
    """The phrases that a text has."""
    with duckdb.connect() as db:
        return {
            phrase.phrase
            for phrase in lists.read_phrases()
            if db.execute("SELECT regexp_matches(?, ?, 'i')", [text, phrase.pattern]).fetchall()[0][
                0
            ]
        }


def test_each_phrase_is_found_in_any_case() -> None:
    for phrase in lists.read_phrases():
        said = phrase.phrase.replace("TRUSTe or TrustArc", "TrustArc")
        for text in (f"… {said}.", f"({said.upper()})", f"our {said.lower()}, too"):
            assert phrase.phrase in says(text), text
    assert says("We collect your name.") == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Opt out at https://www.networkadvertising.org/choices.", {"NAI"}),
        ("We work with social network advertising providers.", set()),
        ("the European Digital Advertising Alliance (EDAA)", {"EDAA"}),
        ("the Digital Advertising Alliance of Canada", {"DAA"}),
        ("We use the Facebook Pixel.", {"pixel tag"}),
        ("A picture of 1024 by 768 pixels.", set()),
        ("preferences-mgr.truste.com", set()),
        ("a TRUSTe seal", {"TRUSTe or TrustArc"}),
        ("our supervisory\nauthorities", {"supervisory authority"}),
    ],
)
def test_what_looks_like_a_phrase_is_told_from_it(text: str, found: set[str]) -> None:
    assert says(text) == found


def test_the_19_phrases_of_the_paper_are_there() -> None:
    assert len({p.phrase for p in lists.read_phrases() if p.topic == "GDPR"}) == 19


# -- trends ----------------------------------------------------------------------------------------


def test_a_policy_counts_once_a_year_and_only_in_english(
    measured: duckdb.DuckDBPyConnection,
) -> None:
    rows = measured.execute("SELECT year, domain, policy_id FROM standing").fetchall()
    assert rows
    assert len(set(rows)) == len(rows)
    german = "SELECT DISTINCT domain FROM policies WHERE language = 'de'"
    assert not {(d,) for _, d, _ in rows} & set(measured.execute(german).fetchall())


def test_the_median_length_of_a_year_is_that_of_its_policies(
    measured: duckdb.DuckDBPyConnection,
) -> None:
    words: dict[int, list[int]] = defaultdict(list)
    for year, count in measured.execute("""
        SELECT year, words FROM policies_by_year WHERE language = 'en'""").fetchall():
        words[year].append(count)
    found = {p.at.year: p.estimate.value for p in trends.length(measured).lines["median"]}
    assert found == {year: middle(counts) for year, counts in words.items()}


def test_the_share_that_says_a_phrase_is_counted_by_hand_the_same(
    measured: duckdb.DuckDBPyConnection,
) -> None:
    said: dict[int, list[bool]] = defaultdict(list)
    for year, text in measured.execute("""
        SELECT year, text FROM policies_by_year WHERE language = 'en'""").fetchall():
        said[year].append("supervisory authorit" in text.lower())
    line = trends.phrases(measured, lists.read_phrases(), "GDPR").lines["supervisory authority"]
    assert {p.at.year: p.estimate.value for p in line} == {
        year: pytest.approx(100 * sum(has) / len(has)) for year, has in said.items()
    }
    assert any(p.estimate.value for p in line)


def test_changes_are_counted_as_sure_only_inside_the_half_year(
    measured: duckdb.DuckDBPyConnection,
) -> None:
    lives = measured.execute("SELECT domain, policy_id, born, seen FROM lives").fetchall()
    changes = measured.execute("""
        SELECT domain, policy_id, changed_after, changed_before FROM changes
        WHERE kind = 'substantive' AND language = 'en'""").fetchall()
    figure = updates(measured)
    for sure, maybe in zip(figure.lines["surely"], figure.lines["perhaps"], strict=True):
        begins = datetime(int(sure.time[:4]), 1 if sure.time[4] == "A" else 7, 1)
        ends = datetime(begins.year, 7, 1) if begins.month == 1 else datetime(begins.year + 1, 1, 1)
        known = [(d, p) for d, p, born, seen in lives if born < begins and seen >= ends]
        inside = {(d, p) for d, p, a, b in changes if a >= begins and b < ends}
        touching = {(d, p) for d, p, a, b in changes if b >= begins and a < ends}
        assert begins.date() < sure.at < ends.date()
        assert sure.estimate.policies == maybe.estimate.policies == len(known)
        assert sure.estimate.value == pytest.approx(100 * len(inside & {*known}) / len(known))
        assert maybe.estimate.value == pytest.approx(100 * len(touching & {*known}) / len(known))


def test_what_follows_a_law_stands_right_of_it(measured: duckdb.DuckDBPyConnection) -> None:
    [in_force] = [law.in_force for law in lists.read_laws() if law.law == "GDPR"]
    line = trends.topics(measured, "topics", "Topics", ["GDPR"]).lines["GDPR"]
    first = next(point for point in line if point.estimate.value)
    assert first.time == "2018"
    assert first.at > in_force


def test_the_last_year_ends_with_what_was_seen_last(measured: duckdb.DuckDBPyConnection) -> None:
    [[seen]] = measured.execute("SELECT max(seen)::DATE FROM lives").fetchall()
    assert trends.length(measured).lines["median"][-1].at == seen < date(seen.year, 12, 31)


def test_of_two_archives_the_one_that_looked_last_tells_what_stood() -> None:
    db = duckdb.connect()
    db.execute("""
        CREATE TABLE policies_by_year AS SELECT 2017 AS year, 'a.example' AS domain,
            'p' AS policy_id, 'en' AS language, archive, text_id, 1 AS words, captures,
            false AS carried,
            seen::TIMESTAMP AS first_seen, seen::TIMESTAMP AS last_seen
        FROM (VALUES ('arquivo', 'new', 1, '2017-12-20'), ('warc', 'old', 9, '2017-11-14'))
            AS rows(archive, text_id, captures, seen)""")
    db.execute(measures._STANDING)
    assert db.execute("SELECT text_id FROM standing").fetchall() == [("new",)]


# -- before and after a law ------------------------------------------------------------------------


def test_the_panel_has_the_same_policies_at_every_quarter(
    measured: duckdb.DuckDBPyConnection,
) -> None:
    gdpr = next(law for law in lists.read_laws() if law.law == "GDPR")
    event = events.study(measured, gdpr)
    assert event is not None
    cells = measured.execute("SELECT q, domain, moment FROM panel").fetchall()
    by_quarter = defaultdict(set)
    for q, domain, *_ in cells:
        by_quarter[q].add(domain)
    assert sorted(by_quarter) == list(range(-4, 5))
    assert len({frozenset(domains) for domains in by_quarter.values()}) == 1
    assert len(by_quarter[0]) == event.policies >= 3


def test_at_each_quarter_stands_what_was_seen_last(measured: duckdb.DuckDBPyConnection) -> None:
    gdpr = next(law for law in lists.read_laws() if law.law == "GDPR")
    events.study(measured, gdpr)
    panel = measured.execute("SELECT domain, moment, words, unsure FROM panel").fetchall()
    for domain, moment, words, unsure in panel:
        seen = measured.execute(
            "SELECT words, last_seen FROM policies WHERE domain = ? AND first_seen <= ?"
            " ORDER BY first_seen DESC LIMIT 1",
            [domain, moment],
        ).fetchall()
        assert seen == [(words, seen[0][1])]
        assert unsure == (moment > seen[0][1])


def test_a_law_without_phrases_of_its_own_has_none_counted(
    measured: duckdb.DuckDBPyConnection,
) -> None:
    laws = lists.read_laws()
    [gdpr] = [law for law in laws if law.law == "GDPR"]
    [ccpa] = [law for law in laws if law.law == "CCPA"]
    with_phrases, without = events.study(measured, gdpr), events.study(measured, ccpa)
    assert with_phrases is not None
    assert without is not None
    assert set(with_phrases.figure.lines) - set(without.figure.lines) == {"% with a phrase of GDPR"}


def test_a_text_without_words_does_not_stop_a_study(measured: duckdb.DuckDBPyConnection) -> None:
    measured.execute("UPDATE graded SET grade = NULL")
    [gdpr] = [law for law in lists.read_laws() if law.law == "GDPR"]
    event = events.study(measured, gdpr)
    assert event is not None
    assert event.grade is None
    assert "reading grade" not in event.figure.lines


def test_a_law_before_all_policies_has_no_panel(measured: duckdb.DuckDBPyConnection) -> None:
    assert events.study(measured, lists.Law("Old law", "Somewhere", date(1980, 1, 1))) is None


# -- pictures and the page -------------------------------------------------------------------------


def test_a_picture_is_the_same_each_time_and_its_letters_can_be_searched(
    measured: duckdb.DuckDBPyConnection,
) -> None:
    figure = trends.length(measured)
    one, other = (plots.svg(plots.lines(figure), figure.name) for _ in range(2))
    assert one == other
    assert "Length of policies" in one
    assert "<script" not in one


def test_a_report_has_its_figures_their_numbers_and_the_coverage_and_no_chance(
    demo: Crawl, tmp_path: Path
) -> None:
    folder = tmp_path / "report"
    done = demo.scrapy("report", folder)
    assert done.returncode == 0, done.stderr
    page = html.fromstring((folder / "index.html").read_bytes())
    names = {file.stem for file in folder.glob("*.svg")}
    assert {"length", "reading_grade", "topics", "updates", "phrases_1_gdpr"} <= names
    assert {figure.get("id") for figure in page.iter("figure")} == names
    assert {file.stem for file in folder.glob("*.csv")} == names
    assert done.stdout == f"{len(names)} figures in {folder / 'index.html'}\n"
    for link in page.iterlinks():
        assert link[2].startswith("#") or (folder / link[2]).is_file(), link
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert "stillwater" not in page.text_content()
    assert "1 no_policy_url" in page.text_content()
    assert all(image.get("aria-label") for image in page.xpath("//*[@role='img']"))
    with (folder / "length.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert float(rows[0]["value"]) == float(
        demo.rows("SELECT median(words) FROM policies_by_year WHERE language = 'en' AND year = ?",
                  [int(rows[0]["at"][:4])])[0][0]
    )  # fmt: skip
    again = tmp_path / "again"
    assert demo.scrapy("report", again).returncode == 0
    assert {file.name: file.read_bytes() for file in again.iterdir()} == {
        file.name: file.read_bytes() for file in folder.iterdir()
    }
    years = demo.rows("SELECT count(DISTINCT year) FROM coverage WHERE year IS NOT NULL")[0][0]
    assert len(page.xpath("//h2[.='Coverage']/following-sibling::div[1]//tbody/tr")) == years


def test_a_corpus_without_english_has_a_report_of_its_coverage(
    crawl: Crawl, tmp_path: Path
) -> None:
    domains = "example.com https://example.com/privacy"
    assert crawl.run(domains=domains, archive=DEMO / "demo.warc.gz").returncode == 0
    folder = tmp_path / "report"
    done = crawl.scrapy("report", folder)
    assert done.returncode == 0, done.stderr
    assert "No policy in English" in (folder / "index.html").read_text()


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("--phrases", "topic,phrase\na,b\n", ": has no column pattern"),
        ("--phrases", "topic,phrase,pattern\na,b,(c\n", ", line 2: (c: "),
        ("--phrases", "topic,phrase,pattern\n,b,c\n", ", line 2: no topic"),
        ("--laws", "law,place\na,b\n", ": has no column in_force"),
        ("--laws", "law,place,in_force\na,b,25/05/2018\n", "not a date such as 2018-05-25"),
        ("--laws", "law,place,in_force\na,b,2018-02-30\n", ", line 2: 2018-02-30: no such day"),
        ("--laws", "law,place,in_force\na,b,2018-02-03\na,b,2018-02-03\n", ", line 3: a: there"),
        ("--laws", None, ": No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_nothing_is_written(
    option: str, content: str | None, said: str, demo: Crawl, tmp_path: Path
) -> None:
    file = tmp_path / "given.csv"
    if content is not None:
        file.write_text(content)
    done = demo.scrapy("report", option, file, tmp_path / "report")
    assert done.returncode == 2
    assert done.stderr.startswith(str(file))
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} <= {"given.csv"}


def test_a_report_does_not_write_over_what_is_there(demo: Crawl, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = demo.scrapy("report", tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"{tmp_path}: exists, and is not an empty folder\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_lists_of_ones_own_may_have_any_names(demo: Crawl, tmp_path: Path) -> None:
    phrases = tmp_path / "[my] phrases.csv"
    phrases.write_text(
        "topic,phrase,pattern\n2018,true,cookie\n../x,$a$ and $b^c^d$,account\n"
        "A b,one,we\na B,<b>two</b>,name\n_hidden,three,you\n",
        encoding="utf-8-sig",
    )
    laws = tmp_path / "laws.csv"
    laws.write_text("law,place,in_force\nOne $x^y^z,P,2018-05-25\nTwo,P,2018-05-25\n")
    folder = tmp_path / "report"
    done = demo.scrapy("report", "--phrases", phrases, "--laws", laws, folder)
    assert done.returncode == 0, done.stderr
    page = html.fromstring((folder / "index.html").read_bytes())
    names = [figure.get("id") for figure in page.iter("figure")]
    assert len(names) == len(set(names)) == len(list(folder.glob("*.svg")))
    assert {path.name for path in tmp_path.iterdir()} == {phrases.name, laws.name, "report"}
    assert "One $x^y^z" in page.text_content()
    assert not page.xpath("//b[.='two']")


def test_a_timeline_has_each_version_and_each_outcome() -> None:
    from pipelines.versioning.history import History, Version

    moments = [datetime(2015, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC)]
    versions = [
        Version(
            "warc", "http://a.example/$x^y^z$", "", "en", f"{m:%Y%m%d%H%M%S}", "", "", 100,
            "", m, m, 1, "t", None, None, False, False, None, None, None, None, None, 0,
        )
        for m in moments
    ]  # fmt: skip
    captures = [(moments[0], "text"), (moments[1], "not_found")]
    drawn = plots.svg(plots.timeline(History(versions), captures), "timeline")
    assert "not_found" in drawn
    assert "http://a.example/$x^y^z$ (en, warc)" in drawn
