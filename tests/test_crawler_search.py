"""The search for versions, against brute force on histories of which everything is known."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.selection.brackets import report
from crawler.selection.version_search import PATIENCE, Failure, Reason, Rules, Seen, next_fetches
from tests.searching import Search, Truth, brute_force

START = datetime(2010, 1, 1, tzinfo=UTC)
NO_AUDIT = Rules(audit=0)


def history(texts: str | list[str], days: list[int] | None = None) -> list[Truth]:
    """One capture a day, or after the given days, each with a digest of its own; "x" fails."""
    moments = accumulate(days or [1] * len(texts))
    return [
        Truth(f"{START + timedelta(days=day):%Y%m%d%H%M%S}", f"D{i}", None if t == "x" else t)
        for i, (t, day) in enumerate(zip(texts, moments, strict=True))
    ]


def brackets(search: Search) -> list[tuple[int, int]]:
    return [(b.changed_after, b.changed_before) for b in report(search.seen).brackets]


@st.composite
def histories(draw: st.DrawFn, gone: bool = False) -> list[Truth]:
    """Histories in which no text comes back, with shared and missing digests, at any pace."""
    stays = draw(st.lists(st.integers(1, 25), min_size=1, max_size=8))
    texts = [f"v{n}" for n, stay in enumerate(stays) for _ in range(stay)]
    total = len(texts)
    days = draw(st.lists(st.integers(1, 400), min_size=total, max_size=total))
    pages = draw(st.lists(st.integers(0, 9), min_size=total, max_size=total))
    return [
        Truth(t.timestamp, None if page == 9 else f"{text}/{page if page < 4 else i}", text)
        for i, (t, text, page) in enumerate(zip(history(texts, days), texts, pages, strict=True))
    ]


def some_of(data: st.DataObject, truths: list[Truth], most: int | None = None) -> set[int]:
    return data.draw(st.sets(st.integers(0, len(truths) - 1), max_size=most))


def without_policy(truths: list[Truth], places: set[int]) -> list[Truth]:
    """The same captures, some of them of pages that hold no policy."""
    return [
        Truth(t.timestamp, t.digest and f"none/{i}", None) if i in places else t
        for i, t in enumerate(truths)
    ]


@given(histories())
def test_every_change_is_found_between_neighbours(truths: list[Truth]) -> None:
    search = Search(truths).run()
    found = report(search.seen)
    assert brackets(search) == brute_force(truths)
    assert all(b.inside == 0 for b in found.brackets)
    assert not found.variants
    asked = [ask.capture for ask in search.asks]
    assert found.fetches == len(asked) <= len({t.digest or i for i, t in enumerate(truths)})
    digests = [truths[i].digest for i in asked if truths[i].digest]
    assert len(asked) == len(set(asked))
    assert len(digests) == len(set(digests))


@given(histories(), st.data())
def test_failures_are_stepped_over(truths: list[Truth], data: st.DataObject) -> None:
    gone = some_of(data, truths, most=3)
    unplayable = some_of(data, truths, most=PATIENCE - 4)
    truths = without_policy(truths, gone)
    search = Search(truths, unplayable).run()
    true = brute_force(truths, unplayable)
    assert all(b.inside == 0 for b in report(search.seen).brackets)
    for (after, before), (old, new) in zip(brackets(search), true, strict=True):
        assert old <= after < before <= new, "a digest tells more than can be played, or the same"


@given(histories(), st.data())
def test_many_failures_leave_wider_brackets_and_say_so(
    truths: list[Truth], data: st.DataObject
) -> None:
    unplayable = some_of(data, truths)
    gone = some_of(data, truths)
    truths = without_policy(truths, gone)
    search = Search(truths, unplayable).run()
    found = report(search.seen)
    asked = [ask.capture for ask in search.asks]
    assert len(asked) == len(set(asked))
    failed = sum(seen.failure is not None for seen in search.seen)
    assert found.fetches == len(asked)
    assert len(asked) <= len({t.digest or i for i, t in enumerate(truths)}) + failed
    for b in found.brackets:
        assert truths[b.changed_after].text != truths[b.changed_before].text
        inside = range(b.changed_after + 1, b.changed_before)
        failed = sum(search.seen[i].failure is not None for i in inside)
        assert failed >= PATIENCE if b.inside else {*inside} <= {*unplayable, *gone}


def test_years_without_a_policy_do_not_cost_years() -> None:
    for texts in ("x" * 3000, "A" * 1000 + "x" * 2000, "A" * 900 + "x" * 2000 + "B" * 100):
        search = Search(history(texts)).run(NO_AUDIT)
        assert len(search.asks) < 60, texts[::500]
    assert report(search.seen).brackets[0].changed_after == 899
    assert report(search.seen).brackets[0].changed_before == 2900


@given(histories(), st.data())
def test_a_search_that_was_broken_off_goes_on(truths: list[Truth], data: st.DataObject) -> None:
    unplayable = some_of(data, truths, most=PATIENCE - 1)
    whole = Search(truths, unplayable).run()
    broken = Search(truths, unplayable).run(most=data.draw(st.integers(0, len(whole.asks))))
    assert brackets(broken.run()) == brackets(whole)
    assert not next_fetches(broken.seen)


@given(histories(), st.integers(0, 30))
def test_a_budget_is_kept_and_what_is_found_is_true(truths: list[Truth], budget: int) -> None:
    search = Search(truths).run(Rules(budget=budget))
    assert len(search.asks) <= budget
    true = brute_force(truths)
    for after, before in brackets(search):
        assert any(after <= old < new <= before for old, new in true)
    search.run(Rules(budget=budget))
    assert len(search.asks) <= budget
    assert brackets(search.run()) == true


@given(histories(), st.integers(1, 2000))
def test_brackets_are_as_narrow_as_asked_for(truths: list[Truth], days: int) -> None:
    until = timedelta(days=days)
    search = Search(truths).run(Rules(until_bracket=until))
    assert all(b.width <= until or b.inside == 0 for b in report(search.seen).brackets)
    assert len(search.asks) <= len(Search(truths).run().asks) + search.count(Reason.AUDIT)


@given(histories(), st.integers(1, 4000))
def test_a_newer_capture_of_the_same_text_costs_one_fetch(truths: list[Truth], days: int) -> None:
    search = Search(truths).run()
    spent = len(search.asks)
    last = truths[-1]
    later = datetime.strptime(last.timestamp, "%Y%m%d%H%M%S") + timedelta(days=days)
    newer = Truth(f"{later:%Y%m%d%H%M%S}", "new", last.text)
    search.history = [*truths, newer]
    search.run()
    assert [ask.capture for ask in search.asks[spent:]] == [len(truths)]
    assert brackets(search) == brute_force(truths)


def test_newer_captures_of_the_same_text_cost_one_fetch() -> None:
    truths = history("A" * 300 + "B" * 400)
    search = Search(truths[:650]).run()
    spent = len(search.asks)
    search.history = truths
    search.run()
    assert [ask.capture for ask in search.asks[spent:]] == [699]


def test_newer_captures_of_known_digests_cost_nothing() -> None:
    truths = history("A" * 10 + "B" * 10)
    search = Search(truths).run()
    spent = len(search.asks)
    known = next(s for s in search.seen if s.text == "B")
    search.history = [*truths, Truth("20200101000000", known.digest, "B")]
    assert len(search.run().asks) == spent
    assert brackets(search) == [(9, 10)]


@given(st.integers(1, 139))
def test_an_audit_finds_a_long_episode(start: int) -> None:
    truths = history(["B" if start <= i < start + 60 else "A" for i in range(200)])
    search = Search(truths).run()
    assert brackets(search) == brute_force(truths) == [(start - 1, start), (start + 59, start + 60)]
    assert len(search.asks) < 30
    assert report(search.seen).hits == 1


def test_hits_of_an_audit_call_for_more_audits() -> None:
    replaced = Search(history("A" * 250 + "B" * 100 + "C" * 650)).run()
    undone = Search(history("A" * 250 + "B" * 100 + "A" * 650)).run()
    assert 0 < replaced.count(Reason.AUDIT) < undone.count(Reason.AUDIT)


def test_the_audit_is_as_large_as_asked_for() -> None:
    audits = [
        Search(history("A" * 1000)).run(Rules(share)).count(Reason.AUDIT)
        for share in (0, 0.05, 0.2, 1)
    ]
    assert audits[0] == 0
    assert audits == sorted(set(audits))


def test_the_expected_number_of_missed_changes_is_within_a_factor_of_two() -> None:
    missed, expected = 0, 0.0
    for start in range(20, 920, 20):
        truths = history(["B" if start <= i < start + 60 else "A" for i in range(1000)])
        search = Search(truths).run(Rules(audit=0.1))
        missed += 2 - len(brackets(search))
        expected += report(search.seen, Rules(audit=0.1)).missed
    assert missed / 2 < expected < missed * 2


def test_fewer_changes_are_missed_the_more_is_known() -> None:
    truths = history("A" * 1000)
    expected = [report(Search(truths).run(Rules(s)).seen).missed for s in (0, 0.1, 0.5, 5)]
    assert expected == sorted(expected, reverse=True)
    everything = [Seen(t.timestamp, t.digest, t.text) for t in truths]
    assert report(everything).missed == 0


@given(st.integers(0, 475))
def test_a_policy_that_stood_for_a_twentieth_of_the_captures_is_found(start: int) -> None:
    truths = history("x" * start + "A" * 25 + "x" * (475 - start))
    search = Search(without_policy(truths, {i for i, t in enumerate(truths) if t.text is None}))
    assert "A" in {seen.text for seen in search.run().seen}


def test_what_was_passed_over_is_counted() -> None:
    search = Search(history("x" * 400)).run()
    found = report(search.seen)
    assert found.fetches <= 80
    assert found.passed_over == 400 - found.fetches
    assert report(Search(history("A" * 400)).run().seen).passed_over == 0


@given(st.integers(1, 3), st.integers(10, 200), st.integers(20, 100))
def test_variants_are_no_changes_but_their_first_appearance_is(
    turn: int, before: int, turns: int
) -> None:
    alternating = "".join(("B" if i % 2 == 0 else "A") * turn for i in range(turns))
    truths = history("A" * before + alternating + "C" * 100)
    search = Search(truths).run()
    everything = report([Seen(t.timestamp, t.digest, t.text) for t in truths])
    assert [(b.changed_after, b.changed_before) for b in everything.brackets] == [
        (before - 1, before),
        (before + turn * turns - 1, before + turn * turns),
    ]
    assert everything.variants == [frozenset("AB")]
    found = report(search.seen)
    assert all(b.inside == 0 for b in found.brackets)
    assert (found.brackets[-1].changed_before) == before + turn * turns
    assert len(search.asks) < 80


def test_a_change_that_flickers_is_a_change() -> None:
    """A rollout that is taken back twice and then stays."""
    truths = history("A" * 50 + "BABA" + "B" * 50)
    everything = [Seen(t.timestamp, t.digest, t.text) for t in truths]
    (change,) = report(everything).brackets
    assert (change.changed_after, change.changed_before) == (49, 50)
    (change,) = report(Search(truths).run().seen).brackets
    assert change.inside == 0
    assert 49 <= change.changed_after <= 53


@pytest.mark.parametrize("texts", ["", "A", "x", "AB", "AxB", "xA", "ABA"])
def test_short_histories(texts: str) -> None:
    search = Search(history(texts)).run()
    assert brackets(search) == brute_force(search.history)
    assert report(search.seen).missed >= 0


def test_a_digest_is_asked_again_only_where_the_archive_failed() -> None:
    day = "2020010{}000000".format
    unplayed = Seen(day(1), "D", failure=Failure.CAPTURE)
    blocked = Seen(day(1), "D", failure=Failure.PAGE)
    other = Seen(day(2), "D")
    assert [ask.capture for ask in next_fetches([unplayed, other])] == [1]
    assert next_fetches([blocked, other]) == []
    assert next_fetches([Seen(day(1), "D", "A"), other]) == []
    assert len(next_fetches([Seen(day(1), "D"), other])) == 1
    assert len(next_fetches([Seen(day(1), None), Seen(day(2), None)])) == 2


def test_failures_that_cost_nothing_are_no_reason_to_give_up() -> None:
    truths = history("A" * 40 + "xx" * 40 + "C" + "B" * 40)
    truths = [Truth(t.timestamp, t.digest if t.text else "gone", t.text) for t in truths]
    assert brackets(Search(truths).run()) == brute_force(truths)


def test_the_most_telling_of_many_policies_come_first() -> None:
    bounds = next_fetches([Seen("20200101000000", "a"), Seen("20200102000000", "b")])
    long = next_fetches(
        [
            Seen("20100101000000", "a", "A"),
            Seen("20150101000000", "b"),
            Seen("20200101000000", "c", "B"),
        ]
    )
    quiet = next_fetches(
        [
            Seen("20000101000000", "a", "A"),
            Seen("20150101000000", "b"),
            Seen("20200101000000", "c", "A"),
        ],
        Rules(audit=1),
    )
    asks = sorted([*quiet, *long, *bounds], key=lambda ask: ask.rank)
    assert [ask.reason for ask in asks] == [
        Reason.BOUND,
        Reason.BOUND,
        Reason.BRACKET,
        Reason.AUDIT,
    ]
