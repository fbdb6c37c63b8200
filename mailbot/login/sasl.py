"""What a client says to log in with an access token: the mechanisms XOAUTH2 and OAUTHBEARER of SASL.

XOAUTH2 is Google's and Microsoft's own and not in an RFC; OAUTHBEARER is RFC 7628. Both speak first. A server that
refuses the token first sends a reason in JSON and waits for one more, empty answer before it says no.
"""

from typing import Literal

Mechanism = Literal["xoauth2", "oauthbearer"]


def initial_response(mechanism: Mechanism, user: str, token: str, *, host: str = "", port: int = 0) -> bytes:
    """Return the first thing that the client says, before base64; a secret."""
    if mechanism == "xoauth2":
        return f"user={user}\1auth=Bearer {token}\1\1".encode()
    # RFC 5801 section 4: a comma or an equals sign in the name is written as its number.
    name = user.replace("=", "=3D").replace(",", "=2C")
    place = f"\1host={host}\1port={port}" if host and port else ""
    return f"n,a={name},{place}\1auth=Bearer {token}\1\1".encode()


def last_response(mechanism: Mechanism) -> bytes:
    """Return what the client answers to the reason of a refusal, before base64, so that the server says no at last."""
    # RFC 7628 section 3.2.3: a single ^A. XOAUTH2 wants an empty line.
    return b"" if mechanism == "xoauth2" else b"\1"
