"""A sentence of a policy is cited so that others can check it."""

import ast
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest
from bibtexparser import parse_string
from hypothesis import given
from hypothesis import strategies as st

from pipelines.citation import verify_evidence
from pipelines.citation.citations import bibtex, csl
from pipelines.citation.citing import closest, periods, statements, text_fragment, with_fragment
from pipelines.citation.evidence_pages import copy_page, stands_in
from pipelines.citation.sightings import History, Sighting
from pipelines.citation.verify_evidence import find
from pipelines.inert import printable
from pipelines.versioning import versions
from tests.crawling import DEMO, Crawl

SENTENCE = "We do not sell your personal information."
PANTRY = "northpantry.example"
SNAPSHOT = "https://web.archive.org/web/20130511081610id_/http%3A//www.northpantry.example/privacy"


def sighting(day: int, says: str, version: int = 1, **fields: object) -> Sighting:
    """A capture of a day in May 2018 whose text is `says`."""
    timestamp = f"201805{day:02}000000"
    made = Sighting(
        archive="wayback",
        policy_url="http://a.example/p",
        policy_id="http://a.example/p",
        language="en",
        version=f"201805{version:02}000000",
        version_url="https://web.archive.org/v",
        asked_timestamp=timestamp,
        asked_url="http://a.example/p",
        digest=None,
        mimetype="text/html",
        statuscode=200,
        length=None,
        location=None,
        outcome="text",
        fetched_at=None,
        page_file=None,
        page_offset=None,
        timestamp=timestamp,
        original="http://a.example/p",
        place="the Wayback Machine",
        snapshot_url=f"https://web.archive.org/web/{timestamp}id_/http%3A//a.example/p",
        text_id=says,
        title="Privacy",
        words=100,
        extractor="by hand",
        kept=1.0,
        doubtful=False,
        source=None,
        captures=1,
    )
    return replace(made, **fields)


def said(
    seen: list[Sighting],
    without_text: list[tuple[str, str]] | None = None,
    elsewhere: list[tuple[str, str | None]] | None = None,
) -> list[str]:
    """What can be said of a sentence that the text `yes` holds, and `no` does not."""
    history = History(
        "wayback",
        "the Wayback Machine",
        "http://a.example/p",
        "en",
        (),
        seen,
        without_text or [],
        elsewhere or [],
    )
    found = periods(history, {"yes": [(0, 1)], "no": []})
    return [statement for period in found for statement in statements(period)]


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ('We keep "your" data - always.', "x We  keep\n“your” data – always. y"),
        ("the user's data", "the user’s data"),
        ("Datenschutz", "Daten\u00adschutz"),
        ("caf\u00e9 policy", "cafe\u0301 policy"),
        ("opt-out", "opt\u2011out"),
        ("個人情報", "お客様の個人情報を"),
    ],
)
def test_a_sentence_is_found_whatever_its_typography(sentence: str, text: str) -> None:
    ((begin, end),) = find(sentence, text)
    assert find(sentence, text[begin:end]) == [(0, end - begin)]


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("sell your data", "resell your data"),
        ("your data", "your database"),
        ("we share", "We share"),
        ("we share it", "we share, it"),
    ],
)
def test_words_case_and_punctuation_must_be_the_same(sentence: str, text: str) -> None:
    assert find(sentence, text) == []


def test_marks_of_markdown_may_stand_in_a_sentence() -> None:
    text = "* See [our **cookie**\n  policy](http://a.example/x_y). It is _short._"
    ((begin, end),) = find("See our cookie policy. It is short.", text, markdown=True)
    assert (begin, end) == (2, len(text) - 1)
    assert find("See our cookie policy.", text) == []


@given(st.text(), st.text(alphabet="ab-' \n“\u00ad", min_size=1), st.text())
def test_any_sentence_is_found_in_what_holds_it(before: str, sentence: str, after: str) -> None:
    if any(c in "ab" for c in sentence):
        text = f"{before} . {sentence.strip()} . {after}"
        spans = find(sentence, text)
        assert spans
        assert all(0 <= begin < end <= len(text) for begin, end in spans)


@given(st.text())
def test_a_text_of_a_page_stays_in_its_line(text: str) -> None:
    assert all(c.isprintable() for c in printable(text))


def test_presence_is_said_of_captures_only() -> None:
    seen = [sighting(1, "no"), sighting(3, "yes", 3), sighting(5, "yes", 3), sighting(9, "no", 9)]
    gaps = [
        ("20180502000000", "not_selected"),
        ("20180504000000", "blocked"),
        ("20180506000000", "not_found"),
        ("20180507000000", "pending"),
    ]
    assert said(seen, gaps) == [
        "present from 2018-05-03T00:00:00Z to 2018-05-05T00:00:00Z, in every capture read"
        " (2 captures of 1 version); captures in that time: 1 that gave no text (1 blocked)",
        "absent in the last capture before (2018-05-01T00:00:00Z); captures in between:"
        " 1 that nobody has fetched",
        "absent in the next capture of 2018-05-09T00:00:00Z; captures in between:"
        " 1 that nobody has fetched and 1 that gave no text (1 not_found)",
    ]


def test_the_ends_of_what_is_known_are_named() -> None:
    assert said([sighting(3, "yes")], [("20180509000000", "archive_error")]) == [
        "present in the capture of 2018-05-03T00:00:00Z (1 capture of 1 version)",
        "present in the first capture known",
        "present in the last capture known; captures after that: 1 that nobody has fetched",
    ]


def test_captures_read_that_are_not_in_the_history_are_named() -> None:
    seen = [sighting(3, "yes"), sighting(5, "yes"), sighting(9, "no", 9)]
    elsewhere: list[tuple[str, str | None]] = [
        (f"201805{day:02}000000", language)
        for day, language in [(2, None), (4, "de"), (4, "fr"), (6, "de"), (7, None), (8, None)]
    ]
    assert said(seen, [("20180504000000", "blocked")], elsewhere) == [
        "present from 2018-05-03T00:00:00Z to 2018-05-05T00:00:00Z, in every capture read of this"
        " history (2 captures of 1 version); captures in that time: 1 that gave no text (1 blocked)"
        " and 2 read in other languages (1 de, 1 fr)",
        "present in the first capture of this history; captures before that:"
        " 1 read that is of another history of the policy",
        "absent in the next capture of this history, of 2018-05-09T00:00:00Z; captures in between:"
        " 1 read in another language (de) and 2 read that are of another history of the policy",
    ]
    assert said(seen[:2], elsewhere=elsewhere)[2].startswith(
        "present in the last capture of this history; captures after that: "
    )
    assert said(seen[1:], elsewhere=elsewhere[:2])[2] == (
        "absent in the next capture of 2018-05-09T00:00:00Z"
    )


def test_imported_captures_are_told_apart() -> None:
    seen = [
        sighting(1, "no", source="import:b"),
        sighting(2, "yes", 2, source="import:a", captures=2),
        sighting(3, "yes", 2),
    ]
    span, before, _ = said(seen)
    assert span.endswith("; of 3 captures 2 are imported (import:a), not read from the archive")
    assert before.endswith("before (2018-05-01T00:00:00Z, imported (import:b))")
    assert "text imported (import:a); quoted" in bibtex("a.example", [(seen[1], "x")])


def test_local_files_are_not_called_an_archive() -> None:
    """The document's header has its words; what is said to a reader has where it was read."""
    cited = [(sighting(3, "yes", archive="warc"), "x")]
    entry = parse_string(bibtex("a.example", cited)).entries[0]
    assert "read in local WARC files, which name the Wayback Machine's addresses" in entry["note"]
    assert "archived by" not in entry["note"]
    assert json.loads(csl("a.example", cited))[0]["archive"].startswith("local WARC files")


def test_a_sentence_that_came_back_has_two_periods() -> None:
    seen = [sighting(1, "yes"), sighting(2, "no", 2), sighting(3, "yes", 3)]
    assert len(said(seen)) == 6
    assert said([sighting(1, "yes"), sighting(3, "no", 3)])[0].startswith("present in the capture")
    assert said([sighting(1, "no")]) == []


def test_captures_known_by_their_digest_are_told_apart() -> None:
    seen = [sighting(1, "yes"), sighting(2, "yes", outcome="same_digest", captures=2)]
    (span, *_) = said(seen)
    assert "3 captures of 1 version, 2 not fetched but of the digest of one that was" in span


def test_an_absence_from_a_doubtful_text_is_said_to_be_one() -> None:
    seen = [sighting(1, "yes"), sighting(2, "no", 2, doubtful=True)]
    assert said(seen)[2].endswith("whose text is doubtful: look at the page")


def test_a_text_fragment_is_encoded_as_the_specification_says() -> None:
    text = "We share a-b, c & d: 100% of “it”."
    directive = text_fragment(text, (0, len(text)))
    assert directive.startswith("text=We%20share%20a%2Db%2C%20c%20%26%20d")
    assert unquote(directive) == f"text={text}"
    assert with_fragment("http://a.example/#top", directive).startswith("http://a.example/#top:~:")


def test_a_long_passage_is_given_by_its_ends() -> None:
    start = "When you use our services we may "
    text = f"{start}keep it. {start}" + " ".join(f"word{n}" for n in range(99))
    directive = text_fragment(text, (len(start) + 9, len(text)))
    assert unquote(directive) == f"text={start}word0,word95 word96 word97 word98"
    assert text_fragment("One two.\nThree", (0, 14)) == "text=One%20two.,Three"


@given(st.text(min_size=1), st.data())
def test_every_passage_has_a_directive_that_is_safe_in_an_address(
    text: str, data: st.DataObject
) -> None:
    begin = data.draw(st.integers(0, len(text) - 1))
    directive = text_fragment(text, (begin, data.draw(st.integers(begin + 1, len(text)))))
    assert directive.isascii()
    assert not set(directive.removeprefix("text=")) & set("-&#\n ")


def test_the_closest_sentence_is_named_with_its_text() -> None:
    texts = [("1", "We sell data.\nWe never share your data with anyone."), ("2", "Hello there.")]
    found = closest("We never share your data with anybody", texts, 1)
    assert [(near.sentence, near.text_id) for near in found] == [
        ("We never share your data with anyone.", "1")
    ]
    assert 0.9 < found[0].likeness < 1


def test_no_title_breaks_out_of_a_citation() -> None:
    title = 'A } b { 100% \\ & # _ "c" @ é\x1b[0m'
    cited = [(replace(sighting(3, "yes"), title=title), "}, url = {http://evil.example")] * 2
    library = parse_string(bibtex("a.example", cited))
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == [
        "a-example-20180503000000",
        "a-example-20180503000000-2",
    ]
    assert library.entries[0]["url"] == cited[0][0].snapshot_url
    assert json.loads(csl("a.example", cited))[0]["title"] == printable(title)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """The demo corpus."""
    crawl = Crawl(tmp_path_factory.mktemp("cite") / "crawl")
    crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    return crawl


def cite(crawl: Crawl, *arguments: object) -> subprocess.CompletedProcess[str]:
    settings = ["-s", f"DUCKDB_PATH={crawl.corpus}", "-L", "WARNING"]
    return subprocess.run(
        [sys.executable, "-m", "scrapy", "cite", *settings, *map(str, arguments)],
        cwd=crawl.prepared(),
        env=crawl.environment(),
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def folder(demo: Crawl) -> Path:
    """A folder of evidence."""
    made = demo.folder / "evidence"
    done = cite(demo, PANTRY, SENTENCE, "-o", made)
    assert done.returncode == 0, done.stderr
    seal = (made / "evidence.sha256").read_text().split()[0]
    assert done.stdout.splitlines()[-1].endswith(seal)
    return made


def verify(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", folder / "verify.py", *arguments], capture_output=True, text=True
    )


def failures(folder: Path, *arguments: str) -> list[str]:
    done = verify(folder, *arguments)
    assert done.stderr == ""
    assert done.returncode == 1
    return [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith("FAIL")]


def reseal(folder: Path) -> None:
    """Make the hash of evidence.json anew, as a forger would."""
    seal = hashlib.sha256((folder / "evidence.json").read_bytes()).hexdigest()
    (folder / "evidence.sha256").write_text(f"{seal}  evidence.json\n")


@pytest.fixture
def tampered(folder: Path, tmp_path: Path) -> Path:
    """A copy of the folder, to be tampered with."""
    return shutil.copytree(folder, tmp_path / "copy")


def test_the_command_says_what_captures_show(demo: Crawl) -> None:
    done = cite(demo, PANTRY, SENTENCE)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == (
        "http://www.northpantry.example/privacy (en), local WARC files, which name"
        " the Wayback Machine's addresses: in 2 of 4 versions"
    )
    assert lines[1].startswith("  present from 2013-05-11T08:16:10Z to 2017-11-14T22:04:50Z")
    assert lines[2:4] == [
        "  present in the first capture known",
        "  absent in the next capture of 2018-05-26T06:33:40Z",
    ]
    assert f"    first  2013-05-11T08:16:10Z {SNAPSHOT}" in lines
    assert lines[-1].endswith("We do not sell your personal data. (92% alike)")
    assert "deleted" not in done.stdout
    assert "added" not in done.stdout


def test_a_sentence_that_is_nowhere_has_its_likes(demo: Crawl) -> None:
    done = cite(demo, PANTRY, "We do not sell your personal informations.")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[0] == (
        f"{PANTRY}: in none of 4 versions; the sentences most like it:"
    )
    assert SENTENCE in done.stdout.splitlines()[1]


def test_what_was_typed_wrong_is_named(demo: Crawl, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    wrong = {
        ("northpantri.example", SENTENCE): f"northpantri.example: no capture of it in this corpus;"
        f" did you mean {PANTRY}",
        (PANTRY, "..."): "SENTENCE='...': has no word",
        ("not a domain", SENTENCE): "'not a domain' is not a domain name",
        (PANTRY, SENTENCE, "-o", tmp_path / "full"): f"-o {tmp_path / 'full'}: is not empty",
        (PANTRY, SENTENCE, "-o", tmp_path / "no" / "x"): f"-o {tmp_path / 'no' / 'x'}: ",
        (PANTRY, SENTENCE, "--policy-url", "http://x/"): "--policy-url http://x/: not the address",
    }
    for arguments, message in wrong.items():
        done = cite(demo, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(message)
        assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "x"]


def test_citations_are_of_the_versions_that_hold_it(demo: Crawl) -> None:
    address = "https://www.northpantry.example/legal/privacy-notice"
    done = cite(demo, PANTRY, SENTENCE, "--format", "bibtex", "--policy-url", address)
    entries = parse_string(done.stdout).entries
    assert [entry["date"] for entry in entries] == ["2013-05-11", "2016-10-02"]
    assert (entries[0]["url"], entries[0]["author"]) == (SNAPSHOT, f"{{{PANTRY}}}")
    items = json.loads(cite(demo, PANTRY, SENTENCE, "--format", "csl").stdout)
    assert [item["type"] for item in items] == ["webpage", "webpage"]
    assert items[0]["issued"] == {"date-parts": [[2013, 5, 11]]}


def test_the_folder_holds_documents_texts_and_pages_as_they_are(demo: Crawl, folder: Path) -> None:
    evidence = json.loads((folder / "evidence.json").read_text())
    documents = {text for (text,) in demo.rows("SELECT markdown FROM policies")}
    first, _, absent = evidence["captures"]
    assert (folder / first["document"]).read_text() in documents
    assert (folder / absent["document"]).read_text() in documents
    assert first["fragment_urls"] == [
        f"{SNAPSHOT}#:~:text=We%20do%20not%20sell%20your%20personal%20information."
    ]
    (begin, end), text = first["passages"][0]["text"], (folder / first["text"]).read_text()
    assert text[begin:end] == SENTENCE
    assert absent["most_like_it"]["sentence"] == "We do not sell your personal data."
    assert "read in local WARC files" in (folder / "README.md").read_text()
    record = (folder / "pages.warc.gz").read_bytes()[: first["page"]["length"]]
    (kept,) = (demo.folder / "corpus.pages").iterdir()
    assert record in kept.read_bytes()


def test_pages_that_are_not_kept_are_said_to_be_missing(demo: Crawl, tmp_path: Path) -> None:
    other = Crawl(tmp_path / "other")
    other.prepared()
    shutil.copy(demo.corpus, other.corpus)
    done = cite(other, PANTRY, SENTENCE, "-o", tmp_path / "made")
    assert done.stdout.count(" not in it: ") == 3
    assert (tmp_path / "made" / "README.md").read_text().count(" not in it: ") == 3
    assert not (tmp_path / "made" / "pages.warc.gz").exists()
    assert verify(tmp_path / "made").returncode == 0


ENGLISH = (
    "We collect your name and your address when you order from us. We do not sell your personal"
    " information. We keep what you tell us as long as the law of our country wants us to. "
)
GERMAN = (
    "Wir erheben Ihren Namen und Ihre Anschrift, wenn Sie bei uns bestellen. Ihre persönlichen"
    " Daten verkaufen wir nicht. Wir bewahren sie so lange auf, wie das Gesetz es verlangt. "
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """One address: English in 2010 and 2012, German in 2011, 2013 and 2014, in an import."""
    crawl = Crawl(tmp_path_factory.mktemp("imported") / "crawl")
    documents = crawl.prepared() / "docs"
    documents.mkdir()
    for year, text in zip(range(2010, 2015), [ENGLISH, GERMAN] * 2 + [GERMAN], strict=True):
        made = versions.document(
            "a.example", f"{year}0501000000", "http://a.example/p", "Privacy", text * 3
        )
        (documents / f"{year}.md").write_text(made)
    done = crawl.scrapy("import", documents, "--name", "old")
    assert done.returncode == 0, done.stderr
    return crawl


def test_a_page_read_in_another_language_is_no_capture_that_holds_it(
    imported: Crawl, tmp_path: Path
) -> None:
    done = cite(imported, "a.example", SENTENCE, "-o", tmp_path / "made")
    assert done.returncode == 0, done.stderr
    statements = [
        "present from 2010-05-01T00:00:00Z to 2012-05-01T00:00:00Z, in every capture read of this"
        " history (2 captures of 1 version); captures in that time: 1 read in another language"
        " (de); of 2 captures 2 are imported (import:old), not read from the archive",
        "present in the first capture known",
        "present in the last capture of this history; captures after that:"
        " 2 read in another language (de)",
    ]
    assert [line.strip() for line in done.stdout.splitlines()[2:5]] == statements
    readme = (tmp_path / "made" / "README.md").read_text()
    assert all(statement in readme for statement in statements)
    assert readme.count("its text was imported (import:old), without the page") == 2
    evidence = json.loads((tmp_path / "made" / "evidence.json").read_text())
    assert {capture["source"] for capture in evidence["captures"]} == {"import:old"}
    period = next(p for history in evidence["histories"] for p in history["periods"])
    assert period["gap_after"]["other_language"] == {"de": 2}
    assert verify(tmp_path / "made").returncode == 0


def test_captures_of_an_address_that_the_policy_had_left_are_named(
    imported: Crawl, tmp_path: Path
) -> None:
    moved = Crawl(tmp_path / "moved")
    moved.prepared()
    shutil.copy(imported.corpus, moved.corpus)
    with duckdb.connect(moved.corpus) as db:
        db.execute("DELETE FROM lineage")
        db.execute(
            "INSERT INTO lineage (archive, domain, policy_url, policy_id, until)"
            " SELECT DISTINCT archive, domain, policy_url, policy_url, '20110601000000'"
            " FROM captures"
        )
    lines = cite(moved, "a.example", SENTENCE).stdout.splitlines()
    assert lines[4].strip() == (
        "present in the last capture of this history; captures after that: 3 read in another"
        " language (de) and 1 read that is of another history of the policy"
    )


def test_captures_known_by_digest_have_the_page_of_the_one_fetched(
    demo: Crawl, tmp_path: Path
) -> None:
    said = "does not give patron records to vendors of databases. Patrons"
    done = cite(demo, "alderquist.example", said, "-o", tmp_path / "made")
    assert "4 captures of 1 version, 2 not fetched but of the digest of one that was" in done.stdout
    assert verify(tmp_path / "made").returncode == 0
    captures = json.loads((tmp_path / "made" / "evidence.json").read_text())["captures"]
    assert [capture["outcome"] for capture in captures] == ["text", "same_digest", "text"]
    source = {"served_timestamp": "20050601224715", "served_url": captures[1]["served_url"]}
    assert captures[1]["read_from"] == source


def test_a_sentence_that_the_extractor_left_out_is_no_absence() -> None:
    page = b"<p>Read this.<p>We do <b>n</b>ot sell.<aside>Your data</aside><script>it</script>"
    assert stands_in("We do not sell. Your data", page, None)
    assert not stands_in("it", page, None)
    assert stands_in("it", b"%PDF-1.4 it", None) is None


@pytest.mark.parametrize(
    "record",
    [
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 19\r\n\r\n"
        b"HTTP/1.1 200 OK\r\n\r\n\r\n\r\n",
        b"no record at all",
        b"",
    ],
)
def test_what_is_no_record_of_a_page_is_no_page(record: bytes, tmp_path: Path) -> None:
    (tmp_path / "kept.warc.gz").write_bytes(gzip.compress(record))
    pages = BytesIO()
    said = copy_page(tmp_path, "kept.warc.gz", 0, pages, SENTENCE)
    assert said == "kept.warc.gz: no page at byte 0"
    assert pages.getvalue() == b""


def test_an_untouched_folder_passes(folder: Path) -> None:
    seal = (folder / "evidence.sha256").read_text().split()[0]
    for arguments in [(), (seal,), (str(folder / "evidence.sha256"),)]:
        done = verify(folder, *arguments)
        assert done.returncode == 0, done.stdout
        assert done.stdout.endswith(" checks, all passed\n")
    assert failures(folder, "0" * 64) == ["FAIL  evidence.json"]
    assert f"is '{seal}', not '{'0' * 64}'" in verify(folder, "0" * 64).stdout
    assert verify(folder, "no/such/file").returncode == 2


@pytest.mark.parametrize(
    "name", ["01-20130511081610.md", "03-20180526063340.txt", "pages.warc.gz", "README.md"]
)
def test_a_changed_byte_is_named(tampered: Path, name: str) -> None:
    raw = bytearray((tampered / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (tampered / name).write_bytes(raw)
    assert f"FAIL  {name}" in failures(tampered)


def test_a_file_lost_or_added_is_named(tampered: Path) -> None:
    (tampered / "02-20171114220450.txt").unlink()
    (tampered / "more.txt").touch()
    assert {"FAIL  02-20171114220450.txt", "FAIL  more.txt"} <= set(failures(tampered))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (SENTENCE, "We sell your personal information.", "01-20130511081610.txt"),
        ('served_timestamp": "20130511', 'served_timestamp": "20120511', "01-20130511081610.md"),
        ('"date": "2013-05-11', '"date": "2012-05-11', "pages.warc.gz"),
        ('"domain": "north', '"domain": "south', "01-20130511081610.md"),
        ('"last": {\n       "capture": 2', '"last": {\n       "capture": 3', "evidence.json"),
        ('"files"', '"filed"', "evidence.json"),
        ("{", "", "evidence.json"),
    ],
)
def test_a_changed_line_of_the_evidence_is_named_even_if_resealed(
    tampered: Path, old: str, new: str, named: str
) -> None:
    path = tampered / "evidence.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert "FAIL  evidence.json" in failures(tampered)
    reseal(tampered)
    assert f"FAIL  {named}" in failures(tampered)


def test_what_a_forger_makes_anew_is_found_by_the_hash_sent_before(tampered: Path) -> None:
    seal = (tampered / "evidence.sha256").read_text().split()[0]
    path = tampered / "evidence.json"
    path.write_text(path.read_text().replace("present in the first", "present since the first"))
    reseal(tampered)
    assert verify(tampered).returncode == 0
    assert failures(tampered, seal) == ["FAIL  evidence.json"]


def test_the_program_in_the_folder_needs_no_more_than_old_python() -> None:
    source = Path(verify_evidence.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 9))
    imported = {
        name.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in node.names
    }
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
    assert verify_evidence._HEADER == versions.HEADER
