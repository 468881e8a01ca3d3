"""Addresses of pages, before anybody sees them."""

import pytest

from widget_gateway.urls import MASK, MAX_PAIRS, MAX_URL, clean, utm


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://shop.example/a?b=1&c=2#d", "https://shop.example/a?b=1&c=2"),
        ("HTTPS://User:pw@Shop.Example:8443/A", "https://shop.example:8443/A"),
        ("http://a@b@shop.example/", "http://shop.example/"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("https://shop.example", "https://shop.example"),
        (
            "https://shop.example/%E2%9C%93?q=caf%C3%A9",
            "https://shop.example/%E2%9C%93?q=caf%C3%A9",
        ),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("blob:https://shop.example/1", None),
        ("//shop.example/", None),
        ("https://", None),
        ("https:///path", None),
        ("https://[bad/", None),
        ("https://shop.example:port/", None),
        ("java\x00script:alert(1)", None),
        ("", None),
        (None, None),
        ("https://good.example\\@evil.example/", "https://evil.example/"),
        ("https://shop.example/\u202egpj.exe", "https://shop.example/gpj.exe"),
        ("https://shop.example/a\r\nSet-Cookie: x", "https://shop.example/aSet-Cookie:x"),
        ('https://shop.example/"><script>', "https://shop.example/script"),
    ],
)
def test_an_address_as_it_is_shown(url: str | None, shown: str | None) -> None:
    assert clean(url) == shown


@pytest.mark.parametrize(
    "key",
    [
        "token", "TOKEN", "access_token", "accessToken", "id-token", "csrf.token", "code",
        "authCode", "password", "passwd", "user_password", "pwd", "email", "Email", "user_email",
        "key", "apiKey", "apikey", "api_key", "secret", "client_secret", "auth", "oauth",
        "session", "sessionid", "PHPSESSID", "sid", "sig", "signature", "X-Amz-Signature",
        "otp", "totp", "jwt", "hmac", "ticket", "phone", "tel", "%74oken", "to%6ben", "token%5B%5D",
        "%2574oken", "user[password]",
    ],
)  # fmt: skip
def test_values_of_secret_keys_are_masked(key: str) -> None:
    assert clean(f"https://shop.example/?a=1&{key}=hunter2;b=2") == (
        f"https://shop.example/?a=1&{key}={MASK};b=2"
    )


@pytest.mark.parametrize(
    "pair",
    [
        "q=ada%40shop.example",
        "q=ada@shop.example",
        "x=eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
        "next=%2Freset%3Ftoken%3Dhunter2",
        "next=https%3A%2F%2Fshop.example%2F%3Fa%3D1%26password%3Dhunter2",
        "next=https%253A%252F%252Fshop.example%252F%253Ftoken%253Dhunter2",
        "next=" + "https%25253A%25252F%25252Fx%25253Ftoken%25253Dhunter2",
        "utm_content=ada%40shop.example",
    ],
)
def test_secrets_are_masked_wherever_they_hide(pair: str) -> None:
    key = pair.partition("=")[0]
    assert clean(f"https://shop.example/?{pair}") == f"https://shop.example/?{key}={MASK}"


@pytest.mark.parametrize(
    "query",
    ["q=shoes", "page=2&sort=price", "author=ada", "keyword=x", "design=1", "a=b=c", "flag", ""],
)
def test_what_is_no_secret_stays(query: str) -> None:
    assert clean(f"https://shop.example/?{query}") == (
        f"https://shop.example/?{query}" if query else "https://shop.example/"
    )


def test_a_bare_secret_is_masked_too() -> None:
    assert clean("https://shop.example/?ada@shop.example") == f"https://shop.example/?{MASK}"


def test_no_address_is_longer_than_it_may_be() -> None:
    cleaned = clean("https://shop.example/?a=" + "x" * 4000)
    assert cleaned is not None
    assert len(cleaned) == MAX_URL


def test_the_words_of_a_campaign() -> None:
    url = (
        "https://shop.example/?utm_source=news+letter&UTM_Medium=e%2Dmail&utm_source=second"
        "&utm_content=ada%40shop.example&utm_id=7&utm_=x&other=1"
    )
    assert utm(url) == {
        "utm_source": "news letter",
        "utm_medium": "e-mail",
        "utm_content": MASK,
        "utm_id": "7",
    }
    assert utm("javascript:x?utm_source=1") == utm(None) == {}


def test_of_a_query_without_end_the_first_pairs_are_kept() -> None:
    """Each is looked into: thousands of them would cost a process its breath."""
    cleaned = clean("https://shop.example/?" + "a=b&" * 1000 + "token=1")
    assert cleaned == "https://shop.example/?" + "&".join(["a=b"] * MAX_PAIRS)
    assert utm("https://shop.example/?" + "a=b&" * 1000 + "utm_source=x") == {}
