"""`scrapy cite`: when a sentence stood in a policy, and evidence for it."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from scrapy.exceptions import UsageError

from crawler import command
from crawler.errors import InputError

if TYPE_CHECKING:
    import argparse

    import duckdb

    from pipelines.citation.citing import Findings, Near

FORMATS = "text", "bibtex", "csl"


class Command(command.Command):
    """Reads the corpus; prints, and writes a folder of evidence."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return '[options] DOMAIN "SENTENCE"'

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Say when a sentence stood in a policy, and write evidence for it"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            "Finds the versions of DOMAIN's policies that hold SENTENCE, and says from which "
            "capture to which it is present. White space, kinds of quotation marks and of dashes "
            "do not count; all else does. Exit status 1 if no version holds it."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add(
            "-o",
            dest="folder",
            metavar="DIR",
            type=Path,
            help="write a folder of evidence, which must be new or empty",
        )
        add("--policy-url", metavar="U", help="only the policy that had this address")
        add("--format", choices=FORMATS, default="text", help="what to print (default text)")

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Find the sentence, write the folder if one is wanted, print what can be said."""
        assert self.settings is not None
        if len(args) != 2:
            raise UsageError("cite takes a domain and a sentence in quotes", print_help=False)
        domain, sentence = command.site(args[0]), args[1]
        if not re.search(r"\w", sentence):
            raise InputError(f"SENTENCE={sentence!r}: has no word")
        if opts.folder is not None:
            _check_free(opts.folder)
        from pipelines.citation.quoting import seek
        from pipelines.storage.corpus import reading

        corpus, notes = Path(self.settings["DUCKDB_PATH"]), []
        with reading(corpus) as db:
            findings = seek(db, domain, sentence, opts.policy_url)
            if not any(findings.places.values()):
                print(_nearest(db, findings), file=_channel(opts.format))
                self.exitcode = 1
                return
            if opts.folder is not None:
                notes = _write(db, corpus, findings, opts.folder)
            print(_said(findings) if opts.format == "text" else _cited(db, findings, opts.format))
        for note in notes:
            print(note, file=_channel(opts.format))


def _check_free(folder: Path) -> None:
    """InputError if a folder is not new or empty, or has no place."""
    try:
        if folder.exists() and any(folder.iterdir()):
            raise InputError(f"-o {folder}: is not empty")
        if not folder.absolute().parent.is_dir():
            raise InputError(f"-o {folder}: {folder.parent}: no such folder")
    except OSError as error:
        raise InputError(f"-o {folder}: {error.strerror}") from None


def _nearest(db: "duckdb.DuckDBPyConnection", findings: "Findings") -> str:
    """Return the line that says that no version holds the sentence, and what is most like it."""
    from pipelines.citation.citing import moment
    from pipelines.citation.quoting import alike

    if not (versions := findings.known_versions):
        return f"{findings.domain}: no capture of it has a text"
    near = alike(db, findings)
    return "\n".join(
        [
            f"{findings.domain}: in none of {versions} versions;"
            f" {'the sentences most like it:' if near else 'and nothing like it'}",
            *(f"  {moment(first)} {_quoted(found)}" for first, found in near),
        ]
    )


def _write(
    db: "duckdb.DuckDBPyConnection", corpus: Path, findings: "Findings", folder: Path
) -> list[str]:
    """Write the folder of evidence; return what is to be said of it."""
    from pipelines.citation.evidence import Evidence
    from pipelines.inert import printable
    from pipelines.storage.publication import folder_of

    evidence = Evidence(db, folder_of(corpus, "pages"), findings)
    try:
        seal = evidence.write(folder)
    except OSError as error:
        raise InputError(f"-o {folder}: {error.strerror}") from None
    return [
        f"{folder}: {len(evidence.cited)} captures; check it with: python {folder / 'verify.py'}",
        *(f"  {printable(warning)}" for warning in evidence.warnings),
        f"SHA-256 of evidence.json, to keep or publish elsewhere: {seal}",
    ]


def _said(findings: "Findings") -> str:
    """Return what can be said of each policy and language."""
    from pipelines.citation.citing import moment, statements
    from pipelines.inert import printable

    holding = {sighting.version_key for sighting in findings.versions()}
    lines = []
    for history, periods in findings.histories:
        versions = {sighting.version_key for sighting in history.sightings}
        lines.append(
            f"{printable(history.policy_id)} ({history.language or 'language unknown'}),"
            f" {printable(history.read_in)}:"
            f" in {len(versions & holding)} of {len(versions)} versions"
        )
        for period in periods:
            lines += [f"  {statement}" for statement in statements(period)]
            for name, sighting in period.ends.items():
                lines.append(f"    {name:6} {moment(sighting)} {printable(sighting.snapshot_url)}")
                if near := findings.nearest.get(sighting.text_id):
                    lines.append(f"           most like it there: {_quoted(near)}")
    return "\n".join(lines)


def _quoted(near: "Near") -> str:
    from pipelines.inert import printable

    return f"{printable(near.sentence)} ({min(near.likeness, 0.99):.0%} alike)"


def _cited(db: "duckdb.DuckDBPyConnection", findings: "Findings", form: str) -> str:
    """Return a citation of each version that holds the sentence."""
    from pipelines.citation.citations import bibtex, csl
    from pipelines.citation.sightings import plain_texts

    cited = findings.versions()
    words = {
        text_id: text[slice(*findings.places[text_id][0])]
        for text_id, text in plain_texts(db, {sighting.text_id for sighting in cited})
    }
    write = bibtex if form == "bibtex" else csl
    return write(findings.domain, [(s, words[s.text_id]) for s in cited]).rstrip()


def _channel(form: str) -> TextIO:
    """Return where notes go: not into citations, which a program reads."""
    return sys.stdout if form == "text" else sys.stderr
