"""Archive timestamps: 14 digits (YYYYMMDDhhmmss, UTC), kept as strings beside their parsed form."""

import calendar
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.errors import InputError

_BOUND = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?$")


def parse(timestamp: str) -> datetime:
    """Return the UTC time of a 14-digit timestamp; ValueError for anything else.

    Index rows with month or day 00 exist (20000800241623); they are not repaired here, because
    replay needs the very string that the index gave.
    """
    if not re.fullmatch(r"\d{14}", timestamp, re.ASCII):
        raise ValueError(f"not 14 digits: {timestamp!r}")
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"no such time: {timestamp!r}") from None


def from_http_date(value: str) -> str:
    """Return the 14-digit form of an HTTP date as in Memento-Datetime; ValueError if it is none."""
    try:
        moment = parsedate_to_datetime(value).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from None
    return _digits(moment)


def shifted(timestamp: str, seconds: int) -> str:
    """Return the timestamp that is so many seconds later; ValueError if there is none."""
    try:
        return _digits(parse(timestamp) + timedelta(seconds=seconds))
    except OverflowError as error:
        raise ValueError(str(error)) from None


def bound(value: str, *, end: bool, option: str) -> str:
    """Return the first (or, with `end`, the last) second that `value` means, as 14 digits.

    `value` is a year, YYYY-MM, a date YYYY-MM-DD (hyphens may be left out) or a 14-digit
    timestamp. Raises InputError, naming `option`, for anything else.
    """
    try:
        if re.fullmatch(r"\d{14}", value, re.ASCII):
            parse(value)
            return value
        match = _BOUND.fullmatch(value)
        if match is None or not value.isascii():
            raise ValueError(value)
        year, month = int(match[1]), int(match[2] or (12 if end else 1))
        day = int(match[3] or (calendar.monthrange(year, month)[1] if end else 1))
        moment = datetime(year, month, day, *((23, 59, 59) if end else ()))
    except (ValueError, calendar.IllegalMonthError):
        raise InputError(
            f"{option}={value}: not a year, a month (2017-05), a date (2017-05-25) or a 14-digit"
            " timestamp"
        ) from None
    return _digits(moment)


def _digits(moment: datetime) -> str:
    return f"{moment.year:04d}" + moment.strftime("%m%d%H%M%S")
