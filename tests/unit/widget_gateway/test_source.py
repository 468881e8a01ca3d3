"""What is kept of where a visitor was, and what is shown of their address."""

from ipaddress import ip_address
from uuid import uuid4

import pytest

from contracts.parts import Source
from vault.keyring import KeyRing
from vault.seal import Place, unseal_text
from widget_gateway.addresses import AddressSealer, shown
from widget_gateway.frames.said import Page
from widget_gateway.peers import Peer
from widget_gateway.source import source_of

NOWHERE = Peer(None)


def test_everything_that_is_known() -> None:
    page = Page(
        url="https://ada:pw@shop.example/cart?token=x&utm_source=ad&utm_x=1#top",
        title="Cart\x00 — \u202eShop",
        referrer="https://search.example/?q=shoes&session=1",
        language="de-AT",
        time_zone="Europe/Vienna",
        screen="1440x900@2",
    )
    peer = Peer(ip_address("203.0.113.7"), "Mozilla/5.0\t(X)", "en;q=0.8")
    workspace, ring = uuid4(), KeyRing.new("visitors", "test")
    sealed = AddressSealer(ring).seal(workspace, ip_address("203.0.113.7"))
    source = source_of(page, peer, sealed)
    assert source == Source(
        page_url="https://shop.example/cart?token=***&utm_source=ad&utm_x=1",
        page_title="Cart — Shop",
        referrer="https://search.example/?q=shoes&session=***",
        utm={"utm_source": "ad", "utm_x": "1"},
        language="de-AT",
        time_zone="Europe/Vienna",
        screen="1440x900@2",
        user_agent="Mozilla/5.0 (X)",
        ip="203.0.113.0/24",
        ip_id=sealed.id,
        ip_sealed=sealed.sealed,
    )
    place = Place(workspace, "visitor_ips", sealed.id, "ip")
    assert unseal_text(ring, sealed.sealed, place) == "203.0.113.7"
    assert "203.0.113.7" not in source.model_dump_json()


def test_the_campaign_is_that_of_where_the_visit_began() -> None:
    landing = "https://shop.example/?utm_source=ad&token=x"
    source = source_of(Page(url="https://shop.example/cart", landing=landing), NOWHERE, None)
    assert source.utm == {"utm_source": "ad"}
    here = Page(url="https://shop.example/?utm_source=mail", landing="https://shop.example/")
    assert source_of(here, NOWHERE, None).utm == {"utm_source": "mail"}


def test_what_is_too_long_is_cut_and_no_word_refused_for_it() -> None:
    page = Page.model_validate({"url": "https://a.example/" + "x" * 9000, "title": "t" * 600})
    assert len(page.url or "") == 4096
    assert len(page.title or "") == 512


def test_nothing_is_known() -> None:
    assert source_of(None, NOWHERE, None) == Source()


@pytest.mark.parametrize(
    "page",
    [
        Page(language="<script>"),
        Page(language="de_DE; drop"),
        Page(time_zone="Europe/Berlin\n"),
        Page(time_zone="../../etc"),
        Page(screen="big"),
        Page(screen="1440x900x1x"),
        Page(url="javascript:alert(1)", referrer="about:client"),
        Page(title="\x00\x01 "),
    ],
)
def test_what_makes_no_sense_is_left_out(page: Page) -> None:
    assert source_of(page, NOWHERE, None) == Source()


def test_the_header_speaks_where_the_page_does_not() -> None:
    peer = Peer(None, languages="fr-CH, fr;q=0.9, en;q=0.8")
    assert source_of(Page(), peer, None).language == "fr-CH"
    assert source_of(Page(), Peer(None, languages="*"), None).language is None


def test_lengths_are_bounded() -> None:
    page = Page(
        title="t" * 512,
        url="https://a.example/?" + "&".join(f"utm_{n:c}=" + "v" * 300 for n in range(97, 110)),
    )
    source = source_of(page, Peer(None, user_agent="u" * 9000), None)
    assert source.page_title == "t" * 256
    assert source.user_agent == "u" * 512
    assert len(source.utm) == 8
    assert max(map(len, source.utm.values())) == 256


def test_a_header_that_is_no_text() -> None:
    source = source_of(None, Peer(None, user_agent="a\udcffb"), None)
    assert source.user_agent == "a?b"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("127.0.0.1", "127.0.0.0/24"),
    ],
)
def test_only_the_network_is_shown(address: str, network: str) -> None:
    assert shown(ip_address(address)) == network


def test_each_address_is_sealed_for_a_row_of_its_own() -> None:
    sealer = AddressSealer(KeyRing.new("visitors", "test"))
    one, other = (sealer.seal(uuid4(), ip_address("203.0.113.7")) for _ in range(2))
    assert one.id != other.id
    assert one.sealed != other.sealed
    assert one.id.version == 7
    assert len(one.sealed) < 1024
