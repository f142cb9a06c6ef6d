"""The domain list: what may stand in it, and what is said of what may not."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.domains import parse_targets, read_targets
from crawler.errors import InputError
from crawler.records import Target


def parsed(text: str) -> list[Target]:
    return parse_targets(enumerate(text.splitlines(), 1), source="list")


def pairs(text: str) -> list[tuple[str, str | None]]:
    return [(target.domain, target.policy_url) for target in parsed(text)]


def refusal(text: str) -> str:
    with pytest.raises(InputError) as refused:
        parsed(text)
    *said, form = str(refused.value).splitlines()
    assert form.startswith("each line is DOMAIN POLICY_URL")
    return "\n".join(said)


def written(folder: Path, content: bytes) -> str:
    file = folder / "list.txt"
    file.write_bytes(content)
    return str(file)


def test_a_line_is_a_domain_and_its_addresses() -> None:
    assert parsed("a.com http://a.com/x http://a.com/y\nb.com") == [
        Target("a.com", "http://a.com/x", 1),
        Target("a.com", "http://a.com/y", 1),
        Target("b.com", None, 2),
    ]


def test_white_space_comments_and_empty_lines_do_not_count() -> None:
    text = "# sites\n\n \t a.com \t http://a.com/x   # the first\n   # the second\n\t\nb.com #b\n"
    assert parsed(text) == [Target("a.com", "http://a.com/x", 3), Target("b.com", None, 6)]


def test_a_number_sign_inside_an_address_is_a_fragment_and_no_comment() -> None:
    assert pairs("a.com http://a.com/x#part http://a.com/y") == [
        ("a.com", "http://a.com/x"),
        ("a.com", "http://a.com/y"),
    ]


def test_a_csv_may_have_quoted_cells_and_more_columns_in_any_order() -> None:
    text = (
        'name,Policy_URL, DOMAIN ,note\n"A, Inc.","http://a.com/x,y",a.com,"says ""hi"""\nB,,b.com'
    )
    assert parsed(text) == [Target("a.com", "http://a.com/x,y", 2), Target("b.com", None, 3)]


def test_a_csv_row_may_lack_its_last_cells() -> None:
    assert parsed("domain,policy_url\na.com") == [Target("a.com", None, 2)]


def test_a_csv_row_without_a_domain_is_reported() -> None:
    assert refusal("domain,policy_url\n,http://a.com/") == (
        "list, line 2: '(nothing)' is not a domain name"
    )


def test_a_csv_may_have_domains_alone() -> None:
    assert [(t.domain, t.policy_url) for t in parsed("# mine\nrank,domain\n1,a.com")] == [
        ("a.com", None)
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_may_have_a_bom_and_any_line_ends(tmp_path: Path, newline: str, mark: bytes) -> None:
    text = newline.join(["domain,policy_url", "a.com,http://a.com/x", "bücher.de,", ""])
    targets = read_targets(written(tmp_path, mark + text.encode()))
    assert targets == [Target("a.com", "http://a.com/x", 2), Target("xn--bcher-kva.de", None, 3)]


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("Example.COM", "example.com"),
        ("BÜCHER.de", "xn--bcher-kva.de"),
        ("日本.jp", "xn--wgv71a.jp"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("http://example.com", "example.com"),
        ("HTTPS://Example.com/", "example.com"),
        ("example.com:80", "example.com"),
        ("https://example.com:443/", "example.com"),
        ("example.com:8080", "example.com:8080"),
        ("example.com.", "example.com"),
        ("my_site.example.com", "my_site.example.com"),
        ("192.0.2.7", "192.0.2.7"),
    ],
)
def test_a_domain_is_written_in_one_form(typed: str, domain: str) -> None:
    assert pairs(typed) == [(domain, None)]


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("HTTP://WWW.Example.com/Privacy", "http://www.example.com/Privacy"),
        ("http://example.com", "http://example.com/"),
        ("http://example.com:8080/x", "http://example.com:8080/x"),
        ("http://bücher.de/ü?ä=1#top", "http://xn--bcher-kva.de/%C3%BC?%C3%A4=1"),
        ("http://example.com/a%20b?q=%2F", "http://example.com/a%20b?q=%2F"),
    ],
)
def test_an_address_stays_as_typed_but_for_its_host_and_what_must_be_encoded(
    typed: str, address: str
) -> None:
    assert pairs(f"example.com {typed}") == [("example.com", address)]


def test_a_policy_may_lie_on_another_host() -> None:
    assert pairs("a.com https://policies.b.org/a") == [("a.com", "https://policies.b.org/a")]


def test_addresses_that_an_index_takes_for_one_are_taken_once_in_their_first_form() -> None:
    twins = ["http://a.com/x", "https://www.a.com/x", "http://a.com:80/X", "http://a.com/x"]
    assert parsed("\n".join(f"a.com {url}" for url in twins)) == [
        Target("a.com", "http://a.com/x", 1)
    ]


def test_one_address_may_be_the_policy_of_two_domains() -> None:
    assert len(parsed("a.com http://c.com/x\nb.com http://c.com/x")) == 2


def test_a_domain_with_an_address_anywhere_needs_none_elsewhere() -> None:
    assert pairs("a.com\na.com http://a.com/x\na.com") == [("a.com", "http://a.com/x")]


def test_a_domain_named_twice_is_taken_once() -> None:
    assert parsed("a.com\nA.com\nhttp://a.com/") == [Target("a.com", None, 1)]


@pytest.mark.parametrize(
    "line",
    [
        "localhost",
        "a..com",
        "-a.com",
        "a.com/privacy",
        "a.com?x=1",
        "user@a.com",
        "ftp://a.com",
        "a.com:port",
        "a.com:99999",
        "a!.com",
        "a.com privacy.html",
        "a.com ftp://a.com/x",
        "a.com http://user:secret@a.com/",
        "a.com http:///x",
        "a.com http://a.com:99999/",
        "http://[::1",
        "[::1]",
        f"{'a' * 64}.com",
        ".".join(["abc"] * 80),
    ],
)
def test_a_line_that_cannot_be_used_is_reported(line: str) -> None:
    assert refusal(f"good.com\n{line}\n").startswith("list, line 2: ")


def test_all_bad_lines_are_reported_with_their_numbers() -> None:
    assert [line.split(":")[0] for line in refusal("one\na.com\n\ntwo\nthree").splitlines()] == [
        "list, line 1",
        "list, line 4",
        "list, line 5",
    ]


def test_every_bad_line_is_reported_however_many() -> None:
    assert len(refusal("bad\n" * 50).splitlines()) == 50


@pytest.mark.parametrize("content", [b"", b"\n \n# only a comment\n", b"domain,policy_url\n"])
def test_a_file_that_names_no_domain_is_reported(tmp_path: Path, content: bytes) -> None:
    file = written(tmp_path, content)
    with pytest.raises(InputError, match="names no domain"):
        read_targets(file)


def test_a_file_that_is_not_utf8_is_reported_with_the_line(tmp_path: Path) -> None:
    file = written(tmp_path, b"a.com\nb.com\nb\xfccher.de\n")
    with pytest.raises(InputError) as refused:
        read_targets(file)
    assert str(refused.value) == f"{file}, line 3: not UTF-8"


def test_a_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; give a file"):
        read_targets(str(tmp_path))


@pytest.mark.parametrize("name", ["nowhere.txt", "nowhere/sites", "sites.CSV"])
def test_a_missing_file_is_reported(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_targets(name)


@pytest.mark.parametrize("argument", ["", "  ", "\t"])
def test_an_empty_argument_is_reported(argument: str) -> None:
    with pytest.raises(InputError, match="domains is empty"):
        read_targets(argument)


def test_names_may_be_given_separated_by_commas() -> None:
    assert read_targets(" a.com, B.com,,https://c.com/ ,") == [
        Target("a.com", None, 1),
        Target("b.com", None, 2),
        Target("c.com", None, 4),
    ]


def test_a_single_name_may_have_a_scheme_before_it() -> None:
    assert read_targets("https://example.com") == [Target("example.com", None, 1)]


def test_a_name_may_come_with_its_address() -> None:
    assert read_targets("a.com http://a.com/x,b.com") == [
        Target("a.com", "http://a.com/x", 1),
        Target("b.com", None, 2),
    ]


def test_a_bad_name_is_reported_with_its_place() -> None:
    with pytest.raises(InputError, match=r"^domains, name 2: 'b!\.com' is not a domain name\n"):
        read_targets("a.com,b!.com")


def test_more_names_than_a_file_name_can_hold_may_be_given() -> None:
    assert len(read_targets(",".join(f"name{i}.example.com" for i in range(300)))) == 300


@pytest.mark.parametrize("argument", ["a.com\nb!.com", "a.com\rb!.com,c.com", "a\x00.com"])
def test_control_characters_among_the_names_are_no_crash(argument: str) -> None:
    with pytest.raises(InputError):
        read_targets(argument)


@pytest.mark.parametrize("before", ["", "domain,policy_url\na.com,", "a.com "])
def test_a_line_of_any_length_is_read(before: str) -> None:
    line = f"{before}http://a.com/{'a' * 140_000}"
    if before:
        assert len(parsed(line)) == 1
    else:
        assert refusal(line).startswith("list, line 1: ")


def read_or_refused(text: str) -> None:
    with suppress(InputError):
        targets = parsed(text)
        assert targets
        assert all(t.domain == t.domain.lower() and t.domain.isascii() for t in targets)


LINES = st.lists(
    st.lists(
        st.sampled_from(
            ["a.com", "bücher.de", "http://", "https://a.com/", "#", '"', ",", " ", ":"]
        )
        | st.text(max_size=8),
        max_size=5,
    ).map("".join)
).map("\n".join)


@given(LINES | st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(text)


@given(LINES)
def test_any_csv_is_read_or_refused(text: str) -> None:
    read_or_refused(f"domain,policy_url\n{text}")


@given(st.text())
def test_any_address_is_read_or_refused(address: str) -> None:
    read_or_refused(f"a.com http://a.com/{address}")


@given(st.text(max_size=40).filter(lambda text: not text.startswith(("/", "."))))
def test_any_argument_is_read_or_refused(argument: str) -> None:
    with suppress(InputError):
        assert read_targets(argument)
