"""A folder of evidence for what `pipelines.citation.citing` says of a sentence: documents, texts,
the pages as they were fetched, everything known about them, and a program that checks it all.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from crawler import timestamps
from pipelines.citation import verify_evidence
from pipelines.citation.citing import (
    Findings,
    Gap,
    Near,
    Period,
    moment,
    statements,
    text_fragment,
    with_fragment,
)
from pipelines.citation.evidence_pages import copy_page
from pipelines.citation.sightings import History, Sighting
from pipelines.citation.verify_evidence import EVIDENCE, PAGES, SEAL, find
from pipelines.inert import printable
from pipelines.stages import versions
from pipelines.versioning.versions import HEADER, untraced

FORMAT = 1
_LEFT_OUT = "the sentence stands in it, though not in the text made of it: look at the page"
_TEXT = "SELECT title, body, plain FROM texts WHERE text_id = ?"


class Evidence:
    """What a folder is made of: what was found, and the pages, which are kept in `pages`.

    `cited` are the captures that are to be in it.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, pages: Path, findings: Findings) -> None:
        self.db, self.pages, self.findings = db, pages, findings
        self.cited = list(dict.fromkeys(_cited(findings)))
        self.warnings: list[str] = []
        self._copied: dict[tuple[str | None, int | None], dict[str, Any] | str] = {}

    def write(self, folder: Path) -> str:
        """Write the folder as a whole or not at all; return the SHA-256 of `evidence.json`.

        `warnings` then says which captures have no page in it, and which pages have the sentence
        though their text has not. OSError if it cannot be written.
        """
        folder = folder.absolute()
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as made:
            part = Path(made) / "evidence"
            part.mkdir()
            seal = self._fill(part)
            os.replace(part, folder)
        return seal

    def _fill(self, folder: Path) -> str:
        with (folder / PAGES).open("wb") as pages:
            captures = [
                self._capture(number, sighting, folder, pages)
                for number, sighting in enumerate(self.cited, 1)
            ]
        if not (folder / PAGES).stat().st_size:
            (folder / PAGES).unlink()
        shutil.copyfile(verify_evidence.__file__, folder / "verify.py")
        (folder / "README.md").write_text(self._readme(captures), encoding="utf-8", newline="")
        evidence = {
            "format": FORMAT,
            "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "made_with": versions(),
            "texts_made_by": self.db.execute("SELECT reader FROM corpus").fetchall()[0][0],
            "domain": self.findings.domain,
            "sentence": self.findings.sentence,
            "histories": [self._history(*finding) for finding in self.findings.histories],
            "captures": captures,
            "files": {path.name: _sha256(path) for path in sorted(folder.iterdir())},
        }
        path = folder / EVIDENCE
        written = json.dumps(evidence, ensure_ascii=False, indent=1, default=_json)
        path.write_text(f"{written}\n", encoding="utf-8", newline="")
        seal = _sha256(path)
        (folder / SEAL).write_text(f"{seal}  {EVIDENCE}\n", newline="")
        return seal

    def _capture(
        self, number: int, sighting: Sighting, folder: Path, pages: BinaryIO
    ) -> dict[str, Any]:
        """Write a capture's document and text, and its page if it is kept; return what is known."""
        document, start, plain = self._texts(sighting)
        name = f"{number:02}-{sighting.timestamp}"
        for kind, text in (("md", document), ("txt", plain)):
            (folder / f"{name}.{kind}").write_text(text, encoding="utf-8", newline="")
        source = self._source(sighting)
        page = self._page(source, pages)
        spans = self.findings.places[sighting.text_id]
        in_document = find(self.findings.sentence, document, markdown=True) if spans else []
        if isinstance(page, str):
            self.warnings.append(f"page of {moment(sighting)} not in it: {page}")
        elif page["has_the_sentence"] and not spans:
            self.warnings.append(f"page of {moment(sighting)}: {_LEFT_OUT}")
        return {
            "number": number,
            **_known(sighting),
            "document": f"{name}.md",
            "text": f"{name}.txt",
            "text_sha256": hashlib.sha256(plain.encode()).hexdigest(),
            "passages": [{"text": span, "quoted": plain[slice(*span)]} for span in spans],
            "document_passages": [span for span in in_document if span[0] >= start],
            "fragment_urls": [
                with_fragment(sighting.snapshot_url, text_fragment(plain, span)) for span in spans
            ],
            "most_like_it": self.findings.nearest.get(sighting.text_id),
            "page": None if isinstance(page, str) else page,
            "page_missing": page if isinstance(page, str) else None,
            "read_from": None if source is sighting else _moment_and_address(source),
        }

    def _texts(self, sighting: Sighting) -> tuple[str, int, str]:
        """Return a capture's document, where its body begins in it, and its plain text."""
        title, body, plain = self.db.execute(_TEXT, [sighting.text_id]).fetchall()[0]
        day = timestamps.parse(sighting.timestamp).date()
        header = HEADER.format(
            domain=self.findings.domain, date=day, archive=sighting.place, url=sighting.snapshot_url
        )
        document = f"{header}\n\n{untraced(title, body)}"
        return document, len(document) - len(body) - 1, plain

    def _source(self, sighting: Sighting) -> Sighting:
        """Return the capture whose page gave a text: another of its digest, if it had none."""
        if sighting.outcome == "text":
            return sighting
        return next(
            (
                other
                for history, _ in self.findings.histories
                for other in history.sightings
                if other.outcome == "text"
                and (other.archive, other.policy_url, other.digest, other.text_id)
                == (sighting.archive, sighting.policy_url, sighting.digest, sighting.text_id)
            ),
            sighting,
        )

    def _page(self, source: Sighting, pages: BinaryIO) -> dict[str, Any] | str:
        """Copy the record of a capture's page, once; return what it is, or why it is not there."""
        if source.source is not None and source.page_file is None:
            return f"its text was imported ({source.source}), without the page"
        at = source.page_file, source.page_offset
        if at not in self._copied:
            self._copied[at] = copy_page(self.pages, *at, pages, self.findings.sentence)
        return self._copied[at]

    def _history(self, history: History, periods: list[Period]) -> dict[str, Any]:
        return {
            "archive": history.archive,
            "archive_title": history.place,
            "read_in": history.read_in,
            "policy_id": history.policy_id,
            "addresses": history.addresses,
            "language": history.language,
            "versions": [
                {
                    "timestamp": key[0],
                    "snapshot_url": key[1],
                    "captures": sum(s.captures for s in seen),
                    "captures_with_the_sentence": sum(
                        s.captures for s in seen if self.findings.holds(s)
                    ),
                }
                for key, seen in _versions(history.sightings)
            ],
            "periods": [self._period(period) for period in periods],
        }

    def _period(self, period: Period) -> dict[str, Any]:
        ends = {
            name: {"capture": self.cited.index(s) + 1, "served_timestamp": s.timestamp}
            for name, s in period.ends.items()
        }
        return {
            "ends": ends,
            "captures": sum(s.captures for s in period.sightings),
            "gap_before": _gap(period.gap_before),
            "gap_within": _gap(period.gap_within),
            "gap_after": _gap(period.gap_after),
            "says": statements(period),
        }

    def _readme(self, captures: list[dict[str, Any]]) -> str:
        """Return what a person reads first; what pages wrote stands in indented code."""
        said = [
            line
            for history, periods in self.findings.histories
            if periods
            for line in (
                f"    {printable(history.policy_id)} ({history.language or 'language unknown'}),"
                f" {printable(history.read_in)}",
                *(f"    - {statement}" for p in periods for statement in statements(p)),
                "",
            )
        ]
        rows = [
            f"    {c['document'][:-3]}  {'holds it' if c['passages'] else 'does not'}"
            f"  {printable(c['snapshot_url'])}"
            for c in captures
        ]
        warnings = ["", *(f"    {printable(warning)}" for warning in self.warnings)]
        return _README.format(
            domain=self.findings.domain,
            sentence=printable(self.findings.sentence),
            said="\n".join(said).rstrip(),
            local=_LOCAL if any(c["archive"] == "warc" for c in captures) else "",
            captures="\n".join(rows + warnings).rstrip(),
        )


_README = """\
# Evidence for a sentence of a privacy policy

    {domain}
    "{sentence}"

## What can be said

{said}

All times are UTC. A capture shows what the site sent to the archive's crawler at that second. It
says nothing of the time between captures, nor of what other visitors were sent. A history is that
of a policy in one language at one archive.
{local}
## What is here

{captures}

- `NUMBER-TIMESTAMP.md`: the document made of a capture, with its source in the first line;
  `.txt`: its text without markup.
- `pages.warc.gz`: the pages as they were fetched from the archive, a WARC record each. Pages that
  were not kept are not in it, nor those of texts that were imported; the address of the capture
  leads to them.
- `evidence.json`: all of this for programs. Places are counted in characters (Unicode code
  points) from 0, the end not included. `fragment_urls` lead a browser to the sentence, where the
  archive serves the page as HTML.
- `verify.py`: checks the folder with Python 3.9 or newer and nothing else: `python verify.py`.

## What it proves, and what not

`verify.py` proves that the folder agrees with itself: that no file was changed, lost or added, that
each text has the sentence where it is said to be or nowhere, that each document names its capture.
It does not prove who made the folder: who changes a file can make all hashes anew. Against that
helps the SHA-256 of `evidence.json` (in `evidence.sha256`), if you have it from elsewhere:
`python verify.py SHA256`.

That the archive holds these pages anyone can check at the addresses above. That a text was
extracted rightly from its page you see by comparing the two: an extractor may leave out a part of
a page. Where a page is here, `has_the_sentence` says whether the sentence stands anywhere in it,
shown to readers or not; where it is not, look at it before you rely on a sentence being absent.
"""

_LOCAL = """
The captures were read in local WARC files, not from the archive whose addresses they name. Nobody
asked that archive for them: what it holds, its addresses show.
"""


def _cited(findings: Findings) -> Iterable[Sighting]:
    """Yield, for each period, the capture before it, its first and last, and the one after it."""
    for _, periods in findings.histories:
        for period in periods:
            yield from period.ends.values()


def _known(sighting: Sighting) -> dict[str, Any]:
    """Return what the corpus knows of a capture."""
    return {
        "archive": sighting.archive,
        "archive_title": sighting.place,
        "read_in": sighting.read_in,
        "policy_id": sighting.policy_id,
        "policy_url": sighting.policy_url,
        "language": sighting.language,
        "version": {"timestamp": sighting.version, "snapshot_url": sighting.version_url},
        "snapshot_url": sighting.snapshot_url,
        **_moment_and_address(sighting),
        "asked_timestamp": sighting.asked_timestamp,
        "asked_url": sighting.asked_url,
        "index": {
            "digest": sighting.digest,
            "mimetype": sighting.mimetype,
            "statuscode": sighting.statuscode,
            "length": sighting.length,
            "location": sighting.location,
        },
        "outcome": sighting.outcome,
        "source": sighting.source,
        "fetched_at": sighting.fetched_at,
        "text_id": sighting.text_id,
        "extractor": sighting.extractor,
        "kept": sighting.kept,
        "doubtful": sighting.doubtful,
    }


def _moment_and_address(sighting: Sighting) -> dict[str, str]:
    return {"served_timestamp": sighting.timestamp, "served_url": sighting.original}


def _versions(sightings: list[Sighting]) -> Iterable[tuple[tuple[str, str], list[Sighting]]]:
    for key, seen in groupby(sightings, lambda s: (s.version, s.version_url)):
        yield key, list(seen)


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "not_fetched": gap.not_fetched,
        "no_text": gap.no_text,
        "other_language": gap.other_language,
        "other_history": gap.other_history,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _json(value: object) -> str | dict[str, Any]:
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if isinstance(value, Near):
        return {"likeness": round(value.likeness, 3), "sentence": value.sentence}
    raise TypeError(type(value).__name__)
