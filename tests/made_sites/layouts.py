"""Home pages from the 1990s to the 2020s: where, and how, each of them has its links.

A layout takes what is on the home page and returns its page, with the pages that are parts of it
(frames) by their paths. The link to the policy is one of `front.footer`.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass

from tests.made_sites.pages import Frame, Link, anchor, document

Pages = dict[str, str]  # "" is the home page itself, others are paths


@dataclass(frozen=True)
class Front:
    """A home page: its frame, what it says, its title."""

    frame: Frame
    title: str
    text: list[str]

    @property
    def links(self) -> list[Link]:
        return [*self.frame.menu, *self.frame.footer]


Layout = Callable[[Front], Pages]


def _page(front: Front, body: str) -> str:
    title, head = html.escape(front.title), front.frame.head
    text = "".join(f"<p>{html.escape(text)}</p>" for text in front.text)
    return (
        f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{text}\n{body}\n"
        f"<p>{front.frame.signed}{front.frame.noise}</p></body></html>"
    )


def table(front: Front) -> Pages:
    """Links in a cell and between bars at the foot; a page as others are after 2004."""
    return {"": document(front.frame, front.title, front.text)}


def frameset(front: Front) -> Pages:
    """Nothing but frames; the links are in the menu's page."""
    title = html.escape(front.title)
    home = (
        f'<html><head><title>{title}</title></head><frameset cols="160,*" border=0>\n'
        '<frame name="menu" src="menu.html"><frame name="main" src="main.html">\n'
        "<noframes>Your browser does not show frames.</noframes></frameset></html>"
    )
    menu = "<br>".join(anchor(link, ' target="main"') for link in front.links)
    return {
        "": home,
        "menu.html": f"<html><head></head><body>{menu}</body></html>",
        "main.html": _page(front, ""),
    }


def nested_frameset(front: Front) -> Pages:
    """Frames in frames; the links are in a strip at the foot."""
    title = html.escape(front.title)
    home = (
        f'<HTML><HEAD><TITLE>{title}</TITLE></HEAD><FRAMESET ROWS="80,*,40">\n'
        '<FRAME NAME=top SRC="/frames/top.htm" NORESIZE><FRAMESET COLS="*,200">'
        '<FRAME NAME=body SRC="/frames/body.htm"><FRAME NAME=ads SRC="/frames/ads.htm">'
        '</FRAMESET><FRAME NAME=foot SRC="/frames/foot.htm"></FRAMESET></HTML>'
    )
    foot = " ".join(f"[{anchor(link, ' TARGET=_top')}]" for link in front.links)
    return {
        "": home,
        "/frames/top.htm": "<html><head></head><body><img src=/logo.gif alt=logo></body></html>",
        "/frames/body.htm": _page(front, ""),
        "/frames/foot.htm": f"<html><head></head><body><font size=1>{foot}</font></body></html>",
    }


def image_map(front: Front) -> Pages:
    """A picture as the menu."""
    areas = "".join(
        f'<area shape="rect" coords="{80 * i},0,{80 * i + 79},30" href="{html.escape(href)}" '
        f'alt="{html.escape(text)}">'
        for i, (text, href) in enumerate(front.links)
    )
    return {"": _page(front, f'<img src="/nav.gif" usemap="#nav"><map name="nav">{areas}</map>')}


def silent_image_map(front: Front) -> Pages:
    """A picture as the menu, whose areas have no words: the address must tell."""
    areas = "".join(
        f'<AREA SHAPE=RECT COORDS="0,{20 * i},90,{20 * i + 19}" HREF="{html.escape(href)}">'
        for i, (_, href) in enumerate(front.links)
    )
    return {"": _page(front, f'<MAP NAME=m>{areas}</MAP><IMG SRC="/side.gif" USEMAP="#m">')}


def image_links(front: Front) -> Pages:
    """Pictures with alternative texts as links."""
    links = "\n".join(
        f'<a href="{html.escape(href)}"><img src="/img/b{i}.gif" border="0" '
        f'alt="{html.escape(text)}"></a>'
        for i, (text, href) in enumerate(front.links)
    )
    return {"": _page(front, f"<center>{links}</center>")}


def footer_list(front: Front) -> Pages:
    """Links in the list of a footer."""
    return {"": document(front.frame, front.title, front.text)}


def mega_footer(front: Front) -> Pages:
    """A footer of dozens of links in columns, the legal ones last and small."""
    columns = "".join(
        f'<div class="col"><h4>Group {column}</h4>'
        + "".join(f'<a href="/c/{column}/{i}">Item {column}.{i}</a>' for i in range(9))
        + "</div>"
        for column in "ABCD"
    )
    small = "".join(f"<span>{anchor(link)}</span>" for link in front.frame.footer)
    return {"": _page(front, f"<footer>{columns}<div class=legal>{small}</div></footer>")}


def title_only(front: Front) -> Pages:
    """Icons whose titles say where they lead."""
    links = "".join(
        f'<a href="{html.escape(href)}" title="{html.escape(text)}"><i class="icon-{i}"></i></a>'
        for i, (text, href) in enumerate(front.links)
    )
    return {"": _page(front, f'<div class="icons">{links}</div>')}


def aria_label(front: Front) -> Pages:
    """Icons whose labels are for those who hear pages."""
    links = "".join(
        f'<a href="{html.escape(href)}" aria-label="{html.escape(text)}">'
        '<svg viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg></a>'
        for text, href in front.links
    )
    return {"": _page(front, f"<footer>{links}</footer>")}


def rel_link(front: Front) -> Pages:
    """The policy, last of the footer, is named by `rel=privacy-policy`; its words say nothing."""
    *others, (_, href) = front.frame.footer
    marked = f'<a rel="nofollow privacy-policy" href="{html.escape(href)}">Read this</a>'
    rest = "".join(anchor(link) for link in [*front.frame.menu, *others])
    return {"": _page(front, f"<footer>{rest}{marked}</footer>")}


def noscript(front: Front) -> Pages:
    """A script writes the menu; only `noscript` has links."""
    links = "".join(f"<li>{anchor(link)}</li>" for link in front.links)
    script = '<script src="/js/menu.js"></script><script>drawMenu();</script>'
    return {"": _page(front, f"{script}<noscript><ul>{links}</ul></noscript>")}


def script_links(front: Front) -> Pages:
    """Addresses in the calls of a script that opens windows."""
    links = " | ".join(
        f"<a href=\"javascript:openWindow('{html.escape(href)}','w',400,500)\">"
        f"{html.escape(text)}</a>"
        for text, href in front.frame.footer
    )
    return {"": _page(front, f"<div align=center>{links}</div>")}


def shell(front: Front) -> Pages:
    """What a single page app leaves in an archive: nothing."""
    title = html.escape(front.title)
    return {
        "": f"<!doctype html><html><head><title>{title}</title></head><body>"
        f'<div id="root"></div><script src="/static/js/main.{front.frame.year}.js"></script>'
        f"{front.frame.noise}</body></html>"
    }


def splash(front: Front) -> Pages:
    """A first page with one link, behind which the site begins."""
    title = html.escape(front.title)
    enter = f'<a href="/home.html"><img src="/splash.jpg" alt="{title}"></a>'
    inside = document(front.frame, front.title, front.text)
    page = f"<html><head><title>{title}</title></head><body><center>{enter}</center></body></html>"
    return {"": page, "/home.html": inside}


def meta_refresh(front: Front) -> Pages:
    """A first page that leads on by itself, to the site's language."""
    target = f"/{front.frame.language[:2]}/"
    page = (
        f'<html><head><meta http-equiv="refresh" content="0; url={target}"></head><body></body>'
        "</html>"
    )
    return {"": page, target: document(front.frame, front.title, front.text)}


def footer_frame(front: Front) -> Pages:
    """The footer is an inline frame that all pages share."""
    links = "".join(anchor(link) for link in front.frame.footer)
    inner = f"<html><head><base target=_parent></head><body>{links}</body></html>"
    return {
        "": _page(front, '<iframe src="/inc/footer.html" width=100% height=40></iframe>'),
        "/inc/footer.html": inner,
    }


def with_base(front: Front) -> Pages:
    """All addresses are relative to `base`, which is not the page's own."""
    links = " - ".join(anchor((text, href.lstrip("/"))) for text, href in front.links)
    return {"": _page(front, links).replace("<head>", '<head><base href="/site/">', 1)}


LAYOUTS: dict[Layout, str] = {  # what each is called among a site's traps
    table: "table layout",
    frameset: "frameset",
    nested_frameset: "frameset",
    image_map: "image map",
    silent_image_map: "image map",
    image_links: "image links",
    footer_list: "footer list",
    mega_footer: "mega-footer",
    title_only: "title only",
    aria_label: "aria-label only",
    rel_link: "rel=privacy-policy",
    noscript: "noscript",
    script_links: "script links",
    shell: "single page app",
    splash: "splash page",
    meta_refresh: "meta refresh",
    footer_frame: "frame in a page",
    with_base: "base href",
}
