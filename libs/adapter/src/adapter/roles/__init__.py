"""The roles of an adapter, put together: what every main() of a platform builds the same way.

ground    the bus, and the accounts with their credentials: what the roles stand on
receive   webhooks → INBOUND; raw items normalized anew
deliver   sends and actions → the platform; channel types announced and credentials checked
media     files and profiles → the filestore

A main() makes the ground first, then the roles it has, and receive last: parts stop in reverse, so
the doors close before what is behind them.
"""
