"""HTML in the manner of its years, in the charsets of its languages."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from tests.made_sites.wording import words

Link = tuple[str, str]  # its words, its address
UNICODE_FROM = 2006
_OLD_CHARSETS = {
    "windows-1251": ("ru", "uk", "bg"),
    "shift_jis": ("ja",),
    "gb2312": ("zh",),
    "big5": ("zh-hant",),
    "euc-kr": ("ko",),
    "iso-8859-7": ("el",),
    "iso-8859-9": ("tr",),
    "iso-8859-2": ("pl", "cs", "sk", "sl", "hr", "hu", "ro"),
    "windows-1257": ("et", "lv", "lt"),
    "iso-8859-1": ("en", "de", "fr", "es", "it", "nl", "pt", "pt-br", "sv", "da", "no", "fi", "ga"),
}


def charset(language: str, year: int) -> str:
    """Return the charset of a page of that year."""
    if year < UNICODE_FROM:
        for name, those in _OLD_CHARSETS.items():
            if language in those:
                return name
    return "utf-8"


def encoded(page: str, language: str, year: int) -> bytes:
    """Return the bytes of a page, its charset declared in its head."""
    name = charset(language, year)
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={name}">'
    if year >= 2012:
        meta = f'<meta charset="{name}">'
    return page.replace("<head>", f"<head>{meta}", 1).encode(name, "xmlcharrefreplace")


def anchor(link: Link, attributes: str = "") -> str:
    """A link in words."""
    text, href = link
    return f'<a href="{html.escape(href)}"{attributes}>{html.escape(text)}</a>'


@dataclass(frozen=True)
class Frame:
    """What is around a text."""

    language: str
    name: str
    year: int
    menu: Sequence[Link] = ()
    footer: Sequence[Link] = ()
    head: str = ""
    noise: str = ""

    @property
    def signed(self) -> str:
        return f"&copy; {self.year} {html.escape(self.name)}"


def document(frame: Frame, title: str, paragraphs: Sequence[str], inner: str = "") -> str:
    """Return the page of a text: in tables and fonts, in boxes, or in the elements of HTML 5."""
    make = _of_tables if frame.year < 2004 else _of_boxes if frame.year < 2012 else _of_sections
    return make(frame, html.escape(title), [html.escape(text) for text in paragraphs], inner)


def _of_tables(frame: Frame, title: str, paragraphs: Sequence[str], inner: str) -> str:
    menu = "<br>".join(anchor(link) for link in frame.menu)
    font = '<FONT FACE="Verdana" SIZE="2">'
    body = "\n".join(f"<P>{font}{text}</FONT></P>" for text in paragraphs)
    foot = " | ".join(anchor(link) for link in frame.footer)
    return (
        f"<html><head><title>{title}</title>{frame.head}</head>\n"
        f'<body bgcolor="#ffffff"><table width="760" border="0"><tr>'
        f'<td width="140" valign="top">{menu}</td>\n<td valign="top">'
        f'<h2><font face="Times">{title}</font></h2>\n{body}{inner}</td></tr></table>\n'
        f"<center><font size=1>{foot}<br>{frame.signed}{frame.noise}</font></center></body></html>"
    )


def _of_boxes(frame: Frame, title: str, paragraphs: Sequence[str], inner: str) -> str:
    menu = "".join(f"<li>{anchor(link)}</li>" for link in frame.menu)
    body = "\n".join(f"<p>{text}</p>" for text in paragraphs)
    foot = " &middot; ".join(anchor(link) for link in frame.footer)
    return (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">'
        f"<html><head><title>{title} - {html.escape(frame.name)}</title>{frame.head}</head>\n"
        f'<body><div id="header"><ul>{menu}</ul></div>\n<div id="content"><h1>{title}</h1>\n'
        f'{body}{inner}</div>\n<div id="footer">{foot} {frame.signed}{frame.noise}</div>'
        "</body></html>"
    )


def _of_sections(frame: Frame, title: str, paragraphs: Sequence[str], inner: str) -> str:
    menu = "".join(f"<li>{anchor(link)}</li>" for link in frame.menu)
    body = "\n".join(f"<p>{text}</p>" for text in paragraphs)
    foot = "".join(f"<li>{anchor(link)}</li>" for link in frame.footer)
    return (
        f'<!doctype html><html lang="{frame.language}"><head>'
        f"<title>{title} | {html.escape(frame.name)}</title>{frame.head}</head>\n"
        f"<body><header><nav><ul>{menu}</ul></nav></header>\n"
        f"<main><article><h1>{title}</h1>\n{body}{inner}</article></main>\n"
        f"<footer><ul>{foot}</ul><small>{frame.signed}</small>{frame.noise}</footer></body></html>"
    )


def menu_of(language: str) -> list[Link]:
    """Return the menu that every page has."""
    said = words(language)
    return [(said["home"], "/"), (said["about"], "/about.html"), (said["news"], "/news/")]
