"""The same policy has the same fingerprint whatever the page around it does; a change moves it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.fingerprint import fingerprint
from pipelines.plain import plain_text
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
