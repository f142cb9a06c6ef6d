"""A git repository: a file a policy, a commit a version, so that `git log -p -- FILE` is a history.

Beside each document is a table of the captures that are known to have its texts, from which
`scrapy import` builds the same versions again. Everything goes through one `git fast-import`.
"""

import csv
import io
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from crawler.errors import InputError
from pipelines.exports.captures import captures_query
from pipelines.exports.chosen import Chosen
from pipelines.exports.names import label, policy_file
from pipelines.inert import marked

# `text_id` is the version's, of which `extractor` and `kept` are: the text that the document has.
CAPTURE_COLUMNS = (
    *("archive", "domain", "policy_url", "urlkey", "timestamp", "original", "mimetype"),
    *("statuscode", "digest", "length", "location", "outcome", "detail", "served_timestamp"),
    *("served_url", "canonical_url", "text_id", "extractor", "kept"),
)
_NAMED = ("domain", "archive", "policy_id", "language", "main")
_FACTS = (
    *("number", *_NAMED, "policy_url", "timestamp", "snapshot_url", "first_seen", "last_seen"),
    *("changed_after", "captures", "text_id", "stated_date", "returned", "variant"),
    *("words_added", "words_removed"),
)
_BRANCH = "refs/heads/main"
_WHO = "policy-history <policy-history@invalid>"
_README = """# Privacy policies, version by version

Each file `x/xy/xyz/SITE.md` is a privacy policy, and each commit a dated version of it, as a web
archive has it: `git log -p -- FILE` shows its history. A commit's date (UTC) is that of the first
capture with this text. The first line of each document says where it is from.

The `.csv` beside a document has the captures that are known to have its texts. With these,
policy-history, which wrote this, builds its corpus
again: `scrapy import`. A `~` in a name is before what tells several policies of a site apart: their
language, and a hash of their address.

The texts belong to those who wrote them.
"""


def write(chosen: Chosen, target: Path) -> str:
    """Make a repository in an existing empty folder; InputError if git is not there or fails."""
    _git(target, "init", "--quiet", "--template=", "--initial-branch=main")
    with _fast_import(target) as stream:
        _write_documents(chosen, stream)
        _write_captures(chosen, stream)
        _write_commits(chosen, stream)
    _git(target, "reset", "--quiet", "--hard")
    return f"{chosen.versions:,} versions, a commit each,"


def _write_documents(chosen: Chosen, stream: IO[bytes]) -> None:
    """Write the documents of each policy one after the other, so that git stores what differs."""
    for row in chosen.in_order("number", "markdown"):
        _write_blob(stream, 2 * row["number"], row["markdown"].encode())


def _write_captures(chosen: Chosen, stream: IO[bytes]) -> None:
    """Write for each version the captures of it and of the policy's versions before it."""
    rows = chosen.rows(
        f"SELECT {', '.join(CAPTURE_COLUMNS)}, number, of_policy"
        f" FROM (SELECT * EXCLUDE (text_id) FROM ({captures_query()})) JOIN (SELECT number,"
        " dense_rank() OVER (ORDER BY domain, archive, policy_id, language) AS of_policy, text_id"
        " FROM versions) USING (number) JOIN (SELECT text_id, extractor, kept FROM texts)"
        " USING (text_id) ORDER BY number, timestamp, original, digest, policy_url",
        (*CAPTURE_COLUMNS, "number", "of_policy"),
    )
    for _, of_policy in groupby(rows, itemgetter("of_policy")):
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(CAPTURE_COLUMNS)
        for number, captures in groupby(of_policy, itemgetter("number")):
            writer.writerows([row[name] for name in CAPTURE_COLUMNS] for row in captures)
            _write_blob(stream, 2 * number + 1, table.getvalue().encode())


def _write_commits(chosen: Chosen, stream: IO[bytes]) -> None:
    """Write the commits in time order."""
    rows = chosen.rows(
        f"SELECT {', '.join(_FACTS)} FROM versions LEFT JOIN text_changes"
        " ON (from_text_id, to_text_id) = (text_before, text_id)"
        " WHERE chosen ORDER BY versions.timestamp, number",
        _FACTS,
    )
    readme = _README.encode()
    for number, row in enumerate(rows):
        message = _message(row).encode(errors="replace")
        # dates before 1970 are none that git can have
        seconds = max(0, int(row["first_seen"].replace(tzinfo=UTC).timestamp()))
        stream.write(f"commit {_BRANCH}\n".encode())
        for role in ("author", "committer"):
            stream.write(f"{role} {_WHO} {seconds} +0000\n".encode())
        stream.write(b"data %d\n%s\n" % (len(message), message))
        if number == 0:
            stream.write(b"M 100644 inline README.md\ndata %d\n%s\n" % (len(readme), readme))
        of_policy = label(row["main"], row["archive"], row["policy_id"], row["language"])
        for ending, mark in ("md", 2 * row["number"]), ("csv", 2 * row["number"] + 1):
            file = policy_file(row["domain"], of_policy, ending)  # never needs git's quotes
            stream.write(f"M 100644 :{mark} {file}\n".encode())


def _message(row: dict[str, Any]) -> str:
    """Return a commit's message: a line for people, and what is known of the version."""
    day = f"{row['first_seen']:%Y-%m-%d}"
    if row["changed_after"] is None:
        what = f"first known version, {day}"
    elif row["variant"]:
        what = f"the other of texts that take turns, {day}"
    elif row["returned"]:
        what = f"an earlier text is back, {day}"
    elif row["words_added"] is None:
        what = f"changed by {day}"
    else:
        what = f"changed by {day}, +{row['words_added']} -{row['words_removed']} words"
    facts = {
        "Policy": row["policy_url"],
        "Snapshot": row["snapshot_url"],
        "First-seen": _time(row["first_seen"]),
        "Last-seen": _time(row["last_seen"]),
        "Changed-after": _time(row["changed_after"]),
        "Captures": row["captures"],
        "Language": row["language"],
        "Stated-date": row["stated_date"],
        "Text-id": row["text_id"],
    }
    known = (f"{name}: {value}" for name, value in facts.items() if value is not None)
    return "\n".join(map(marked, (f"{row['domain']}: {what}", "", *known))) + "\n"


def _time(moment: datetime | None) -> str | None:
    return f"{moment.isoformat()}Z" if moment else None


def _write_blob(stream: IO[bytes], mark: int, content: bytes) -> None:
    stream.write(b"blob\nmark :%d\ndata %d\n" % (mark, len(content)))
    stream.write(content)
    stream.write(b"\n")


@contextmanager
def _fast_import(folder: Path) -> Iterator[IO[bytes]]:
    """Give the stream of a `git fast-import`; nothing of it counts unless it ends as it should."""
    command = ["git", "-C", str(folder), "fast-import", "--quiet", "--done"]
    with tempfile.TemporaryFile() as errors:
        with (
            suppress(BrokenPipeError),  # it says why
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stderr=errors, env=_environment()
            ) as process,
        ):
            assert process.stdin is not None
            try:
                yield process.stdin
                process.stdin.write(b"done\n")
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().partition("\n")[0]
            raise InputError(f"git fast-import: {said or 'was killed'}")


def _git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), "-c", "core.autocrlf=false", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, env=_environment(), text=True)
    except FileNotFoundError:
        raise InputError("git: no such program; an export to git needs it") from None
    if done.returncode:
        raise InputError(f"git {arguments[0]}: {done.stderr.strip().partition(chr(10))[0]}")


def _environment() -> dict[str, str]:
    """Return the environment without a person's own git settings, hooks and repositories."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**others, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
