"""Proofs of identity, as a site's own server makes them for whoever is logged in. Pure.

A JWT, HS256 under the channel's secret, good for five minutes and used once: docs/widget has the
other form, and examples in other languages.
"""

import time
import uuid

import jwt

GOOD_S = 300
CUSTOMERS = {
    "anna": ("customer-1001", "Anna Lind", "anna@shop.example"),
    "bilal": ("customer-1002", "Bilal Haddad", "bilal@shop.example"),
}
"""Who has an account here: name at login → the shop's own id, name, address."""


def proof(customer: str, secret: str) -> dict[str, str]:
    """What `sluice.identify` takes. Raises KeyError for nobody's name."""
    user_id, name, email = CUSTOMERS[customer]
    claims = {
        "sub": user_id,
        "exp": int(time.time()) + GOOD_S,
        "jti": str(uuid.uuid4()),
        "name": name,
        "email": email,
    }
    return {"jwt": jwt.encode(claims, secret, algorithm="HS256")}
