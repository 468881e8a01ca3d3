"""`sluice-demo` as a person runs it."""

import asyncio
import re
import sysconfig
from pathlib import Path

from support.stack import LocalStack

DEMO = Path(sysconfig.get_path("scripts")) / "sluice-demo"
DEADLINE_S = 240


async def demo(folder: Path, *words: str) -> tuple[int, list[str], str]:
    """Exit status, lines of stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        DEMO, *words,
        env={"SLUICE_LOCAL_FOLDER": str(folder), "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    assert process.returncode is not None
    return process.returncode, out.decode().splitlines(), err.decode()


FIRST = re.compile(
    r"media (\d+) of \1 ready · profiles 16 of 16"
    r" · replies 40 · answered 40 · failed 0 · unknown 0"
)


async def test_its_last_lines_say_that_nothing_was_lost_or_doubled(stack: LocalStack) -> None:
    asked = ("--messages", "300", "--contacts", "40", "--replies", "40", "--seed", "5")
    for _ in range(2):  # a second run on the same stack counts its own messages alone
        status, lines, err = await demo(stack.folder, *asked)
        assert status == 0, "\n".join([*lines, err])
        told = FIRST.fullmatch(lines[-2])
        assert told
        assert int(told[1]) > 20
        assert lines[-1] == "sent 340 · stored 340 · shown 340 · lost 0 · doubled 0"
        assert any(re.search(r"messages \d+/300 · replies \d+/40", line) for line in lines)


async def test_one_channel_alone_and_words_alone(stack: LocalStack) -> None:
    asked = ("--messages", "60", "--contacts", "9", "--replies", "9")
    status, lines, err = await demo(stack.folder, *asked, "--channels", "instagram", "--media", "0")
    assert status == 0, "\n".join([*lines, err])
    assert lines[-2].startswith("media 0 of 0 ready · profiles 9 of 9 · ")
    assert lines[-1] == "sent 69 · stored 69 · shown 69 · lost 0 · doubled 0"


async def test_without_a_stack_it_says_so(tmp_path: Path) -> None:
    status, lines, err = await demo(tmp_path)
    assert status == 1
    assert lines == []
    assert "make run" in err
