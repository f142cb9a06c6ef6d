"""`scrapy sql`: questions to the corpus, for people who have no DuckDB client."""

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    import duckdb

# COPY and ATTACH write files even where the corpus is open to be read only
READS = ("SELECT", "EXPLAIN", "PRAGMA", "SET", "VARIABLE_SET", "CALL", "PREPARE", "EXECUTE")


class Command(command.Command):
    """Reads only; also while a crawl writes the corpus."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "[--format FORMAT] [SQL | FILE.sql]"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Ask the corpus in SQL; without a question, at a prompt"

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument(
            "--format", choices=command.FORMS, default="table", help="default: table"
        )

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Answer one question, all of a file, or one after another."""
        from pipelines.storage.corpus import reading

        assert self.settings is not None
        if len(args) > 1:
            raise UsageError("sql takes one question, in quotes", print_help=False)
        question = _question(args[0]) if args else None
        with reading(Path(self.settings["DUCKDB_PATH"])) as db:
            if question is not None:
                answer(db, question, opts.format)
            elif sys.stdin.isatty():
                from crawler.prompt import ask

                for asked in ask(db):
                    try:
                        answer(db, asked, opts.format)
                    except (InputError, KeyboardInterrupt) as error:
                        print(error, file=sys.stderr)
            else:
                answer(db, sys.stdin.read(), opts.format)


def answer(db: "duckdb.DuckDBPyConnection", question: str, form: str) -> None:
    """Print what each statement of a question gives; InputError if DuckDB cannot answer it.

    Ctrl-C is KeyboardInterrupt, whoever notices it.
    """
    import duckdb

    from pipelines.storage.answers import write_answer

    try:
        with _interruptible(db):
            for statement in db.extract_statements(question):
                kind = statement.type.name
                if kind not in READS:
                    raise InputError(f"{kind}: only questions; `--format` writes files")
                write_answer(db, statement.query, (), form, sys.stdout)
    except (KeyboardInterrupt, RuntimeError, duckdb.InterruptException):
        raise KeyboardInterrupt("interrupted") from None
    except duckdb.Error as error:
        raise InputError(" ".join(str(error).partition("\nLINE ")[0].split())[:300]) from None


@contextmanager
def _interruptible(db: "duckdb.DuckDBPyConnection") -> "Iterator[None]":
    """Let Ctrl-C end a query at once: DuckDB itself looks for it only now and then."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)

    def listen() -> None:
        while number := os.read(reads, 1):
            if number[0] == signal.SIGINT:
                db.interrupt()

    listener = Thread(target=listen)
    listener.start()
    before = signal.set_wakeup_fd(writes)  # gets the signal's number, whatever this thread is at
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writes)
        listener.join()
        os.close(reads)


def _question(given: str) -> str:
    """Return the SQL given, or that of the file named."""
    if not given.lower().endswith(".sql"):
        return given
    try:
        return Path(given).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise InputError(f"{given}: {reason}") from None
