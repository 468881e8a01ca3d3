"""The media role: what people sent lies with the platform, and is copied into the filestore.

handler     a FetchMedia command: links → copying → result on the bus
links       where a file lies now: each platform's own way to say it
copying     one download into the store, checked: size, type, digest
avatars     pictures of people, for profiles.py

Runs beside receiving: a message is on screen before its files are here, and none is lost for them.
"""
