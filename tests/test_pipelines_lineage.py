"""Which addresses of a site held one policy."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.versioning.lineage import Address, Evidence, Place, lineage

OLD, NEW, THIRD = (f"http://site.example/{name}" for name in ("old", "new", "third"))


def address(
    url: str,
    first: int,
    last: int,
    texts: str,
    language: str | None = "en",
    led_to: tuple[str, ...] = (),
    canonical: tuple[str, ...] = (),
) -> Address:
    """An address with a letter for each of its texts, the years between them shared evenly.

    Its urlkey is its own name; the texts behind a bar are those of the pages that it led to.
    """
    said, _, elsewhere = texts.partition("|")
    share = (last - first) / len(said)
    years = [first + round(share * n) for n in range(len(said) + 1)]
    own = {
        text: (f"{years[n]}0101000000", f"{years[n + 1] - (n + 1 < len(said))}1231000000")
        for n, text in enumerate(said)
    }
    known = frozenset(said + elsewhere)
    urlkeys = frozenset((url, *led_to))
    return Address(url, url, own, language, known, urlkeys, frozenset(canonical))


def policies(*addresses: Address) -> dict[str, str]:
    return {place.policy_url: place.policy_id for place in lineage(addresses)}


def test_an_address_that_led_to_another_is_of_one_policy_with_it() -> None:
    moved = address(OLD, 2001, 2005, "AB", led_to=(NEW,))
    assert lineage([address(NEW, 2005, 2009, "BC"), moved]) == [
        Place(OLD, OLD, until="20050101000000"),
        Place(NEW, OLD, Evidence.REDIRECT, OLD),
    ]


def test_an_old_page_that_is_left_where_it_was_ends_with_its_successors_beginning() -> None:
    left = address(OLD, 2001, 2020, "AB")
    until = {p.policy_url: p.until for p in lineage([left, address(NEW, 2012, 2020, "BCDE")])}
    assert until == {OLD: "20120101000000", NEW: None}


def test_an_address_that_goes_on_with_texts_of_its_own_has_no_end() -> None:
    alias = address(NEW, 2004, 2006, "A")
    assert [p.until for p in lineage([address(OLD, 2001, 2020, "AXYZ"), alias])] == [None, None]


def test_an_address_whose_pages_name_another_is_of_one_policy_with_it() -> None:
    for old, new in ([NEW], []), ([], [OLD]):
        found = lineage(
            [
                address(OLD, 2001, 2004, "AB", canonical=(*old, OLD)),
                address(NEW, 2005, 2009, "C", canonical=(*new, NEW)),
            ]
        )
        assert found[1] == Place(NEW, OLD, Evidence.CANONICAL, OLD)


def test_a_text_that_stood_at_two_addresses_makes_them_one_policy() -> None:
    found = lineage([address(OLD, 2001, 2008, "AB"), address(NEW, 2005, 2009, "BC")])
    assert found[1] == Place(NEW, OLD, Evidence.SAME_TEXT, OLD)


def test_a_policy_moves_more_than_once() -> None:
    assert policies(
        address(OLD, 2001, 2003, "AB"),
        address(NEW, 2003, 2006, "BC"),
        address(THIRD, 2006, 2009, "CD"),
    ) == {OLD: OLD, NEW: OLD, THIRD: OLD}


def test_addresses_that_are_listed_together_are_one_policy_if_one_follows_the_other() -> None:
    found = lineage([address(OLD, 2001, 2004, "A"), address(NEW, 2006, 2009, "B")])
    assert found[1] == Place(NEW, OLD, Evidence.LISTED, OLD)


def test_a_text_too_short_to_tell_its_language_is_of_the_sites_only_one() -> None:
    short = address(NEW, 2005, 2006, "B", None)
    before, after = address(OLD, 2001, 2004, "A"), address(THIRD, 2007, 2009, "C")
    assert policies(before, short, after) == {OLD: OLD, NEW: OLD, THIRD: OLD}
    german = address(THIRD, 2007, 2009, "C", "de")
    assert policies(before, short, german) == {OLD: OLD, NEW: NEW, THIRD: THIRD}


def test_texts_at_one_time_keep_all_addresses_that_are_only_listed_together_apart() -> None:
    overlapping = address(NEW, 2004, 2008, "B", None), address(THIRD, 2007, 2009, "C")
    assert policies(address(OLD, 2001, 2003, "A"), *overlapping) == {
        OLD: OLD,
        NEW: NEW,
        THIRD: THIRD,
    }


def test_a_policy_that_moved_is_followed_by_a_later_address() -> None:
    moved = address(OLD, 2001, 2005, "AB"), address(NEW, 2004, 2006, "BC")
    later = address(THIRD, 2008, 2009, "D")
    assert policies(*moved, later) == {OLD: OLD, NEW: OLD, THIRD: OLD}


def test_different_texts_at_one_time_are_two_policies() -> None:
    apart = address(OLD, 2001, 2008, "ABC"), address(NEW, 2003, 2009, "XYZ")
    assert policies(*apart) == {OLD: OLD, NEW: NEW}


def test_two_policies_that_both_led_to_one_page_in_the_end_stay_two() -> None:
    for hub in ("M", "MNO"):
        privacy = address(OLD, 2001, 2008, f"ABC|{hub}", led_to=(THIRD,))
        cookies = address(NEW, 2003, 2008, f"XYZ|{hub}", led_to=(THIRD,))
        assert policies(privacy, cookies, address(THIRD, 2009, 2010, hub))[NEW] == NEW


def test_a_long_history_that_moved_is_one_though_old_and_new_stood_side_by_side() -> None:
    old = address(OLD, 2001, 2008, "ABCDEF", led_to=(NEW,))
    assert policies(old, address(NEW, 2007, 2015, "FGHIJK")) == {OLD: OLD, NEW: OLD}


def test_another_language_is_another_policy() -> None:
    english = address(OLD, 2001, 2004, "A", led_to=(NEW,))
    assert policies(english, address(NEW, 2005, 2009, "B", "de")) == {OLD: OLD, NEW: NEW}
    assert policies(english, address(NEW, 2005, 2009, "B", None)) == {OLD: OLD, NEW: OLD}


ADDRESSES = st.lists(
    st.builds(
        lambda n, first, years, texts, language, other: address(
            f"u{n}", first, first + years, texts, language, (f"u{other}",)
        ),
        st.integers(0, 9),
        st.integers(2001, 2020),
        st.integers(0, 5),
        st.text("ABCDEF", min_size=1, max_size=4),
        st.sampled_from(["en", "en", "de", None]),
        st.integers(0, 9),
    ),
    unique_by=lambda one: one.policy_url,
    max_size=6,
)


@given(ADDRESSES, st.randoms())
def test_every_address_has_one_policy_that_is_its_own_first_address(
    addresses: list[Address], dice: object
) -> None:
    found = lineage(addresses)
    first = {one.policy_url: one.first for one in addresses}
    assert sorted(place.policy_url for place in found) == sorted(first)
    for place in found:
        assert first[place.policy_id] <= first[place.policy_url]
        assert (place.policy_id == place.policy_url) == (place.evidence is None)
    dice.shuffle(addresses)  # type: ignore[attr-defined]
    assert policies(*addresses) == {place.policy_url: place.policy_id for place in found}
