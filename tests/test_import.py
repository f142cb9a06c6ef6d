"""`scrapy import`: corpora that exist already become part of one history."""

import asyncio
import contextlib
import csv
import io
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import InputError
from crawler.outcomes import Outcome
from crawler.records import Extracted, IndexPage, Loss
from pipelines.exports.git import CAPTURE_COLUMNS
from pipelines.imports.documents import read_document, seen
from pipelines.imports.found import Imported
from pipelines.imports.git import Repository
from pipelines.imports.importing import import_all
from pipelines.imports.open_terms_archive import read_services
from pipelines.imports.writing import rows_to_write, write_rows
from pipelines.reading import make_text
from pipelines.storage.store import Store
from pipelines.versioning.versions import document
from tests.crawling import DEMO, Crawl
from tests.factories import POLICY, TARGET, capture
from tests.test_reproduce import scrapy

READ = "scrapy crawl policies -a domains=LIST"
WORDS = "We collect your name and your address, and we share them with nobody at all. "


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    crawl = Crawl(tmp_path_factory.mktemp("demo") / "crawl")
    crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    for form in "git", "markdown":
        to = crawl.folder / form
        scrapy(crawl, "export", "--format", form, to, "-s", f"DUCKDB_PATH={crawl.corpus}")
    return crawl


@pytest.fixture
def other(tmp_path: Path) -> Crawl:
    return Crawl(tmp_path / "other")


def take(crawl: Crawl, source: Path, *more: object) -> subprocess.CompletedProcess[str]:
    return scrapy(crawl, "import", source, *more, "-s", f"DUCKDB_PATH={crawl.corpus}")


def git(folder: Path, *arguments: str, date: str = "2020-01-01T00:00:00Z") -> None:
    who = {f"GIT_{r}_{k}": "a@b" for r in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")}
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    command = ["git", "-C", str(folder), "-c", "commit.gpgsign=false", *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **who, **dates})


def commit(folder: Path, file: str, content: str, message: str, date: str) -> None:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(content.encode())
    git(folder, "add", "-A")
    git(folder, "commit", "-m", message, date=date)


def made(body: str, timestamp: str = "20150129034904", original: str = POLICY) -> str:
    return document("example.com", timestamp, original, "Privacy", body)


def test_what_was_exported_to_git_comes_back_as_it_was(demo: Crawl, other: Crawl) -> None:
    done = take(other, demo.folder / "git")
    assert done.returncode == 0, done.stderr
    assert "a git history of documents\n41 documents read\n" in done.stdout
    for view in "policies", "changes":
        assert other.rows(f"FROM {view} ORDER BY ALL") == demo.rows(f"FROM {view} ORDER BY ALL")
    assert other.rows("SELECT DISTINCT source FROM captures") == [("import:git",)]


def test_the_documents_alone_bring_back_all_but_what_other_captures_say(
    demo: Crawl, other: Crawl
) -> None:
    assert "a folder of documents" in take(other, demo.folder / "markdown").stdout
    # which captures had the text, and that a WARC file gave them, is not in the documents; a policy
    # is listed under the address that was captured, not the one that led there
    query = (
        "SELECT * EXCLUDE (archive, last_seen, captures, changed_after, policy_url)"
        " FROM policies ORDER BY ALL"
    )
    assert other.rows(query) == demo.rows(query)
    assert other.rows("SELECT DISTINCT archive FROM policies") == [("wayback",)]


def test_an_import_that_is_done_again_changes_nothing(demo: Crawl, other: Crawl) -> None:
    tables = "captures", "texts", "lineage", "variants", "text_changes", "archives", "runs"
    take(other, demo.folder / "git")
    before = [other.rows(f"FROM {table} ORDER BY ALL") for table in tables]
    done = take(other, demo.folder / "git", "--name", "another")
    assert "        0 captures with their texts are new\n" in done.stdout
    assert [other.rows(f"FROM {table} ORDER BY ALL") for table in tables] == before


def test_a_crawl_does_not_fetch_what_was_imported(demo: Crawl, other: Crawl) -> None:
    take(other, demo.folder / "git")
    other.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    assert other.rows("FROM policies ORDER BY ALL") == demo.rows("FROM policies ORDER BY ALL")
    fetched = other.rows("SELECT DISTINCT outcome FROM captures WHERE fetched_at IS NOT NULL")
    assert ("text",) not in fetched
    assert other.rows("SELECT count(*) FROM captures WHERE source IS NOT NULL") == [(100,)]


def test_an_import_adds_nothing_to_what_was_crawled(demo: Crawl, other: Crawl) -> None:
    other.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    before = other.rows("FROM captures ORDER BY ALL")
    take(other, demo.folder / "git")
    assert other.rows("FROM captures ORDER BY ALL") == before


def test_a_bare_clone_is_read_like_a_checkout(demo: Crawl, other: Crawl, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(demo.folder / "git"), "clone.git")
    take(other, tmp_path / "clone.git")
    assert other.rows("FROM policies ORDER BY ALL") == demo.rows("FROM policies ORDER BY ALL")
    assert other.rows("SELECT DISTINCT source FROM captures") == [("import:clone",)]


def test_the_reference_corpus_is_imported_byte_by_byte(other: Crawl, shared_data: Path) -> None:
    for folder in "reference", "seeds":
        if not (shared_data / folder).is_dir():
            pytest.skip(f"../shared/data/{folder} is not on this machine")
    done = take(other, shared_data / "reference")
    assert "0 files cannot be used" in done.stdout, done.stdout
    take(other, shared_data / "seeds")
    expected = [
        p.read_bytes().decode()
        for d in ("reference", "seeds")
        for p in (shared_data / d).glob("*.md")
    ]
    assert sorted(text for (text,) in other.rows("SELECT markdown FROM policies")) == sorted(
        expected
    )


def test_a_history_of_the_reference_corpus_has_a_version_a_commit(
    other: Crawl, tmp_path: Path
) -> None:
    folder = tmp_path / "reference"
    folder.mkdir()
    git(folder, "init", "-q")
    file = "e/ex/exa/example.com.md"
    for n, time in enumerate(("20100430060825", "20150129034904", "20190101000000")):
        commit(
            folder,
            file,
            made(f"{WORDS * 9}Version {n} says more of it.", time),
            "{}",
            time[:4] + "-06-01T00:00:00Z",
        )
    done = take(other, folder)
    assert "3 documents read" in done.stdout, done.stderr
    assert [t for (t,) in other.rows("SELECT timestamp FROM policies ORDER BY 1")] == [
        "20100430060825",
        "20150129034904",
        "20190101000000",
    ]
    coverage = "SELECT year, captures, texts, text, listing FROM coverage WHERE captures > 0"
    assert sorted(other.rows(coverage)) == [(y, 1, 1, 1, None) for y in (2010, 2015, 2019)]


def test_what_git_did_not_give_is_not_missing(tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    git(folder, "init", "-q")
    commit(
        folder,
        "e/ex/exa/example.com.md",
        made(WORDS, "20150129034904"),
        "{}",
        "2015-06-01T00:00:00Z",
    )
    with Repository(folder) as repository:
        [(_, files)] = repository.commits()
        assert repository._objects is not None
        repository._objects.kill()
        repository._objects.wait()
        for _ in range(2):
            with pytest.raises(InputError, match="git ended before all was read"):
                repository.read(*files.values(), 10_000)


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A repository of Open Terms Archive with two versions of a privacy policy."""
    folder = tmp_path / "contrib-versions"
    folder.mkdir()
    git(folder, "init", "-q")
    snapshot = "https://github.com/OpenTermsArchive/contrib-snapshots/commit/abc123"
    message = "First record of Foo Privacy Policy\n\nThis version was recorded after extracting"
    message += f" from snapshot {snapshot}"
    terms = "# Terms\n\nYou may not.\n"
    commit(
        folder,
        "Foo/Terms of Service.md",
        terms,
        "First record of Foo Terms",
        "2021-01-01T00:00:00Z",
    )
    commit(
        folder,
        "Foo/Privacy Policy.md",
        f"# Your Privacy\n\n{WORDS * 9}\n",
        message,
        "2021-02-03T04:05:06Z",
    )
    commit(
        folder,
        "Foo/Privacy Policy.md",
        f"Your Privacy\n====\n\n{WORDS * 9}And nothing else.\n",
        "Update",
        "2022-02-03T04:05:06+01:00",
    )
    commit(folder, "Bar/Privacy Policy.md", "# P\n\ntext\n", "First record", "2022-02-03T04:05:06Z")
    return folder


def test_versions_of_open_terms_archive_are_dated_by_their_commits(
    other: Crawl, versions: Path, tmp_path: Path
) -> None:
    services = tmp_path / "services.csv"
    services.write_text("service,policy_url\nFoo,https://www.foo.example/privacy\n")
    done = take(other, versions, "--domain-from", services)
    assert (
        "versions of Open Terms Archive; its privacy policies are read\n2 documents" in done.stdout
    )
    assert "Bar/Privacy Policy.md: --domain-from does not name this service" in done.stdout
    rows = other.rows(
        "SELECT archive, domain, timestamp, title, snapshot_url FROM policies ORDER BY timestamp"
    )
    link = "https://github.com/OpenTermsArchive/contrib-snapshots/commit/abc123"
    original = "https%3A//www.foo.example/privacy"
    assert rows == [
        (
            "ota",
            "foo.example",
            "20210203040506",
            "Your Privacy",
            f"{link}#/20210203040506id_/{original}",
        ),
        (
            "ota",
            "foo.example",
            "20220203030506",
            "Your Privacy",
            f"https://opentermsarchive.org/#/20220203030506id_/{original}",
        ),
    ]
    ((header,),) = other.rows("SELECT split_part(markdown, chr(10), 1) FROM policies LIMIT 1")
    assert "[original snapshot on Open Terms Archive](https://" in header


def test_what_was_imported_of_open_terms_archive_survives_an_export(
    other: Crawl, versions: Path, tmp_path: Path
) -> None:
    services = tmp_path / "services.csv"
    services.write_text("service,policy_url\nFoo,https://www.foo.example/privacy\n")
    take(other, versions, "--domain-from", services)
    again = Crawl(tmp_path / "again")
    settings = ["-s", f"DUCKDB_PATH={other.corpus}"]
    for form in "git", "markdown", "manifest":
        scrapy(other, "export", "--format", form, tmp_path / form, *settings)
        if form != "manifest":
            take(again, tmp_path / form)
            assert again.rows("FROM policies ORDER BY ALL") == other.rows(
                "FROM policies ORDER BY ALL"
            )


def test_declarations_say_where_a_policy_is(tmp_path: Path) -> None:
    url = "https://www.foo.example/privacy"
    (tmp_path / "Foo.json").write_text(f'{{"terms": {{"Privacy Policy": {{"fetch": "{url}"}}}}}}')
    (tmp_path / "Old.json").write_text(
        f'{{"documents": {{"Privacy Policy": {{"combine": [{{"fetch": "{url}"}}]}}}}}}'
    )
    (tmp_path / "None.json").write_text('{"terms": {"Terms of Service": {"fetch": "x"}}}')
    assert read_services(tmp_path) == dict.fromkeys(("Foo", "Old"), ("foo.example", url))


def test_what_cannot_be_imported_is_one_line(
    other: Crawl, versions: Path, tmp_path: Path, demo: Crawl
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bare").mkdir()
    git(tmp_path / "bare", "init", "-q")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n")
    for source, more, said in [
        (tmp_path / "no", [], "no such folder"),
        (wrong, [], "not a folder"),
        (tmp_path / "empty", [], "neither a git repository nor a folder with .md files"),
        (tmp_path / "bare", [], "a git repository without a commit"),
        (DEMO, [], f"WARC files, which a crawl reads: {READ} -a archive={DEMO}"),
        (versions, [], "give --domain-from, the folder of its declarations"),
        (versions, ["--domain-from", wrong], f"--domain-from {wrong}: no column policy_url"),
        (demo.folder / "git", ["--domain-from", wrong], "is for Open Terms Archive"),
        (demo.folder / "git", ["--name", "a\nb"], "not up to 100 printable characters"),
    ]:  # fmt: skip
        done = take(other, source, *more)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert said in done.stderr
    assert not other.corpus.exists()


def test_files_that_cannot_be_used_are_counted_and_named(other: Crawl, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    good = made(WORDS * 9)
    bad = {
        "none.md": b"# Nothing\n\nSays where it is from.\n",
        "latin.md": good.replace("name", "n\u00e4me").encode("latin-1"),
        "nul.md": good.encode() + b"\0",
        "date.md": good.replace("20150129034904", "20151329034904").encode(),
        "other.md": good.replace("the Wayback Machine", "My Disk").encode(),
        "empty.md": good.partition("\n")[0].encode() + b"\n\n# Privacy\n\n\n",
        "red\x1b[31m.md": b"",
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    (folder / "good.md").write_text(good)
    (folder / "link.md").symlink_to("/etc/hostname")
    done = take(other, folder)
    assert "1 documents read" in done.stdout
    assert "8 files cannot be used\n" in done.stdout
    assert "\x1b" not in done.stdout
    assert "none.md: does not begin with the header of a document\n" in done.stdout
    assert "other.md: is from My Disk, which is no archive known here\n" in done.stdout


def table(**fields: str) -> bytes:
    """A table with one capture of the document of `made`, but for some fields."""
    text_id = make_text(Extracted("Privacy", WORDS * 9, "")).text_id
    row = dict.fromkeys(CAPTURE_COLUMNS, "") | {
        **{"archive": "wayback", "domain": "example.com", "policy_url": POLICY},
        **{"urlkey": "com,example)/privacy", "timestamp": "20150129034904", "original": POLICY},
        **{"outcome": "text", "text_id": text_id, "kept": "1.0", "extractor": "us"},
        **{"served_timestamp": "20150129034904", "served_url": POLICY},
    }
    out = io.StringIO()
    writer = csv.DictWriter(out, CAPTURE_COLUMNS)
    writer.writeheader()
    writer.writerow(row | fields)
    return out.getvalue().encode()


def test_a_table_says_which_captures_have_the_text() -> None:
    found = read_document("x", made(WORDS * 9).encode(), "import:x", table(digest="D", length="7"))
    assert found.captures[0].capture == capture(mimetype="", statuscode=None, digest="D", length=7)
    assert found.extracted.extractor == "us"


@pytest.mark.parametrize(
    "field",
    [
        {"timestamp": "2015"},
        {"domain": "../../etc"},
        {"original": "javascript:1"},
        {"policy_url": "http://x/\x1b[2J"},
        {"archive": "'; DROP TABLE texts; --"},
        {"outcome": "pending"},
        {"kept": "nan"},
        {"length": "-1"},
        {"served_url": ""},
        {"text_id": "0"},
        {"location": "http x\x1b[31m <script>\nfoo"},
        {"location": "https://web.archive.org/web/20150129034904/http://example.com/"},
        {"archive": "commoncrawl", "location": "javascript:alert(1)//"},
        {"archive": "ota", "location": 'https://x/"onclick='},
    ],
)
def test_a_table_with_a_row_that_cannot_be_is_not_used(field: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="its table: "):
        read_document("x", made(WORDS * 9).encode(), "import:x", table(**field))


def test_a_table_says_where_a_capture_is_as_a_crawl_does() -> None:
    for archive, place in [
        ("commoncrawl", "crawl-data/CC-MAIN-2024/a.warc.gz 667474763 7063"),
        ("ota", "https://github.com/a/b/commit/c#/20150129034904id_/http%3A//example.com"),
        ("timemap:http://m.example/", "https://a.example/web/20150129034904/http://x.example/'"),
    ]:
        beside = table(archive=archive, location=place)
        found = read_document("x", made(WORDS * 9).encode(), "import:x", beside)
        assert (found.captures[0].capture.location, found.snapshots) == (place, None)


SCRIPT = "javascript:alert(document.domain)//"


def leading(title: str, begins: str) -> bytes:
    """A document that names another archive, whose snapshots are somewhere else."""
    whole = made(WORDS * 9).replace("the Wayback Machine", title)
    return whole.replace("https://web.archive.org/web/", begins).encode()


def test_where_a_known_archive_leads_is_not_taken_from_a_file() -> None:
    for title, archive, expected in [
        ("Arquivo.pt", "arquivo", "https://arquivo.pt/noFrame/replay/"),
        ("Archive-It", "archive-it:12", "https://wayback.archive-it.org/12/"),
    ]:
        beside = None if archive == "arquivo" else table(archive=archive)
        found = read_document("x", leading(title, SCRIPT), "import:x", beside)
        assert found.snapshots == expected


@pytest.mark.parametrize("begins", [SCRIPT, "https://x/'a/", 'https://x/"/', "https://x/\u00e9/"])
def test_no_other_archive_leads_to_what_is_no_address(begins: str) -> None:
    beside = table(archive="https://w.example/all")
    found = read_document("x", leading("W", "https://w.example/all/"), "import:x", beside)
    assert found.snapshots == "https://w.example/all/"
    with pytest.raises(ValueError, match="does not lead to an address"):
        read_document("x", leading("W", begins), "import:x", beside)
    with pytest.raises(ValueError, match="a location where no capture can be"):
        read_document("x", leading("Common Crawl", SCRIPT), "import:x", None)


def test_an_archive_s_name_is_printable() -> None:
    with pytest.raises(ValueError, match="not printable"):
        read_document("x", leading("W\x1b[31m", "https://w/"), "import:x", table())


def test_a_table_has_captures_of_one_archive() -> None:
    two = table(archive="https://w.example/all") + table().partition(b"\r\n")[2]
    with pytest.raises(ValueError, match="several archives"):
        read_document("x", leading("W", "https://w/"), "import:x", two)


@given(st.binary(), st.binary() | st.none())
def test_any_bytes_are_read_or_refused(content: bytes, beside: bytes | None) -> None:
    for given_content in (content, made("").encode()[:-20] + content):
        with contextlib.suppress(ValueError):
            read_document("x", given_content, "import:x", beside)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_title_and_body_come_back_as_they_were(body: str) -> None:
    if body.strip():
        found = read_document("x", made(body).encode(), "import:x", None)
        assert (found.extracted.title, found.extracted.body) == ("Privacy", body)


def imported(timestamp: str, original: str = POLICY, words: str = WORDS * 9) -> Imported:
    found = seen("wayback", "example.com", timestamp, original)
    extracted = Extracted("Privacy", words, "import:test")
    return Imported("x.md", extracted, (found,), "the Wayback Machine", None)


def put(store: Store, *given: Imported) -> int:
    rows, _ = rows_to_write(store, given, "import:test")
    texts = {row.imported.extracted: make_text(row.imported.extracted) for row in rows}
    if rows:
        write_rows(store, rows, texts, "import:test")
    return len(rows)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    opened = Store(tmp_path / "corpus.duckdb", "run1")
    yield opened
    opened.close()


def listed(store: Store, *captures: Any) -> dict[str, Outcome]:
    store.begin_listing(TARGET)
    store.add_page(TARGET, IndexPage(list(captures), [], None))
    known = store.known(TARGET, timedelta(days=7))
    return {k.capture.original: k.outcome for k in known if k.has_text}


def test_a_listing_finds_what_was_imported_without_its_digest(store: Store) -> None:
    put(store, imported("20150129034904", "https://www.example.com/privacy"))
    found = listed(store, capture("20150129034904"), capture("20160129034904"))
    assert found == {POLICY: Outcome.TEXT}
    rows = store.db.execute("SELECT timestamp, policy_url, digest, source FROM captures ORDER BY 1")
    assert rows.fetchall() == [
        ("20150129034904", POLICY, "DIGEST20150129034904", "import:test"),
        ("20160129034904", POLICY, "DIGEST20160129034904", None),
    ]


def test_of_two_addresses_of_one_second_the_very_one_has_the_text(store: Store) -> None:
    secure = POLICY.replace("http:", "https:")
    put(store, imported("20150129034904", secure))
    two = (
        capture("20150129034904", digest="A"),
        capture("20150129034904", digest="B", original=secure),
    )
    assert listed(store, *two) == {secure: Outcome.TEXT}


def names(store: Store, *given: Imported, at_once: bool) -> list[str]:
    """What an import cannot use of these documents, all in one batch or each in its own."""
    batches = [list(given)] if at_once else [[one] for one in given]
    named = []
    for batch in batches:
        named += [one.reason for one in rows_to_write(store, batch, "import:test")[1]]
        put(store, *batch)
    return named


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("is_listed", [True, False])
def test_another_text_for_a_capture_is_named(store: Store, at_once: bool, is_listed: bool) -> None:
    if is_listed:
        listed(store, capture("20150129034904"))
    one, other = (imported("20150129034904", words=WORDS * n) for n in (9, 8))
    expected = [f"another text for the same capture, 20150129034904 {POLICY}"]
    assert names(store, one, other, one, at_once=at_once) == expected
    assert names(store, one, at_once=at_once) == []
    (kept,) = store.db.execute("SELECT body FROM texts").fetchall()
    assert kept == (WORDS * 9,)


def test_what_cannot_be_imported_beside_another_text_is_counted(store: Store) -> None:
    class Here:
        async def run(self, work: Any, *given: Any) -> Any:
            return work(*given)

    found = iter([imported("20150129034904", words=WORDS * n) for n in (9, 8, 7)])
    report = asyncio.run(import_all(store, Here(), found, "import:test", 2))  # type: ignore[arg-type]
    assert (report.documents, report.new, report.unusable) == (3, 1, 2)
    assert [file.name for file in report.named] == ["x.md", "x.md"]


@pytest.mark.parametrize("at_once", [True, False])
def test_two_addresses_of_one_second_are_two_captures(store: Store, at_once: bool) -> None:
    secure = imported("20150129034904", "https://www.example.com/privacy", WORDS * 8)
    assert names(store, imported("20150129034904"), secure, at_once=at_once) == []
    assert store.db.execute("SELECT count(*) FROM captures").fetchall() == [(2,)]


def test_a_listing_drops_no_other_text_of_its_second(store: Store) -> None:
    secure = imported("20150129034904", "https://www.example.com/privacy", WORDS * 8)
    put(store, imported("20150129034904"), secure)
    query = "SELECT original, digest, text_id IS NOT NULL FROM captures ORDER BY 1"
    for _ in range(2):
        listed(store, capture("20150129034904"))
        assert store.db.execute(query).fetchall() == [
            (POLICY, "DIGEST20150129034904", True),
            ("https://www.example.com/privacy", None, True),
        ]


def test_what_no_index_lists_stays(store: Store) -> None:
    put(store, imported("20140129034904"))
    listed(store, capture("20150129034904"))
    texts = store.db.execute("SELECT timestamp FROM captures WHERE text_id IS NOT NULL")
    assert texts.fetchall() == [("20140129034904",)]


def test_an_import_gives_a_known_capture_its_text(store: Store) -> None:
    listed(store, capture("20150129034904"))
    assert put(store, imported("20150129034904")) == 1
    assert put(store, imported("20150129034904")) == 0
    rows = store.db.execute("SELECT outcome, digest, source FROM captures").fetchall()
    assert rows == [("text", "DIGEST20150129034904", "import:test")]


def test_what_a_crawl_found_out_is_kept(store: Store) -> None:
    (given,) = [capture("20150129034904")]
    listed(store, given)
    store.record([Loss(given, Outcome.NOT_POLICY, "0.1", given.timestamp, given.original)])
    assert put(store, imported("20150129034904")) == 0


def test_addresses_that_an_index_takes_for_one_are_one_policy(store: Store) -> None:
    put(store, imported("20150129034904", "http://www.example.com/privacy"))
    put(store, imported("20160129034904", "https://example.com/privacy"))
    urls = store.db.execute("SELECT DISTINCT policy_url FROM captures").fetchall()
    assert urls == [("http://www.example.com/privacy",)]


def test_a_text_that_came_back_broken_is_imported_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "corpus.duckdb")
    put(store, imported("20150129034904"))
    store.db.execute("UPDATE captures SET served_url = NULL")
    store.close()
    store = Store(tmp_path / "corpus.duckdb")
    assert store.db.execute("SELECT outcome, source FROM captures").fetchall() == [
        ("pending", None)
    ]
    assert put(store, imported("20150129034904")) == 1
    store.close()


def test_an_upgrade_makes_what_is_said_of_imported_texts_again(
    other: Crawl, tmp_path: Path
) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/one.md").write_text(made(WORDS * 9))
    take(other, tmp_path / "tree")
    before = other.rows("FROM texts"), other.rows("FROM captures"), other.rows("FROM corpus")
    store = Store(other.corpus)
    store.db.execute("UPDATE texts SET fingerprint = 'old', words = 0")
    store.db.execute("UPDATE corpus SET reader = 'old'")
    store.close()
    assert "run `scrapy reextract` first" in take(other, tmp_path / "tree").stderr
    done = scrapy(other, "reextract", "-s", f"DUCKDB_PATH={other.corpus}")
    assert "1 imported texts made again from their Markdown" in done.stdout, done.stderr
    after = other.rows("FROM texts"), other.rows("FROM captures"), other.rows("FROM corpus")
    assert after == before
