"""A token and a file have exact places: what is not on the list is refused."""

import pytest
from yarl import URL

from metagraph import origins
from metagraph.addresses import public
from metagraph.origins import META_MEDIA, Origins


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        ("https://LOOKASIDE.fbsbx.com/x", True),
        ("https://lookaside.fbsbx.com:443/x", True),
        ("https://cdn.fbsbx.com/v/file.pdf", True),
        ("https://scontent.xx.fbcdn.net/v/t1.jpg", True),
        ("https://scontent-ams2-1.xx.fbcdn.net/v/t1.jpg", True),
        ("https://scontent.cdninstagram.com/v/t1.jpg", True),
        ("http://lookaside.fbsbx.com/x", False),
        ("https://lookaside.fbsbx.com:8443/x", False),
        ("https://other.fbsbx.com/x", False),
        ("https://fbcdn.net/x", False),
        ("https://evilfbcdn.net/x", False),
        ("https://scontent.xx.fbcdn.net.evil.example/x", False),
        ("https://fbcdn.net.evil.example/x", False),
        ("http://scontent.xx.fbcdn.net/x", False),
        ("https://127.0.0.1%00.fbcdn.net/x", False),
        ("https://evil.example%2f.fbcdn.net/x", False),
        ("https://graph.facebook.com/me", False),
        ("https://127.0.0.1/x", False),
        ("file:///etc/passwd", False),
        ("/relative", False),
    ],
)
def test_where_files_may_come_from(url: str, allowed: bool) -> None:  # noqa: FBT001 - a column
    assert (URL(url) in Origins(META_MEDIA)) is allowed


@pytest.mark.parametrize(
    "entry",
    ["https://*", "https://*.", "https://*.com", "http://*.fbcdn.net", "https://*.*.fbcdn.net",
     "https://x.*.fbcdn.net", "https://*.0.0.1", "https://fbcdn.net/path", "fbcdn.net", ""],
)  # fmt: skip
def test_an_entry_that_says_too_much_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"origin|wildcard|URL"):
        Origins([entry])


def test_no_wildcard_lets_a_token_out() -> None:
    with pytest.raises(ValueError, match="not on the list"):
        origins.checked("https://evil.fbcdn.net", ["https://*.fbcdn.net"])
    assert origins.checked(origins.META_INSTAGRAM, origins.GRAPH)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("157.240.20.19", True),
        ("2a03:2880:f1ff:83:face:b00c:0:25de", True),
        ("64:ff9b::9df0:1413", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nothing is bound to it
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("::", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("no address", False),
    ],
)
def test_which_addresses_are_public(address: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert public(address) is expected
