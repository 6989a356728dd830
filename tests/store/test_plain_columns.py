"""Every column that is not sealed, and why it may stand in plain text.

What is of a person or an amount is sealed (`sealed_…`), keyed (an index), or a sum over many. The
value of a column that is new in the metadata must be thought about: it fails here until it is.
"""

from collections.abc import Mapping
from typing import Final

import pytest
import sqlalchemy as sa

from app.store.base import Instant, metadata
from app.store.crypto.keyring import COLUMNS, EVERY_OTHER
from app.store.sealed_columns import SEALED
from tests.service_parts import Running  # noqa: F401 - so that the metadata is whole

_NAMES: Final[Mapping[str, str]] = {
    "an id that we made, or the place of a row": """
        alert_id batch_id bucket copy correlation_id event_id evidence_id fence file_id first
        first_row id item_id kid last last_verification_id number objection_id owner_id part
        parts_read place position recheck_id recheck_of recipient_id request_id reused_from reverses
        row sample_id sequence value verification_id withdraws""",
    "a word of a closed list": """
        action basis cadence choice class code column columns consent dialects difference events
        failure favours
        format institution institutions kind lane language link media_type origin outcome
        owner_kind programme programmes proposal purpose purposes reason reason_code role rule
        scopes source span standard state status stratum true_outcome type value_kind variant why
        why_closed why_due why_ended""",
    "a number of things, of no person alone": """
        answered asked attempts broken cancelled changed confirmed count days decisions decisive
        failed failures final high hits hours household_size households judged low middle
        milliseconds misdeclared months no_record not_asked not_confirmed not_declared rates
        reading records rejected_rows repeats requested rows size slots stopped subjects suspended
        taken timed total totp_step trials tries under_declared undetermined wanted""",
    "chosen by the case system; holds no identity number (verification/checks.py)": """
        case_reference consent_reference person ref reference refs""",
    "chosen by the case system for its own request": "idempotency_key key",
    "an administrative division, never an address": "area city county region",
    "an account of staff, a client or a process": """
        actor added_by agreed_by assigned_by assigned_to client_id counted_by decided_by ended_by
        first_clerk first_reviewer granted_by handler holder leased_by locked_by login made_by
        muted_by oidc_subject ordered_by prepared_by proposed_by registered_by requested_by
        reviewer second_clerk second_reviewer staff_id subject""",
    "a day or a version on which something holds, of no birth": """
        as_of consent_until data_as_of day due_on enrolled_on last_verified_on month received_on
        sent_on until_on valid_until version""",
    "an HMAC with a key that is not in the database": """
        address_key body_index code_hash enrolment_hash fact_index household_index household_key
        key_hash mac message_index other_person_key person_index person_key previous secret_hash
        token_hash""",
    "argon2id of a password": "password_hash",
    "of the audit trail and of reports: digests, signatures, and where they were taken to": """
        after algorithm anchor entries hash key_id receipt signature signer""",
    "an address of a case system, agreed by two persons": "pattern",
    "of a partner system: names, addresses and public keys, as an operator entered them": """
        consent_jwks jwks jwks_uri receiver_ids sender_id sender_uris""",
    "a partner's own name of a programme of its own": "programme_identifier",
    "SHA-256 of a whole document; what stands in it is not guessed from it": """
        content_digest digest frame_digest jti_digest raw_digest record_index sm3_digest""",
    "a probability that a decision is wrong, or a rank by it": """
        confirmed_ppm error_rate error_rate_high error_rate_low expected_reduction high_ppm
        inclusion low_ppm middle_ppm predicted probability rank refused_ppm second_probability
        seed""",
    "codes and words of ours, which quote no value (test_stolen_files.py)": """
        detail details last_error""",
    "how far a source was off, as a ratio: no amount": "log_ratio",
    "names and versions of what judged": "model",
    "of a client, a process, a duty, a counter, or a file: day and running number": "name",
    "the id of what an audit entry is about": "object",
    "expected fen paid wrongly, of all decisions of a county and month together": """
        over_fen under_fen""",
    "the number of a written request, never its text": "document",
    "refs of persons, or how many there are": "persons",
    "of a data key: which one, wrapped by a key that is elsewhere": """
        form suite target work wrapped wrapped_by""",
    "of the audit trail: digests, signatures, and where they were taken to": """
        after algorithm anchor entries hash key_id receipt signature signer""",
}
WHY_PLAIN: Final = {name: why for why, names in _NAMES.items() for name in names.split()}
"""By name: one noun keeps its name in all tables. Flags and instants are told by their types."""


def _plain() -> list[sa.Column[object]]:
    return [
        column
        for table in metadata.sorted_tables
        for column in table.c
        if not column.name.startswith(SEALED) and not isinstance(column.type, Instant | sa.Boolean)
    ]


@pytest.mark.promise(21)
@pytest.mark.parametrize("column", _plain(), ids=str)
def test_every_plain_column_says_why(column: "sa.Column[object]") -> None:
    """Planted: a column `phone` in `recipient`: that column and the list of names failed."""
    assert column.name in WHY_PLAIN, f"{column}: seal it, or say why it may stand in plain text"


def test_no_reason_is_left_over() -> None:
    assert set(WHY_PLAIN) == {column.name for column in _plain()}


def test_indexes_with_a_key_of_their_own_are_columns() -> None:
    """`recipient.household_index` and the like: table and column, but for the one of all others."""
    for name in COLUMNS:
        if name != EVERY_OTHER:
            table, column = name.split(".")
            assert column in metadata.tables[table].c
