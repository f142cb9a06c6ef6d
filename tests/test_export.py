"""`scrapy export`: the corpus in the forms that others read."""

import csv
import io
import json
import subprocess
from datetime import date
from pathlib import Path, PurePosixPath

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import IndexPage
from pipelines.exports.csv import _line
from pipelines.exports.names import label, policy_file, site_name, version_file
from pipelines.inert import marked
from pipelines.storage.store import Store
from tests.crawling import DEMO, Crawl
from tests.factories import TARGET, capture, document
from tests.test_reproduce import scrapy

HOSTILE = [
    "..",
    ".",
    "a/b",
    ".git",
    "git~1",
    "A.example",
    "a" * 400,
    "a\x00\n\x1b[2J",
    "-rf",
    "",
    "c:",
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    crawl = Crawl(tmp_path_factory.mktemp("demo") / "crawl")
    crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    return crawl


def export(crawl: Crawl, form: str, to: Path, *more: object) -> subprocess.CompletedProcess[str]:
    settings = ["-s", f"DUCKDB_PATH={crawl.corpus}"]
    return scrapy(crawl, "export", "--format", form, to, *more, *settings)


def documents(crawl: Crawl) -> set[str]:
    return {text for (text,) in crawl.rows("SELECT markdown FROM policies")}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True)
    return done.stdout.decode()


def test_markdown_is_a_tree_as_the_reference_corpus_has_it(demo: Crawl, tmp_path: Path) -> None:
    done = export(demo, "markdown", tmp_path / "tree")
    assert done.stdout == f"41 documents in {tmp_path / 'tree'}\n", done.stderr
    written = {path: path.read_bytes().decode() for path in (tmp_path / "tree").rglob("*.md")}
    assert set(written.values()) == documents(demo)
    assert tmp_path / "tree/f/fe/fer/fernglade.example/20060614190304.md" in written


def test_git_has_a_commit_a_version_at_the_archives_date(demo: Crawl, tmp_path: Path) -> None:
    done = export(demo, "git", tmp_path / "repository")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "repository"
    file = "f/fe/fer/fernglade.example.md"
    assert git(folder, "log", "--format=%aI %s", "--", file).splitlines() == [
        "2009-08-08T16:51:02+00:00 fernglade.example: changed by 2009-08-08, +109 -63 words",
        "2008-02-16T23:11:40+00:00 fernglade.example: changed by 2008-02-16, +79 -21 words",
        "2006-06-14T19:03:04+00:00 fernglade.example: first known version, 2006-06-14",
    ]
    trailers = git(folder, "log", "-1", "--format=%(trailers)", "--", file)
    assert "\nLast-seen: 20" in trailers
    assert "Snapshot: https://web.archive.org/web/20090808165102id_/" in trailers
    times = git(folder, "log", "--reverse", "--format=%at").split()
    assert len(times) == 41
    assert times == sorted(times, key=int)
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "fsck", "--strict") == ""


def test_git_has_each_document_as_it_is(demo: Crawl, tmp_path: Path) -> None:
    export(demo, "git", tmp_path / "repository")
    folder = tmp_path / "repository"
    found = set()
    for commit in git(folder, "rev-list", "HEAD").split():
        changed = git(folder, "diff-tree", "--root", "-r", "--name-only", "--no-commit-id", commit)
        (name,) = (n for n in changed.splitlines() if n.endswith(".md") and "/" in n)
        found.add(git(folder, "show", f"{commit}:{name}"))
    assert found == documents(demo)


def test_the_same_corpus_is_the_same_history(demo: Crawl, tmp_path: Path) -> None:
    heads = set()
    for name in "one", "two":
        export(demo, "git", tmp_path / name)
        heads.add(git(tmp_path / name, "rev-parse", "HEAD"))
    assert len(heads) == 1


def test_parquet_is_typed_and_in_folders_by_year(demo: Crawl, tmp_path: Path) -> None:
    export(demo, "parquet", tmp_path / "parquet")
    query = "SELECT * EXCLUDE (year) FROM read_parquet(?, hive_partitioning = true) ORDER BY ALL"
    rows = duckdb.execute(query, [f"{tmp_path}/parquet/policies/*/*.parquet"])
    assert rows.fetchall() == demo.rows("FROM policies ORDER BY ALL")
    assert (tmp_path / "parquet/policies/year=2009/part-00000.parquet").exists()
    captures = duckdb.execute(
        "SELECT count(*) FROM read_parquet(?)", [f"{tmp_path}/parquet/captures/*"]
    )
    assert captures.fetchall() == demo.rows("SELECT sum(captures)::BIGINT FROM policies")


def test_jsonl_and_csv_have_all_columns(demo: Crawl, tmp_path: Path) -> None:
    export(demo, "jsonl", tmp_path / "p.jsonl")
    export(demo, "csv", tmp_path / "p.csv")
    objects = [json.loads(line) for line in (tmp_path / "p.jsonl").open(encoding="utf-8")]
    text = (tmp_path / "p.csv").read_bytes().decode("utf-8")
    assert text.startswith("\ufeffdomain,policy_url,")
    cells = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    columns = [name for (name, *_) in demo.rows("DESCRIBE policies")]
    assert list(objects[0]) == list(cells[0]) == columns
    times = {moment.isoformat() for (moment,) in demo.rows("SELECT last_seen FROM policies")}
    assert {o["last_seen"] for o in objects} == times
    assert {o["markdown"] for o in objects} == {c["markdown"] for c in cells} == documents(demo)


def read_back(*values: object) -> list[str]:
    (row,) = csv.reader(io.StringIO(_line(values), newline=""), strict=True)
    return row


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert read_back("a", cell) == ["a", f"'{cell}"]


def test_cells_that_are_no_formula_stay_as_they_are() -> None:
    assert read_back("> *The", -5, None, True, date(2015, 1, 2)) == [
        *("> *The", "-5", "", "True", "2015-01-02")
    ]


@given(st.lists(st.text("a,\"'\r\n é>"), min_size=2))
def test_a_reader_of_csv_reads_what_was_written(values: list[str]) -> None:
    assert read_back(*values) == [f"'{v}" if v.startswith("\r") else v for v in values]


def test_a_data_set_has_no_text_in_two_splits(demo: Crawl, tmp_path: Path) -> None:
    export(demo, "huggingface", tmp_path / "data_set")
    card = (tmp_path / "data_set/README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(card.split("---\n")[1])
    assert front["license"] == "other"
    assert front["language"] == ["de", "en", "ja"]
    configs = {c["config_name"]: c["data_files"] for c in front["configs"]}
    splits = {
        given["split"]: duckdb.execute(
            "SELECT text_id, domain FROM read_parquet(?)", [f"{tmp_path}/data_set/{given['path']}"]
        ).fetchall()
        for given in configs["default"]
    }
    assert sum(map(len, splits.values())) == 41
    for at in 0, 1:
        parts = [{row[at] for row in rows} for rows in splits.values()]
        assert sum(map(len, parts)) == len(set().union(*parts))
    before, after = (
        duckdb.execute(
            f"SELECT {what}(archived_on) FROM read_parquet(?)",
            [f"{tmp_path}/data_set/{given['path']}"],
        ).fetchone()
        for what, given in zip(("max", "min"), configs["by_time"], strict=True)
    )
    assert before < after
    assert "run\n`scrapy clusters` before the export" in card


def test_clusters_stay_in_one_split_where_there_are_some(demo: Crawl, tmp_path: Path) -> None:
    scrapy(demo, "clusters", "-s", f"DUCKDB_PATH={demo.corpus}")
    export(demo, "huggingface", tmp_path / "data_set")
    texts = duckdb.execute(
        "SELECT text_id, split_part(filename, '/', -3) FROM read_parquet(?, filename = true)",
        [f"{tmp_path}/data_set/data/*/*/*.parquet"],
    ).fetchall()
    clusters = dict(demo.rows("SELECT text_id, cluster FROM text_clusters"))
    assert len({(clusters[text], split) for text, split in texts}) == len(
        {clusters[text] for text, _ in texts}
    )
    assert "each cluster of such texts" in (tmp_path / "data_set/README.md").read_text()


@pytest.mark.parametrize("form", ["markdown", "git", "parquet", "jsonl", "csv", "huggingface"])
def test_a_condition_chooses_versions(demo: Crawl, tmp_path: Path, form: str) -> None:
    done = export(demo, form, tmp_path / "out", "--where", "language = 'ja' -- or others")
    assert done.stdout.startswith("2 "), done.stderr
    assert "star" not in done.stderr


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("colour = 1", "--where colour = 1: Binder Error"),
        ("true) FROM policies; DROP TABLE texts; --", "--where true) FROM policies"),
        ("language = 'xx'", "--where language = 'xx': no version fits it\n"),
        ("(", "--where (: Parser Error"),
    ],
)
def test_a_wrong_condition_is_one_line(demo: Crawl, tmp_path: Path, where: str, said: str) -> None:
    done = export(demo, "markdown", tmp_path / "out", "--where", where)
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_what_exists_is_not_written_over(demo: Crawl, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").touch()
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    said = {
        name: export(demo, "markdown", tmp_path / name).stderr for name in ("full", "file", "empty")
    }
    assert said["full"] == f"{tmp_path / 'full'}: exists, and is not an empty folder\n"
    assert said["file"] == f"{tmp_path / 'file'}: exists, and is not an empty folder\n"
    assert said["empty"] == ""
    assert export(demo, "csv", tmp_path / "full").returncode == 2
    for form in "jsonl", "csv", "manifest":
        assert export(demo, form, tmp_path / "file").stderr == (
            f"{tmp_path / 'file'}: exists; give the name of a new file\n"
        )
    assert (tmp_path / "file").read_bytes() == b""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "file", "full"]


def test_policies_of_one_site_and_versions_of_one_second_have_files_of_their_own(
    crawl: Crawl, tmp_path: Path
) -> None:
    crawl.prepared()
    store = Store(crawl.corpus)
    english, german = (
        "we keep data about you here and there " * 9,
        "wir speichern deine Daten " * 9,
    )
    captures = [
        ("20150101000000", "http://example.com/privacy", english),
        ("20150101000000", "https://example.com/privacy", english + "more of it"),
        ("20160101000000", "http://example.com/privacy", german),
        ("20170101000000", "http://example.com/privacy", english),
    ]
    made = [capture(time, original=url, digest=str(n)) for n, (time, url, _) in enumerate(captures)]
    with_texts = [document(c, words) for c, (*_, words) in zip(made, captures, strict=True)]
    store.begin_listing(TARGET)

    store.add_page(TARGET, IndexPage(made, [], None))
    store.record(with_texts)
    store.close()
    assert export(crawl, "markdown", tmp_path / "tree").returncode == 0
    names = sorted(p.name for p in (tmp_path / "tree/e/ex/exa/example.com").iterdir())
    assert len(names) == len(documents(crawl)) == 4
    assert names[0] == "20150101000000.md"
    assert names[1].startswith("20150101000000~")
    assert names[2].startswith("20160101000000~de-")
    assert export(crawl, "git", tmp_path / "git").returncode == 0
    assert len(list((tmp_path / "git/e/ex/exa").glob("example.com*.md"))) == 2


def is_safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return (
        not name.startswith("/")
        and len(parts) >= 4
        and all(set(part) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-~%") for part in parts)
        and all(part not in ("..", ".git", "git~1") and len(part) < 250 for part in parts)
        and not any(part.startswith(".") or part.endswith(".") for part in parts)
    )


@pytest.mark.parametrize("domain", HOSTILE)
def test_no_hostile_name_leaves_the_folder(domain: str) -> None:
    assert is_safe(
        version_file(domain, "20150101000000", label(False, domain, domain, domain), False, domain)
    )
    assert is_safe(policy_file(domain, label(True, "", "", None), "md"))


@given(st.text(), st.text(), st.booleans(), st.booleans())
def test_any_name_is_safe(domain: str, other: str, main: bool, alone: bool) -> None:
    file = version_file(domain, "20150101000000", label(main, other, other, other), alone, other)
    assert is_safe(file)


@given(st.sampled_from(HOSTILE) | st.text(), st.sampled_from(HOSTILE) | st.text())
def test_two_sites_have_two_names_whatever_the_case(one: str, other: str) -> None:
    assert (site_name(one).lower() == site_name(other).lower()) == (one == other)


def test_a_plain_name_is_that_of_the_reference_corpus() -> None:
    file = version_file("softperfect.com", "20170215084014", label(True, "a", "b", "en"), True, "u")
    assert file == "s/so/sof/softperfect.com/20170215084014.md"
    assert policy_file("linux.org", "", "md") == "l/li/lin/linux.org.md"
    assert policy_file("t.co", "", "md") == "t/t_/t_c/t.co.md"


@given(st.text())
def test_a_line_of_a_message_is_one_line_that_no_terminal_obeys(text: str) -> None:
    assert marked(text).isprintable()
