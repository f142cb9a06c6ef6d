"""The imitation as a user starts it, and as faithful as what is known of the archive."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.crawling import DEMO, ROOT, Crawl
from tests.imitation import FAULTS, imitate


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
