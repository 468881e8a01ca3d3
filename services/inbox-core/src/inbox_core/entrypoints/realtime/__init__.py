"""The realtime rim, inbox-rt/1 (docs/realtime.md).

gateway  → connection → reading, writing     a socket: who may have one, its two halves
hub      → recent                            CHANGES followed once, its newest part in memory
writing, poll → feed → recent | stream       a reader's way through the log
signals, presence                            typing and viewing, droppable
attendance                                   how many people are there, for other services
tickets, cursor, frames, batches             what is on the wire
limits, closing, metrics                     the tables
"""
