import time

import pytest

from pipelines.text.language import identify
from tests.policy_texts import POLICIES, SHOPS

SENTENCES = {
    "en": "We collect your name and e-mail address when you register.",
    "fr": "Nous recueillons votre nom et votre adresse électronique lors de l'inscription.",
    "de": "Wir erheben Ihren Namen und Ihre E-Mail-Adresse bei der Anmeldung.",
    "sk": "Pri registrácii zhromažďujeme vaše meno a e-mailovú adresu.",
    "sl": "Ob registraciji zbiramo vaše ime in e-poštni naslov.",
    "mt": "Aħna niġbru ismek u l-indirizz elettroniku tiegħek meta tirreġistra.",
    "ga": "Bailímid d'ainm agus do sheoladh ríomhphoist nuair a chláraíonn tú.",
    "ca": "Recollim el vostre nom i la vostra adreça electrònica quan us registreu.",
    "he": "אנו אוספים את שמך ואת כתובת הדואר האלקטרוני שלך בעת ההרשמה.",
    "vi": "Chúng tôi thu thập tên và địa chỉ email của bạn khi bạn đăng ký.",
    "th": "เราเก็บรวบรวมชื่อและที่อยู่อีเมลของคุณเมื่อคุณลงทะเบียน",
}


@pytest.mark.parametrize(("code", "text"), [*POLICIES.items(), *SHOPS.items(), *SENTENCES.items()])
def test_names_the_language(code: str, text: str) -> None:
    found = identify(text)
    assert found.code == code
    assert 0.5 <= found.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Home",
        "Privacy Policy",
        "404 Not Found",
        "1 2 3 4 5 6 7 8 9 000 111 22:33 44",
        "https://www.example.com/a/very/long/address/that/says/nothing/at/all",
        "[](https://www.example.com/dies/ist/eine/deutsche/adresse/ohne/text)",
    ],
)
def test_says_nothing_of_what_is_too_short(text: str) -> None:
    assert identify(text).code is None


def test_markup_and_addresses_do_not_count() -> None:
    link = "[Wir](https://www.example.com/we-collect-the-information-that-you-give-to-us-here)"
    text = f"{link} erheben Ihren Namen und Ihre Adresse bei der Anmeldung."
    assert identify(text).code == "de"


def test_confidence_falls_where_languages_are_mixed() -> None:
    german = "Wir erheben Ihren Namen und Ihre Anschrift, wenn Sie bei uns bestellen. " * 40
    french = "Nous recueillons votre nom et votre adresse lorsque vous commandez chez nous. " * 25
    assert identify(german).confidence > 0.95
    mixed = identify(german + french)
    assert mixed.code == "de"
    assert 0.5 <= mixed.confidence < 0.8


def test_same_text_same_answer() -> None:
    assert identify(POLICIES["it"]) == identify(POLICIES["it"])


@pytest.mark.parametrize("text", ["](a" * 700_000, "<a" * 10**6, "é" * 10**6, "0" * 10**6])
def test_hostile_texts_end_soon(text: str) -> None:
    identify("Load the model before the clock runs, please.")
    started = time.perf_counter()
    identify(text)
    assert time.perf_counter() - started < 2
