"""Which pages a channel may stand on."""

import pytest

from widget_gateway.site import origins

ALLOWED = "https://example.com, http://localhost:3000 https://*.shop.example https://a.b:443"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://example.com", True),
        ("http://localhost:3000", True),
        ("https://a.b", True),  # its default port is not written by browsers
        ("https://eu.shop.example", True),
        ("https://xn--bcher-kva.shop.example", True),
        ("http://example.com", False),
        ("https://example.com:8443", False),
        ("https://www.example.com", False),
        ("https://localhost:3000", False),
        ("http://localhost", False),
        ("https://shop.example", False),  # the wildcard stands for one level, not for none
        ("https://a.eu.shop.example", False),
        ("http://eu.shop.example", False),
        ("https://eu.shop.example:8443", False),
        ("https://.shop.example", False),
        ("https://evil.example/.shop.example", False),
        ("https://evil@eu.shop.example", False),
        ("https://evilshop.example", False),
        ("null", False),
        ("", False),
        ("file://", False),
    ],
)
def test_an_origin_is_allowed_as_it_is_written(origin: str, allowed: bool) -> None:  # noqa: FBT001 - a row
    found, mistakes = origins.parse(ALLOWED.replace(",", " ").split())
    assert mistakes == []
    assert found.allow(origin) is allowed


@pytest.mark.parametrize(
    "word",
    [
        "example.com",
        "*",
        "https://*",
        "https://*.com",
        "https://*.*.example.com",
        "https://a.*.example.com",
        "https://*.1.2.3.4",
        "http://*.example.com",
        "https://example.com/shop",
        "https://example.com?x",
        "https://user@example.com",
        "https://example.com:0",
        "https://example.com:70000",
        "https://bücher.example",
        "ftp://example.com",
        "javascript:alert(1)",
        "null",
        "https://",
        "https://-a.example",
    ],
)
def test_what_is_no_origin_is_named(word: str) -> None:
    found, (mistake,) = origins.parse([word])
    assert not found.exact
    assert not found.under
    assert mistake.startswith("origins: ")
    assert word in mistake


@pytest.mark.parametrize(
    ("word", "origin"),
    [
        ("HTTPS://Example.COM", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:080", "http://example.com:80"),
        ("http://[::1]:8090", "http://[::1]:8090"),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
    ],
)
def test_origins_are_kept_as_browsers_write_them(word: str, origin: str) -> None:
    found, mistakes = origins.parse([word])
    assert found.exact == frozenset({origin})
    assert mistakes == []
