"""What lies between two versions: how much, and whether the policy says something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.versioning.changes import Change, Kind, compare

OLD = "We may share your e-mail address with partners. You can opt out. We keep it for two years."


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("e-mail address", "email address", Kind.EDITORIAL),
        ("opt out", "opt-out", Kind.EDITORIAL),
        ("with partners", "with the partners", Kind.EDITORIAL),
        ("You can opt out. We keep", "We keep", Kind.SUBSTANTIVE),
        ("may share", "may not share", Kind.SUBSTANTIVE),
        ("may share", "will share", Kind.SUBSTANTIVE),
        ("two years", "2 years", Kind.SUBSTANTIVE),
        ("with partners", "with advertisers", Kind.SUBSTANTIVE),
    ],
)
def test_a_change_is_editorial_only_if_the_policy_says_the_same(
    old: str, new: str, kind: Kind
) -> None:
    assert old in OLD
    assert compare(OLD, OLD.replace(old, new), doubtful=False).kind is kind


BASE = "We keep what you tell us and what we learn for the purposes that this policy names. " * 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("We include your data.", "We exclude your data."),
        ("Data is encrypted on disk.", "Data is unencrypted on disk."),
        ("Access by authorized persons.", "Access by unauthorized persons."),
        ("We are able to identify you.", "We are unable to identify you."),
        ("We keep logs for thirteen days.", "We keep logs for thirty days."),
        ("We keep logs for six months.", "We keep logs for sixty months."),
        ("We are liable for losses.", "You are liable for losses."),
        ("Our liability is limited.", "Our liability is unlimited."),
        ("We share your name but not your mail.", "We do not share your name but your mail."),
        ("Logs are kept 30 days, mail 900 days.", "Logs are kept 900 days, mail 30 days."),
        ("You agree to sharing.", "You disagree to sharing."),
        ("Data are sent to us.", "Data are sent from us."),
        ("You opt in.", "You opt out."),
        ("We sell to them.", "We tell to them."),
    ],
)
def test_a_clause_that_is_turned_around_is_substantive(old: str, new: str) -> None:
    assert compare(BASE + old, BASE + new, doubtful=False).kind is Kind.SUBSTANTIVE


def test_another_order_is_editorial_if_no_weighty_word_moves() -> None:
    first, second, third = "We share your name", "You opt out", "We keep it for years"
    found = compare(f"{first}. {second}. {third}.", f"{third}. {first}. {second}.", False)
    assert found.kind is Kind.EDITORIAL
    assert found.words_added == found.words_removed > 0
    moved = f"We keep it for 2 years. {first}. {second}."
    assert compare(f"{first}. {second}. We keep it for 2 years.", moved, False).kind is (
        Kind.SUBSTANTIVE
    )


def test_many_small_changes_are_no_longer_editorial() -> None:
    old = " ".join(f"colour{'x' * n}" for n in range(30))
    assert compare(old, old.replace("colour", "color"), False).kind is Kind.SUBSTANTIVE


def test_a_change_to_or_from_a_doubtful_text_may_be_ours() -> None:
    assert compare(OLD, OLD[:20], doubtful=True).kind is Kind.TECHNICAL


def test_words_are_counted_in_place() -> None:
    assert compare("a b c d", "a x c d e", False) == Change(2, 1, 1 - 3 / 9, Kind.SUBSTANTIVE)


def test_the_words_of_very_long_texts_are_counted_wherever_they_stand() -> None:
    long = " ".join(f"w{n}" for n in range(60_000))
    found = compare(f"first {long}", f"{long} second third", False)
    assert (found.words_added, found.words_removed) == (2, 1)
    assert found.similarity == pytest.approx(1 - 3 / 120_003)


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_figures_of_any_two_texts_add_up(old: str, new: str) -> None:
    there, back = compare(old, new, False), compare(new, old, False)
    assert 0 <= there.similarity <= 1
    assert there.similarity == pytest.approx(back.similarity)
    assert there.words_added - there.words_removed == back.words_removed - back.words_added
    assert compare(old, old, False) == Change(0, 0, 1.0, Kind.EDITORIAL)
