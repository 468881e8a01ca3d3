"""What of a source is kept: networks and never addresses, pages and never programs."""

import pytest

from inbox_core.app.devices import DeviceView, device_of
from inbox_core.domain.source import is_sealed, network, page
from support.pages import BROWSER


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("2001:db8:1::/48", "2001:db8:1::/48"),
        ("203.0.113.7", None),
        ("203.0.113.7/32", None),
        ("203.0.113.7/24", None),
        ("203.0.0.0/16", None),
        ("2001:db8::1", None),
        ("2001:db8::/64", None),
        ("10.0.0.0/255.255.255.0", "10.0.0.0/24"),
        ("unknown", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_network_that_hides_enough_is_kept(told: str | None, kept: str | None) -> None:
    found = network(told)
    assert (str(found) if found else None) == kept


@pytest.mark.parametrize(
    "told",
    [
        "https://shop.example/a?b=c",
        "http://127.0.0.1:8090/",
        "HTTPS://SHOP.example",
        "https://ü.de/ü",
    ],
)
def test_a_page_is_kept_as_it_is(told: str) -> None:
    assert page(told) == told


@pytest.mark.parametrize(
    "told",
    [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//shop.example/",
        "/shoes",
        "https://",
        "https://ana@shop.example/",
        "https://ana:secret@shop.example/",
        "https://shop.example/\x00",
        "https://shop.example/ x",
        "https://[half/",
        "file:///etc/passwd",
        "",
        None,
    ],
)
def test_what_is_no_page_is_left_out(told: str | None) -> None:
    assert page(told) is None


@pytest.mark.parametrize(
    ("told", "sealed"),
    [
        ("sv1.visitors.k1.AAAA.BBBB", True),
        ("sv1.channels.k1.AAAA.BBBB", False),
        ("203.0.113.7", False),
        ("", False),
        (None, False),
    ],
)
def test_only_what_is_sealed_for_visitors_is_kept(told: str | None, *, sealed: bool) -> None:
    assert is_sealed(told) is sealed


IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (BROWSER, "Chrome 131", "Windows 10"),
        (IPHONE, "Mobile Safari 17", "iOS 17"),
        (FIREFOX, "Firefox 128", "Linux"),
        ("something else", None, None),
        ("x" * 5000, None, None),
    ],
)
def test_a_user_agent_is_said_as_people_say_it(
    user_agent: str, browser: str | None, system: str | None
) -> None:
    assert device_of(user_agent) == DeviceView(browser=browser, os=system)
