"""`scrapy sql`: questions to a corpus, and what the views of standing versions say."""

import csv
import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from crawler.prompt import ask, completer
from pipelines.storage.store import Store
from tests.crawling import Crawl
from tests.test_pipelines_store import history, opened

SQL = sys.executable, "-m", "scrapy", "sql"
THREE = "SELECT domain, archived_on, words FROM policies ORDER BY timestamp LIMIT 3"


def test_an_answer_is_a_table_csv_json_or_markdown(demo: Crawl) -> None:
    rows = [[str(value) for value in row] for row in demo.rows(THREE)]
    table = demo.scrapy("sql", THREE).stdout
    for row in rows:
        assert re.search(r"│ *".join([re.escape(value) + " *" for value in row]), table)
    answer = demo.scrapy("sql", "--format", "csv", THREE).stdout
    assert list(csv.reader(io.StringIO(answer))) == [["domain", "archived_on", "words"], *rows]
    answer = demo.scrapy("sql", "--format", "json", THREE).stdout
    assert [[str(v) for v in row.values()] for row in json.loads(answer)] == rows
    answer = demo.scrapy("sql", "--format", "markdown", THREE).stdout
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in answer.splitlines()]
    assert cells[0] == ["domain", "archived_on", "words"]
    assert cells[2:] == rows


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_no_answer_steers_the_terminal(demo: Crawl, form: str) -> None:
    done = demo.scrapy("sql", "--format", form, "SELECT chr(27) || '[31mred|' AS nasty, 1.5 AS b")
    assert "\x1b" not in done.stdout
    assert "[31mred" in done.stdout


def test_a_question_may_stand_in_a_file_or_be_piped_in(demo: Crawl, tmp_path: Path) -> None:
    file = tmp_path / "question.sql"
    file.write_text(f"-- the first three\n{THREE};\nSELECT 42 AS answer;")
    told = demo.scrapy("sql", "--format", "csv", file).stdout
    assert told.startswith("domain,archived_on,words\n")
    assert told.endswith("answer\n42\n")
    assert demo.scrapy("sql", "--format", "csv", given=file.read_text()).stdout == told


def test_what_cannot_be_answered_is_said_in_a_line(demo: Crawl, tmp_path: Path) -> None:
    def refused(*arguments: object) -> str:
        done = demo.scrapy("sql", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        return done.stderr

    assert 'Referenced column "wrods" not found' in refused("SELECT wrods FROM policies")
    assert "syntax error" in refused("SELEKT 1")
    assert refused("DELETE FROM captures").startswith("DELETE: only questions")
    assert refused(f"COPY texts TO '{tmp_path / 'x'}'").startswith("COPY: only questions")
    assert refused(f"ATTACH '{tmp_path / 'x'}'").startswith("ATTACH: only questions")
    assert list(tmp_path.iterdir()) == []
    assert refused(tmp_path / "no.sql") == f"{tmp_path / 'no.sql'}: No such file or directory\n"
    missing = Crawl(tmp_path / "none")
    assert missing.scrapy("sql", "SELECT 1").stderr == (
        f"DUCKDB_PATH={missing.corpus}: no such file; a crawl writes it,"
        " -s DUCKDB_PATH=FILE names another\n"
    )


def test_who_has_read_enough_may_go(demo: Crawl) -> None:
    question = "SELECT * FROM range(1000000)"
    process = subprocess.Popen(
        [*SQL, "--format", "csv", question, "-s", f"DUCKDB_PATH={demo.corpus}"],
        cwd=demo.folder,
        env=demo.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "range\n"
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 0


@pytest.mark.parametrize("form", ["table", "csv"])
@pytest.mark.parametrize(
    "question",
    [
        "SELECT count(*) FROM range(10000000) a(x), range(100000) b(y) WHERE (x * y) % 7 = 3",
        ";".join(["SELECT * FROM range(3000)"] * 10000),
    ],
    ids=["one long", "many short"],
)
def test_ctrl_c_ends_a_question_quietly(
    demo: Crawl, tmp_path: Path, form: str, question: str
) -> None:
    file = tmp_path / "question.sql"
    file.write_text(f"SELECT 'begun' AS begun; {question}")
    process = subprocess.Popen(
        [*SQL, "--format", form, file, "-s", f"DUCKDB_PATH={demo.corpus}"],
        cwd=demo.folder,
        env=demo.environment() | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while "begun" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (130, "interrupted\n")


@pytest.fixture
def typed() -> Iterator[PipeInput]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        yield keys


def test_a_prompt_takes_questions_up_to_their_semicolons(
    demo: Crawl, typed: PipeInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo.folder)
    typed.send_text("SELECT\r1;\r\rSELECT 2;\rexit\r")
    with duckdb.connect(demo.corpus, read_only=True) as db:
        assert list(ask(db)) == ["SELECT\n1;", "SELECT 2;"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("FROM policies_b", "policies_by_year"), ("SELECT snapsh", "snapshot_url"), ("sel", "SELECT")],
)
def test_a_prompt_completes_names_and_words(demo: Crawl, typed: str, meant: str) -> None:
    with duckdb.connect(demo.corpus, read_only=True) as db:
        found = completer(db).get_completions(Document(typed), CompleteEvent())
        assert meant in [completion.text for completion in found]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = opened(tmp_path / "corpus.duckdb")
    yield store
    store.close()


def test_a_version_stands_through_the_years_until_the_next_is_seen(store: Store) -> None:
    history(store, "one", "one", "two")
    stamps = ["2015", "2017", "2020"]
    for month, year in enumerate(stamps, 1):
        for column in ("timestamp", "served_timestamp"):
            store.db.execute(
                f"UPDATE captures SET {column} = ? WHERE {column} = ?",
                [f"{year}0601000000", f"2015{month:02}01000000"],
            )
    found = store.db.execute("SELECT year, text, carried FROM policies_by_year ORDER BY year")
    assert found.fetchall() == [
        (2015, "one", False),
        (2016, "one", False),
        (2017, "one", False),
        (2018, "one", True),
        (2019, "one", True),
        (2020, "two", False),
    ]
    assert store.db.execute("SELECT text FROM current_policies").fetchall() == [("two",)]


def test_the_reading_grade_is_that_of_its_source(store: Store) -> None:
    text = "The data are kept for a year.\nWe do not sell them. Ask us!"
    letters, words, sentences = 42, 14, 3
    ((grade,),) = store.db.execute("SELECT reading_grade(?)", [text]).fetchall()
    assert sum(map(str.isalnum, text)) == letters
    assert grade == pytest.approx(4.71 * letters / words + 0.5 * words / sentences - 21.43)
    assert store.db.execute("SELECT reading_grade('')").fetchall() == [(None,)]
