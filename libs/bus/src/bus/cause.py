"""Names an unforeseen error in a log or a dead letter without quoting it."""

from pathlib import Path


def cause(error: BaseException) -> str:
    """The class of an error and the line that raised it; its message may quote a person.

    It reads `builtins.KeyError in inbox_core/app/receive.py:41`.
    """
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if frame is None:
        return kind
    path = "/".join(Path(frame.tb_frame.f_code.co_filename).parts[-3:])
    return f"{kind} in {path}:{frame.tb_lineno}"
