"""The imitation as a user starts it, and as faithful as what is known of the archive."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.crawling import DEMO, ROOT, Crawl
from tests.imitation import FAULTS, Imitation, imitate
from tests.wayback_dialect import Captured


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.imitation", *map(str, arguments)]


@contextmanager
def started(*arguments: object) -> Iterator[str]:
    """Start it as a user does; Ctrl-C in the end."""
    process = subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    name, _, address = process.stdout.readline().strip().partition("=")
    try:
        assert name == "WAYBACK_BASE_URL"
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_a_user_tries_settings_without_the_network(tmp_path: Path) -> None:
    versions = "SELECT * EXCLUDE (archive, text, markdown) FROM policies ORDER BY ALL"
    over_http, from_file = Crawl(tmp_path / "http"), Crawl(tmp_path / "file")
    demo = DEMO / "demo.warc.gz"
    with started("--fault", "cdx_503=2", "--fault", "page_reset", demo) as address:
        settings = {"WAYBACK_BASE_URL": address, "RETRY_WAIT": 0.1}
        done = over_http.run(domains=DEMO / "domains.txt", settings=settings)
    assert done.returncode == 0, done.stderr
    assert "3 of them again" in done.stdout
    from_file.run(domains=DEMO / "domains.txt", archive=demo)
    assert over_http.rows(versions) == from_file.rows(versions)
    assert over_http.outcomes() == from_file.outcomes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "cdx_603"], "no such fault: cdx_603"),
        (["--fault", "cdx_503=often"], "not a number of times: often"),
        (["nowhere.warc.gz"], "nowhere.warc.gz"),
        ([DEMO / "domains.txt"], "domains.txt"),
    ],
)
def test_what_is_typed_wrong_is_said_in_a_line(arguments: list[object], said: str) -> None:
    done = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_help_names_every_fault() -> None:
    done = subprocess.run(command("--help"), cwd=ROOT, capture_output=True, text=True)
    for name, fault in FAULTS.items():
        assert f"{name} " in done.stdout
        assert fault.meaning in done.stdout


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/web/",
        "/web/2001id_/",
        "/web/20010001000000id_/http://a.example/",
        "/web/timemap/link/x",
        "/cdx/search/cdx?url=a&limit=many",
        "/cdx/search/cdx?url=a&resumeKey=none",
        "/cdx/search/cdx",
    ],
)
def test_what_is_asked_wrong_has_an_answer(path: str) -> None:
    with imitate([]) as archive:
        connection = HTTPConnection(archive.address.removeprefix("http://"), timeout=5)
        connection.request("GET", path, headers={"User-Agent": "test"})
        assert connection.getresponse().status in (400, 404)
        connection.close()


ANSWERS = {
    "url=s.example": {"/": 3},
    "url=s.example&matchType=exact": {"/": 3},
    "url=s.example&matchType=site": {"/": 3},  # unknown: ignored
    "url=s.example/a&matchType=host": {"/": 3, "/a": 2, "/b/c": 1},
    "url=s.example/a&matchType=domain": {"/": 3, "/a": 2, "/b/c": 1, "sub/a": 1},
    "url=*.s.example": {"/": 3, "/a": 2, "/b/c": 1, "sub/a": 1},
    "url=s.example:8080&matchType=host": {":8080/a": 1},
    "url=s.example/b/&matchType=prefix": {"/b/c": 1},
    "url=s.example/*": {"/": 3, "/a": 2, "/b/c": 1},
    "url=*.s.example&filter=urlkey:/a": {},  # the whole field must match
    "url=*.s.example&filter=urlkey:.*/a": {"/a": 2, "sub/a": 1},
    "url=*.s.example&filter=!urlkey:.*/a": {"/": 3, "/b/c": 1},
    "url=*.s.example&filter=~urlkey:sub": {"sub/a": 1},
    "url=*.s.example&filter=~!urlkey:sub": {"/": 3, "/a": 2, "/b/c": 1},
    "url=*.s.example&filter=urlkey:.*/a&filter=statuscode:200": {"/a": 1, "sub/a": 1},
    "url=*.s.example&filter=4:301": {"/": 1, "/a": 1},
    "url=*.s.example&filter=.* 301 .*": {"/": 1, "/a": 1},
    "url=s.example&collapse=timestamp:4": {"/": 2},
    "url=s.example&collapse=timestamp:4&filter=statuscode:301": {"/": 1},
    "url=s.example&collapse=": {"/": 3},
    "url=*.s.example&collapse=urlkey": {"/": 1, "/a": 1, "/b/c": 1, "sub/a": 1},
    "url=*.s.example&from=2002": {"/": 1, "/a": 1},
    "url=*.s.example&limit=4": {"/": 3, "/a": 1},
}


ADDRESSES = {
    "/": "http://www.s.example/",
    "/a": "http://s.example/a",
    "/b/c": "http://s.example/b/c",
    "sub/a": "https://sub.s.example/a",
    ":8080/a": "http://s.example:8080/a",
    "other": "http://others.example/a",
}


@pytest.mark.parametrize(("query", "rows"), ANSWERS.items())
def test_a_question_about_many_addresses_is_answered_as_the_archive_does(
    query: str, rows: dict[str, int]
) -> None:
    moments = {"/": ["20010101", "20010601", "20020101"], "/a": ["20010101", "20020101"]}
    captures = [
        Captured(f"{day}000000", url, status=301 if day == "20020101" else 200)
        for place, url in ADDRESSES.items()
        for day in moments.get(place, ["20010301"])
    ]
    for old_style in (True, False):
        archive = Imitation(captures, page_size=100, old_style=old_style)
        lines = archive.index(query).body.decode().splitlines()
        found = Counter(line.split(" ")[2] for line in lines)
        assert found == {ADDRESSES[place]: n for place, n in rows.items()}
        assert lines == sorted(lines, key=lambda line: line.split(" ")[:2])
        columns = archive.index(f"{query}&fl=timestamp,nothing,urlkey").body.decode()
        assert columns.splitlines() == [" ".join(line.split(" ")[1::-1]) for line in lines]
