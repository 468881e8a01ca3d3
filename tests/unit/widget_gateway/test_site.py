"""A channel's config as the site it describes, and what is said of one that describes none."""

import pytest

from widget_gateway.site.config import NotASite, parse

ORIGIN = {"origins": "https://example.com"}


def test_a_site_of_nothing_but_origins() -> None:
    site = parse(ORIGIN)
    assert (site.title, site.form, site.csat, site.hours) == (None, "off", False, None)
    assert (site.position, site.theme) == ("right", "auto")


def test_empty_values_count_as_left_out() -> None:
    assert parse({**ORIGIN, "title": "  ", "hours": "", "colour": ""}) == parse(ORIGIN)


def test_a_whole_site() -> None:
    site = parse(
        {
            "origins": "https://example.com\nhttps://*.example.com",
            "title": " Shop ",
            "greeting": "Hello\nthere",
            "away": "Later",
            "colour": "#1A73E8",
            "position": "Left",
            "theme": "dark",
            "form": "optional",
            "form_fields": "phone, name",
            "csat": "on",
            "language": "pt-BR",
            "hours": "Mo 09:00-10:00",
            "time_zone": "America/Sao_Paulo",
            "holidays": "2026-12-25",
        }
    )
    assert (site.title, site.greeting) == ("Shop", "Hello\nthere")
    assert (site.position, site.form_fields, site.csat) == ("left", ("name", "phone"), True)
    assert site.hours is not None
    assert str(site.hours.zone) == "America/Sao_Paulo"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("origins", "", "origins: name at least one origin"),
        ("origins", "example.com", "origins: 'example.com' is not an origin"),
        ("origins", " ".join(f"https://a{n}.example" for n in range(51)), "origins: 50 at the mos"),
        ("title", "x" * 61, "title: 60 characters at the most"),
        ("greeting", "a\x07b", "greeting: control characters have no place"),
        ("colour", "red", "colour: write it as #1a73e8"),
        ("colour", "#fff;}", "colour: write it as"),
        ("position", "top", "position: 'top' is none of right, left"),
        ("theme", "blue", "theme: 'blue' is none of auto, light, dark"),
        ("form", "yes", "form: 'yes' is none of off, optional, required"),
        ("form_fields", "name age", "form_fields: 'age' is none of name, email, phone"),
        ("csat", "5", "csat: '5' is none of on, off"),
        ("language", "english!", "language: write it as en or pt-BR"),
        ("hours", "Mo 09:00-10:00", "time_zone: hours need one"),
        ("time_zone", "Mars/Olympus", "time_zone: 'Mars/Olympus' is not a zone"),
        ("time_zone", "../../etc/passwd", "time_zone: "),
        ("time_zone", "Europe", "time_zone: "),
        ("holidays", "2026-12-25", "holidays: it means nothing without hours"),
        ("holidays", "soon", "holidays: 'soon' is not a date"),
        ("titel", "Shop", "titel: there is no such setting"),
    ],
)
def test_each_mistake_is_a_sentence_that_names_its_field(
    name: str, text: str, sentence: str
) -> None:
    with pytest.raises(NotASite) as caught:
        parse({**ORIGIN, name: text})
    assert any(mistake.startswith(sentence) for mistake in caught.value.mistakes)
    assert all(mistake.endswith(".") for mistake in caught.value.mistakes)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(NotASite) as caught:
        parse({"colour": "red", "hours": "Mo", "nonsense": "1"})
    assert {mistake.partition(":")[0] for mistake in caught.value.mistakes} == {
        "nonsense", "colour", "origins", "hours", "time_zone",
    }  # fmt: skip
