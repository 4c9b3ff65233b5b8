"""Credentials on HTTP: the secret is fetched by reference, put on the request, and kept out of every message."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse, DigestAuthMiddleware

from claw.errors import CredentialWrong
from claw.model.form import Endpoint
from claw.protocols.binding import Secrets

DEFAULT_USER = "admin"
MAX_REFUSAL = 64 * 1024


class _Digest(DigestAuthMiddleware):
    """Digest by RFC 7616 (MD5 and SHA-256) that finishes with the refusal before it asks again.

    aiohttp's own leaves the 401 unread, which costs a second connection to a device that may have two.
    """

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Answer a challenge once."""

        async def drained(request: ClientRequest) -> ClientResponse:
            response = await handler(request)
            if response.status == 401:  # noqa: PLR2004 - Unauthorized
                size = 0
                async for piece in response.content.iter_any():
                    size += len(piece)
                    if size > MAX_REFUSAL:
                        response.close()
                        break
            return response

        return await super().__call__(request, drained)


@dataclass(frozen=True, slots=True)
class Signed:
    """A request with its credential on it. `given` is false when the store has none."""

    href: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    middlewares: tuple[ClientMiddlewareType, ...] = ()
    given: bool = False
    hidden: tuple[str, ...] = field(default=(), repr=False)

    def hide(self, text: str) -> str:
        """`text` without the secret in any spelling that we sent."""
        for word in self.hidden:
            text = text.replace(word, "***")
        return text

    def leaks(self, error: BaseException | None) -> bool:
        """Whether an exception, or what it came from, shows the secret."""
        while error is not None:
            if any(word in f"{error} {error!r}" for word in self.hidden):
                return True
            error = error.__cause__ or error.__context__
        return False


class Credentials:
    """Puts an endpoint's secret on requests."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._digests: dict[Endpoint, tuple[str, _Digest]] = {}

    async def sign(self, endpoint: Endpoint, href: str) -> Signed:
        """The request with its credential, or without one while nobody has given it. Raises CredentialWrong."""
        if endpoint.auth == "none" or not endpoint.secret:
            return Signed(href)
        secret = (await self._secrets.get(endpoint.secret) or "").strip()
        if not secret:
            return Signed(href)
        if not secret.isprintable():
            raise CredentialWrong(f"The credential of {endpoint.host} holds control characters; give it again.")
        quoted = quote(secret, safe="")
        hidden = [secret, quoted]
        headers: dict[str, str] = {}
        middlewares: tuple[ClientMiddlewareType, ...] = ()
        match endpoint.auth:
            case "uri":
                href = href.replace(f"{{{endpoint.auth_name}}}", quoted)
            case "header":
                headers[endpoint.auth_name] = secret
            case "bearer":
                headers["Authorization"] = f"Bearer {secret}"
            case "basic":
                user, password = self._login(endpoint, secret)
                token = b64encode(f"{user}:{password}".encode()).decode()
                headers["Authorization"] = f"Basic {token}"
                hidden += [token, password]
            case "digest":
                user, password = self._login(endpoint, secret)
                middlewares = (self._digest(endpoint, user, password),)
                hidden.append(password)
            case other:
                raise CredentialWrong(f"The adapter wants the credential in {other!r}, which HTTP does not know.")
        hidden = sorted(filter(None, set(hidden)), key=len, reverse=True)
        return Signed(href, headers, middlewares, given=True, hidden=tuple(hidden))

    def forget(self, endpoint: Endpoint) -> None:
        """Drop the digest session of an endpoint."""
        self._digests.pop(endpoint, None)

    @staticmethod
    def _login(endpoint: Endpoint, secret: str) -> tuple[str, str]:
        """User and password: the endpoint may name the user; else the secret is `user:password`."""
        if endpoint.auth_name:
            return endpoint.auth_name, secret
        user, colon, password = secret.partition(":")
        return (user, password) if colon else (DEFAULT_USER, secret)

    def _digest(self, endpoint: Endpoint, user: str, password: str) -> _Digest:
        known = self._digests.get(endpoint)
        if known is None or known[0] != password:
            known = (password, _Digest(user.replace(":", ""), password))
            self._digests[endpoint] = known
        return known[1]
