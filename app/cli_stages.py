"""Commands that run on the service's own stages; an error of ours is one line, not a traceback."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from app.cli_saying import refuse
from app.domain.errors import HeduiError
from app.settings import Settings
from app.wiring import Stages, stages

T = TypeVar("T")


def with_stages(settings: Settings, work: Callable[[Stages], Coroutine[Any, Any, T]]) -> T:
    """What the work gives, once everything is closed again."""

    async def run() -> T:
        async with stages(settings) as built:
            return await work(built)

    try:
        return asyncio.run(run())
    except HeduiError as error:
        refuse(str(error))
