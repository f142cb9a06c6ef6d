"""Whose turn it is when not everything may be fetched."""

from dataclasses import replace

from crawler.records import Capture, Target
from crawler.selection.budget import Budget
from tests.factories import capture

A, B = Target("a.com", "http://a.com/p"), Target("b.com", "http://b.com/p")
ONE, TWO, THREE = (capture(f"201{n}0101000000") for n in range(3))


ARCHIVE = A.archive


def taken(budget: Budget, room: int = 99, least: int = 0) -> list[Capture]:
    return [captured for _, captured, _ in budget.take(ARCHIVE, room, least)]


def test_the_most_telling_of_all_policies_comes_first() -> None:
    budget = Budget(None)
    budget.wait(A, [(5, ONE), (1, TWO)])
    budget.wait(B, [(3, THREE)])
    assert budget.take(ARCHIVE, 99, 0) == [(A, ONE, 5), (B, THREE, 3), (A, TWO, 1)]


def test_no_more_is_taken_than_there_is_room_or_budget_for() -> None:
    budget = Budget(2)
    budget.wait(A, [(3, ONE), (2, TWO), (1, THREE)])
    assert taken(budget, room=1) == [ONE]
    assert taken(budget) == [TWO]
    assert taken(budget) == []
    assert budget.left == 0


def test_what_is_below_the_least_priority_waits() -> None:
    budget = Budget(9)
    budget.wait(A, [(300, ONE), (100, TWO)])
    assert taken(budget, least=200) == [ONE]
    assert taken(budget) == [TWO]


def test_a_policys_earlier_asks_are_forgotten() -> None:
    budget = Budget(1)
    budget.wait(A, [(300, ONE)])
    budget.wait(A, [(100, TWO)])
    assert taken(budget) == [TWO]


def test_archives_wait_for_themselves_and_share_the_budget() -> None:
    budget = Budget(2)
    other = replace(B, archive="another")
    budget.wait(A, [(5, ONE), (1, TWO)])
    budget.wait(other, [(3, THREE)])
    assert budget.waiting == {ARCHIVE: 2, "another": 1}
    assert budget.take("another", 99, 0) == [(other, THREE, 3)]
    assert taken(budget) == [ONE]
    assert taken(budget) == []
    assert budget.waiting == {ARCHIVE: 1, "another": 0}


def test_asks_that_are_forgotten_do_not_wait() -> None:
    budget = Budget(None)
    budget.wait(A, [(5, ONE), (1, TWO)])
    budget.wait(A, [(2, THREE)])
    assert budget.waiting[ARCHIVE] == 1
    budget.wait(A, [])
    assert budget.waiting[ARCHIVE] == 0
    assert taken(budget) == []
