"""The report as a person reads it: plain Markdown, the same on the screen and in docs/results.

Made by __main__.py, piece by piece, as the measurements end. Long runs of tests take `facts`.
"""

from bench.figures import Figure, Section
from bench.machine import Machine

HEAD = "# Speed\n\nMade by `{command}`, unedited. A figure holds for this machine alone.\n"
VERDICT = {True: "reached", False: "not reached", None: ""}


def head(command: str, machine: Machine) -> str:
    """What goes before the figures. `command` is what makes them again."""
    return f"{HEAD.format(command=command)}\n{facts(machine)}"


def facts(machine: Machine) -> str:
    """What the figures hold for, as a table."""
    rows = [f"| {fact} | {value} |" for fact, value in machine.rows]
    return "\n".join(("| Machine | |\n| --- | --- |", *rows)) + "\n"


def table(section: Section) -> str:
    """A section's figures, and what went wrong."""
    lines = [
        f"## {section.title}",
        "",
        *((section.note, "") if section.note else ()),
        "| What | Median | Rounds | Aim | |",
        "| --- | ---: | ---: | ---: | --- |",
        *(_row(figure) for figure in section.figures),
    ]
    if section.errors:
        lines += ["", *(f"**Wrong: {error}**" for error in section.errors)]
    return "\n".join(lines) + "\n"


def _row(figure: Figure) -> str:
    digits = figure.digits
    least, most = min(figure.rounds), max(figure.rounds)
    spread = f"{least:,.{digits}f} to {most:,.{digits}f}" if len(figure.rounds) > 1 else "one"
    aim = "" if figure.least is None else f"≥ {figure.least:g}"
    if figure.most is not None:
        aim = f"≤ {figure.most:g}"
    median = f"{figure.median:,.{digits}f} {figure.unit}"
    return f"| {figure.what} | {median} | {spread} | {aim} | {VERDICT[figure.reached]} |"
