"""A repository of versions of Open Terms Archive: a folder a service, a commit a version."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from crawler.domains import parse_domain, parse_policy_url
from crawler.errors import InputError
from crawler.records import Extracted
from pipelines.imports.documents import LARGEST, seen
from pipelines.imports.found import Imported, Unusable
from pipelines.imports.git import Repository

TITLE = "Open Terms Archive"
HOME = "https://opentermsarchive.org/"
POLICY = "Privacy Policy"
_FILE = re.compile(rf"(?P<service>[^/]+)/{POLICY}\.md")
_AUTHOR = re.compile(r"^author .* (\d{1,12}) [+-]\d{4}$", re.MULTILINE)
_SNAPSHOT = re.compile(r"https://[^\s()<>\[\]]{1,500}")
_HEADING = re.compile(r"\s*(?:# (.+)|(.+)\n(?:=+|-+))\n")

Services = dict[str, tuple[str, str]]


def is_versions(name: str) -> bool:
    """Whether a file of a repository is a privacy policy of Open Terms Archive."""
    return _FILE.fullmatch(name) is not None


def read_versions(
    repository: Repository, source: str, services: Services
) -> Iterator[Imported | Unusable]:
    """Yield the privacy policies of each commit, at the commit's date.

    `services` has domain and policy address by name, which the versions do not say.
    """
    remote = repository.remote()
    for commit, files in repository.commits(f":(glob)*/{POLICY}.md"):
        for name, blob in files.items():
            called = f"{commit[:12]}:{name}"
            try:
                match = _FILE.fullmatch(name)
                if match is None or match["service"] not in services:
                    raise ValueError("--domain-from does not name this service")
                about = repository.read(commit, LARGEST).decode(errors="replace")
                text = repository.read(blob, LARGEST).decode()
                where = f"{remote}/commit/{commit}" if remote else HOME
                yield _version(called, text, about, services[match["service"]], source, where)
            except UnicodeDecodeError:
                yield Unusable(called, "is not UTF-8")
            except ValueError as error:
                yield Unusable(called, str(error))


def _version(
    name: str,
    text: str,
    commit: str,
    policy: tuple[str, str],
    source: str,
    address: str,
) -> Imported:
    """Return a version. It leads to the snapshot that its commit names, else to `address`."""
    domain, policy_url = policy
    head, _, message = commit.partition("\n\n")
    author = _AUTHOR.search(head)
    if author is None or not text.strip() or "\0" in text:
        raise ValueError("holds no text" if author else "has no date")
    moment = datetime.fromtimestamp(int(author[1]), UTC)
    timestamp = f"{moment.year:04d}{moment:%m%d%H%M%S}"
    snapshot = _SNAPSHOT.search(message)
    where = snapshot[0].rstrip(".,;") if snapshot else address
    found = seen("ota", domain, timestamp, policy_url, policy_url)
    # as for Common Crawl: what follows the # leads nowhere, and says what is meant
    location = f"{where}#/{timestamp}id_/{quote(policy_url)}"
    found = replace(found, capture=replace(found.capture, location=location))
    heading = _HEADING.match(text)
    title = (heading[1] or heading[2]).strip() if heading else "(untitled)"
    body = (text[heading.end() :] if heading else text).strip("\n")
    if not body.strip():
        raise ValueError("holds no text")
    return Imported(name, Extracted(title, body, source), (found,), TITLE, None)


def read_services(path: Path) -> Services:
    """Return domain and policy address of services, by name; InputError if they cannot be read.

    `path` is the folder of the collection's declarations (`declarations/SERVICE.json`), or a CSV
    with the columns service, policy_url and, if it is not the host of that address, domain.
    """
    services: Services = {}
    try:
        for name, url, domain in _declared(path) if path.is_dir() else _listed(path):
            try:
                address = parse_policy_url(url)
                host = urlsplit(address).hostname or ""
                services[name] = parse_domain(domain or host.removeprefix("www.")), address
            except ValueError as error:
                raise InputError(f"--domain-from {path}: {name}: {error}") from None
    except OSError as error:
        raise InputError(f"--domain-from {path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"--domain-from {path}: not a CSV in UTF-8") from None
    if not services:
        raise InputError(f"--domain-from {path}: names no privacy policy of a service")
    return services


def _listed(path: Path) -> Iterator[tuple[str, str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if missing := {"service", "policy_url"} - set(rows.fieldnames or ()):
            raise InputError(f"--domain-from {path}: no column {min(missing)}")
        for row in rows:
            yield row["service"] or "", row["policy_url"] or "", row.get("domain") or ""


def _declared(folder: Path) -> Iterator[tuple[str, str, str]]:
    for path in sorted(folder.glob("*.json")):
        try:
            declared = json.loads(path.read_bytes())
            terms = declared.get("terms") or declared.get("documents") or {}
            policy: dict[str, Any] = terms.get(POLICY) or {}
            first = (policy.get("combine") or [policy])[0]
            url = first.get("fetch") or policy.get("fetch")
        except (ValueError, AttributeError, TypeError, LookupError):
            raise InputError(f"--domain-from {path}: not a declaration") from None
        if isinstance(url, str):
            yield path.stem, url, ""
