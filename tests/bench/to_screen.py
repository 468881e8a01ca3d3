"""From the webhook to an open screen, through the whole stack, at a steady rate (screen.py)."""

from bench import programs
from bench.driver import generate, job
from bench.figures import Section
from bench.screen import SETTLE_S, ScreenJob, ScreenResult
from bench.sizes import Size
from bench.stack import Stack


def measure(size: Size, stack: Stack) -> Section:
    """inbox-core in all its roles; every round posts new messages of known contacts."""
    section = Section("webhook to screen")
    with programs.service("inbox-core", ("api", "relay", "worker"), stack.facts, stack.logs):
        results = [_round(size, stack) for _ in range(size.rounds)]
    for result in results:
        section.expect_none(result.refused, "webhooks not answered 200")
        section.expect_none(result.missing, "messages accepted and not shown")
        section.expect_none(result.twice, "messages shown twice")
    rate = f"at {size.screen_rate:g} messages/s"
    for key, quantile in (("p50", "p50"), ("p99", "p99"), ("slowest", "most")):
        latency = [getattr(result.to_screen_ms, quantile) for result in results]
        what = f"POST begun → frame on the socket, {rate}, {key}"
        section.add(f"screen.{quantile}", what, "ms", latency, digits=1)
    answers = [result.to_answer_ms.p99 for result in results]
    section.add("answer.p99", f"POST begun → 200, {rate}, p99", "ms", answers, digits=1)
    return section


def _round(size: Size, stack: Stack) -> ScreenResult:
    warm = round(size.screen_rate * size.screen_warm_s)
    seconds = size.screen_s + size.screen_warm_s
    count = warm + round(size.screen_rate * size.screen_s)
    asked = job(
        stack.ingest,
        stack.facts.secrets.meta_app_secret,
        count=count,
        seconds=seconds,
        contacts=size.contacts,
        connections=size.connections,
    )
    task = ScreenJob(job=asked, stack=stack.file, rate=size.screen_rate, warm=warm)
    return ScreenResult.model_validate_json(
        generate("screen", task.model_dump_json(), seconds + SETTLE_S)
    )
