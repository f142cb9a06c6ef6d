"""Sites in languages other than English: their words, their scripts, their addresses."""

from collections.abc import Iterator

from tests.made_sites import layouts, trap_texts
from tests.made_sites.building import Site
from tests.made_sites.wording import words


def german() -> Iterator[Site]:
    site = Site("lampenhaus.de.example", "de", "Lampenhaus", "hub", "move by link")
    site.home(1999, 2004, layouts.frameset, None, footer=[("Impressum", "/impressum.html")])
    site.page("/impressum.html", 1999, 2004, "legal_text", 6, links=[("Datenschutz", "/ds.html")])
    site.home(2005, 2019, layouts.footer_list, "/datenschutz", "Datenschutz")
    site.policy("/ds.html", 2000, 2004, 6)
    site.policy("/datenschutz", 2005, 2019, 31)
    site.page("/blog/2018/05/datenschutz-werkstatt", 2018, 2019, trap_texts.BLOG_POST_DE)
    site.traps.add("blog post")
    yield site

    site = Site("leuchtturm.example", "de", "Leuchtturm Verlag", "native path", "jobs policy")
    site.extra = [("Datenschutzhinweise für Bewerber", "/karriere/datenschutz")]
    site.home(2012, 2023, layouts.mega_footer, "/datenschutzerklärung", "Datenschutz")
    site.policy("/datenschutzerklärung", 2012, 2023, 25)
    site.other("/karriere/datenschutz", "jobs", 2018, 2023, 28, kind="jobs_text")
    yield site

    site = Site("amtsblatt.example", "de", "Amtsblatt", "opaque address")
    site.home(2002, 2009, layouts.table, "/content/0,,12,00.html", "Datenschutz")
    site.policy("/content/0,,12,00.html", 2002, 2009, 13)
    for number in (10, 11, 13, 14):
        site.page(f"/content/0,,{number},00.html", 2002, 2009, "shop")
    yield site

    site = Site("bücherstube.example", "de", "Bücherstube", "international name")
    site.home(2006, 2014, layouts.image_links, "/seiten/privat.htm", "Datenschutzerklärung")
    site.policy("/seiten/privat.htm", 2006, 2014, 10)
    yield site


def french() -> Iterator[Site]:
    site = Site("lanternes.fr.example", "fr", "Lanternes", "hub", "opaque address", "blog post")
    site.home(2004, 2016, layouts.table, None, footer=[("Mentions légales", "/mentions.php")])
    link = ("Protection de vos données personnelles", "/page.php?id=17")
    site.page("/mentions.php", 2004, 2016, "legal_text", 9, links=[link])
    site.policy("/page.php?id=17", 2004, 2016, 14)
    site.page("/page.php?id=18", 2004, 2016, "shop")
    site.page("/blog/vie-privee-et-lanternes", 2014, 2016, trap_texts.BLOG_POST_FR)
    yield site

    site = Site("boussole.example", "fr", "Boussole", "native path", "cookie policy beside")
    site.extra = [("Gestion des cookies", "/cookies")]
    site.home(2013, 2024, layouts.footer_list, "/politique-de-confidentialité")
    site.policy("/politique-de-confidentialité", 2013, 2024, 24)
    site.page("/cookies", 2015, 2024, trap_texts.COOKIE_BANNER, 8, language="en")
    yield site

    site = Site("cartes-marines.example", "fr", "Cartes Marines", "app policy", "move by redirect")
    site.extra = [("Notre application", "/app/confidentialite.html")]
    site.home(2010, 2022, layouts.footer_list, "/vie-privee.html", "Vie privée")
    site.policy("/vie-privee.html", 2010, 2015, 9)
    site.redirect("/vie-privee.html", "/donnees-personnelles", 2016, 2020, 5)
    site.policy("/donnees-personnelles", 2016, 2022, 16)
    site.other("/app/confidentialite.html", "app", 2014, 2022, 19, kind="app")
    yield site


def southern() -> Iterator[Site]:
    site = Site("faroles.es.example", "es", "Faroles", "hub", "move by link", "opaque address")
    site.home(2003, 2009, layouts.table, None, footer=[("Aviso legal", "/aviso.html")])
    site.page("/aviso.html", 2003, 2009, "legal_text", 7, links=[("LOPD", "/lopd.html")])
    site.home(2010, 2021, layouts.footer_list, "/política-de-privacidad")
    site.policy("/lopd.html", 2003, 2009, 8)
    site.policy("/política-de-privacidad", 2010, 2021, 22)
    yield site

    site = Site("lanterne.it.example", "it", "Lanterne", "opaque address")
    site.home(2003, 2007, layouts.image_map, "/dlgs196.htm", "Privacy")
    site.home(2008, 2018, layouts.table, "/dlgs196.htm", "Informativa art. 13")
    site.policy("/dlgs196.htm", 2004, 2018, 19)
    yield site

    site = Site("bussola.example", "it", "Bussola", "pdf beside")
    site.home(2009, 2020, layouts.script_links, "/informativa.php", "Informativa sulla privacy")
    site.policy("/informativa.php", 2009, 2020, 15)
    site.pdf("/files/informativa_privacy.pdf", "pdf", 2011, 2020, 9)
    yield site

    site = Site("candeeiro.pt.example", "pt", "Candeeiro", "native path")
    site.home(2011, 2023, layouts.mega_footer, "/pt/política-de-privacidade")
    site.policy("/pt/política-de-privacidade", 2011, 2023, 18)
    yield site

    site = Site("luminaria.br.example", "pt-br", "Luminária", "app policy", "search page")
    site.extra = [("App", "/app/politica-de-privacidade")]
    site.home(2012, 2024, layouts.footer_list, "/institucional/politica-de-privacidade")
    site.policy("/institucional/politica-de-privacidade", 2012, 2024, 20)
    site.other("/app/politica-de-privacidade", "app", 2016, 2024, 24, title="Privacidade do app")
    site.page("/busca?q=privacidade", 2014, 2020, "shop", 6)
    yield site

    site = Site("faros.gr.example", "el", "Faros", "transliterated path", "old charset")
    site.home(2002, 2013, layouts.table, "/politiki-aporritou.html")
    site.policy("/politiki-aporritou.html", 2002, 2013, 14)
    yield site

    site = Site("pyxida.example", "el", "Pyxida", "native path")
    site.home(2014, 2022, layouts.footer_list, "/πολιτική-απορρήτου")
    site.policy("/πολιτική-απορρήτου", 2014, 2022, 12)
    yield site

    site = Site("fanal.mt.example", "mt", "Fanal", "language versions", "language prefix")
    site.extra = [("English", "/en/privacy")]
    site.home(2016, 2024, layouts.footer_list, "/mt/privatezza")
    site.policy("/mt/privatezza", 2016, 2024, 2)
    site.other("/en/privacy", "language", 2016, 2024, 13, language="en")
    yield site

    site = Site("lampe-ro.example", "ro", "Felinar", "move by redirect")
    site.home(2007, 2020, layouts.footer_list, "/confidentialitate.php", "Confidențialitate")
    site.policy("/confidentialitate.php", 2007, 2013, 9)
    site.redirect("/confidentialitate.php", "/politica-de-confidentialitate/", 2014, 2018, 4)
    site.policy("/politica-de-confidentialitate/", 2014, 2020, 11)
    yield site


def northern() -> Iterator[Site]:
    site = Site(
        "lyktan.se.example", "sv", "Lyktan", "move by link", "old law in the address", "revisits"
    )
    site.home(2001, 2017, layouts.table, "/pul.html", "Personuppgifter (PUL)")
    site.home(2018, 2024, layouts.footer_list, "/integritetspolicy")
    site.policy("/pul.html", 2001, 2017, 18)
    site.policy("/integritetspolicy", "201804", 2024, 19)
    yield site

    site = Site("lygten.dk.example", "da", "Lygten", "move by redirect", "http to https")
    site.home(2005, 2014, layouts.table, "/persondata.asp", "Persondata")
    site.policy("/persondata.asp", 2005, 2014, 11)
    site.at("https://www.lygten.dk.example")
    site.redirect(
        "http://www.lygten.dk.example/persondata.asp", "/privatlivspolitik", 2015, 2018, 4
    )
    site.home(2015, 2024, layouts.footer_list, "/privatlivspolitik")
    site.policy("/privatlivspolitik", 2015, 2024, 20)
    yield site

    site = Site("fyret.no.example", "no", "Fyret", "only the index knows")
    site.home(2017, 2024, layouts.shell)
    site.policy("/personvern", 2017, 2024, 12)
    site.page("/vilkar", 2017, 2024, "terms_text")
    yield site

    site = Site("majakka.fi.example", "fi", "Majakka", "old law in the address", "move by link")
    site.home(2004, 2017, layouts.table, "/rekisteriseloste.html", "Rekisteriseloste")
    site.home(2018, 2023, layouts.footer_list, "/tietosuoja")
    site.policy("/rekisteriseloste.html", 2004, 2017, 12)
    site.policy("/tietosuoja", 2018, 2023, 14)
    yield site

    site = Site("tuletorn.ee.example", "et", "Tuletorn")
    site.home(2011, 2020, layouts.title_only, "/isikuandmed", "Privaatsuspoliitika")
    site.policy("/isikuandmed", 2011, 2020, 10)
    yield site

    site = Site("bakas.lv.example", "lv", "Bāka", "transliterated path")
    site.home(2012, 2022, layouts.footer_list, "/lv/privatuma-politika")
    site.policy("/lv/privatuma-politika", 2012, 2022, 11)
    yield site

    site = Site("svyturys.lt.example", "lt", "Švyturys", "soft 404")
    site.home(2013, 2023, layouts.aria_label, "/taisykles/2", "Privatumo politika")
    site.policy("/taisykles/2", 2013, 2023, 12)
    site.page("/privatumo-politika", 2015, 2022, "missing", 5)
    site.page("/taisykles/1", 2013, 2023, "terms_text")
    yield site

    site = Site("solas.ie.example", "ga", "Solas", "language versions", "language prefix")
    site.extra = [("English", "/en/privacy-policy")]
    site.home(2014, 2024, layouts.footer_list, "/beartas-príobháideachais")
    site.policy("/beartas-príobháideachais", 2014, 2024, 14)
    site.other("/en/privacy-policy", "language", 2014, 2024, 14, language="en")
    site.traps.add("native path")
    yield site

    site = Site("lantaarn.nl.example", "nl", "Lantaarn", "login page", "move by link")
    site.home(2003, 2012, layouts.image_links, "/privacyverklaring.html")
    site.home(2013, 2022, layouts.footer_list, "/klantenservice/uw-gegevens", "Privacy")
    site.policy("/privacyverklaring.html", 2003, 2012, 13)
    site.policy("/klantenservice/uw-gegevens", 2013, 2022, 15)
    site.page("/privacy", 2014, 2022, "login", 7)
    yield site


def eastern() -> Iterator[Site]:
    site = Site("fener.bg.example", "bg", "Фенер", "native path")
    site.home(2010, 2022, layouts.footer_list, "/политика-за-поверителност")
    site.policy("/политика-за-поверителност", 2010, 2022, 13)
    yield site

    site = Site("svjetionik.hr.example", "hr", "Svjetionik", "hub", "opaque address")
    site.home(2008, 2019, layouts.table, None, footer=[("Pravne napomene", "/napomene.html")])
    link = ("Pravila privatnosti", "/clanak/31")
    site.page("/napomene.html", 2008, 2019, "legal_text", 8, links=[link])
    site.policy("/clanak/31", 2008, 2019, 12)
    site.page("/clanak/30", 2008, 2019, "shop")
    yield site

    site = Site("majak.cz.example", "cs", "Maják", "opaque address", "move by link")
    site.home(2004, 2014, layouts.table, "/stranka.php?id=17", "Ochrana osobních údajů")
    site.home(2015, 2023, layouts.footer_list, "/ochrana-osobnich-udaju")
    site.policy("/stranka.php?id=17", 2004, 2014, 12)
    site.policy("/ochrana-osobnich-udaju", 2015, 2023, 14)
    for number in (15, 16, 18):
        site.page(f"/stranka.php?id={number}", 2004, 2014, "shop")
    yield site

    site = Site("lampas.sk.example", "sk", "Lampáš", "product", "transliterated path")
    site.home(2012, 2023, layouts.mega_footer, "/ochrana-osobnych-udajov")
    site.policy("/ochrana-osobnych-udajov", 2012, 2023, 13)
    site.page("/produkt/zavesy-sukromie-privacy", 2013, 2022, "shop", 9)
    yield site

    site = Site("svetilnik.si.example", "sl", "Svetilnik")
    site.home(2006, 2016, layouts.noscript, "/varstvo-podatkov.html")
    site.policy("/varstvo-podatkov.html", 2006, 2016, 11)
    yield site

    site = Site("vilagito.hu.example", "hu", "Világító", "move by redirect")
    site.home(2003, 2011, layouts.image_links, "/adatvedelem.html")
    site.policy("/adatvedelem.html", 2003, 2011, 10)
    site.redirect("/adatvedelem.html", "/adatkezelési-tájékoztató", 2012, 2017, 5)
    site.home(2012, 2023, layouts.footer_list, "/adatkezelési-tájékoztató")
    site.policy("/adatkezelési-tájékoztató", 2012, 2023, 15)
    site.traps.add("native path")
    yield site

    site = Site("latarnia.pl.example", "pl", "Latarnia", "hub", "cookie policy beside")
    regulamin = ("Regulamin", "/regulamin.html")
    site.home(2005, 2020, layouts.footer_list, "/polityka-cookies", "Cookies", footer=[regulamin])
    link = ("Polityka prywatności", "/tekst,44.html")
    site.page("/regulamin.html", 2005, 2020, "terms_text", 9, links=[link])
    site.policy("/tekst,44.html", 2005, 2020, 13)
    site.page("/polityka-cookies", 2013, 2020, "shop", 12)
    yield site

    site = Site("kompas.ru.example", "ru", "Компас", "transliterated path", "old charset")
    site.home(2003, 2012, layouts.table, "/politika-konfidencialnosti.html")
    site.home(2013, 2022, layouts.footer_list, "/политика-конфиденциальности/")
    site.policy("/politika-konfidencialnosti.html", 2003, 2012, 11)
    site.policy("/политика-конфиденциальности/", 2013, 2022, 15)
    site.traps |= {"native path", "move by link"}
    yield site

    site = Site("majak.ua.example", "uk", "Маяк", "opaque address")
    site.home(2008, 2021, layouts.footer_list, "/page?id=17")
    site.policy("/page?id=17", 2008, 2021, 14)
    for number in (16, 18, 19):
        site.page(f"/page?id={number}", 2008, 2021, "shop")
    yield site

    site = Site("fener.tr.example", "tr", "Fener", "old law in the address", "several moves")
    site.home(2004, 2011, layouts.table, "/gizlilik.asp", "Gizlilik ilkeleri")
    site.home(2012, 2016, layouts.footer_list, "/gizlilik-politikası", "Gizlilik")
    site.home(2017, 2024, layouts.footer_list, "/kvkk", "KVKK Aydınlatma Metni")
    site.policy("/gizlilik.asp", 2004, 2011, 10)
    site.policy("/gizlilik-politikası", 2012, 2016, 8)
    site.redirect("/gizlilik-politikası", "/kvkk", 2017, 2019, 3)
    site.policy("/kvkk", 2017, 2024, 12)
    yield site


def asian() -> Iterator[Site]:
    site = Site("tomoshibi.jp.example", "ja", "灯火商店", "old charset")
    site.home(2000, 2005, layouts.frameset, "/kojin.html", "個人情報の取り扱い")
    site.home(2006, 2016, layouts.table, "/kojin.html", "プライバシーポリシー")
    site.policy("/kojin.html", "200103", 2016, 17)
    yield site

    site = Site("rashinban.example", "ja", "羅針盤", "native path", "hub")
    site.home(2012, 2023, layouts.footer_list, None, footer=[("会社概要", "/company/")])
    link = ("個人情報保護方針", "/プライバシーポリシー/")
    site.page("/company/", 2012, 2023, "legal_text", 8, links=[link])
    site.policy("/プライバシーポリシー/", 2012, 2023, 14)
    yield site

    site = Site("denglong.cn.example", "zh", "灯笼铺", "transliterated path", "old charset")
    site.home(2002, 2013, layouts.table, "/about/ysbh.htm", "隐私保护")
    site.policy("/about/ysbh.htm", 2002, 2013, 12)
    yield site

    site = Site("denglong.tw.example", "zh-hant", "燈籠舖", "old charset")
    site.home(2001, 2009, layouts.image_map, "/service/rule3.php", "隱私權政策")
    site.home(2010, 2020, layouts.footer_list, "/service/rule3.php", "隱私權聲明")
    site.policy("/service/rule3.php", 2002, 2020, 16)
    site.page("/service/rule2.php", 2002, 2020, "terms_text")
    yield site

    site = Site("deungbul.kr.example", "ko", "등불", "opaque address")
    site.home(2004, 2014, layouts.script_links, "/policy/policy02.html")
    site.policy("/policy/policy02.html", 2004, 2014, 13)
    site.page("/policy/policy01.html", 2004, 2014, "terms_text")
    yield site

    site = Site("fanous.example", "ar", "فانوس", "native path")
    site.home(2007, 2020, layouts.footer_list, "/سياسة-الخصوصية")
    site.policy("/سياسة-الخصوصية", 2007, 2020, 12)
    yield site

    site = Site("laltain.in.example", "hi", "लालटेन", "native path", "language prefix")
    site.extra = [("English", "/en/privacy-policy")]
    site.home(2013, 2023, layouts.footer_list, "/hi/गोपनीयता-नीति")
    site.policy("/hi/गोपनीयता-नीति", 2013, 2023, 12)
    site.other("/en/privacy-policy", "language", 2017, 2023, 7, language="en")
    site.traps.add("language versions")
    yield site

    site = Site("lentera.id.example", "id", "Lentera", "blog post", "tag page")
    site.home(2011, 2022, layouts.footer_list, "/halaman/kebijakan-privasi")
    site.policy("/halaman/kebijakan-privasi", 2011, 2022, 12)
    site.page("/blog/2018/kebijakan-privasi-baru", 2018, 2022, "shop", 6)
    site.page("/tag/privasi", 2015, 2022, "shop", 6)
    yield site

    site = Site("denlong.vn.example", "vi", "Đèn Lồng", "transliterated path", "session ids")
    site.home(2010, 2021, layouts.footer_list, "/chinh-sach-bao-mat.html")
    site.policy("/chinh-sach-bao-mat.html", 2010, 2021, 14)
    for _ in range(12):
        session = f"/chinh-sach-bao-mat.html?phien={site.chance.getrandbits(40):x}"
        site.other(session, "variant", 2012, 2015, 1)
    yield site

    site = Site("khomfai.th.example", "th", "โคมไฟ", "native path")
    site.home(2012, 2023, layouts.rel_link, f"/{words('th')['slug']}")
    site.policy(f"/{words('th')['slug']}", 2012, 2023, 11)
    yield site


def sites() -> Iterator[Site]:
    yield from german()
    yield from french()
    yield from southern()
    yield from northern()
    yield from eastern()
    yield from asian()
