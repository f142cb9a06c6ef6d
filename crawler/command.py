"""What the project's commands share: settings checked first, bad input said in one line."""

import logging
import math
import os
import re
import sys
from abc import abstractmethod
from difflib import get_close_matches
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.settings import BaseSettings, default_settings

from crawler import settings as project_settings
from crawler.domains import parse_domain
from crawler.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

MAY_BE_ZERO = (
    *("DOWNLOAD_WARNSIZE", "URLLENGTH_LIMIT", "RETRY_TIMES", "RETRY_WAIT", "RETRY_WAIT_MAX"),
    *(
        "ARCHIVE_PAUSE",
        "MEMENTO_WINDOW",
        "REDIRECT_MAX_TIMES",
        "UNPLAYABLE_DAYS",
        "POLICY_THRESHOLD",
        "STORE_SECONDS",
    ),
)
ADDRESSES = "WAYBACK_BASE_URL", "ARCHIVE_IT_URL", "COMMONCRAWL_INDEX_URL", "COMMONCRAWL_DATA_URL"
FORMS = ("table", "csv", "json", "markdown")  # of answers, see pipelines.storage.answers
INTERRUPTED = "Query interrupted"  # says DuckDB of a query that Ctrl-C ended
LEAST_MEMORY = 700  # MB of address space
SCRAPY_OF_ITSELF = ("scrapy.utils.log", "scrapy.crawler", "scrapy.middleware", "scrapy.addons")


class Command(ScrapyCommand):
    """A command that ends with exit status 2 and one line if what was typed cannot be used."""

    requires_project = True

    def process_options(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Check the settings given; leave out what Scrapy says of itself without -L DEBUG."""
        super().process_options(args, opts)
        assert self.settings is not None
        self._do(self._check_all, args, opts)
        if self.exitcode:
            sys.exit(self.exitcode)
        if self.settings["LOG_LEVEL"] != "DEBUG":
            for name in SCRAPY_OF_ITSELF:
                # a filter, because Scrapy's own logging set-up resets levels
                logging.getLogger(name).addFilter(lambda record: record.levelno >= logging.WARNING)

    def _check_all(self, args: list[str], opts: "argparse.Namespace") -> None:
        assert self.settings is not None
        check_options(args)
        check_names([given.partition("=")[0] for given in opts.set])
        check_values(self.settings)
        self.check(args, opts)

    def check(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Check what else was typed, before Scrapy sets itself up; InputError if it is wrong."""

    def run(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Do the command's work; 2 is the exit status where what was typed cannot be used."""
        self._do(self.work, args, opts)

    def _do(
        self,
        part: "Callable[[list[str], argparse.Namespace], None]",
        args: list[str],
        opts: "argparse.Namespace",
    ) -> None:
        """Do a part; say in a line, and by the exit status, why it could not be done."""
        try:
            part(args, opts)
            sys.stdout.flush()
        except InputError as error:
            print(error, file=sys.stderr)
            self.exitcode = 2
        except KeyboardInterrupt:
            self._interrupted()
        except RuntimeError as error:
            if str(error) != INTERRUPTED:
                raise
            self._interrupted()
        except BrokenPipeError:  # who reads has read enough, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _interrupted(self) -> None:
        print("interrupted", file=sys.stderr)
        self.exitcode = 130

    @abstractmethod
    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Do what the command is for; raise InputError before anything is written."""


def site(given: str) -> str:
    """Return a site's name as the corpus has it; InputError if it is none."""
    try:
        return parse_domain(given)
    except ValueError as error:
        address = re.match(r"(?:https?://)?(?:www\.)?([\w.-]+)/.", given)
        hint = f"; its site is {address[1]}" if address else ""
        raise InputError(f"{error}{hint}") from None


def check_options(args: list[str]) -> None:
    """InputError for an option that a command does not have, which Scrapy takes for an argument."""
    for arg in args:
        if re.fullmatch(r"--[a-z][\w-]*(=.*)?|-[a-zA-Z]", arg):
            raise InputError(f"{arg.partition('=')[0]}: no such option; -h names them")


def check_names(names: list[str]) -> None:
    """Check the names of settings; InputError for one that looks like a known one mistyped.

    Others are let through: add-ons for Scrapy have settings of their own.
    """
    known = [name for name in (*vars(project_settings), *vars(default_settings)) if name.isupper()]
    for name in names:
        if name not in known and (near := get_close_matches(name.upper(), known, 1, 0.8)):
            raise InputError(f"{name}: no such setting; did you mean {near[0]}?")


def check_values(settings: BaseSettings) -> None:
    """Check the project's settings: addresses, rates, numbers, yes and no; InputError names the bad
    one."""
    for name in ADDRESSES:
        if not re.match(r"https?://[^/]", settings[name] or ""):
            raise InputError(f"{name}={settings[name]}: not an http address")
    check_rates(settings)
    for name, default in vars(project_settings).items():
        if isinstance(default, (bool, int, float)) and (wrong := _wrong(settings, name, default)):
            raise InputError(f"{name}={settings[name]}: not {wrong}")


def check_rates(settings: BaseSettings) -> None:
    """Check ARCHIVE_RATES: InputError if it is not `{"NAME": [INDEX, PAGES]}` of known archives."""
    try:
        for name, rates in settings.getdict("ARCHIVE_RATES").items():
            index, page = map(float, rates)
            if name not in project_settings.ARCHIVE_RATES or not min(index, page) > 0:
                raise ValueError(name)
    except (TypeError, ValueError):
        raise InputError(
            f"ARCHIVE_RATES={settings['ARCHIVE_RATES']}: not "
            '{"NAME": [index queries a minute, pages a minute]} for some of '
            f"{', '.join(project_settings.ARCHIVE_RATES)}"
        ) from None


def _wrong(settings: BaseSettings, name: str, default: float) -> str | None:
    """Return what a setting should be, if it is not."""
    try:
        if isinstance(default, bool):
            settings.getbool(name)
            return None
        value = type(default)(settings[name])
    except (TypeError, ValueError):
        value = math.nan
    if name == "EXTRACT_MEMORY" and not value >= LEAST_MEMORY:
        return f"a whole number, {LEAST_MEMORY} or more: the extractors themselves need that"
    if name == "POLICY_THRESHOLD" and not 0 <= value <= 1:
        return "a number from 0 to 1"
    least = "0 or more" if name in MAY_BE_ZERO else "more than 0"
    if 0 < value < math.inf or (value == 0 and name in MAY_BE_ZERO):
        return None
    if isinstance(default, bool):
        return "True or False"
    return f"a whole number, {least}" if isinstance(default, int) else f"a number, {least}"
