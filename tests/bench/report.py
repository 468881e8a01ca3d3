"""The report as a person reads it: plain Markdown, the same on the screen and in docs/results."""

from collections.abc import Iterator, Sequence

from bench.figures import Figure, Section
from bench.machine import Machine

HEAD = "# Speed\n\nMade by `{command}`, unedited. A figure holds for this machine alone.\n"
VERDICT = {True: "reached", False: "not reached", None: ""}


def render(command: str, machine: Machine, sections: Sequence[Section], seconds: float) -> str:
    """The whole report. `command` is what makes it again."""
    return "\n".join(_lines(command, machine, sections, seconds)) + "\n"


def table(section: Section) -> list[str]:
    """A section's figures, and what went wrong."""
    lines = [
        f"## {section.title}",
        "",
        "| What | Median | Rounds | Aim | |",
        "| --- | ---: | ---: | ---: | --- |",
        *(_row(figure) for figure in section.figures),
    ]
    if section.errors:
        lines += ["", *(f"**Wrong: {error}**" for error in section.errors)]
    return lines


def _lines(
    command: str, machine: Machine, sections: Sequence[Section], seconds: float
) -> Iterator[str]:
    yield HEAD.format(command=command)
    yield "| Machine | |\n| --- | --- |"
    for fact, value in machine.rows:
        yield f"| {fact} | {value} |"
    yield f"| the run took | {seconds:.0f} s |"
    for section in sections:
        yield ""
        yield from table(section)


def _row(figure: Figure) -> str:
    digits = figure.digits
    least, most = min(figure.rounds), max(figure.rounds)
    spread = f"{least:,.{digits}f} to {most:,.{digits}f}" if len(figure.rounds) > 1 else "one"
    aim = "" if figure.least is None else f"≥ {figure.least:g}"
    median = f"{figure.median:,.{digits}f} {figure.unit}"
    return f"| {figure.what} | {median} | {spread} | {aim} | {VERDICT[figure.reached]} |"
