"""Pure: items become events, as Messenger and Instagram have it in common.

Each file is about one kind of act; `dialect` says what a channel's own table is made of. What a
channel has of its own stands in its folder under `ingest_meta.channels`. No clock, no network, no
logger.
"""
