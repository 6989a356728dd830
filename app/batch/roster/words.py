"""What is told of a rejected row: a stable code, and words that never hold a person's value."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "cell.too_long": "a cell has more than 4,000 characters, or quotes that are not closed",
    "cell.control_characters": "control characters are not allowed",
    "cell.unreadable": "characters of another encoding than the file's, or a formula's error",
    "cell.lost_digits": "kept as a number, of which a spreadsheet keeps 15 digits: make it text",
    "id_number.lost_digits": (
        "kept as a number, of which a spreadsheet keeps 15 digits: make the column text and key "
        "the numbers again"
    ),
    "row.malformed": "not a row of this format (quotes, or no flat JSON object)",
    "row.too_many_cells": "more cells than the header: an unquoted delimiter?",
    "row.totals": "a row of totals, and no person",
    "row.repeated": "the same as an earlier row of the household",
    "household.rejected": "another row of the household is rejected",
    "household.too_large": "a household has at most 40 members",
    "household.differs": "the rows of a household must agree here",
    "case_reference.missing": "every row names its case",
    "case_reference.too_long": "at most 100 characters",
    "region.missing": "the household's region is missing",
    "region.invalid": "6, 9 or 12 digits (GB/T 2260, GB/T 10114)",
    "region.outside": "outside the client's own region",
    "programme.missing": "the household's programme is missing, and the batch has no default",
    "programme.unknown": "no such programme",
    "programme.not_allowed": "the client may not ask for this programme",
    "programme.too_many": "at most 30 programmes",
    "programme.no_standard_in_force": "no standard of a programme is in force there on that day",
    "ref.invalid": "1 to 40 letters, digits, dots, dashes or underscores",
    "ref.repeated": "another person of the household has this ref",
    "name.missing": "the name is missing",
    "name.too_long": "at most 100 characters",
    "id_type.missing": "the kind of document is missing",
    "id_type.unknown": "no such kind of document",
    "id_number.missing": "this kind of document needs a number",
    "id_number.not_expected": "without a document there is no number",
    "id_number.too_long": "at most 40 characters",
    "id_number.invalid": (
        "not a resident identity number: 18 characters with a real date and its check character, "
        "or 15 digits (GB 11643)"
    ),
    "id_number.repeated": "another row of the household has this number",
    "relationship.missing": "the relation to the head is missing",
    "relationship.unknown": "no such relationship",
    "relationship.two_heads": "another row of the household is its head",
    "consent_reference.too_long": "at most 100 characters",
    "consent_valid_until.missing": "a consent has a last day",
    "consent_valid_until.invalid": "a day, YYYY-MM-DD",
    "consent_sources.unknown": "keys of sources, several by `;` or `|`",
    "consent.programme_not_covered": "the consent was not given for a programme of the household",
    "consent.guardian_may_not_sign": (
        "the ref of somebody of 18 or older in the household who signed and has no guardian"
    ),
    "registered_region.invalid": "4 to 12 digits (GB/T 2260), a city at least",
    "ref.unknown": "no person of the household has this ref",
    "consent.no_adult_has_signed": "no row of a member of 18 or older names a consent",
    "declared_monthly_income.invalid": "yuan with at most two places",
    "address.too_long": "at most 300 characters",
    "birth_date.invalid": "a day, YYYY-MM-DD",
    "in_school.invalid": "yes or no 是 否",
    "class.invalid": "a class is a word of at most 64 characters",
}
