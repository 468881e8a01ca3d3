"""`sluice-demo`: lifelike traffic against the running stack, and a count of what became of it.

Reads `.local/stack.json` and nothing else, so `make run` has to be up. The last two lines are

    media M of M ready · profiles P of P · replies R · answered A · failed F · unknown U
    sent N · stored N · shown N · lost 0 · doubled 0

N is the distinct messages that people sent plus the replies the inbox took; verdict.py defines
each word. Exit status 0 when every figure agrees, 1 when one does not or there is no stack.
"""

import asyncio
import sys

import aiohttp
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from chassis.settings import load
from metagraph.emulator.client import ControlError
from sluice_local.demo import options as command_line
from sluice_local.demo.asking import Refused
from sluice_local.demo.display import Display
from sluice_local.demo.options import Options
from sluice_local.demo.run import DemoFailed, run
from sluice_local.demo.screen import ScreenClosed
from sluice_local.demo.verdict import Verdict
from sluice_local.settings import LocalSettings
from sluice_local.stack_file import StackFile

EXIT_DISAGREES = 1
EXIT_INTERRUPTED = 130


def main() -> None:
    """The console script."""
    options = command_line.read()
    stack = _running_stack()
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    try:
        verdict = _run(stack, options, console)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except (DemoFailed, ScreenClosed, Refused, ControlError) as error:
        sys.exit(f"sluice-demo: {error}")
    except aiohttp.ClientError as error:
        sys.exit(f"sluice-demo: the emulator does not answer, is the stack up? {error}")
    for sentence in verdict.wrong:
        console.print(Text(f"✗ {sentence}", style="red"))
    for line in verdict.lines():
        console.print(Text(line))
    sys.exit(0 if verdict.agrees else EXIT_DISAGREES)


def _run(stack: StackFile, options: Options, console: Console) -> Verdict:
    console.print(
        Text(
            f"{options.messages} messages of {min(options.contacts, options.messages)} people,"
            f" on {', '.join(options.channels)}, {options.replies} replies, seed {options.seed}"
        )
    )
    with Display(options, console) as display:
        return asyncio.run(run(stack, options, display.show))


def _running_stack() -> StackFile:
    """Ends the process with a sentence when there is none."""
    path = load(LocalSettings).folder / "stack.json"
    try:
        return StackFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        sys.exit(f"sluice-demo: no stack is running: there is no {path}; start it with 'make run'")
    except (OSError, ValidationError) as error:
        sys.exit(f"sluice-demo: {path} cannot be read: {type(error).__name__}")


if __name__ == "__main__":
    main()
