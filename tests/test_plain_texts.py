"""The plain texts beside a search index."""

import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.search import plain_texts
from pipelines.search.plain_texts import PlainTexts

TEXTS = [(n, f"Title {n}", f"Clause {n} of the policy. " * 5) for n in range(1, 8)]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(plain_texts, "PACK", 250)  # two or three texts
    return tmp_path / "texts.sqlite"


def made(file: Path) -> PlainTexts:
    plain = PlainTexts(file)
    plain.make()
    return plain


def packs(file: Path) -> int:
    with closing(sqlite3.connect(file)) as db:
        return int(db.execute("SELECT count(*) FROM packs").fetchone()[0])


def test_each_text_is_read_as_it_was_kept(file: Path) -> None:
    plain = made(file)
    assert list(plain.keep(TEXTS)) == TEXTS
    assert packs(file) > 1
    for number, title, body in TEXTS:
        assert plain.read([number]) == {number: f"{title}\n{body}"}
    assert plain.read([7, 99, 1]) == {n: f"{TEXTS[n - 1][1]}\n{TEXTS[n - 1][2]}" for n in (7, 1)}


@given(
    st.dictionaries(st.integers(0, 2**63 - 1), st.text(st.characters(exclude_categories=["Cs"])))
)
def test_whatever_the_texts_are(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[int, str]
) -> None:
    plain = made(tmp_path_factory.mktemp("plain") / "texts.sqlite")
    given = [(number, "", body) for number, body in texts.items()]
    assert list(plain.keep(given)) == given
    assert plain.numbers() == texts.keys()
    assert plain.read([*texts]) == {number: f"\n{body}" for number, body in texts.items()}


def test_what_is_there_is_not_kept_twice(file: Path) -> None:
    plain = made(file)
    assert list(plain.keep(TEXTS)) == TEXTS
    before = packs(file)
    assert list(plain.keep(TEXTS)) == TEXTS
    assert packs(file) == before


def test_who_stops_has_all_that_was_given_on(file: Path) -> None:
    plain = made(file)
    seen = {number for number, *_ in islice(plain.keep(TEXTS), 4)}
    assert seen <= plain.numbers() < {number for number, *_ in TEXTS}


def test_texts_that_are_gone_go_and_others_stay(file: Path) -> None:
    plain = made(file)
    assert list(plain.keep(TEXTS)) == TEXTS
    before = packs(file)
    plain.remove([1, 2, 3, 4, 5])
    assert plain.numbers() == {6, 7}
    assert packs(file) < before
    assert plain.read([1, 6]) == {6: f"{TEXTS[5][1]}\n{TEXTS[5][2]}"}


def test_who_only_reads_makes_no_file(file: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        PlainTexts(file).read([1])
    assert not file.exists()


@pytest.mark.parametrize("damage", ["DELETE FROM packs", "UPDATE packs SET texts = zeroblob(9)"])
def test_a_damaged_pack_is_no_text(file: Path, damage: str) -> None:
    plain = made(file)
    assert list(plain.keep(TEXTS)) == TEXTS
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(damage)
    with pytest.raises(ValueError, match=r"\w"):
        plain.read([1])


def test_a_changed_letter_of_a_pack_is_noticed(file: Path) -> None:
    plain = made(file)
    assert list(plain.keep([(1, "", "incompressible: 7f3qzk")])) != []
    with closing(sqlite3.connect(file)) as db, db:
        (packed,) = db.execute("SELECT texts FROM packs").fetchone()
        db.execute("UPDATE packs SET texts = ?", [packed.replace(b"7f3", b"8f3")])
    with pytest.raises(ValueError, match=r"\w"):
        plain.read([1])
