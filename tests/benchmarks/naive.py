"""What is written in a hurry: a client a call, one source after another, a commit a row."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import httpx
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from connectors.housing_fund.statement import parameters_for
from tests.benchmarks.bare import ViewReader
from tests.benchmarks.households import Chain


class _Base(DeclarativeBase):
    pass


class _Reply(_Base):
    __tablename__ = "reply"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    body: Mapped[bytes]
    digest: Mapped[str]


class _Profile(_Base):
    __tablename__ = "profile"
    id: Mapped[int] = mapped_column(primary_key=True)
    replies: Mapped[int]


class Naive:
    """One household at a time."""

    def __init__(self, folder: Path, view: ViewReader) -> None:
        self._view = view
        self._engine = sa.create_engine(f"sqlite:///{folder / 'naive.sqlite3'}")
        _Base.metadata.create_all(self._engine)

    async def verify(self, chains: Sequence[Chain]) -> None:
        """Everything one after another."""
        with Session(self._engine) as session:
            for chain in chains:
                body = await self._answer(chain)
                digest = sha256(body).hexdigest()
                session.add(_Reply(source=chain.source, body=body, digest=digest))
                session.commit()
            session.add(_Profile(replies=len(chains)))
            session.commit()

    async def _answer(self, chain: Chain) -> bytes:
        if not chain.calls:
            values = parameters_for(name=chain.name, id_number=chain.id_number)
            return repr(await self._view.rows(values)).encode()
        body = b""
        for call in chain.calls:
            async with httpx.AsyncClient() as http:
                reply = await http.request(
                    call.method, call.url, headers=dict(call.headers), content=call.body or None
                )
                body = reply.content
        return body

    def close(self) -> None:
        self._engine.dispose()
