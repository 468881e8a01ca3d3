"""The application does what its own document says, whatever it is sent.

schemathesis makes requests from the document, right ones and wrong ones, always the same ones;
the ids of the path are real so that they get as far as the handlers.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contracts.rpc import ValidateAnswer
from inbox_core.entrypoints.http.openapi import openapi_document
from inbox_core.entrypoints.http.routes import ROUTES
from support.rest import Beside, Rest, add_file
from support.seeds import add_conversation

EXAMPLES = 25
ALWAYS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CHECKS = {
    GenerationMode.POSITIVE: ALWAYS,
    GenerationMode.NEGATIVE: [*ALWAYS, negative_data_rejection],
}


def document() -> dict[str, Any]:
    """Without its security: every request here carries a good token, so none may vary it."""
    whole = openapi_document()
    for operations in whole["paths"].values():
        for operation in operations.values():
            operation["security"] = []
    return whole


async def real_ids(rest: Rest) -> dict[str, UUID | int]:
    rest.parts.adapter.append(ValidateAnswer())
    conversation = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi", "there")
    message = await rest.admin.fetchval("SELECT id FROM messages LIMIT 1")
    return {
        "workspace_id": rest.workspace,
        "channel_id": rest.channel,
        "conversation_id": conversation,
        "message_id": message,
        "file_id": await add_file(rest, rest.workspace),
        "part": 0,
    }


def rows() -> Iterator[Any]:
    """Each operation, sent right; and sent wrong, where it takes more than ids."""
    for route in ROUTES:
        yield pytest.param(route.name, GenerationMode.POSITIVE, id=f"{route.name}-right")
        if route.body or route.query or route.repeatable:
            yield pytest.param(route.name, GenerationMode.NEGATIVE, id=f"{route.name}-wrong")


@pytest.mark.parametrize(("name", "mode"), list(rows()))
def test_requests_made_from_the_document(
    rest_beside: Beside, name: str, mode: GenerationMode
) -> None:
    rest = rest_beside.rest
    ids = rest_beside.run(real_ids(rest))
    schema = schemathesis.openapi.from_dict(document())
    operation = schema.find_operation_by_id(name)
    token = {"Authorization": f"Bearer {rest.people['owner'].token}"}
    path = {key: str(value) for key, value in ids.items() if f"{{{key}}}" in operation.path}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, path_parameters=path or None))
    def holds(case: Any) -> None:
        response = case.call(base_url=rest.base, headers=token)
        case.validate_response(response, checks=CHECKS[mode])

    holds()
