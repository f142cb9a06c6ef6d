"""All captures of some policies, as files, by a package that people use for that.

python pages.py PACKAGE BASE DOMAINS FOLDER: PACKAGE as published, its throttles off; where it says
https://web.archive.org it asks BASE. Below FOLDER a folder for each policy.
"""

import http.client
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import requests.adapters

ARCHIVE = "https://web.archive.org"
send = requests.adapters.HTTPAdapter.send


def by_wayback(url: str, folder: Path) -> None:
    """EDGI's client: a library, so the loop is ours."""
    from wayback import WaybackClient, WaybackSession

    session = WaybackSession(search_calls_per_second=0, memento_calls_per_second=0)
    with WaybackClient(session) as client:
        for record in client.search(url):
            page = client.get_memento(record).content
            (folder / f"{record.timestamp:%Y%m%d%H%M%S}.html").write_bytes(page)


def by_waybackpack(url: str, folder: Path) -> None:
    """`waybackpack URL -d DIR --raw`; it has no throttle unless told."""
    from waybackpack import Pack, Session, search

    session = Session(follow_redirects=True)
    timestamps = [row["timestamp"] for row in search(url, session=session)]
    Pack(url, timestamps, session=session).download_to(str(folder), raw=True)


def by_pywaybackup(url: str, folder: Path) -> None:
    """`waybackup -u URL --all --explicit`; it has no throttle unless told."""
    from pywaybackup import PyWayBackup

    PyWayBackup(url=url, all=True, explicit=True, output=str(folder), silent=True).run()


WAYS: dict[str, Callable[[str, Path], None]] = {
    "wayback": by_wayback,
    "waybackpack": by_waybackpack,
    "pywaybackup": by_pywaybackup,
}


class Connection(http.client.HTTPConnection):
    """A connection to the Wayback Machine that leads to another place."""

    place = ""

    def __init__(self, host: str) -> None:
        super().__init__(self.place)

    def request(self, method: str, url: str, **given: object) -> None:
        super().request(method, url.removeprefix(ARCHIVE), **given)


def lead_to(base: str) -> None:
    """Ask the archive at `base` whatever is asked of the Wayback Machine."""

    def sent(self, request, **given):  # type: ignore[no-untyped-def]
        asked = request.url
        request.url = asked.replace(ARCHIVE, base)
        response = send(self, request, **given)
        response.url = request.url = asked
        for name, value in response.headers.items():
            response.headers[name] = value.replace(base, ARCHIVE)
        return response

    requests.adapters.HTTPAdapter.send = sent
    http.client.HTTPSConnection = Connection
    Connection.place = urlsplit(base).netloc


def main() -> None:
    """Download."""
    package, base, domains, folder = sys.argv[1:]
    lead_to(base)
    for line in Path(domains).read_text().splitlines():
        if not line.startswith("#") and line.strip():
            domain, url = line.split()
            below = Path(folder) / domain
            below.mkdir(parents=True)
            WAYS[package](url, below)


if __name__ == "__main__":
    main()
