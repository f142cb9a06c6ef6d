"""How many requests an archive gets, over all processes of a project folder."""

import multiprocessing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler import allowance as module
from crawler.allowance import LEASE, Allowance
from crawler.cluster import leases
from crawler.cluster.leases import LeasedAllowance
from crawler.errors import SchedulerLost


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "allowance.sqlite"


def sent(allowance: Allowance, clock: Clock, rate: float, seconds: float) -> list[float]:
    """Send as much as is allowed; return when each request was sent."""
    moments = []
    end = clock.now + seconds
    while clock.now < end:
        wait = allowance.take("slot", rate)
        if wait <= 0:
            moments.append(clock.now)
        clock.now += max(wait, 0.001)
    return moments


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rate=st.integers(1, 40), pauses=st.lists(st.floats(0, 200), max_size=3))
def test_no_minute_has_more_requests_than_allowed(
    tmp_path_factory: pytest.TempPathFactory, clock: Clock, rate: int, pauses: list[float]
) -> None:
    path = tmp_path_factory.mktemp("memory") / "allowance.sqlite"
    moments: list[float] = []
    for pause in [0.0, *pauses]:
        clock.now += pause
        moments += sent(Allowance(path, "archive", 60), clock, rate, 150)  # as after a restart
    for start in moments:
        inside = [at - start for at in moments if start <= at < start + 59.99]
        assert len(inside) <= rate, inside
    assert len(moments) >= 150 / 60 * rate * 0.5


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rate=st.integers(1, 40),
    late=st.lists(st.floats(0, LEASE) | st.none(), min_size=1, max_size=20),
    pauses=st.lists(st.floats(0, 5), min_size=1, max_size=20),
    one_here=st.integers(2, 5),
)
def test_no_minute_has_more_wherever_rights_are_used_and_whatever_is_lost(
    tmp_path_factory: pytest.TempPathFactory,
    clock: Clock,
    rate: int,
    late: list[float | None],
    pauses: list[float],
    one_here: int,
) -> None:
    """Some of those that lease are late, some are lost (None); one asks on this machine."""
    allowance = Allowance(tmp_path_factory.mktemp("memory") / "allowance.sqlite", "archive", 60)
    moments: list[float] = []
    granted, end = 0, clock.now + 200
    for turn in count():
        lease = LEASE if turn % one_here else 0.0
        wait = allowance.take("slot", rate, lease)
        if wait <= 0:
            granted += 1
            used = late[turn % len(late)] if lease else 0.0
            moments += [] if used is None else [clock.now + used]
        clock.now += max(wait / 2, pauses[turn % len(pauses)] / rate, 0.01)
        if clock.now > end:
            break
    for start in moments:
        inside = [at - start for at in moments if start <= at < start + 59.99]
        assert len(inside) <= rate, inside
    assert granted >= rate


@pytest.mark.parametrize(("rate", "sent_in_ten_minutes"), [(24, 240), (0.5, 5), (2.5, 25)])
def test_all_is_used_that_is_allowed(
    path: Path, clock: Clock, rate: float, sent_in_ten_minutes: int
) -> None:
    allowance = Allowance(path, "archive", 60)
    assert len(sent(allowance, clock, rate, 600)) == pytest.approx(sent_in_ten_minutes, abs=1)


def test_slots_do_not_share_and_what_has_no_rate_is_not_held_back(path: Path, clock: Clock) -> None:
    allowance = Allowance(path, "archive", 60)
    assert [allowance.take(slot, 1) > 0 for slot in "aabb"] == [False, True, False, True]
    assert not any(allowance.take("c", None) for _ in range(100))


def test_each_refusal_within_an_hour_doubles_the_pause_up_to_an_hour(
    path: Path, clock: Clock
) -> None:
    pauses = []
    for _ in range(8):
        pause, is_new = Allowance(path, "archive", 60).refused(0)
        assert is_new
        pauses.append(pause)
        clock.now += pause + 1
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    clock.now += 2 * 3600
    assert Allowance(path, "archive", 60).refused(0) == (60, True)


def test_nobody_asks_during_a_pause_and_other_archives_are_not_held_back(
    path: Path, clock: Clock
) -> None:
    Allowance(path, "archive", 60).refused(200)
    assert Allowance(path, "archive", 60).take("slot", None) == 200
    assert Allowance(path, "other", 60).take("slot", None) == 0
    clock.now += 200
    assert Allowance(path, "archive", 60).take("slot", None) == 0


def test_after_a_refusal_the_pace_is_halved_for_an_hour(path: Path, clock: Clock) -> None:
    allowance = Allowance(path, "archive", 60)
    allowance.refused(0)
    clock.now += 60
    assert len(sent(allowance, clock, 24, 600)) == pytest.approx(120, abs=12)
    assert allowance.halvings == 1
    clock.now += 3600
    assert len(sent(allowance, clock, 24, 600)) == 240
    assert allowance.halvings == 0


def test_a_refusal_of_what_was_sent_before_a_pause_is_no_new_one(path: Path, clock: Clock) -> None:
    allowance = Allowance(path, "archive", 60)
    assert allowance.refused(0) == (60, True)
    assert allowance.refused(0) == (60, False)
    assert allowance.refused(90) == (90, False)
    clock.now += 90
    assert allowance.refused(0) == (120, True)


def _take_all(path: Path, taken: "multiprocessing.Queue[int]") -> None:
    allowance = Allowance(path, "archive", 60)
    taken.put(sum(allowance.take("slot", 60) <= 0 for _ in range(200)))


def test_processes_share_what_is_allowed(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    taken = spawn.Queue()
    workers = [spawn.Process(target=_take_all, args=(path, taken)) for _ in range(3)]
    for worker in workers:
        worker.start()
    counts = [taken.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    assert sum(counts) == 60


def test_a_clock_that_was_set_back_holds_nothing_up(path: Path, clock: Clock) -> None:
    clock.now = 10**9
    allowance = Allowance(path, "archive", 60)
    for _ in range(4):
        assert allowance.take("slot", 4) == 0
    allowance.refused(0)
    clock.now -= 30 * 24 * 3600
    assert allowance.take("slot", 4) <= 24 * 3600
    allowance = Allowance(path, "another", 60)
    clock.now += 10**6
    assert [allowance.take("slot", 4) for _ in range(4)] == [0, 0, 0, 0]
    clock.now -= 10**6
    assert allowance.take("slot", 4) == 0


def test_archives_of_one_host_share_what_it_allows(path: Path, clock: Clock) -> None:
    one, other = Allowance(path, "archive", 60), Allowance(path, "archive", 60)
    taken = [a.take("index", 4) for a in (one, other) for _ in range(4)]
    assert taken[:4] == [0] * 4
    assert min(taken[4:]) > 0


def test_a_memory_that_cannot_be_read_is_begun_anew(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(b"half a file, after a power cut" * 100)
    assert Allowance(path, "archive", 60).take("slot", 4) == 0
    assert "is forgotten" in caplog.text
    assert path.with_name("allowance.sqlite.damaged").exists()


def test_a_right_that_comes_too_late_has_lapsed(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    leased = LeasedAllowance("tcp://scheduler", path, "archive", 60)
    monkeypatch.setattr(leases, "monotonic", clock)

    def answer(question: str, **given: object) -> tuple[float, int]:
        clock.now += seconds
        return 0.0, 0

    monkeypatch.setattr(leased, "_ask", answer)
    seconds = LEASE * 0.9
    assert leased.take("page", 60) == 0
    seconds = LEASE * 1.1
    assert leased.take("page", 60) > 0


def test_a_scheduler_that_does_not_answer_is_waited_for_and_nothing_is_sent(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "monotonic", clock)
    monkeypatch.setattr(leases, "ANSWER_SECONDS", 0.2)
    leased = LeasedAllowance("tcp://127.0.0.1:1", path, "archive", 60)
    assert leased.take("page", 60) > 0
    clock.now += leases.PATIENCE + 1
    with pytest.raises(SchedulerLost):
        leased.take("page", 60)
    with pytest.raises(SchedulerLost):
        leased.refused(0)
