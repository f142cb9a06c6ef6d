"""The same policy has the same fingerprint whatever the page around it does; a change moves it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.text.fingerprint import fingerprint
from pipelines.text.plain import plain_text
from tests.policy_texts import POLICIES

LINES = [
    "Privacy Policy",
    "Last updated: 4 May 2009",
    "We collect the name and the e-mail address that you give us when you register.",
    "Information we share",
    "We do not sell your personal information to third parties for their own purposes.",
    "your IP address",
    "the pages you visit",
    "We keep your data for 12 months after you close your account with us.",
    "Contact: privacy@site.example",
]
POLICY = "\n".join(LINES)

NOISE = [
    "© 2014 Example Inc. All rights reserved.",
    "Copyright 1998-2003 by Example",
    "Today is March 3, 2014",
    "Monday, March 3, 2014",
    "12:45 pm",
    "You are visitor 12,345",
    "Visitors: 99213",
    "41 users online",
    "Page generated in 0.034 seconds",
    "Print this page",
    "Share on Facebook",
    "Back to top",
    "Skip to main content",
]
BANNER = "We use cookies to give you the best experience. By using this site you accept them."

CHANGES = [
    ("12 months", "24 months"),
    ("do not sell", "sell"),
    ("4 May 2009", "5 May 2009"),
    ("third parties", "partners"),
    ("your IP address\n", ""),
    ("privacy@site", "legal@site"),
    ("We keep your data for 12 months after you close your account with us.\n", ""),
]


NO_NOISE = [
    ("(c) to protect your data from third parties", "(c) to sell your data to third parties"),
    ("(c) Usage Data", "(c) Location Data"),
    ("(c) you are 13 years of age and older", "(c) you are 16 years of age and older"),
    ("(c) 2012 onwards we share it", "(c) 2012 onwards we sell it"),
    ("Visitor logs are kept for 30 days.", "Visitor logs are kept for 90 days."),
    ("The visitor must be at least 13 years old.", "The visitor must be at least 16 years old."),
    ("4. Online tracking: we do not sell", "4. Online tracking: we sell"),
    ("7. Collecting online data of children under 13", "7. Collecting online data of under 16"),
    ("3. Your online choices", "3. Your online duties"),
    ("4. Online", "4. Offline"),
    ("13 year old visitors may not register.", "13 year old visitors may register."),
    ("Copyright holders may ask us", "Copyright holders may never ask us"),
    ("Days for which we keep data of visitors: 30", "Days for which we keep data of visitors: 9"),
    ("Monday is when we delete logs of 30 days.", "Monday is when we delete logs of 90 days."),
    ("Our guest list is kept for 12 months.", "Our guest list is kept for 24 months."),
    ("Skip to read what we do not sell", "Skip to read what we sell"),
]
NO_BANNERS = [
    ("We do not place cookies without your consent.", "We place cookies without your consent."),
    (
        "We use cookies; you may accept or refuse them, and we keep them for 30 days.",
        "We use cookies; you may accept or refuse them, and we keep them for 900 days.",
    ),
    (
        "By using this site you agree that we share cookies with 5 advertisers.",
        "By using this site you agree that we never share cookies with advertisers.",
    ),
]


@pytest.mark.parametrize(("clause", "other"), [*NO_NOISE, *NO_BANNERS])
@pytest.mark.parametrize("place", [0, 4, len(LINES)])
def test_no_clause_is_taken_for_noise(clause: str, other: str, place: int) -> None:
    said = ["\n".join([*LINES[:place], line, *LINES[place:]]) for line in (clause, other)]
    assert len({fingerprint(text) for text in (*said, POLICY)}) == 3


def test_the_years_of_a_copyright_line_that_says_more_count() -> None:
    lines = [f"Copyright {year}: you may not copy our pages" for year in (2012, 2013)]
    assert len({fingerprint(f"{POLICY}\n{line}") for line in lines}) == 2


def test_where_a_paragraph_is_broken_does_not_move_it() -> None:
    halves = "we keep what you tell us for a long time", "and we never sell it to anyone at all"
    assert fingerprint("\n".join(halves)) == fingerprint(" ".join(halves))


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("place", [0, 3, len(LINES)])
def test_noise_of_the_page_does_not_move_it(noise: str, place: int) -> None:
    noisy = "\n".join([*LINES[:place], noise, *LINES[place:]])
    assert fingerprint(noisy) == fingerprint(POLICY)


@pytest.mark.parametrize("place", [0, len(LINES)])
def test_a_cookie_banner_at_either_end_does_not_move_it(place: int) -> None:
    noisy = "\n".join([*LINES[:place], BANNER, *LINES[place:]])
    assert fingerprint(noisy) == fingerprint(POLICY)


def test_what_a_policy_says_of_cookies_in_its_middle_moves_it() -> None:
    said = "\n".join([*LINES[:4], BANNER, *LINES[4:]])
    assert fingerprint(said) != fingerprint(POLICY)


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_clause_number_negation_or_date_moves_it(change: tuple[str, str]) -> None:
    assert change[0] in POLICY
    assert fingerprint(POLICY.replace(*change)) != fingerprint(POLICY)


def test_the_order_of_sentences_moves_it_and_that_of_a_menu_does_not() -> None:
    swapped = [*LINES[:5], LINES[6], LINES[5], *LINES[7:]]
    assert fingerprint("\n".join(swapped)) == fingerprint(POLICY)
    swapped = [*LINES[:2], LINES[4], LINES[3], LINES[2], *LINES[5:]]
    assert fingerprint("\n".join(swapped)) != fingerprint(POLICY)


@pytest.mark.parametrize("text", POLICIES.values())
def test_typography_does_not_move_it(text: str) -> None:
    dressed = re.sub(r"([.,;])", r"\1 ", text).replace("'", "’").replace("\n", "\n\n")
    assert fingerprint(dressed) == fingerprint(text)


def test_capitals_do_not_move_it() -> None:
    assert fingerprint(POLICY.upper()) == fingerprint(POLICY)


@given(st.text(max_size=500))
def test_any_text_has_one(text: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", fingerprint(text))
    assert fingerprint(plain_text(text)) == fingerprint(plain_text(text))
