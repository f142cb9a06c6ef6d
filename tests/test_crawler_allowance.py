"""How many requests an archive gets, over all processes of a project folder."""

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler import allowance as module
from crawler.allowance import Allowance


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
