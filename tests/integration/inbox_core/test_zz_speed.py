import cProfile, pstats
from support.events import message
from support.inbox import Inbox
from inbox_core.app.receive import receive
async def test_speed(inbox: Inbox):
    people = 500
    batches = [[message(f"w.{b}.{n}", f"49{(b*150+n) % people:08}", f"t{n}") for n in range(150)] for b in range(40)]
    for b in batches[:8]:
        await receive(inbox.worker, b, inbox.now)
    p=cProfile.Profile(); p.enable()
    for b in batches[8:]:
        await receive(inbox.worker, b, inbox.now)
    p.disable()
    pstats.Stats(p).sort_stats("tottime").print_stats(28)
