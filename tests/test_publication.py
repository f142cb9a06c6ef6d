"""One process writes the corpus while others have it open."""

import errno
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import Mock

import duckdb
import pytest

from crawler.errors import InputError
from pipelines.storage.corpus import reading
from pipelines.storage.publication import Publication, writing_copy
from tests.crawling import DEMO, Crawl
from tests.imitation import imitate
from tests.test_archive_trouble import QUICK
from tests.test_version_search import history


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "corpus.duckdb"


def write(publication: Publication, number: int) -> None:
    publication.db.execute("CREATE TABLE IF NOT EXISTS numbers (n INTEGER)")
    publication.db.execute("INSERT INTO numbers VALUES (?)", [number])


def numbers(path: Path) -> list[int]:
    with duckdb.connect(path, read_only=True) as db:
        return [n for (n,) in db.execute("FROM numbers ORDER BY n").fetchall()]


def made(path: Path, number: int) -> None:
    publication = Publication(path, 60)
    write(publication, number)
    publication.finish()


@contextmanager
def held(path: Path, *, read_only: bool) -> Iterator[subprocess.Popen[str]]:
    """The corpus, open in another process, which counts its captures when it is asked to."""
    program = (
        f"import duckdb; db = duckdb.connect({str(path)!r}, read_only={read_only})\n"
        "print('held'); input()\n"
        "print(db.execute('SELECT count(*) FROM captures').fetchall()[0][0])"
    )
    with subprocess.Popen(
        [sys.executable, "-uc", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


@pytest.mark.parametrize("read_only", [True, False])
def test_a_crawl_goes_on_while_a_notebook_has_the_corpus_open(
    crawl: Crawl, read_only: bool
) -> None:
    demo = {"domains": DEMO / "domains.txt", "archive": DEMO / "demo.warc.gz"}
    assert crawl.run(**demo, since="2015", until="2016").returncode == 0
    ((before,),) = crawl.rows("SELECT count(*) FROM captures")
    with held(crawl.corpus, read_only=read_only) as notebook:
        done = crawl.run(**demo)
        assert (done.returncode, done.stderr) == (0, "")
        assert notebook.communicate("\n")[0] == f"{before}\n"
    ((after,),) = crawl.rows("SELECT count(*) FROM captures")
    assert after > before
    assert sorted(f.name for f in crawl.folder.glob("corpus.*")) == [
        "corpus.duckdb",
        "corpus.duckdb.crawl.json",
        "corpus.pages",
    ]


def test_the_corpus_can_be_read_while_a_crawl_writes_it(crawl: Crawl) -> None:
    texts = ["one"] * 200
    with imitate(history(*texts), page_size=1000) as imitation:
        settings = {**QUICK, "WAYBACK_PAGE_RATE": 600, "STORE_BATCH": 1, "PUBLISH_SECONDS": 0.2}
        settings["WAYBACK_BASE_URL"] = imitation.address
        site = imitation.captures[0].url
        domains = f"{site.split('/')[2].removeprefix('www.')} {site}"
        process = crawl.start(domains=domains, select="all", settings=settings)
        seen: set[int] = set()
        while process.poll() is None:
            if crawl.corpus.exists():
                with reading(crawl.corpus) as db:
                    sql = "SELECT count(*) FROM captures WHERE outcome = 'text'"
                    seen.add(db.execute(sql).fetchall()[0][0])
            time.sleep(0.1)
    assert process.returncode == 0
    assert len(seen - {0, 200}) > 2


def test_what_is_written_is_the_corpus_when_it_is_finished(path: Path) -> None:
    made(path, 1)
    publication = Publication(path, 60)
    write(publication, 2)
    assert numbers(path) == [1]
    publication.finish()
    assert numbers(path) == [1, 2]
    assert list(path.parent.iterdir()) == [path]


def test_a_new_corpus_is_published_at_once_and_then_after_a_while(path: Path) -> None:
    publication = Publication(path, 60)
    write(publication, 1)
    publication.publish_if_due()
    write(publication, 2)
    publication.publish_if_due()
    assert numbers(path) == [1]
    publication.finish()


def test_what_a_killed_run_wrote_is_gone_on_with(path: Path) -> None:
    made(path, 1)
    program = (
        "import os, sys; from pathlib import Path\n"
        "from pipelines.storage.publication import Publication\n"
        "from tests.test_publication import write\n"
        f"write(Publication(Path({str(path)!r}), 60), 2); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    assert numbers(path) == [1]
    made(path, 3)
    assert numbers(path) == [1, 2, 3]


def test_two_writers_do_not_meet(path: Path) -> None:
    made(path, 1)
    program = (
        "from pathlib import Path; from crawler.errors import InputError\n"
        "from pipelines.storage.publication import Publication\n"
        f"try: Publication(Path({str(path)!r}), 60)\n"
        "except InputError as error: print(error)"
    )
    publication = Publication(path, 0)
    write(publication, 5)
    publication.publish_if_due()
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == f"DUCKDB_PATH={path}: another process writes it; wait for its end\n"
    write(publication, 2)
    publication.finish()
    assert numbers(path) == [1, 2, 5]


def test_what_somebody_else_wrote_into_the_corpus_is_kept_beside_it(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made(path, 1)
    publication = Publication(path, 60)
    write(publication, 2)
    with duckdb.connect(path) as db:
        db.execute("INSERT INTO numbers VALUES (99)")
    publication.finish()
    assert numbers(path) == [1, 2]
    (other,) = (p for p in path.parent.iterdir() if p != path)
    assert numbers(other) == [1, 99]
    assert f"{path} was changed by somebody else; that is now {other}" in caplog.text


def test_a_corpus_changed_after_a_killed_run_is_not_overwritten(path: Path) -> None:
    made(path, 1)
    publication = Publication(path, 60)
    write(publication, 2)
    publication.abandon()
    with duckdb.connect(path) as db:
        db.execute("INSERT INTO numbers VALUES (99)")
    for _ in range(2):
        with pytest.raises(InputError, match="remove the one of the two that you do not want"):
            Publication(path, 60)
    assert numbers(path) == [1, 99]
    assert numbers(writing_copy(path)) == [1, 2]


def test_a_log_without_its_copy_is_no_copy(path: Path) -> None:
    made(path, 1)
    Path(f"{writing_copy(path)}.wal").touch()
    made(path, 2)
    assert numbers(path) == [1, 2]
    assert list(path.parent.iterdir()) == [path]


def test_a_copy_for_readers_that_fails_does_not_stop_the_run(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made(path, 1)
    publication = Publication(path, 0)
    write(publication, 2)
    part = path.with_name(f"{path.name}.part")

    def full(source: Path, target: Path) -> None:
        target.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    publication.publish_if_due()
    assert "readers see an older state" in caplog.text
    assert not part.exists()
    publication.finish()
    assert numbers(path) == [1, 2]


def test_a_copy_that_somebody_removed_never_becomes_an_empty_corpus(path: Path) -> None:
    made(path, 1)
    publication = Publication(path, 0)
    write(publication, 2)
    publication.writing.unlink()
    publication.publish_if_due()
    write(publication, 3)
    with pytest.raises(FileNotFoundError):
        publication.finish()
    assert numbers(path) == [1]
    assert list(path.parent.iterdir()) == [path]


def test_a_copy_that_cannot_be_opened_anew_waits_for_the_next_run(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(path, 1)
    publication = Publication(path, 0)
    write(publication, 2)
    with monkeypatch.context() as patched:
        patched.setattr(
            "pipelines.storage.publication.open_file", Mock(side_effect=InputError("held"))
        )
        with pytest.raises(InputError, match="held"):
            publication.publish_if_due()
    publication.finish()
    publication = Publication(path, 0)
    write(publication, 3)
    publication.finish()
    assert numbers(path) == [1, 2, 3]


def test_a_link_leads_to_the_corpus_that_is_written(path: Path, tmp_path: Path) -> None:
    made(path, 1)
    link = tmp_path / "elsewhere" / "link.duckdb"
    link.parent.mkdir()
    link.symlink_to(path)
    made(link, 2)
    assert link.is_symlink()
    assert numbers(path) == [1, 2]


def test_a_copy_that_is_refused_leaves_nothing(path: Path) -> None:
    made(path, 1)
    Publication(path, 60).discard()
    assert list(path.parent.iterdir()) == [path]


def test_a_corpus_whose_first_run_has_not_published_says_so(path: Path) -> None:
    publication = Publication(path, 60)
    with pytest.raises(InputError, match="no such file; a first run writes it, or was killed"):
        reading(path).__enter__()
    publication.discard()
    with pytest.raises(InputError, match="no such file; a crawl writes it, -s DUCKDB_PATH"):
        reading(path).__enter__()
