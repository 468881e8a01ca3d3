"""Pure: the items of a webhook become events. Called by http, later by renormalization.

`bodies` takes all items of one body and holds the count, `items` is the table of kinds,
`people` finds out who wrote, `fields` reads single values. No clock, no network, no logger.
"""
