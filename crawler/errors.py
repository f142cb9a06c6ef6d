"""Errors that tell the caller what to do next."""


class InputError(Exception):
    """What a person typed cannot be used; the message names the file, line or option.

    Raised before the first request and before anything is written. Shown as it is, without a
    traceback; correct the input and start again.
    """


class NotAnIndexReply(Exception):
    """An archive answered an index query with something that is no index page.

    Never to be taken for "no captures": ask again, and if it stays, record the listing as failed.
    """


class ArchiveTrouble(Exception):
    """The archive did not answer as an archive, after all retries; the message is the cause.

    What was asked for stays unknown: record it as `archive_error` or a failed listing, and ask
    again in a later run. Never an answer such as "no captures".
    """


class TooLarge(ValueError):
    """A page is larger than any policy: nothing is extracted from it."""


class SchedulerLost(Exception):
    """The Dask scheduler that has the allowance does not answer; nobody knows what may be sent."""


def not_installed(what: str, error: ModuleNotFoundError, extra: str) -> InputError:
    """Return what to say where something needs a package of an extra that is not installed."""
    return InputError(
        f"{what} needs {error.name}: pip install --constraint .constraints.txt"
        f' --editable ".[{extra}]"'
    )


def took_too_long(error: BaseException | None) -> bool:
    """Whether an archive, or we, gave up waiting for an answer: one of fewer rows may come."""
    from scrapy.exceptions import DownloadTimeoutError  # all of Scrapy comes with it

    gave_up = isinstance(error, ArchiveTrouble) and str(error) == "http_504"
    return gave_up or isinstance(error, DownloadTimeoutError)
