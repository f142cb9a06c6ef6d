"""Sites with several difficulties at once, more of them not in English."""

from collections.abc import Iterator

from tests.made_sites import layouts, trap_texts
from tests.made_sites.building import Site
from tests.made_sites.hub_sites import sitemap

_NOTE = '<meta http-equiv="refresh" content="5; url={}">'


def english() -> Iterator[Site]:
    site = Site("quartzlamp.example", "en", "Quartz Lamp", "sitemap", "robots.txt", "help page")
    site.home(2011, 2022, layouts.shell)
    base = "https://quartzlamp.example"
    robots = f"User-agent: *\nSitemap: {base}/sm1.xml\n".encode()
    site.raw("/robots.txt", 2011, 2022, robots, "text/plain", 6)
    pages = [f"{base}/company/{n}" for n in ("team", "how-we-use-your-information", "press")]
    pages += [f"{base}/help/privacy-settings", f"{base}/mailing/privacy"]
    site.at(base).raw("/sm1.xml", 2011, 2022, sitemap(*pages), "text/xml", 5)
    site.policy("/company/how-we-use-your-information", 2011, 2022, 11)
    site.page("/help/privacy-settings", 2012, 2022, trap_texts.HELP, 21)
    site.page("/mailing/privacy", 2011, 2018, trap_texts.MAILING_FORM, 12)
    site.page("/users/privacy", 2013, 2020, trap_texts.FORUM, 7)
    site.traps |= {"mailing form", "user pages", "forum"}
    yield site

    site = Site("twicesold.example", "en", "Gold Anchor Inn", "new owner", "port in the address")
    site.at("http://www.twicesold.example:80")
    site.home(1998, 2003, layouts.nested_frameset, "/frames/privacy.htm", "Our guests' privacy")
    site.policy("/frames/privacy.htm", 1998, 2003, 8)
    site.at("http://www.twicesold.example")
    site.page("/", 2004, 2006, trap_texts.PARKED, 9)
    site.name = "Twice Sold Books"
    site.home(2007, 2019, layouts.image_links, "/shop/page/9", "Privacy Policy")
    site.policy("/shop/page/9", 2007, 2019, 14)
    site.page("/shop/page/8", 2007, 2019, "terms_text")
    site.traps |= {"parked years", "opaque address", "move by link"}
    yield site

    site = Site("deeplegal.example", "en", "Deep Legal", "hub", "terms beside", "stale copy")
    site.home(2003, 2010, layouts.with_base, "/privacy.html")
    site.home(2011, 2016, layouts.footer_frame, None, footer=[("Legal", "/legal.html")])
    site.home(2017, 2024, layouts.with_base, "/privacy.html", "Privacy")
    links = [("Terms", "/legal/a.html"), ("Privacy", "/legal/b.html")]
    site.page("/legal.html", 2011, 2016, "legal_text", 7, links=links)
    site.policy("/site/privacy.html", 2003, 2010, 11)
    site.policy("/legal/b.html", 2011, 2016, 9)
    site.page("/legal/a.html", 2011, 2016, "terms_text", 12)
    site.policy("/site/privacy.html", 2017, 2024, 12)
    site.traps |= {"moved back", "several moves", "opaque address"}
    yield site

    site = Site("weeklylamp.test", "en", "Weekly Lamp", "news article", "product", "category page")
    site.home(2009, 2021, layouts.mega_footer, "/info/readers", "Privacy policy")
    site.policy("/info/readers", 2009, 2021, 10)
    for year in range(2012, 2021):
        path = f"/news/{year}/privacy-policy-ruling-{year - 2000}"
        site.page(path, year, 2021, trap_texts.NEWS_ARTICLE, 6)
    site.page("/section/privacy", 2010, 2021, trap_texts.TAG, 45)
    site.page("/shop/privacy-screen", 2015, 2021, trap_texts.PRODUCT, 8)
    yield site

    site = Site("wholesale.co.example", "en", "Whole Sale", "index.php noise", "session ids")
    real = "/index.php?main_page=privacy"
    site.home(2006, 2016, layouts.table, real, "Privacy Notice")
    site.policy(real, 2006, 2016, 25)
    for _ in range(80):
        session = f"{real}&zenid={site.chance.getrandbits(128):032x}"
        site.other(session, "variant", 2007, 2014, 1)
    for number in range(60):
        path = f"/index.php?main_page=product_info&products_id={number}"
        site.page(path, 2006, 2016, "shop", 1)
    yield site

    site = Site("templatehut.test", "en", "Template Hut", "template generator", "subdomain")
    site.home(2015, 2024, layouts.footer_list, "/our-own-privacy-notice")
    site.policy("/our-own-privacy-notice", 2015, 2024, 12)
    site.page("/", 2015, 2016, trap_texts.GENERATOR_PAGE, 3)
    for number in range(40):
        name = f"Client {number}"
        path = f"https://app.templatehut.test/live/{number:04d}/privacy-policy"
        site.other(path, "template", 2017, 2024, 3, name=name)
    yield site


def german_and_french() -> Iterator[Site]:
    site = Site("kastenwerk.example", "de", "Kastenwerk", "move by canonical link", "empty shell")
    site.home(2009, 2014, layouts.footer_frame, "/info.php?seite=datenschutz", "Datenschutz")
    site.home(2015, 2023, layouts.shell)
    site.policy("/info.php?seite=datenschutz", 2009, 2014, 9)
    site.still("/info.php?seite=datenschutz", 2015, 2018, 5, canonical="/unternehmen/ihre-daten")
    site.policy("/unternehmen/ihre-daten", 2015, 2023, 13)
    shell = (
        '<html><head><title>Datenschutz</title></head><body><div id="root"></div><script>0</script>'
    )
    site.raw("/datenschutz", 2019, 2023, shell.encode(), "text/html", 14)
    yield site

    site = Site("plume.fr.example", "fr", "La Plume", "move by meta refresh", "page of all pages")
    site.home(1999, 2004, layouts.splash, None, footer=[("Plan du site", "/plan.htm")])
    links = [("Vie privée", "/donnees.htm"), ("Boutique", "/boutique.htm")]
    site.page("/plan.htm", 1999, 2004, "legal_text", 7, links=links)
    site.policy("/donnees.htm", 2000, 2004, 6)
    text = ("Page déplacée", ["Cette page a été déplacée. Vous y êtes conduit dans cinq secondes."])
    new = "/informations/12-vous"
    site.page("/donnees.htm", 2005, 2009, text, 4, links=[("Suite", new)], head=_NOTE.format(new))
    site.home(2005, 2013, layouts.image_map, new, "Protection des données")
    site.policy(new, 2005, 2013, 12)
    site.traps |= {"hub", "opaque address"}
    yield site

    site = Site("wochenmarkt.example", "de", "Wochenmarkt", "marketplace", "users' policies")
    site.home(2011, 2023, layouts.noscript, "/rechtliches/3", "Datenschutzerklärung")
    site.policy("/rechtliches/3", 2011, 2023, 15)
    site.page("/rechtliches/2", 2011, 2023, "terms_text", 9)
    for stall in ("honig", "kerzen", "seife", "brot", "wolle"):
        path = f"http://{stall}.wochenmarkt.example/datenschutz"
        site.other(path, "user", 2014, 2023, 12, name=stall.title())
    site.traps |= {"subdomain", "opaque address"}
    yield site

    site = Site("verlag-nord.example", "de", "Verlag Nord", "uploads", "other companies' policies")
    site.home(2010, 2021, layouts.aria_label, "/verlag/hinweise", "Datenschutz")
    site.policy("/verlag/hinweise", 2010, 2021, 11)
    site.name = "Druckerei Süd"
    site.pdf("/fileadmin/downloads/datenschutz-druckerei.pdf", "other company", 2012, 2021, 15)
    site.name = "Verlag Nord"
    site.page("/magazin/datenschutz-werkstatt", 2018, 2021, trap_texts.BLOG_POST_DE, 17)
    site.page("/suche?q=datenschutz", 2012, 2018, "missing", 6)
    site.traps |= {"blog post", "search page"}
    yield site


def elsewhere() -> Iterator[Site]:
    site = Site("mercadillo.example", "es", "Mercadillo", "marketplace", "users' policies")
    site.home(2012, 2022, layouts.splash, "/ayuda/privacidad", "Privacidad")
    site.policy("/ayuda/privacidad", 2012, 2022, 14)
    for stall in ("velas", "mapas", "cuerdas", "faroles"):
        path = f"http://{stall}.mercadillo.example/politica-de-privacidad"
        site.other(path, "user", 2014, 2022, 11, name=stall.title())
    site.traps.add("subdomain")
    yield site

    site = Site("arkivet.se.example", "sv", "Arkivet", "pdf only", "hub")
    site.home(2012, 2022, layouts.footer_list, None, footer=[("Om oss", "/om.html")])
    path = "/dokument/integritetspolicy_arkivet.pdf"
    site.page("/om.html", 2012, 2022, "shop", 8, links=[("Integritetspolicy (PDF)", path)])
    site.pdf(path, "main", 2012, 2022, 9)
    site.raw("/dokument/prislista.pdf", 2012, 2022, b"%PDF-1.4\n%%EOF", "application/pdf")
    yield site

    site = Site("маяк.example", "ru", "Маяк", "international name", "native path", "stale copy")
    site.home(2009, 2014, layouts.table, "/privacy.html", "Конфиденциальность")
    site.home(2015, 2023, layouts.mega_footer, "/персональные-данные/")
    site.policy("/privacy.html", 2009, 2014, 8)
    site.still("/privacy.html", 2015, 2018, 4)
    site.policy("/персональные-данные/", 2015, 2023, 12)
    site.traps.add("move by link")
    yield site

    site = Site("kagaribi.jp.example", "ja", "かがり火", "utm variants", "print version")
    site.extra = [("English", "/en/privacy/")]
    site.home(2010, 2022, layouts.meta_refresh, "/ja/corporate/kojinjoho.html")
    site.policy("/ja/corporate/kojinjoho.html", 2010, 2022, 19)
    for number in range(40):
        path = f"/ja/corporate/kojinjoho.html?utm_campaign=k{number}"
        site.other(path, "variant", 2012, 2022, 1)
    site.other("/ja/corporate/kojinjoho_print.html", "print", 2011, 2019, 6)
    site.other("/en/privacy/", "language", 2013, 2022, 14, language="en")
    site.traps |= {"language versions", "language prefix", "transliterated path"}
    yield site

    site = Site("nachimban.kr.example", "ko", "나침반", "app policy", "jobs policy")
    site.extra = [("앱 개인정보처리방침", "/app/privacy"), ("채용", "/recruit/privacy")]
    site.home(2014, 2023, layouts.footer_list, "/customer/terms03")
    site.policy("/customer/terms03", 2014, 2023, 13)
    site.other("/app/privacy", "app", 2015, 2023, 22, title="앱 개인정보처리방침")
    site.other("/recruit/privacy", "jobs", 2015, 2023, 12, title="채용 개인정보처리방침")
    site.page("/customer/terms02", 2014, 2023, "terms_text", 9)
    site.traps |= {"several policies", "opaque address"}
    yield site

    site = Site("haitu.cn.example", "zh", "海图", "hub", "page of all pages", "opaque address")
    site.home(2014, 2022, layouts.image_links, None, footer=[("网站地图", "/map.html")])
    links = [("灯具", "/n/1.html"), ("隐私政策", "/n/7.html"), ("招聘", "/n/8.html")]
    site.page("/map.html", 2014, 2022, "legal_text", 7, links=links)
    site.policy("/n/7.html", 2014, 2022, 9)
    for number in (1, 6, 8):
        site.page(f"/n/{number}.html", 2014, 2022, "shop")
    yield site

    site = Site("zaglowka.pl.example", "pl", "Żaglówka", "index.php noise", "several moves")
    first = "/index.php?option=com_content&task=view&id=44"
    site.home(2005, 2011, layouts.table, first, "Polityka prywatności")
    site.home(2012, 2017, layouts.noscript, "/polityka-prywatnosci.html")
    site.policy(first, 2005, 2011, 9)
    for number in range(20):
        path = f"/index.php?option=com_content&task=view&id={number}"
        site.page(path, 2005, 2011, "shop", 2)
    site.redirect(first, "/polityka-prywatnosci.html", 2012, 2014, 3)
    site.policy("/polityka-prywatnosci.html", 2012, 2017, 8)
    site.at("https://zaglowka.pl.example")
    site.redirect(
        "http://www.zaglowka.pl.example/polityka-prywatnosci.html", "/rodo", 2018, 2020, 3
    )
    site.home(2018, 2024, layouts.footer_list, "/rodo", "RODO")
    site.policy("/rodo", 2018, 2024, 13)
    site.traps |= {"move by redirect", "http to https", "www to bare", "old law in the address"}
    yield site

    site = Site("manchete.br.example", "pt-br", "Manchete", "news article", "tag page", "forum")
    site.home(2011, 2023, layouts.title_only, "/sobre/seus-dados", "Política de Privacidade")
    site.policy("/sobre/seus-dados", 2011, 2023, 10)
    site.page("/tag/privacidade", 2013, 2023, "shop", 30)
    site.page("/2019/08/politica-de-privacidade-multa", 2019, 2023, "shop", 15)
    site.page("/forum/privacidade", 2012, 2018, "shop", 9)
    yield site

    site = Site("bussolario.it.example", "it", "Bussolario", "seal provider", "opaque address")
    seal = "http://www.sigillo-fiducia.test/verifica?id=902"
    site.home(2008, 2018, layouts.image_links, None, footer=[("Sigillo di fiducia", seal)])
    link = ("Informativa sulla privacy di Bussolario", "http://www.bussolario.it.example/t/3")
    text = (
        "Sigillo di fiducia: Bussolario",
        [
            "Il sito bussolario.it.example aderisce al programma. L'ultima verifica ha dato esito "
            "positivo. I reclami ricevono risposta entro dieci giorni."
        ],
    )
    site.page(seal, 2008, 2018, text, 6, links=[link])
    site.policy("/t/3", 2008, 2018, 9)
    for number in (1, 2, 4):
        site.page(f"/t/{number}", 2008, 2018, "shop")
    yield site


def sites() -> Iterator[Site]:
    yield from english()
    yield from german_and_french()
    yield from elsewhere()
