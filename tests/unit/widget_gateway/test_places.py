"""Places: what is under way at a time, in a process and of one address."""

import pytest

from widget_gateway.places import Places
from widget_gateway.problems import Problem


def test_one_address_leaves_places_to_others_and_gives_its_own_back() -> None:
    places = Places("test", everybody=3, each=2)
    with places.take("a"), places.take("a"):
        with pytest.raises(Problem, match="too_many_requests"), places.take("a"):
            pass
        with places.take("b"), pytest.raises(Problem, match="busy"), places.take("c"):
            pass
        with places.take("c"):
            pass
    with places.take("a"), places.take("a"), places.take("b"):
        pass


def test_a_place_is_given_back_whatever_happens() -> None:
    places = Places("test", everybody=1, each=1)
    with pytest.raises(ValueError, match="boom"), places.take("a"):
        raise ValueError("boom")
    with places.take("b"):
        pass
