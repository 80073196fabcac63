"""Headers of every answer, Streamlit's own too; what is closed; and a plain answer where something broke."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import re
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAMES = "BACKSTOP_FRAME_ANCESTORS"  # who may frame the small page of a link with embed=true; unset: anybody
EMBEDDED = "backstop.embedded"  # in a scope: this answer may be framed
# A Share button copies and opens the sheet of the device, a chart fills the screen; nothing else is used.
PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=(), clipboard-write=(self), fullscreen=(self), web-share=(self)"
)
_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
_SOURCE = re.compile(r"[A-Za-z0-9*:/._'-]+")
_LOG = logging.getLogger(__name__)


def policy(html: str) -> str:
    """Return the content security policy of a page, but for who may frame it.

    The scripts that stand in the page itself are named by their hashes, as they belong to a version of
    Streamlit.
    """
    hashes = [
        base64.b64encode(hashlib.sha256(found["code"].encode()).digest()).decode()
        for found in _INLINE.finditer(re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL))
        if "src=" not in found["attributes"]
    ]
    scripts = " ".join(["'self'", "blob:", "'wasm-unsafe-eval'", *(f"'sha256-{one}'" for one in hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'"
    )


def frames() -> str:
    """Return who may frame the small page: the setting, as far as it reads as a list of places."""
    given = os.environ.get(FRAMES, "").split()
    return " ".join(one for one in given if _SOURCE.fullmatch(one)) or "*"


class Headers:
    """Puts the headers on every answer, and answers itself where the app fails before it has begun to."""

    def __init__(self, app: ASGIApp, policy: Callable[[], Awaitable[str]]) -> None:
        self.app, self._policy = app, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False
        told = await self._policy()

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                ancestors = frames() if scope.get(EMBEDDED) else "'self'"
                headers["Content-Security-Policy"] = f"{told}; frame-ancestors {ancestors}"
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault(
                    "Referrer-Policy", "same-origin"
                )  # a page with a secret in its address is stricter
                headers["Permissions-Policy"] = PERMISSIONS
                for name in ("server", "x-powered-by"):
                    if name in headers:
                        del headers[name]
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            _LOG.exception("an answer failed")
            if begun:
                raise
            await PlainTextResponse("500", 500)(scope, receive, send_with_headers)
