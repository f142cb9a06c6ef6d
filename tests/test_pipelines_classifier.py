"""What is taken for a privacy policy, and why."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.settings import POLICY_THRESHOLD
from pipelines.judging.classifier import features, score
from pipelines.judging.vocabulary import find, languages
from pipelines.text.language import identify
from tests.policy_texts import POLICIES, SHOPS

OLD = """Thank you for visiting our bookshop. When you order, we ask for your name, your postal
address and your telephone number, so that the parcel reaches you. We keep them in our customer
file and never sell or rent the file to anyone. Your credit card number is used for the order and
then destroyed. If you do not want our catalogue, write to us and we take your name off the
mailing list."""
TERMS = """By using this site you accept these terms. The service is provided as is, without
warranty of any kind. In no event are we liable for indirect damages. You grant us a licence to the
content that you post. Do not infringe the copyright or the trademark of others. We may terminate
your account for a breach. Disputes are governed by the law of the place of our seat. How we handle
your personal information is said in our privacy policy."""
BANNER = """We and our partners use cookies to personalise content. Accept all. Reject all. Manage
options. Strictly necessary: always active. Save settings. See our privacy policy."""
ARTICLE = """The regulator fined the company two million on Tuesday for collecting location data
without consent, a spokesperson told reporters. According to the ruling, personal data went to
third parties. "Nobody reads a privacy policy", said an opinion writer. Lawmakers announced tougher
rules. Experts say that the lawsuit will last for years."""
GERMAN = """Wir erheben bei der Bestellung Ihren Namen und Ihre Anschrift und speichern sie für die
Lieferung. Ihre Daten geben wir nicht an Dritte weiter. Cookies merken sich den Warenkorb. Sie
können Auskunft über Ihre Daten verlangen."""
FRENCH = """Nous recueillons votre nom et votre adresse électronique lors de la commande et les
conservons un an. Vos données personnelles ne sont pas communiquées à des tiers. Vous pouvez
demander que vos données soient rectifiées ou supprimées."""


@pytest.mark.parametrize(
    ("title", "plain", "language"),
    [
        ("Privacy", OLD, "en"),
        ("Our privacy policy", OLD, "en"),
        ("Datenschutz", GERMAN, "de"),
        ("Confidentialité", FRENCH, "fr"),
    ],
)
def test_short_and_old_policies_are_policies(title: str, plain: str, language: str) -> None:
    found = score(title, plain, language).score
    assert found is not None
    assert found >= POLICY_THRESHOLD


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Terms of use", TERMS),
        ("Cookies", BANNER),
        ("Fine over privacy", ARTICLE),
        ("Privacy Policy", "Something went wrong. Please try again later, or call our support."),
        ("Sign in", "Email address. Password. Forgot your password? Terms. Privacy policy."),
        ("", "Home. Shop. Blog. Contact. New this week: tomato seed. Privacy policy. Terms."),
    ],
)
def test_other_pages_are_not(title: str, plain: str) -> None:
    found = score(title, plain, "en").score
    assert found is not None
    assert found < POLICY_THRESHOLD


@pytest.mark.parametrize("language", sorted({*POLICIES, *SHOPS} - languages()))
def test_a_text_in_another_language_has_no_score(language: str) -> None:
    text = POLICIES.get(language) or SHOPS[language]
    found = score("", text, identify(text).code)
    assert found.score is None
    assert language in found.reasons[0]


def test_where_nobody_can_tell_the_language_there_is_no_score() -> None:
    assert score("", OLD, None).score is None


@pytest.mark.parametrize("plain", ["", " \n", "404", "Home", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"])
def test_hardly_any_text_is_no_policy_in_any_language(plain: str) -> None:
    assert score("Privacy Policy", plain, None).score == 0


def test_reasons_say_what_speaks_for_and_against() -> None:
    policy, terms = score("Privacy", OLD, "en"), score("Terms of use", TERMS, "en")
    assert "begins with privacy" in " ".join(policy.reasons)
    assert any(reason.startswith("-") and "liability" in reason for reason in terms.reasons)
    strengths = [abs(float(reason.split()[0])) for reason in terms.reasons]
    assert strengths == sorted(strengths, reverse=True)


def test_the_weights_are_those_of_the_measures() -> None:
    for language in languages():
        assert score("", OLD, language).score is not None
        assert list(features(OLD, language)) == list(features("", "en"))


def test_accents_and_capitals_do_not_matter() -> None:
    plain, loud = (
        find(words, "fr").places for words in ("données confidentialite", "DONNEES Confidentialité")
    )
    assert [concept for _, concept in plain] == [concept for _, concept in loud]


def test_a_phrase_at_the_end_of_a_text_is_found_and_half_of_it_is_not() -> None:
    assert (1, "terms") in find("Our terms of use", "en").places
    assert not find("no warrant terms of", "en").places


@given(
    st.text(max_size=2000),
    st.text(max_size=100),
    st.sampled_from([*sorted(languages()), "ja", None]),
)
def test_any_text_has_a_score_from_0_to_1_or_none(plain: str, title: str, language: str) -> None:
    found = score(title, plain, language)
    assert found.score is None or 0 <= found.score <= 1
    assert found.reasons


@pytest.mark.parametrize("plain", ["we collect your name " * 200_000, "a" * 10**6, "é " * 10**6])
def test_hostile_texts_end_soon(plain: str) -> None:
    score("", OLD, "en")
    started = time.perf_counter()
    score("", plain, "en")
    assert time.perf_counter() - started < 1
