"""Whatever a tool asks: an answer for each query, in order of likelihood, and no whole name."""

import json
import re
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reconciliation.parts import asked
from tests.reconciliation.schemas import check
from tests.service_parts import CHILD, HEAD, NAMES, SPOUSE, SUPPORTER, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
_NUMBERS: Final = (HEAD, SPOUSE, CHILD, SUPPORTER)
_KNOWN: Final = (
    *(*NAMES.values(), *_NUMBERS, "220102-2026-000123", "220102003", "urban_dibao", "1980-03-07"),
    *(
        "长春市南关区民康街道平阳街12号3栋2单元501室",
        "男",
        "2",
        f"229901********{HEAD[14:]}",
        HEAD[:17],
    ),
)
_TEXT: Final = st.sampled_from(_KNOWN) | st.text(max_size=12)
_VALUE: Final = (
    _TEXT
    | st.booleans()
    | st.integers(-9, 9_000_000)
    | st.fixed_dictionaries({"id": _TEXT}, optional={"name": _TEXT})
)
_PIDS: Final = ("id_number", "birth_date", "sex", "address", "phone", "former_name", "employer")
_PROPERTY: Final = st.fixed_dictionaries(
    {
        "pid": st.sampled_from((*_PIDS, "region", "case_reference", "id_type", "x")),
        "v": _VALUE | st.lists(_VALUE, max_size=3),
    }
)
_TYPE: Final = st.sampled_from(["person", "household", "region", "programme", "x"])
_QUERY: Final = st.fixed_dictionaries(
    {"query": _TEXT},
    optional={
        "type": _TYPE | st.lists(_TYPE, max_size=4),
        "limit": st.integers(1, 99) | st.sampled_from([1.0, 9.0]),
        "properties": st.lists(_PROPERTY, max_size=4),
        "type_strict": st.sampled_from(["any", "should", "all"]),
    },
)
_BATCH: Final = st.dictionaries(st.text(max_size=6), _QUERY, max_size=5)
_WHOLE: Final = re.compile("|".join((*NAMES.values(), *_NUMBERS)))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=_BATCH)
async def test_every_batch_is_answered_by_the_standard(
    shared: Running, batch: dict[str, Any]
) -> None:
    """Characters that JSON cannot carry are none of a batch."""
    text = json.dumps(batch)
    if "\\u0000" in text or re.search(r"\\ud[89a-f]", text):
        return
    reply = await asked(shared, "/v1/reconcile", text, shared.headers)
    assert reply.status_code == httpx.codes.OK, reply.text
    answer = reply.json()
    check("reconciliation-result-batch", answer)
    assert answer.keys() == batch.keys()
    for one in answer.values():
        scores = [candidate["score"] for candidate in one["result"]]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 100 for score in scores)
        assert len(scores) <= 10
        assert not _WHOLE.search(json.dumps(one, ensure_ascii=False))
