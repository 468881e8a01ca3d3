"""The lines of visitors: everything from an open socket to the bus and back.

socket, poll       → line       what carries frames, and the one logic behind it
requests           → speech     what a client says; receipts of what it has seen
story              → pulling    what it is told of the past
hub                             which lines there are; live news (news.py) to those they concern
history, views                  what inbox-core tells of a visitor's threads, as frames
normalize                       frames as events, pure
sweeper, presence               what is done for all lines at once
front                           puts them together
"""
