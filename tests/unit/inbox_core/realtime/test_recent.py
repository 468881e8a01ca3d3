"""The newest part of the log in memory: what it holds, and what it has let go."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from bus.ports import Stored
from inbox_core.entrypoints.realtime.batches import Batch
from inbox_core.entrypoints.realtime.recent import Recent

ONE, TWO = UUID(int=1), UUID(int=2)


def batch(workspace: UUID, sequence: int, size: int = 10) -> Batch:
    return Batch(workspace, Stored("changes", b"x" * size, "CHANGES", sequence, datetime.now(UTC)))


def following(recent: Recent, workspace: UUID, sequence: int) -> list[int]:
    """Everything a reader at this place would still get."""
    found: list[int] = []
    while (after := recent.after(workspace, sequence)) is not None:
        sequence = after.sequence
        found.append(sequence)
    return found


def test_it_is_bounded_by_messages_and_by_bytes() -> None:
    recent = Recent(max_messages=3, max_bytes=100)
    recent.begin("e", 0, "server")
    for sequence in range(1, 6):
        recent.push(sequence, batch(ONE, sequence))
    assert (recent.floor, recent.position) == (2, 5)
    recent.push(6, batch(ONE, 6, size=95))
    assert (recent.floor, following(recent, ONE, recent.floor)) == (5, [6])


def test_a_new_beginning_forgets_everything() -> None:
    recent = Recent(10, 1000)
    recent.begin("e", 0, "server")
    recent.push(1, batch(ONE, 1))
    before = recent.generation
    recent.begin("f", 4, "epoch")
    assert recent.generation == before + 1
    assert (str(recent.now), recent.began_because) == ("f.4", "epoch")
    assert recent.after(ONE, 0) is None


@given(
    st.lists(st.tuples(st.sampled_from([ONE, TWO, None]), st.integers(1, 40)), max_size=60),
    st.integers(1, 10),
)
def test_every_reader_above_the_floor_gets_all_of_its_workspace(
    messages: list[tuple[UUID | None, int]], max_messages: int
) -> None:
    recent = Recent(max_messages, max_bytes=150)
    recent.begin("e", 0, "server")
    for sequence, (workspace, size) in enumerate(messages, 1):
        recent.push(sequence, batch(workspace, sequence, size) if workspace else None)
    assert recent.position == len(messages)
    for place in range(recent.floor, len(messages) + 1):
        assert recent.holds(place)
        for workspace in (ONE, TWO):
            wanted = [
                sequence
                for sequence, (owner, _) in enumerate(messages, 1)
                if owner == workspace and sequence > place
            ]
            assert following(recent, workspace, place) == wanted
