"""A connection that sends the head and the body of an answer together.

uvicorn writes each of them at once, which is two calls of the system and wakes the client twice; for small answers that
is a third of the time that a request takes.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_LARGE = 1 << 16
"""Bytes; what is larger is not copied to be sent together with what is before it."""


class JoinedTransport:
    """A transport whose writes are sent when the event loop goes on; everything else is that transport's."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send bytes behind those that were written before."""
        if len(data) >= _LARGE:
            self._send()
            self._transport.write(data)
            return
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)

    def close(self) -> None:
        """Send what was written, and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._parts:
            parts, self._parts = self._parts, []
            self._transport.write(b"".join(parts))


class Connection(AutoHTTPProtocol):  # type: ignore[valid-type, misc] # one of two classes
    """uvicorn's protocol on such a transport."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; called by the event loop."""
        super().connection_made(JoinedTransport(transport, self.loop))
