"""The table of problems covers every refusal there is."""

from collections.abc import Iterator

import orjson
import pytest

from inbox_core.app.access import AccessError, TooManyRequests
from inbox_core.domain.errors import DomainError, InvalidTransition
from inbox_core.entrypoints.http.problems import KINDS, FieldError, Problem, problem_of
from inbox_core.entrypoints.http.routes import ROUTES


def leaves(root: type[Exception]) -> Iterator[type[Exception]]:
    for child in root.__subclasses__():
        yield child
        yield from leaves(child)


@pytest.mark.parametrize(
    "error", [*leaves(DomainError), *leaves(AccessError)], ids=lambda error: error.__name__
)
def test_every_error_has_a_row(error: type[DomainError | AccessError]) -> None:
    assert 400 <= KINDS[error.code].status < 600


def test_every_problem_a_route_names_has_a_row() -> None:
    assert {code for route in ROUTES for code in route.problems} <= KINDS.keys()


def test_a_limit_says_when_to_come_back() -> None:
    problem = problem_of(TooManyRequests(2.1))
    assert (problem.kind.status, problem.headers) == (429, {"Retry-After": "3"})


def test_a_refused_transition_lists_the_steps_there_are() -> None:
    problem = problem_of(InvalidTransition("open", "archived", ("pending", "closed")))
    body = orjson.loads(problem.body("/v1/x", "id"))
    assert (body["status"], body["allowed"]) == (409, ["pending", "closed"])


def test_a_problem_says_no_more_than_it_knows() -> None:
    wrong = FieldError(pointer="/text", code="string_type", detail="Input should be a string")
    body = orjson.loads(Problem("invalid_request", errors=[wrong]).body("/v1/x", "id"))
    assert body["errors"] == [
        {"pointer": "/text", "code": "string_type", "detail": "Input should be a string"}
    ]
    assert "current" not in body
    assert "detail" not in body
