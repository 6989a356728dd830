"""Writes the table of the security page from what tests showed: promise, test, cases, last result.

`make security-table` runs the tests that carry a promise and then this.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

DOCUMENT: Final = Path(__file__).parents[1] / "docs/site/en/explanation/security.md"
BEGIN: Final = "<!-- promises: made by `make security-table` -->"
END: Final = "<!-- end of promises -->"
PROMISES: Final = {
    1: "A source that fails is unknown, never nothing",
    2: "A stranger's record enters no profile",
    3: "Money is exact from the wire to the decision",
    4: "Killed at any moment, nothing is lost or doubled",
    5: "A disk that fails or is full loses nothing acknowledged",
    6: "Nothing is acknowledged before it is synced",
    7: "A commit whose answer was lost takes effect once",
    8: "Without its database the service says so, and recovers",
    9: "The same request twice is one verification",
    10: "A wrong clock neither doubles nor blocks work",
    11: "Upgrades and restores keep everything",
    12: "No question is sent without a consent that holds at that moment",
    13: "A caller for one programme gets that programme's sources and fields",
    14: "A region sees its own rows alone",
    15: "Every role may do what its row says, nothing else",
    16: "Nobody looks at a person without a case or a second person's word",
    17: "A person can see who looked",
    18: "Only a registered client with a short token gets in",
    19: "Staff sign in with two factors, and guessing does not pay",
    20: "Nothing personal reaches a log, an error, a metric or a temporary file",
    21: "A stolen database tells nothing",
    22: "Keys are changed while work goes on",
    23: "What is erased is gone",
    24: "The audit trail cannot be bent unseen",
    25: "No request makes the service fail",
    26: "A hostile file does no harm",
    27: "Outgoing addresses lead nowhere else",
    28: "One caller cannot take the service from the others",
    29: "What the service stands on is known",
    30: "An unsafe service does not start",
}


def rows(seen: Iterable[dict[str, Any]]) -> list[str]:
    """The table's lines, by promise and test."""
    lines = ["| promise | | test | cases | last result |", "|---|---|---|---|---|"]
    named = 0
    for one in sorted(seen, key=lambda each: (each["promise"], each["test"])):
        words = PROMISES[one["promise"]] if one["promise"] != named else ""
        named = one["promise"]
        cells = (one["promise"], words, f"`{one['test']}`", f"{one['cases']:,}", one["result"])
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return lines


def main(results: Path, day: str) -> None:
    """Replace what stands between the marks."""
    seen = json.loads(results.read_text("utf-8"))
    text = DOCUMENT.read_text("utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    told = f"{len(seen)} tests, {sum(one['cases'] for one in seen):,} cases, run on {day}."
    body = "\n".join([BEGIN, "", told, "", *rows(seen), "", END])
    DOCUMENT.write_text(before + body + after, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
