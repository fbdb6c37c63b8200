"""Logging in at other servers with access tokens, made from the configuration: for mailboxes and for the relay."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import structlog

from mailbot.app.root import fault
from mailbot.clock import monotonic
from mailbot.config import Config
from mailbot.config.file import read_secret, secret_file
from mailbot.config.login import LoginSection
from mailbot.login.oauth import AccessTokens, Registration
from mailbot.login.secret_files import SecretFiles

log = structlog.get_logger("mailbot.login")


def tokens_of(config: Config, key: str, section: LoginSection, environ: Mapping[str, str]) -> AccessTokens | None:
    """Make what gives the access tokens of a section, None where a password is used. Raises Faults.

    `key` is the section as the file has it, such as `relay` or `mailbox[1]`.
    """
    if not section.oauth_token_url:
        return None
    secret = ""
    if section.oauth_client_secret_file:
        secret_key = f"{key}.oauth_client_secret_file"
        secret = read_secret(section.oauth_client_secret_file, environ, key=secret_key).get_secret_value()
    if section.oauth_trust and not section.oauth_trust.is_file():
        raise fault(config, f"{key}.oauth_trust", f"{section.oauth_trust} is no file; name a PEM file of certificates")
    registration = Registration(
        token_url=section.oauth_token_url,
        client_id=section.oauth_client_id,
        client_secret=secret,
        scope=section.oauth_scope,
        grant=section.oauth_grant,
        refresh_token_file=section.oauth_refresh_token_file,
        trust=section.oauth_trust,
    )
    return AccessTokens(
        registration, monotonic=monotonic, alarm=lambda text: log.error("refresh-token-unwritten", alarm=text)
    )


def login_files(key: str, section: LoginSection) -> Iterator[tuple[str, Path]]:
    """Yield the keys of a section's secrets with the files that they name."""
    for name in ("password_file", "oauth_client_secret_file", "oauth_refresh_token_file"):
        if file := getattr(section, name):
            yield f"{key}.{name}", file


def secret_files(section: LoginSection, environ: Mapping[str, str], *, refresh: bool = True) -> SecretFiles:
    """Return the files that a section takes its secret from, as they are now, with the refresh token or without."""
    # That one is never a credential of systemd's, and is replaced by us.
    token = section.oauth_refresh_token_file if refresh else None
    read = (section.password_file, section.oauth_client_secret_file)
    return SecretFiles([secret_file(file, environ) for file in read if file], [token] if token else [])
