"""The ten sources in a process of their own, which no kill reaches, with an append-only log.

`python -m tests.acceptance.kills_sources FOLDER CALLBACK_URL LATENCY`. Sources that answer at once
and the jobs of social insurance are the benchmarks' stub; banks, insurers and securities are the
sandbox's own servers, which hold nothing and say so.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any, Final

import yaml

from connectors.sandbox.sandbox import PaceOptions, Sandbox, run_sandbox
from tests.benchmarks.processes import answering
from tests.benchmarks.stub.configuration import AT_ONCE, sources
from tests.benchmarks.stub.server import Journal, Stub, keyed, serve

LATER: Final = ("bank", "insurance", "securities")
PACE: Final[PaceOptions] = {"callback_delay": 0.05, "callback_pause": 0.2}
_LOOK: Final = 0.05


class Drained:
    """Brings the sandbox's own list of calls into the file, in the same lines as the stub's."""

    def __init__(self, sandbox: Sandbox, path: Path) -> None:
        self._sandbox = sandbox
        self._file = path
        self._seen = 0
        self._since = time.time() - asyncio.get_running_loop().time()

    def drain(self) -> int:
        """The number of calls that are in the file now."""
        calls = self._sandbox.log.calls(since=self._seen)
        self._seen += len(calls)
        with self._file.open("a", encoding="utf-8") as file:
            for call in calls:
                if call.id_number:
                    at, where = call.at + self._since, call.institution or "-"
                    who = keyed(call.id_number)
                    file.write(f"{at:.6f} {call.source} {who} {where}\n")
        return self._seen

    async def run(self) -> None:
        """On and on."""
        while True:
            self.drain()
            await asyncio.sleep(_LOOK)


async def main(folder: Path, callback_url: str, latency: float) -> None:
    """Serves until the input ends; `drained` is answered when the log is whole."""
    log = folder / "calls.log"
    server = await serve(Stub(latency=latency, journal=Journal(log)))
    async with server, run_sandbox({}, folder=folder / "sandbox", **PACE) as sandbox:
        port = server.sockets[0].getsockname()[1]
        names = (*AT_ONCE, "social_insurance")
        configured: dict[str, Any] = sources(port, folder / "fund.sqlite3", names)
        others = sandbox.sources_configuration(callback_url, 0.2)
        configured |= {name: others[name] for name in LATER}
        path = folder / "sources.yaml"
        limits = {name: {"rate": None, "concurrency": 64} for name in configured}
        # One connection to a file server, as is usual, would be all that a run waits for.
        limits |= {"bank": {"concurrency": 8}, "securities": {"concurrency": 8}, "housing_fund": {}}
        document = {"sources": configured, "limits": limits}
        path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
        path.chmod(0o600)
        drained = Drained(sandbox, log)
        running = asyncio.create_task(drained.run())
        await answering({"sources": str(path), "log": str(log)}, {"drained": drained.drain})
        running.cancel()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
