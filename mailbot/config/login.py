"""How mailbot logs in at other servers: the keys that a mailbox and the relay have in common."""

from ipaddress import ip_address
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import field_validator, model_validator

from mailbot.config.kinds import MaybeLocation, Section


class LoginSection(Section):
    """How mailbot logs in at another server: with a password, or with access tokens by OAuth 2.0."""

    #: The file with the password of `user`: a secret, mode 0600.
    password_file: MaybeLocation = None
    #: Where tokens are given out; "" to log in with the password.
    oauth_token_url: str = ""
    oauth_client_id: str = ""
    #: The file with the client's secret, mode 0600; none for a public client.
    oauth_client_secret_file: MaybeLocation = None
    oauth_scope: str = ""
    oauth_grant: Literal["client_credentials", "refresh_token"] = "client_credentials"
    #: The file with the refresh token, mode 0600, in a folder that mailbot may write in.
    oauth_refresh_token_file: MaybeLocation = None
    oauth_mechanism: Literal["xoauth2", "oauthbearer"] = "xoauth2"
    #: Certificates to trust at the token endpoint instead of the machine's own.
    oauth_trust: MaybeLocation = None

    @field_validator("oauth_token_url")
    @classmethod
    def _safe_endpoint(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            safe = parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or ""))
            # Reading the port checks it.
            safe = safe and bool(parts.hostname) and parts.port != 0
        except ValueError:
            safe = False
        if url and not safe:
            raise ValueError("is no address of a token endpoint; write one that begins with https://")
        return url

    @model_validator(mode="after")
    def _oauth_whole(self) -> Self:
        if not self.oauth_token_url:
            fields = type(self).model_fields
            for name in (name for name in LoginSection.model_fields if name.startswith("oauth_")):
                if getattr(self, name) != fields[name].default:
                    raise ValueError(f"{name} counts only with oauth_token_url; name the token endpoint")
            return self
        if self.password_file:
            raise ValueError("password_file and oauth_token_url exclude each other; keep the one that the server wants")
        if not self.oauth_client_id:
            raise ValueError("oauth_token_url needs oauth_client_id: what mailbot is registered as")
        needed = f"oauth_{'refresh_token' if self.oauth_grant == 'refresh_token' else 'client_secret'}_file"
        if getattr(self, needed) is None:
            raise ValueError(f"oauth_grant = '{self.oauth_grant}' needs {needed}")
        return self


def _is_here(host: str) -> bool:
    """Is the host this machine, whatever a name server says?"""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
