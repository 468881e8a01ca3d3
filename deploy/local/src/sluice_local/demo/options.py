"""What `sluice-demo` can be asked for: how much traffic, how spread, how long to wait for it."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CHANNELS = ("whatsapp", "messenger", "instagram", "widget")


@dataclass(frozen=True, slots=True)
class Options:
    """`seed` orders all chance of the traffic, so that a run can be repeated.

    `media` is the share of messages that bring a file. `over_s` spreads the messages evenly over
    so many seconds; 0 sends as fast as they are taken. `settle_s` is how long, after the last was
    sent, everything may take to arrive.
    """

    messages: int = 2000
    contacts: int = 200
    replies: int = 200
    seed: int = 1
    media: float = 0.15
    over_s: float = 0.0
    settle_s: float = 180.0
    channels: tuple[str, ...] = CHANNELS


BOUNDS: dict[str, tuple[float, float, str]] = {
    "messages": (1, 100_000, "distinct messages that people write"),
    "contacts": (1, 10_000, "people who write them"),
    "replies": (0, 10_000, "replies through REST"),
    "seed": (0, 2**31, "orders the chance in the traffic"),
    "media": (0, 1, "share of the messages that bring a file"),
    "over_s": (0, 3600, "spread the messages over so many seconds"),
    "settle_s": (1, 3600, "how long everything may take to arrive, after the last was sent"),
}
"""Field of Options → least, most, help."""


def read(arguments: Sequence[str] | None = None) -> Options:
    """Options from a command line. Ends the process with status 2 on a wrong one."""
    parser = argparse.ArgumentParser(
        prog="sluice-demo",
        description="Lifelike traffic against the running stack; counts what is lost or doubled.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    defaults = Options()
    for name, (least, most, text) in BOUNDS.items():
        default = getattr(defaults, name)
        parser.add_argument(
            "--" + name.replace("_", "-"),
            type=_bounded(type(default), least, most),
            default=default,
            metavar=name.upper(),
            help=text,
        )
    parser.add_argument(
        "--channels",
        type=_channels,
        default=",".join(CHANNELS),
        metavar="TYPE,…",
        help="where people write",
    )
    return Options(**vars(parser.parse_args(arguments)))


def _bounded(kind: type[int] | type[float], least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"is a number from {least:g} to {most:g}")
        return value

    return number


def _channels(text: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(text.split(",")))
    if not set(named) <= set(CHANNELS):
        raise argparse.ArgumentTypeError(f"is one or more of {','.join(CHANNELS)}")
    return named
