"""A command becomes one call to Graph, and the call's end a result on the bus. Role `deliver`.

`sender` holds the control flow, `requests` makes the body of the call, `channels` knows the
credentials, `pace` who must wait, `results` what inbox-core is told.
"""
