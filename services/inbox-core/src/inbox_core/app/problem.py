"""A problem as screens are shown it: why a send, a file or a channel's credential failed."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


class ProblemView(BaseModel):
    """Why something failed or is uncertain; `message` is for the person who reads it."""

    kind: str
    message: str
    code: str | None = None


def problem_view(problem: Mapping[str, Any] | None) -> ProblemView | None:
    """`problem` as contracts.parts.Problem, as the database keeps it."""
    if not problem:
        return None
    return ProblemView(kind=problem["kind"], message=problem["message"], code=problem.get("code"))
