"""The whole addresses of visitors, sealed: forgotten when they are old. Called by the worker."""

from datetime import datetime, timedelta

from inbox_core.app.ports import Store

LIMIT = 5000
"""Addresses at a time."""


async def forget_ips(store: Store, kept_for: timedelta, now: datetime) -> int:
    """Delete the oldest of those that were kept for long enough; how many."""
    async with store.begin() as uow:
        return await uow.forget_ips(now - kept_for, LIMIT)
