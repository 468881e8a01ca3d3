"""The frames of widget-rt/1, both ways; docs/widget/protocol.md tells their story.

A frame is one JSON object, `t` is its type. They travel in WebSocket text messages, or in the
bodies of the long poll, and mean the same in both. Within proto 1 fields are only added, and both
ends ignore fields they do not know. A client's frame of an unknown type is a protocol error; a
client ignores the server's.

    said     what a client sends
    told     what a client is told
    codec    frames as bytes
    frame    what both ways share, and the bounds
"""
