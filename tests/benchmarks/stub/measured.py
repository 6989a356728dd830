"""Households of the stub, as the clients of the benchmarks take them."""

import orjson

from app.api.schemas.verification import VerificationIn
from tests.benchmarks.households import Call, Chain, Measured
from tests.benchmarks.stub.asking import chains_of
from tests.benchmarks.stub.configuration import AT_ONCE
from tests.benchmarks.stub.people import application, household

_BY_STATEMENT = "housing_fund"


def measured(number: int, url: str) -> Measured:
    """The household's application, and its calls of sources that answer at once."""
    body = application(number)
    return Measured(
        body=orjson.dumps(body),
        request=VerificationIn.model_validate(body).to_domain(),
        chains=(*_over_http(number, url), *_by_statement(number)),
        replies=(),
        statuses=(),
    )


def _over_http(number: int, url: str) -> list[Chain]:
    persons = {one.ref: one for one in household(number)}
    names = [name for name in AT_ONCE if name != _BY_STATEMENT]
    return [
        Chain(
            chain.source,
            persons[chain.refs[0]].name,
            persons[chain.refs[0]].id_number,
            tuple(
                Call(
                    chain.source,
                    one.method,
                    url + one.target,
                    {"Content-Type": one.kind} if one.kind else {},
                    one.body,
                )
                for one in chain.calls
            ),
        )
        for chain in chains_of(number, names, together=True)
    ]


def _by_statement(number: int) -> list[Chain]:
    return [Chain(_BY_STATEMENT, one.name, one.id_number, ()) for one in household(number)]
