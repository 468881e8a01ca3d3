"""What Postgres and NATS hold in the end, read as superuser: the rules no screen can check.

Used by the fault tests after the demo has counted over REST.
"""

import asyncpg

from bus.jetstream import connect
from sluice_local.stack_file import StackFile

RULES: dict[str, str] = {
    "an inbound message has one provider's id": """
        SELECT count(*) FROM messages m WHERE direction = 'inbound' AND 1 <> (
            SELECT count(*) FROM external_refs r
            WHERE r.workspace_id = m.workspace_id AND r.message_id = m.id
        )
    """,
    "no news waits for its message": """
        SELECT count(*) FROM external_refs WHERE message_id IS NULL OR held IS NOT NULL
    """,
    "numbers of a conversation have no hole": """
        SELECT count(*) FROM conversations c WHERE last_seq <> (
            SELECT count(*) FROM messages m
            WHERE m.workspace_id = c.workspace_id AND m.conversation_id = c.id
        )
    """,
    "unread is what came in after the read mark": """
        SELECT count(*) FROM conversations c WHERE unread_count <> (
            SELECT count(*) FROM messages m
            WHERE m.workspace_id = c.workspace_id AND m.conversation_id = c.id
              AND m.direction = 'inbound' AND m.seq > c.read_seq
        )
    """,
    "no file of a message is on its way": """
        SELECT count(*) FROM messages m, jsonb_array_elements(m.parts) AS part
        WHERE part #>> '{media,state}' = 'pending'
    """,
    "a file that is ready has its row": """
        SELECT count(*) FROM messages m, jsonb_array_elements(m.parts) AS part
        WHERE part #>> '{media,state}' = 'ready' AND NOT EXISTS (
            SELECT FROM files f WHERE f.workspace_id = m.workspace_id
              AND f.id = (part #>> '{media,file_id}')::uuid AND f.purge_at IS NULL
        )
    """,
    "what was taken back is empty": """
        SELECT count(*) FROM messages WHERE deleted_at IS NOT NULL AND parts <> '[]'
    """,
    "every send is settled": "SELECT count(*) FROM deliveries WHERE stage <> 2",
    "the outbox is empty": "SELECT count(*) FROM outbox",
}
"""Rule → how many rows break it."""


async def broken_rules(stack: StackFile) -> list[str]:
    """The rules that do not hold, and how often; DEAD must be empty as well."""
    connection = await asyncpg.connect(stack.postgres_url)
    try:
        counts = {rule: await connection.fetchval(query) for rule, query in RULES.items()}
    finally:
        await connection.close()
    bus = await connect(stack.nats_url, name="ground-truth", consumers=())
    try:
        counts["no letter is dead"] = (await bus.stream("DEAD")).messages
    finally:
        await bus.close()
    return [f"{rule}: broken {count} times" for rule, count in counts.items() if count]
