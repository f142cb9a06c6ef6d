import time
from datetime import date

import pytest

from pipelines.text.stated_date import StatedDate, stated_date

CAPTURED = date(2021, 6, 1)

PHRASES = [
    ("en", "Last updated: December 15, 2010", "2010-12-15", "updated"),
    ("en", "This policy was last revised on 3rd of May 2019.", "2019-05-03", "updated"),
    ("en", "Effective on June 7, 2011", "2011-06-07", "effective"),
    ("en", "Effective Date: 2020-01-01", "2020-01-01", "effective"),
    ("en", "This Privacy Policy is effective as of Sept. 5, 2014.", "2014-09-05", "effective"),
    ("en", "Last Updated and Effective Date: November 4, 2020", "2020-11-04", "updated"),
    ("fr", "Dernière mise à jour : 12 mars 2019", "2019-03-12", "updated"),
    ("fr", "à jour du 10/12/2020", "2020-12-10", "updated"),
    ("fr", "Date d’entrée en vigueur : 1er février 2020", "2020-02-01", "effective"),
    ("de", "Stand: 25. Mai 2018", "2018-05-25", "updated"),
    ("de", "Zuletzt aktualisiert am 03.04.2019", "2019-04-03", "updated"),
    ("de", "Diese Datenschutzerklärung gilt ab dem 1. März 2019.", "2019-03-01", "effective"),
    ("es", "Última actualización: 5 de enero de 2020", "2020-01-05", "updated"),
    ("es", "Fecha de entrada en vigor: 25 de mayo de 2018", "2018-05-25", "effective"),
    ("it", "Ultimo aggiornamento: 3 ottobre 2019", "2019-10-03", "updated"),
    ("pt", "Última atualização em 30 de setembro de 2020", "2020-09-30", "updated"),
    ("nl", "Laatst bijgewerkt op 4 mei 2018", "2018-05-04", "updated"),
    ("sv", "Senast uppdaterad den 24 maj 2018", "2018-05-24", "updated"),
    ("da", "Sidst opdateret den 7. oktober 2019", "2019-10-07", "updated"),
    ("no", "Sist oppdatert 7. oktober 2019", "2019-10-07", "updated"),
    ("fi", "Päivitetty 25.5.2018", "2018-05-25", "updated"),
    ("fi", "Viimeksi päivitetty 1. kesäkuuta 2019", "2019-06-01", "updated"),
    ("pl", "Ostatnia aktualizacja: 25 maja 2018 r.", "2018-05-25", "updated"),
    ("cs", "Poslední aktualizace: 25. května 2018", "2018-05-25", "updated"),
    ("sk", "Posledná aktualizácia: 25. mája 2018", "2018-05-25", "updated"),
    ("hu", "Utolsó frissítés: 2018. május 25.", "2018-05-25", "updated"),
    ("hu", "Hatályos: 2018. május 25.", "2018-05-25", "effective"),
    ("ro", "Ultima actualizare: 25 mai 2018", "2018-05-25", "updated"),
    ("bg", "Последна актуализация: 25 май 2018 г.", "2018-05-25", "updated"),
    ("el", "Τελευταία ενημέρωση: 25 Μαΐου 2018", "2018-05-25", "updated"),
    ("hr", "Zadnje ažuriranje: 25. svibnja 2018.", "2018-05-25", "updated"),
    ("hr", "Zadnja izmjena: 5. listopada 2018.", "2018-10-05", "updated"),
    ("sl", "Zadnja posodobitev: 25. maja 2018", "2018-05-25", "updated"),
    ("et", "Viimati uuendatud 25. mai 2018", "2018-05-25", "updated"),
    ("lv", "Pēdējo reizi atjaunināts: 2018. gada 25. maijs", "2018-05-25", "updated"),
    ("lt", "Paskutinį kartą atnaujinta 2018 m. gegužės 25 d.", "2018-05-25", "updated"),
    ("ca", "Última actualització: 25 de maig de 2018", "2018-05-25", "updated"),
    ("tr", "Son güncelleme: 1 Nisan 2020", "2020-04-01", "updated"),
    ("ru", "Последнее обновление: 1 апреля 2020 г.", "2020-04-01", "updated"),
    ("uk", "Останнє оновлення: 1 квітня 2020 р.", "2020-04-01", "updated"),
    ("ja", "最終更新日 2020年4月1日", "2020-04-01", "updated"),
    ("ja", "2020年4月1日 改定", "2020-04-01", "updated"),
    ("ja", "施行日：令和2年4月1日", "2020-04-01", "effective"),
    ("zh", "最后更新日期：2020年4月1日", "2020-04-01", "updated"),
    ("zh", "本政策于2020年4月1日生效", "2020-04-01", "effective"),
    ("ko", "시행일자: 2020년 11월 10일", "2020-11-10", "effective"),
    ("ar", "آخر تحديث: 2020-04-01", "2020-04-01", "updated"),
    ("he", "עודכן לאחרונה: 01.04.2020", "2020-04-01", "updated"),
    ("vi", "Cập nhật lần cuối: 01/04/2020", "2020-04-01", "updated"),
]


@pytest.mark.parametrize(("language", "phrase", "day", "kind"), PHRASES)
def test_states_a_date_in_many_languages(language: str, phrase: str, day: str, kind: str) -> None:
    found = stated_date(f"# Title\n\n{phrase}\n\nWe collect little.", CAPTURED, language)
    assert found is not None
    assert (found.date.isoformat(), found.kind) == (day, kind)
    assert found.phrase.split()[0] in phrase


@pytest.mark.parametrize(
    "text",
    [
        "Copyright 2010 - 2019. All rights reserved.",
        "Under the Act of 6 January 1978 you may object.",
        "The California Consumer Privacy Act, effective January 1, 2020, gives you rights.",
        "Directive 95/46/EC of 24 October 1995 applies.",
        "If you registered before May 25, 2018 another text applies.",
        "We were founded on May 5, 2005 in Leeds.",
        "The previous version was valid until March 3, 2019.",
        "This site was last updated on June 3, 2003.",
        "The list of sub-processors was last updated on June 3, 2003.",
        "Cookie declaration last updated on 10/25/2019 by Cookiebot",
        "Effective January 1, 2020, California residents have new rights.",
        "Effective May 25, 2018, the GDPR applies.",
        "Last updated: 31.02.2019",
        "Last updated: May 2019",
        "Last updated: 5/6/19",
        "Last updated recently. Order 12345678 of 2019-99-99.",
        "",
    ],
)
def test_says_nothing_rather_than_guess(text: str) -> None:
    assert stated_date(text, CAPTURED, "en") is None


def test_points_say_what_stands_first_only_where_the_day_does() -> None:
    said = "Last updated: 05.10.2018"
    assert stated_date(said, language="en") is None
    assert stated_date(f"{said}. As of 05.25.2018 we keep less.", language="en") == StatedDate(
        date(2018, 5, 10), said, "updated"
    )
    for language in ("de", None):
        found = stated_date("Stand: 05.10.2018", language=language)
        assert found is not None
        assert found.date == date(2018, 10, 5)


def test_a_subject_that_names_the_policy_may_belong_to_a_site() -> None:
    found = stated_date(
        "Our site's privacy policy was last updated on June 3, 2003.", language="en"
    )
    assert found is not None
    assert found.date == date(2003, 6, 3)


def test_keeps_the_phrase_without_markup() -> None:
    text = "**Last updated:** [June 7, 2011](http://site.example/2012/10/03/policy)"
    assert stated_date(text) == StatedDate(
        date(2011, 6, 7), "Last updated: June 7, 2011", "updated"
    )


AMBIGUOUS = "Last updated: 03/04/2019"


def test_ambiguous_day_and_month_need_evidence() -> None:
    april, march = date(2019, 4, 3), date(2019, 3, 4)
    assert stated_date(AMBIGUOUS, CAPTURED, "en", "site.com") is None
    assert found(AMBIGUOUS, "en", "shop.co.uk") == april
    assert found(AMBIGUOUS, "en", "town.gov") == march
    assert found(AMBIGUOUS, "fr", "site.com") == april
    assert found(AMBIGUOUS + "\n\nFirst version: 25/01/2019", "en", "site.com") == april
    assert found(AMBIGUOUS + "\n\nFirst version: 01/25/2019", "en", "site.com") == march
    assert found("Last updated: 13/04/2019", "en", None) == date(2019, 4, 13)


def test_an_update_is_not_later_than_the_capture() -> None:
    read = stated_date(AMBIGUOUS, date(2019, 3, 20), "en", "site.com")
    assert read is not None
    assert read.date == date(2019, 3, 4)


def test_month_names_of_two_meanings_need_the_language() -> None:
    assert found("Last updated: 5. listopada 2018", "pl", None) == date(2018, 11, 5)
    assert found("Last updated: 5. listopada 2018", "hr", None) == date(2018, 10, 5)
    assert stated_date("Last updated: 5. listopada 2018", CAPTURED, None) is None


def test_update_goes_before_effect_and_the_latest_before_others() -> None:
    text = (
        "Effective date: July 1, 2020\n\nLast updated: June 1, 2020\n\n"
        "Last updated: May 5, 2016\n\nWe collect little."
    )
    assert found(text, "en", None) == date(2020, 6, 1)


def test_a_list_inside_does_not_date_the_policy() -> None:
    filler = "We collect little and keep it for a short time only.\n" * 100
    text = f"Effective June 7, 2011\n{filler}The list was last updated on May 5, 2015.\n{filler}"
    assert found(text, "en", None) == date(2011, 6, 7)


def test_dates_far_after_the_capture_are_mistakes() -> None:
    assert stated_date("Effective date: July 1, 2031", CAPTURED, "en") is None
    assert found("Effective date: July 1, 2021", "en", None) == date(2021, 7, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Last updated: " * 100_000,
        "1 1 1 1 2019 " * 100_000,
        "May 1, 2019 " * 100_000,
        "last updated on on on on on on on " * 30_000,
        "](" * 500_000,
        "<" * 1_000_000,
        "2019." * 200_000,
        "a" * 1_000_000,
        "Last updated: 5 " + "listopada " * 100_000,
        "最終" * 300_000,
    ],
    ids=range(10),
)
def test_hostile_texts_end_soon(text: str) -> None:
    stated_date("Last updated: 5 May 2019")
    started = time.perf_counter()
    stated_date(text, CAPTURED)
    assert time.perf_counter() - started < 3


def found(text: str, language: str | None, site: str | None) -> date | None:
    stated = stated_date(text, CAPTURED, language, site)
    return stated and stated.date
