"""Archive timestamps, and the bounds that a person types."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import InputError
from crawler.timestamps import bound, from_http_date, parse

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


@given(MOMENTS)
def test_a_timestamp_is_its_time_in_utc(moment: datetime) -> None:
    assert parse(f"{moment:%Y%m%d%H%M%S}") == moment


@pytest.mark.parametrize(
    "text",
    [
        "20000800241623",
        "20000008241731",
        "201001001901",
        "2010010019015",
        "201001001901551",
        "20150229000000",
        "20151301000000",
        "20150101240000",
        "20150101006000",
        "20150101000060",
        "00000101000000",
        "2015-01-01T00:",
        " 2015010100000",
        "２０１５０１０１００００００",
        "20150101000000\n",
        "",
        "-",
    ],
)
def test_what_is_no_timestamp_is_refused_and_not_repaired(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@given(st.text() | st.text("0123456789", min_size=14, max_size=14))
def test_any_text_is_a_timestamp_or_a_value_error(text: str) -> None:
    try:
        moment = parse(text)
    except ValueError:
        return
    assert f"{moment.year:04d}{moment:%m%d%H%M%S}" == text


@given(MOMENTS, st.integers(-12, 14))
def test_an_http_date_is_read_in_utc(moment: datetime, zone: int) -> None:
    there = moment.astimezone(timezone(timedelta(hours=zone)))
    assert from_http_date(format_datetime(there)) == f"{moment:%Y%m%d%H%M%S}"
    assert from_http_date(format_datetime(moment, usegmt=True)) == f"{moment:%Y%m%d%H%M%S}"


def test_the_date_of_a_recorded_reply_is_read() -> None:
    assert from_http_date("Thu, 29 Jan 2015 03:49:04 GMT") == "20150129034904"


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "Thu, 32 Jan 2015 03:49:04 GMT", "Thu, 29 Jan 99999 03:49:04 GMT", "0"],
)
def test_what_is_no_http_date_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_http_date(text)


def test_an_http_date_beyond_the_last_year_is_a_value_error() -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_http_date("Fri, 31 Dec 9999 23:59:59 -0500")


def test_an_http_date_always_gives_14_digits() -> None:
    assert from_http_date("Tue, 29 Jan 0999 03:49:04 GMT") == "09990129034904"


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2017", "20170101000000", "20171231235959"),
        ("2016-02", "20160201000000", "20160229235959"),
        ("201702", "20170201000000", "20170228235959"),
        ("2017-05-25", "20170525000000", "20170525235959"),
        ("20170525", "20170525000000", "20170525235959"),
        ("20170525123456", "20170525123456", "20170525123456"),
    ],
)
def test_a_bound_is_the_first_or_the_last_second_meant(typed: str, first: str, last: str) -> None:
    assert bound(typed, end=False, option="since") == first
    assert bound(typed, end=True, option="until") == last


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "lately",
        "17",
        "2017-5",
        "2017-13",
        "2017-00",
        "201700",
        "2017-02-30",
        "2017-05-00",
        "0000",
        "10000",
        "20170525xx",
        "2017-05-25T12:00",
        "20170000000000",
        "２０１７",
        "2017\n",
    ],
)
@pytest.mark.parametrize("end", [False, True])
def test_any_other_bound_is_refused_by_name(typed: str, end: bool) -> None:
    with pytest.raises(InputError) as refused:
        bound(typed, end=end, option="since")
    assert str(refused.value) == (
        f"since={typed}: not a year, a month (2017-05), a date (2017-05-25) or a 14-digit timestamp"
    )


@given(st.text("0123456789-", max_size=14), st.booleans())
def test_any_bound_is_a_timestamp_or_refused(typed: str, end: bool) -> None:
    try:
        found = bound(typed, end=end, option="since")
    except InputError:
        return
    parse(found)
    assert found.startswith(typed.replace("-", ""))
