"""Pages of frames: which frame holds the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.replay.framesets import LARGEST, content_frame


@pytest.mark.parametrize(
    ("page", "frame"),
    [
        ("<frameset cols='150,*'><frame src=a.htm><frame src=b.htm></frameset>", "b.htm"),
        ("<FRAMESET COLS='*,150'><FRAME SRC=a.htm><FRAME SRC=b.htm></FRAMESET>", "a.htm"),
        ("<frameset rows='50%,50%'><frame src=a><frame name=main src=b></frameset>", "b"),
        ("<frameset rows='50%,50%'><frame src=a><frame name=menu src=b></frameset>", "a"),
        ("<frameset><frame src='only.htm'></frameset>", "only.htm"),
        (
            "<frameset rows='80,*,30'><frame src=top><frameset cols='20%,80%'><frame src=left>"
            "<frame src=text></frameset><frame src=bottom></frameset>",
            "text",
        ),
        ("<frameset><frame src='about:blank'><frame src='javascript:x()'></frameset>", None),
        ("<frameset cols='*,*'></frameset>", None),
        ("<p>Our frameset policy</p><iframe src=x></iframe>", None),
        ("", None),
    ],
)
def test_the_frame_with_the_content_is_told_from_menus_and_banners(
    page: str, frame: str | None
) -> None:
    assert content_frame(page.encode()) == frame


def test_a_page_of_very_many_frames_is_not_looked_into() -> None:
    nested = "<frameset cols='*,*'><frame src=a>" * 200
    assert content_frame(nested.encode()) is None


def test_a_large_page_is_no_page_of_frames() -> None:
    assert content_frame(b"<frameset><frame src=a></frameset>" + b" " * LARGEST) is None


@given(st.text("<>/ frameset='\"src=*,%0123456789colsrow", max_size=200))
def test_any_page_has_a_frame_or_none(page: str) -> None:
    for hostile in (page, f"<frameset cols='{page}' rows=\"{page}\"><frame src=a><frame src=b>"):
        frame = content_frame(hostile.encode())
        assert frame is None or frame
