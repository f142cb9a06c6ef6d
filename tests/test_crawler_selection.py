"""What is fetched of a policy's captures, round after round, and what is not."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.outcomes import Outcome
from crawler.records import Capture, KnownCapture
from crawler.selection import EMPTY_BODY_DIGEST, Choice, Select, choose
from tests.factories import known

UNPLAYABLE = [outcome for outcome in Outcome if outcome.unplayable]
PERIODS = [Select.HALFYEAR, Select.YEAR, Select.MONTH]
NEAREST_TWO = [
    (Select.HALFYEAR, "20150401000000", "20150402000000"),
    (Select.YEAR, "20150701000000", "20150702000000"),
    (Select.MONTH, "20150716000000", "20150717000000"),
]


def fetched(captures: Sequence[KnownCapture], rule: Select) -> list[str]:
    return [capture.timestamp for capture in choose(captures, rule).fetch]


def decided(choice: Choice) -> dict[str, Outcome]:
    return {capture.timestamp: outcome for capture, outcome, _ in choice.decided}


def days(*timestamps: str, **fields: object) -> list[KnownCapture]:
    return [known(f"{day:0<14}", **fields) for day in timestamps]


def test_all_fetches_every_capture_that_may_hold_a_policy() -> None:
    captures = [
        *days("20150101", "20150102", digest="A"),
        known("20150103000000", statuscode=404),
        known("20150104000000", statuscode=503),
        known("20150105000000", statuscode=301),
        known("20150106000000", statuscode=None),
    ]
    choice = choose(captures, Select.ALL)
    assert [c.timestamp[:8] for c in choice.fetch] == [
        "20150101",
        "20150102",
        "20150105",
        "20150106",
    ]
    assert decided(choice) == {
        "20150103000000": Outcome.NOT_FOUND,
        "20150104000000": Outcome.HTTP_ERROR,
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (404, Outcome.NOT_FOUND),
        (410, Outcome.NOT_FOUND),
        (400, Outcome.HTTP_ERROR),
        (403, Outcome.HTTP_ERROR),
        (429, Outcome.HTTP_ERROR),
        (500, Outcome.HTTP_ERROR),
    ],
)
@pytest.mark.parametrize("rule", Select)
def test_an_error_status_in_the_index_needs_no_request(
    rule: Select, status: int, outcome: Outcome
) -> None:
    choice = choose([known("20150101000000", statuscode=status)], rule)
    assert choice.fetch == []
    assert decided(choice) == {"20150101000000": outcome}


def test_unique_fetches_the_first_capture_of_each_digest() -> None:
    captures = [
        *days("20150101", digest="A"),
        *days("20150201", digest="B"),
        *days("20150301", "20150401", digest="A", statuscode=None, mimetype="warc/revisit"),
    ]
    choice = choose(captures, Select.UNIQUE)
    assert [c.timestamp for c in choice.fetch] == ["20150101000000", "20150201000000"]
    assert [(o, d) for _, o, d in choice.decided] == [
        (Outcome.SAME_DIGEST, "20150101000000 stands for it")
    ] * 2


def test_unique_takes_a_page_once_sent_with_an_error_from_a_capture_without_one() -> None:
    captures = [
        *days("20150101", digest="A", statuscode=503),
        *days("20150201", "20150301", digest="A"),
    ]
    choice = choose(captures, Select.UNIQUE)
    assert [c.timestamp for c in choice.fetch] == ["20150201000000"]
    assert decided(choice) == {
        "20150101000000": Outcome.HTTP_ERROR,
        "20150301000000": Outcome.SAME_DIGEST,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"digest": "A", "statuscode": 301},
        {"digest": "A", "statuscode": 302},
        {"digest": EMPTY_BODY_DIGEST},
        {"digest": None},
    ],
)
def test_unique_fetches_all_of_what_a_digest_says_nothing_about(fields: dict[str, object]) -> None:
    captures = days("20150101", "20150201", "20150301", **fields)
    assert len(fetched(captures, Select.UNIQUE)) == 3


def test_halfyear_fetches_the_nearest_to_1_april_and_1_october() -> None:
    captures = days(
        "20150101",
        "20150330",
        "20150405",
        "20150630",
        "20150701",
        "20150928",
        "20151231",
        "20160101",
    )
    choice = choose(captures, Select.HALFYEAR)
    assert [c.timestamp for c in choice.fetch] == [
        "20150330000000",
        "20150928000000",
        "20160101000000",
    ]
    assert set(decided(choice).values()) == {Outcome.NOT_SELECTED}
    assert len(choice.fetch) + len(choice.decided) == len(captures)


def test_year_fetches_the_nearest_to_1_july_and_month_to_the_16th() -> None:
    captures = days("20150101", "20150610", "20150629", "20150715", "20160101")
    assert fetched(captures, Select.YEAR) == ["20150629000000", "20160101000000"]
    assert fetched(captures, Select.MONTH) == [
        "20150101000000",
        "20150610000000",
        "20150715000000",
        "20160101000000",
    ]


@pytest.mark.parametrize("status", [301, 404, 503])
def test_halfyear_prefers_status_200_to_nearness(status: int) -> None:
    captures = [
        *days("20150105", digest="A"),
        *days("20150401", digest="B", statuscode=status),
    ]
    assert fetched(captures, Select.HALFYEAR) == ["20150105000000"]


@pytest.mark.parametrize(("status", "chosen"), [(200, "20150401000000"), (404, "20150105000000")])
def test_a_revisit_has_the_status_of_the_page_it_repeats(status: int, chosen: str) -> None:
    captures = [
        *days("20140105", digest="A", statuscode=status),
        *days("20150105", digest="B"),
        *days("20150401", digest="A", statuscode=None, mimetype="warc/revisit"),
    ]
    assert chosen in fetched(captures, Select.HALFYEAR)


def test_a_capture_without_a_digest_repeats_no_other_without_one() -> None:
    captures = [
        *days("20150301", digest=None, statuscode=404),
        *days("20150501", digest="A"),
        *days("20150701", digest=None, statuscode=None),
    ]
    assert fetched(captures, Select.YEAR) == ["20150701000000"]


@pytest.mark.parametrize("outcome", UNPLAYABLE)
def test_the_next_of_a_digest_takes_the_place_of_an_unplayable_capture(outcome: Outcome) -> None:
    captures = [
        known("20150401000000", outcome, digest="A"),
        known("20150402000000", Outcome.SAME_DIGEST, digest="A"),
        known("20150403000000", Outcome.SAME_DIGEST, digest="A"),
    ]
    assert fetched(captures, Select.UNIQUE) == ["20150402000000"]


@pytest.mark.parametrize("outcome", UNPLAYABLE)
@pytest.mark.parametrize(("rule", "first", "second"), NEAREST_TWO)
def test_the_next_of_a_period_takes_the_place_of_an_unplayable_capture(
    rule: Select, first: str, second: str, outcome: Outcome
) -> None:
    captures = [
        known(first, outcome),
        known(second, Outcome.NOT_SELECTED),
        known(second[:8] + "120000", Outcome.NOT_SELECTED),
    ]
    assert fetched(captures, rule) == [second]


@pytest.mark.parametrize("rule", Select)
def test_a_group_of_which_nothing_can_be_played_is_given_up(rule: Select) -> None:
    captures = [
        known(f"201504{day:02}000000", outcome, digest="A")
        for day, outcome in enumerate(UNPLAYABLE, 1)
    ]
    tried = {member.capture.capture_id for member in captures}
    assert choose(captures, rule, tried) == Choice([], [])


def test_a_later_run_asks_for_the_latest_of_a_group_that_could_not_be_played() -> None:
    captures = [
        known("20150101000000", Outcome.NOT_ARCHIVED, digest="A"),
        known("20150201000000", Outcome.WRONG_CAPTURE, digest="A"),
        known("20150301000000", Outcome.EXCLUDED, digest="A"),
    ]
    assert fetched(captures, Select.UNIQUE) == ["20150201000000"]


def test_a_lost_capture_is_left_alone_once_another_of_its_digest_gave_the_text() -> None:
    captures = [
        known("20150101000000", Outcome.NOT_ARCHIVED, digest="A"),
        known("20150201000000", Outcome.TEXT, digest="A"),
    ]
    assert choose(captures, Select.UNIQUE) == Choice([], [])


def test_another_of_its_digest_stands_in_for_a_capture_the_archive_fails_on() -> None:
    failing = known("20150101000000", Outcome.ARCHIVE_ERROR, digest="A")
    captures = [failing, known("20150201000000", Outcome.SAME_DIGEST, digest="A")]
    choice = choose(captures, Select.UNIQUE, {failing.capture.capture_id})
    assert [capture.timestamp for capture in choice.fetch] == ["20150201000000"]
    captures[1] = known("20150201000000", Outcome.TEXT, digest="A")
    assert decided(choose(captures, Select.UNIQUE)) == {"20150101000000": Outcome.SAME_DIGEST}


def test_while_the_archive_fails_few_of_a_digest_are_tried_and_the_rest_stays_pending() -> None:
    failing = [known(f"2015010{day}000000", Outcome.ARCHIVE_ERROR, digest="A") for day in (1, 2, 3)]
    captures = [*failing, known("20150201000000", digest="A")]
    tried = {member.capture.capture_id for member in failing}
    assert choose(captures, Select.UNIQUE, tried) == Choice([], [])
    assert fetched(captures, Select.UNIQUE) == ["20150201000000"]


@pytest.mark.parametrize("rule", [Select.UNIQUE, Select.VERSIONS])
@pytest.mark.parametrize("outcome", [Outcome.NOT_FOUND, Outcome.SOFT_404, Outcome.EMPTY])
def test_a_loss_from_nearby_does_not_stand_for_a_digest(rule: Select, outcome: Outcome) -> None:
    captures = [
        known("20150101000000", outcome, digest="A", served_exactly=False),
        known("20150201000000", Outcome.SAME_DIGEST, digest="A"),
    ]
    assert fetched(captures, rule) == ["20150201000000"]


def test_the_search_does_not_ask_twice_in_a_run_for_what_stayed_pending() -> None:
    captures = [known("20150101000000"), known("20150201000000", Outcome.TEXT)]
    tried = {captures[0].capture.capture_id}
    assert choose(captures, Select.VERSIONS, tried).fetch == []


def test_in_an_outage_what_was_not_asked_for_stays_pending() -> None:
    captures = [
        known("20150101000000", Outcome.ARCHIVE_ERROR, digest="A"),
        *(known(f"20150{n}01000000", digest=f"{n}") for n in range(2, 9)),
        known("20150901000000", Outcome.ARCHIVE_ERROR, digest="Z"),
    ]
    tried = {member.capture.capture_id for member in captures}
    assert choose(captures, Select.VERSIONS, tried).decided == []


def test_captures_of_one_second_with_two_digests_stand_for_themselves_only() -> None:
    captures = [
        known("20150101000000", digest="A"),
        known("20150101000000", digest="B"),
        known("20150201000000", digest="A"),
        known("20150301000000", digest="B"),
    ]
    assert fetched(captures, Select.UNIQUE) == [
        "20150101000000",
        "20150101000000",
        "20150201000000",
        "20150301000000",
    ]


@pytest.mark.parametrize("rule", PERIODS)
def test_a_redirect_comes_before_an_error_and_a_page_before_both(rule: Select) -> None:
    error = known("20150401000000", statuscode=404)
    redirect = known("20150402000000", statuscode=301)
    assert fetched([error, redirect], rule) == ["20150402000000"]
    page = known("20150403000000")
    assert fetched([error, redirect, page], rule) == ["20150403000000"]


def test_a_page_that_gave_no_text_stands_for_its_digest_all_the_same() -> None:
    captures = [
        known("20150101000000", Outcome.EMPTY, digest="A"),
        known("20150201000000", digest="A"),
    ]
    choice = choose(captures, Select.UNIQUE)
    assert choice.fetch == []
    assert decided(choice) == {"20150201000000": Outcome.SAME_DIGEST}


def test_a_text_from_nearby_does_not_stand_for_a_digest() -> None:
    captures = [
        known("20150101000000", Outcome.TEXT, digest="A", served_exactly=False),
        known("20150201000000", Outcome.SAME_DIGEST, digest="A"),
    ]
    assert fetched(captures, Select.UNIQUE) == ["20150201000000"]


@pytest.mark.parametrize(("rule", "first", "second"), NEAREST_TWO)
def test_a_text_from_nearby_stands_for_its_period(rule: Select, first: str, second: str) -> None:
    captures = [
        known(first, Outcome.TEXT, served_exactly=False),
        known(second, Outcome.NOT_SELECTED),
    ]
    assert fetched(captures, rule) == []


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome.again])
@pytest.mark.parametrize("rule", Select)
def test_what_was_not_answered_is_asked_again(rule: Select, outcome: Outcome) -> None:
    assert fetched([known("20150101000000", outcome)], rule) == ["20150101000000"]


@pytest.mark.parametrize("rule", Select)
@pytest.mark.parametrize("outcome", [o for o in Outcome if o.again and o.unplayable])
def test_what_could_not_be_played_lately_is_not_asked_again(rule: Select, outcome: Outcome) -> None:
    lately = replace(known("20150101000000", outcome), lately=True)
    assert not choose([lately], rule).fetch
    assert choose([replace(lately, lately=False)], rule).fetch


def test_archive_error_is_among_what_is_asked_again() -> None:
    assert Outcome.ARCHIVE_ERROR.again
    assert not Outcome.ARCHIVE_ERROR.unplayable


ANSWERED = [
    outcome
    for outcome in Outcome
    if not outcome.again and outcome not in (Outcome.NOT_SELECTED, Outcome.SAME_DIGEST)
]


@pytest.mark.parametrize("outcome", ANSWERED)
@pytest.mark.parametrize("rule", Select)
def test_what_was_answered_is_not_fetched_twice(rule: Select, outcome: Outcome) -> None:
    assert choose([known("20150101000000", outcome)], rule) == Choice([], [])


def test_all_fetches_what_a_narrower_rule_passed_over() -> None:
    captures = [
        known("20150101000000", Outcome.TEXT, digest="A"),
        known("20150201000000", Outcome.SAME_DIGEST, digest="A", fingerprint="words"),
        known("20150301000000", Outcome.NOT_SELECTED, digest="B"),
    ]
    assert fetched(captures, Select.ALL) == ["20150201000000", "20150301000000"]
    assert fetched(captures, Select.UNIQUE) == ["20150301000000"]


def test_an_earlier_capture_that_is_listed_later_needs_no_fetch_for_a_known_digest() -> None:
    captures = [
        known("20150101000000", digest="A"),
        known("20160101000000", Outcome.TEXT, digest="A"),
    ]
    choice = choose(captures, Select.UNIQUE)
    assert choice.fetch == []
    assert decided(choice) == {"20150101000000": Outcome.SAME_DIGEST}


@pytest.mark.parametrize("rule", Select)
def test_nothing_is_chosen_of_nothing(rule: Select) -> None:
    assert choose([], rule) == Choice([], [])


STATES = st.lists(
    st.builds(
        lambda day, status, digest: known(
            f"2015{1 + day // 28:02}{1 + day % 28:02}000000", statuscode=status, digest=digest
        ),
        st.integers(0, 335),
        st.sampled_from([200, 200, 200, None, 301, 404, 503]),
        st.sampled_from(["A", "B", "C", EMPTY_BODY_DIGEST, None]),
    ),
    max_size=12,
    unique_by=lambda member: member.capture.timestamp,
).map(lambda members: sorted(members, key=lambda member: member.capture.timestamp))
ANSWERS = st.sampled_from([Outcome.TEXT, Outcome.ARCHIVE_ERROR, *UNPLAYABLE])


def simulated(
    captures: list[KnownCapture], rule: Select, answer: Callable[[Capture], KnownCapture]
) -> tuple[list[KnownCapture], list[list[Capture]]]:
    """Choose and fetch until nothing is left to fetch, as the spider does within one run."""
    rounds: list[list[Capture]] = []
    state = {member.capture.capture_id: member for member in captures}
    tried: set[UUID] = set()
    while True:
        assert len(rounds) <= len(captures), "the rounds do not end"
        choice = choose(list(state.values()), rule, tried)
        for capture, outcome, _ in choice.decided:
            state[capture.capture_id] = replace(state[capture.capture_id], outcome=outcome)
        if not choice.fetch:
            return list(state.values()), rounds
        rounds.append(choice.fetch)
        for capture in choice.fetch:
            tried.add(capture.capture_id)
            state[capture.capture_id] = answer(capture)


@given(STATES, st.sampled_from(Select), st.data())
def test_the_rounds_end_with_an_outcome_for_every_capture_and_none_fetched_twice(
    captures: list[KnownCapture], rule: Select, data: st.DataObject
) -> None:
    def answer(capture: Capture) -> KnownCapture:
        outcome, exact = data.draw(ANSWERS), data.draw(st.booleans())
        is_text = outcome is Outcome.TEXT
        return KnownCapture(capture, outcome, "words" if is_text else None, is_text and exact)

    after, rounds = simulated(captures, rule, answer)
    failing = {m.capture.digest for m in after if m.outcome is Outcome.ARCHIVE_ERROR}
    pending = {m.capture.digest for m in after if m.outcome is Outcome.PENDING}
    if rule is Select.VERSIONS:  # a search that the archive failed does not know what it needs
        assert failing or not pending
    else:
        assert pending <= failing, "what the archive did not fail on has its outcome"
    asked = Counter(capture.capture_id for fetch in rounds for capture in fetch)
    assert set(asked.values()) <= {1}
    errors = {m.capture.capture_id for m in captures if (m.capture.statuscode or 0) >= 400}
    assert not errors & set(asked)


@given(STATES)
def test_unique_never_fetches_two_of_one_digest_while_the_archive_plays_what_it_lists(
    captures: list[KnownCapture],
) -> None:
    _, rounds = simulated(
        captures, Select.UNIQUE, lambda capture: KnownCapture(capture, Outcome.TEXT, "words", True)
    )
    pages = Counter(
        capture.digest
        for fetch in rounds
        for capture in fetch
        if not capture.is_redirect and capture.digest not in (None, EMPTY_BODY_DIGEST)
    )
    assert set(pages.values()) <= {1}


@given(STATES, st.sampled_from(PERIODS))
def test_a_rule_by_periods_fetches_one_capture_a_period_at_most(
    captures: list[KnownCapture], rule: Select
) -> None:
    def period(capture: Capture) -> str:
        month = int(capture.timestamp[4:6])
        return {Select.YEAR: "", Select.HALFYEAR: str(month <= 6), Select.MONTH: str(month)}[rule]

    choice = choose(captures, rule)
    assert max(Counter(map(period, choice.fetch)).values(), default=0) <= 1
    assert len(choice.fetch) + len(choice.decided) == len(captures)


@given(STATES, st.sampled_from(Select), st.integers(0, 12))
def test_a_second_run_fetches_nothing_that_the_first_did(
    captures: list[KnownCapture], rule: Select, first: int
) -> None:
    def text(capture: Capture) -> KnownCapture:
        return KnownCapture(capture, Outcome.TEXT, "words", True)

    after, rounds = simulated(captures[:first], rule, text)
    _, again = simulated([*after, *captures[first:]], rule, text)
    ids = [capture.capture_id for fetch in (*rounds, *again) for capture in fetch]
    assert len(ids) == len(set(ids))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["A", "B", "C", None]), st.integers(1, 30)), max_size=5),
    st.sampled_from(Select),
    st.integers(0, 30),
)
def test_a_run_that_was_killed_ends_as_an_unbroken_one(
    runs: list[tuple[str | None, int]], rule: Select, kill: int
) -> None:
    texts = [text for text, length in runs for _ in range(length)]
    days = enumerate(texts)
    captures = [known(f"2015{1 + n // 28:02}{1 + n % 28:02}000000", digest=str(n)) for n, _ in days]
    ids = [member.capture.capture_id for member in captures]
    words_of = dict(zip(ids, texts, strict=True))

    def run(state: dict[UUID, KnownCapture], fetches: int) -> dict[UUID, KnownCapture]:
        tried: set[UUID] = set()
        while True:
            choice = choose(list(state.values()), rule, tried)
            for capture, outcome, _ in choice.decided:
                state[capture.capture_id] = replace(state[capture.capture_id], outcome=outcome)
            for capture in choice.fetch:
                waiting = replace(
                    state[capture.capture_id], outcome=Outcome.PENDING, chosen_by=Select.VERSIONS
                )
                state[capture.capture_id] = waiting
            if not choice.fetch:
                return state
            for capture in choice.fetch:
                if fetches == 0:
                    return state
                fetches -= 1
                tried.add(capture.capture_id)
                words = words_of[capture.capture_id]
                outcome = Outcome.EMPTY if words is None else Outcome.TEXT
                state[capture.capture_id] = KnownCapture(capture, outcome, words, True, True)

    killed = run(dict(zip(ids, captures, strict=True)), kill)
    assert run(killed, 999) == run(dict(zip(ids, captures, strict=True)), 999)
