"""A published corpus can be built again from its manifest, and checked without its texts."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.manifest import entry_of, gram_similarity, read_manifest, word_f1
from tests.crawling import DEMO, ROOT, Crawl

HEADER = (
    "> *The following text is extracted and transformed from the a.example privacy policy that was "
    "archived on 2015-06-07. Please check the [original snapshot on the Wayback Machine]"
    "(https://web.archive.org/web/20150607080910id_/http%3A//a.example/p%3Fq%3D1) for the most "
    "accurate reproduction.*"
)

WORDS = ["we", "do", "not", "sell", "share", "your", "data", "to", "any", "third", "party"]


def document(text: str) -> str:
    return f"{HEADER}\n\n# Privacy\n\n{text}\n"


def scrapy(crawl: Crawl, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *map(str, arguments), "-L", "WARNING"],
        cwd=crawl.prepared(),
        env=crawl.environment(),
        capture_output=True,
        text=True,
    )


def test_an_entry_says_where_a_document_came_from() -> None:
    entry = entry_of(document("We collect [little](http://a.example/x)."))
    assert (entry.domain, entry.timestamp) == ("a.example", "20150607080910")
    assert entry.original == "http://a.example/p?q=1"
    assert entry.words == 4


def test_a_text_without_our_header_has_no_entry() -> None:
    with pytest.raises(ValueError, match="does not begin with the header"):
        entry_of("# Privacy\n\nWe collect little.\n")


@given(
    st.lists(
        st.sampled_from(
            ["we", "do", "not", "sell", "share", "your", "data", "to", "any", "third", "party"]
        )
    )
)
def test_likeness_is_one_for_the_same_text_and_needs_no_text(words: list[str]) -> None:
    made = document(" ".join(words))
    assert gram_similarity(made, entry_of(made)) == 1
    assert word_f1(made, made) == 1


def test_likeness_falls_with_every_change() -> None:
    text = " ".join(f"word{n}" for n in range(200))
    entry = entry_of(document(text))
    likeness = [
        gram_similarity(document(text.replace(" word100 ", f" {change} ")), entry)
        for change in ("word100", "another", "", "another word instead of it")
    ]
    assert likeness[0] == 1
    assert all(0.9 < value < 1 for value in likeness[1:])


def test_a_corpus_is_built_again_from_its_manifest(crawl: Crawl, tmp_path: Path) -> None:
    crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    manifest = tmp_path / "manifest.csv"
    settings = ["-s", f"DUCKDB_PATH={crawl.corpus}"]
    written = scrapy(crawl, "export", "--format", "manifest", manifest, *settings)
    (number,) = crawl.rows("SELECT count(DISTINCT markdown) FROM policies")[0]
    assert written.stdout == f"{number} documents in {manifest}\n", written.stderr
    assert len(read_manifest(manifest)) == number

    archive = f"archive={DEMO / 'demo.warc.gz'}"
    done = scrapy(crawl, "reproduce", manifest, "-a", archive, "--save", tmp_path / "made")
    assert done.returncode == 0, done.stdout
    assert f"{number} of {number} documents at 0.99 or above" in done.stdout
    assert "the same command again" not in done.stdout
    saved = {path.read_text(encoding="utf-8") for path in (tmp_path / "made").iterdir()}
    assert saved == {text for (text,) in crawl.rows("SELECT markdown FROM policies")}


def test_a_document_that_differs_or_is_missing_fails(crawl: Crawl, tmp_path: Path) -> None:
    crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    manifest = tmp_path / "manifest.csv"
    settings = ["-s", f"DUCKDB_PATH={crawl.corpus}"]
    scrapy(crawl, "export", "--format", "manifest", manifest, *settings)
    lines = manifest.read_text().splitlines()
    other = lines[2].split(",")
    swapped = ",".join([*lines[1].split(",")[:3], *other[3:]])
    lost = lines[3].replace(lines[3].split(",")[2], "http://nowhere.example/")
    manifest.write_text("\n".join([lines[0], swapped, lost]) + "\n")
    done = scrapy(crawl, "reproduce", manifest, "-a", f"archive={DEMO}")
    assert done.returncode == 1
    assert "missing" in done.stdout
    assert "not_archived" in done.stdout
    assert "0 of 2 documents at 0.99 or above" in done.stdout


def test_a_manifest_that_cannot_be_written_is_named(crawl: Crawl, tmp_path: Path) -> None:
    crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    wanted = tmp_path / "no" / "manifest.csv"
    done = scrapy(
        crawl, "export", "--format", "manifest", wanted, "-s", f"DUCKDB_PATH={crawl.corpus}"
    )
    assert (done.returncode, done.stderr) == (2, f"{wanted}: No such file or directory\n")
    itself = crawl.corpus
    done = scrapy(crawl, "export", "--format", "manifest", itself, "-s", f"DUCKDB_PATH={itself}")
    assert (done.returncode, done.stderr) == (2, f"{itself}: exists; give the name of a new file\n")
    assert crawl.rows("SELECT count(*) > 0 FROM policies") == [(True,)]


def test_a_file_that_is_no_manifest_is_named(crawl: Crawl, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("domain,timestamp\na.example,2015\n")
    done = scrapy(crawl, "reproduce", wrong)
    assert done.returncode == 2
    assert done.stderr == (
        f"{wrong}: no manifest; columns that are missing: grams, original, sha256, words\n"
    )


def test_the_seed_corpus_is_described_without_its_texts(shared_data: Path) -> None:
    entries = {f"{e.domain}_{e.timestamp}": e for e in read_manifest(ROOT / "data/seed_corpus.csv")}
    for path in (shared_data / "seeds").glob("*.md"):
        assert entries.pop(path.stem) == entry_of(path.read_text(encoding="utf-8"))
    assert entries == {}
