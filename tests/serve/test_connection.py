"""What is written to a connection is sent together, in order, and before it closes."""

import asyncio

import loops
import pytest

pytest.importorskip("uvicorn")

from mini_infer.serve.connection import JoinedTransport


class Transport:
    """Notes what is done to it."""

    def __init__(self):
        self.done = []

    def write(self, data):
        self.done.append(data)

    def close(self):
        self.done.append("closed")

    def is_closing(self):
        return "closed" in self.done


def done(act):
    """What a transport is told when `act` writes, while the event loop turns once where `act` yields."""
    plain = Transport()

    async def main():
        for _ in act(JoinedTransport(plain, asyncio.get_running_loop())):
            await asyncio.sleep(0)
            plain.done.append("turn")
        await asyncio.sleep(0)

    loops.run(main())
    return plain.done


def test_what_is_written_in_one_turn_is_sent_together():
    def act(joined):
        joined.write(b"head ")
        joined.write(b"body")
        yield
        joined.write(b"next")

    assert done(act) == [b"head body", "turn", b"next"]


def test_what_is_large_is_not_copied():
    large = bytes(1 << 16)

    def act(joined):
        joined.write(b"head")
        joined.write(large)
        joined.write(b"tail")
        yield

    made = done(act)
    assert made == [b"head", large, b"tail", "turn"]
    assert made[1] is large


def test_closing_sends_first():
    def act(joined):
        joined.write(b"last")
        joined.close()
        assert joined.is_closing()
        yield

    assert done(act) == [b"last", "closed", "turn"]
