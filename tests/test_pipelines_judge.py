"""Which texts are no page of the site, and which no privacy policy."""

import time
from dataclasses import replace

import pytest

from crawler.outcomes import Outcome
from pipelines.judging.judge import LONGEST_STUB, judge, no_text
from tests.factories import text

CLAUSE = "We collect your name and your address and keep them for as long as the law demands. "


@pytest.mark.parametrize(
    "words",
    [
        "Error 404",
        "The page you requested could not be found.",
        "Sorry, this page no longer exists.",
        "The requested URL /privacy was not found on this server.",
        "This page has been moved.",
        "The document you are looking for doesn't exist.",
        "This page can’t be found.",
        "Die Seite wurde leider nicht gefunden.",
        "Page introuvable",
        "Página no encontrada",
        "ページが見つかりません",
        "找不到页面",
    ],
)
def test_a_short_page_that_says_there_is_none_is_a_soft_404(words: str) -> None:
    verdict = judge(text(words), 0)
    assert verdict is not None
    assert verdict[0] is Outcome.SOFT_404


@pytest.mark.parametrize(
    "words",
    [
        "Please solve the CAPTCHA to go on.",
        "Verify you are human",
        "Checking your browser before accessing example.com",
        "Access Denied. You don't have permission.",
        "Just a moment...",
        "Access to this page has been denied because we believe you are using a robot.",
        "Please enable JavaScript and cookies to continue",
        "Your request was blocked. Reference: page not found 404",
    ],
)
def test_a_short_page_that_wants_a_human_is_blocked(words: str) -> None:
    verdict = judge(text(words), 0)
    assert verdict is not None
    assert verdict[0] is Outcome.BLOCKED


def test_the_words_that_tell_are_kept_on_one_line() -> None:
    assert judge(text("The page that\n\nyou want was not found"), 0) == (
        Outcome.SOFT_404,
        'says "page that you want was not found"',
    )


def test_a_title_tells_too() -> None:
    assert judge(text(CLAUSE, title="404"), 0) is not None


@pytest.mark.parametrize(
    "words",
    [
        CLAUSE,
        "",
        "404 (b) of the Act applies.",
        "We protect our forms with a security check. " + CLAUSE,
        "Privacy Shield: certification no longer valid.",
    ],
)
def test_a_page_of_the_site_is_let_through(words: str) -> None:
    assert judge(text(words), 0) is None


def test_a_long_page_may_speak_of_captchas_and_pages_not_found() -> None:
    words = "We use a captcha. " + CLAUSE * 30
    assert len(words) > LONGEST_STUB
    assert judge(text(words), 0) is None
    stub = replace(text(words[:LONGEST_STUB]), policy_score=0.4)
    assert judge(stub, 0) is not None


@pytest.mark.parametrize(
    "words", ["We use a captcha. ", "This page has been moved. ", "Acme, 404 Main Street. "]
)
def test_a_short_policy_may_say_what_error_pages_say(words: str) -> None:
    page = replace(text(words + CLAUSE), policy_score=0.95)
    assert judge(page, 0.7) is None
    titled = replace(page, extracted=replace(page.extracted, title="Page not found"))
    assert judge(titled, 0.7) is not None


@pytest.mark.parametrize(
    "words",
    [
        "Página não encontrada",
        "La página que busca no existe",
        "Strona, której szukasz, nie istnieje",
        "Страница не найдена",
        "Sidan kunde inte hittas",
    ],
)
def test_a_page_that_is_not_there_says_so_in_many_languages(words: str) -> None:
    verdict = judge(replace(text(words), policy_score=None), 0.7)
    assert verdict is not None
    assert verdict[0] is Outcome.SOFT_404


def test_only_the_beginning_of_a_short_page_tells() -> None:
    assert judge(text(CLAUSE * 5 + "We use a captcha."), 0) is None


def test_a_score_below_the_threshold_is_not_a_policy() -> None:
    page = replace(text(CLAUSE), policy_score=0.6, policy_reasons=("-1.00 terms", "+0.50 we"))
    assert judge(page, 0.7) == (Outcome.NOT_POLICY, "score 0.60: -1.00 terms, +0.50 we")
    assert judge(page, 0.6) is None


def test_a_text_without_a_score_is_never_refused() -> None:
    assert judge(replace(text(CLAUSE), policy_score=None), 1.0) is None


def test_the_rules_come_before_the_score() -> None:
    verdict = judge(replace(text("Page not found"), policy_score=0.0), 0.7)
    assert verdict is not None
    assert verdict[0] is Outcome.SOFT_404


def test_a_threshold_of_zero_lets_everything_through() -> None:
    assert judge(text("We sell tomatoes, peppers and pumpkins from Monday to Saturday."), 0) is None


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("This domain is for sale. Buy this domain. Related searches: cars, loans", Outcome.PARKED),
        ("This domain has expired. Sponsored listings: loans, cars", Outcome.PARKED),
        ("Diese Domain steht zum Verkauf. Jetzt Angebot machen!", Outcome.PARKED),
        ("You need to enable JavaScript to run this app.", Outcome.SCRIPT_SHELL),
        ("This site requires JavaScript. Please use another browser.", Outcome.SCRIPT_SHELL),
        (
            "Before you continue. Our partners. Accept all. More options",
            Outcome.CONSENT_WALL,
        ),
        ("Avant de continuer. Tout accepter. Personnaliser mes choix", Outcome.CONSENT_WALL),
        ("Welcome back! Username. Password. Forgot it? Register here.", Outcome.LOGIN),
        ("Log in to continue to the members' area of our club", Outcome.LOGIN),
    ],
)
def test_what_stands_before_a_policy_is_named(words: str, outcome: Outcome) -> None:
    weak = replace(text(words), policy_score=0.1, policy_reasons=("-1.00 little privacy",))
    found = judge(weak, 0.72)
    assert found is not None
    assert found[0] is outcome
    assert found[1].startswith('says "')
    assert found[1].endswith("score 0.10: -1.00 little privacy")


UNJUDGED = {
    "Este dominio está en venta. Enlaces: seguros, viajes, hoteles.": Outcome.PARKED,
    "Questo dominio è in vendita. Ricerche correlate: alberghi.": Outcome.PARKED,
    "Alles accepteren. Wij en onze partners gebruiken cookies.": Outcome.CONSENT_WALL,
    "Por favor, habilite JavaScript y vuelva a cargar la página.": Outcome.SCRIPT_SHELL,
    "Introduzca su nombre de usuario y su contraseña.": Outcome.LOGIN,
    "Podaj nazwę użytkownika i hasło, aby się zalogować.": Outcome.LOGIN,
    "ログイン。メールアドレスとパスワードを入力してください。": Outcome.LOGIN,
}


@pytest.mark.parametrize(("words", "outcome"), UNJUDGED.items())
def test_what_stands_before_a_policy_is_no_text_in_languages_without_a_score(
    words: str, outcome: Outcome
) -> None:
    unjudged = replace(text(words, title=""), policy_score=None, policy_reasons=())
    found = judge(unjudged, 0.72)
    assert found is not None
    assert found[0] is outcome
    assert judge(unjudged, 0) is None


@pytest.mark.parametrize(
    "words",
    [
        "Sus datos personales (nombre, correo, contraseña) no se ceden a terceros.",
        "Podemos usar cookies. Aceptar todo. Política de privacidad: no vendemos sus datos.",
        "Nie ujawniamy nikomu hasła ani adresu. Polityka prywatności: hasło jest szyfrowane.",
        "当社は、お客様のパスワードその他の個人情報を第三者に提供しません。",
        "法律声明:用户的密码和姓名不会透露给第三方。" * 20,
    ],
)
def test_a_policy_without_a_score_may_speak_of_passwords_and_consent(words: str) -> None:
    unjudged = replace(text(words, title=""), policy_score=None, policy_reasons=())
    assert judge(unjudged, 0.72) is None


@pytest.mark.parametrize("words", ["Accept all", "password", "need JavaScript", "domain for sale"])
def test_a_policy_may_speak_of_consent_passwords_scripts_and_domains(words: str) -> None:
    assert judge(replace(text(f"We say: {words}. " * 20), policy_score=0.8), 0.72) is None


def test_a_page_without_a_text_may_be_the_shell_of_a_script() -> None:
    shell = b"<html><body><div class=x id='root'></div><script src=main.js></script></body></html>"
    assert no_text(shell) is Outcome.SCRIPT_SHELL
    assert no_text(shell.replace(b"script", b"scrap")) is Outcome.EMPTY
    assert no_text(b"<html><body><div id=rooted></div><script></script>") is Outcome.EMPTY


def test_hostile_pages_do_not_hold_the_look_for_a_shell_up() -> None:
    started = time.monotonic()
    no_text(b"<script><div " * 3_000_000)
    assert time.monotonic() - started < 5
