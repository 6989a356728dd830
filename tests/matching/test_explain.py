"""Why two people are held to be one: differences aligned, named, adding up, and maskable."""

import json
import math
import re
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.alike import Unit
from matching.explain import (
    Explanation,
    FieldExplanation,
    Language,
    Span,
    SpanKind,
    as_document,
    explain,
    explain_comparison,
    field_name,
    masked,
    value_name,
)
from matching.explain.explanation import Counted, NoteCode
from matching.explain.fields import PAIRS
from matching.explain.names import OF_UNIT
from matching.explain.parts import part_names
from matching.explain.phrases import phrases
from matching.explain.spans import text_spans
from matching.explain.words import prior_words
from matching.identity import Identity, Sex
from matching.levels import Level
from matching.pair import compare, prepare
from matching.policy import judge
from matching.weights import Odds, load_weights, log_odds, probability_of
from tests.matching.registers import number

WEIGHTS = load_weights()
N = number(date(1980, 3, 7), 123)
SLIP = N[:16] + "8" + N[17]
STRANGERS = number(date(1971, 11, 28), 486)
PERSON = Identity(
    name="李明",
    id_number=N,
    birth_date=date(1980, 3, 7),
    sex=Sex.MALE,
    address="长春市南关区民康街道平阳街12号3栋2单元501室",
    household_number="220102000001",
    phone="19912345678",
    employer="长春市福兴食品有限公司",
)
STARS = re.compile(r"[^*]")


def found(claim: Identity, person: Identity = PERSON) -> Explanation:
    return explain(prepare(person), prepare(claim), WEIGHTS)


def differing(field: FieldExplanation) -> list[tuple[str, str, str]]:
    return [
        (str(span.kind), span.left, span.right)
        for span in field.spans
        if span.kind is not SpanKind.SAME
    ]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A valid number, or what clerks, masks and spreadsheets leave of one."""
    born = draw(st.dates(date(1930, 1, 1), date(2020, 12, 31)))
    full = number(born, draw(st.integers(1, 995)))
    place = draw(st.integers(0, 16))
    slip = full[:place] + draw(st.sampled_from("0123456789")) + full[place + 1 :]
    swap = full[:place] + full[place : place + 2][::-1] + full[place + 2 :]
    short = full[:place] + full[place + 1 :]
    hidden = full[:6] + "********" + full[14:]
    return draw(st.sampled_from([full, slip, swap, short, hidden, full[:6] + full[8:17], "无"]))


def names() -> st.SearchStrategy[str]:
    text = st.text("李黎明眀鸣王芳婷欧阳曲䶮?朴金", min_size=1, max_size=5)
    known = [
        "李明",
        "LI MING",
        "LIMING",
        "明李",
        "李 明",
        "阿不都·买买提",
        "阿卜杜买买提",
        "李某",
        "曲\ue863",
    ]
    return st.sampled_from(known) | text


def addresses() -> st.SearchStrategy[str]:
    road = st.builds(
        "{}{}{}号{}栋{}".format,
        st.sampled_from(["", "长春市南关区", "南关区民康街道", "吉林省长春市朝阳区"]),
        st.sampled_from(["平阳街", "卫星路"]),
        st.integers(1, 30),
        st.integers(1, 4),
        st.sampled_from(["", "501室", "2单元501室", "2单元502室"]),
    )
    return road | st.sampled_from(["幸福村3组61号", "平阳街十二号3-2-501", "不详"])


def people() -> st.SearchStrategy[Identity]:
    """Generated people: few values, so that fields agree often, and slips of every kind."""
    return st.builds(
        Identity,
        name=st.none() | names(),
        former_names=st.sampled_from([(), ("李明",), ("王亮", "李明")]),
        id_number=st.none() | st.just(N) | numbers(),
        birth_date=st.none() | st.sampled_from([date(1980, 3, 7), date(1980, 7, 3)]) | st.dates(),
        sex=st.none() | st.sampled_from(list(Sex)),
        address=st.none() | addresses() | st.text(max_size=6),
        household_number=st.none() | st.sampled_from(["220102000001", "220102000002"]),
        phone=st.none()
        | st.from_regex(r"1[39]9\d{2}0000\d{2}", fullmatch=True)
        | st.just("1**45678901"),
        employer=st.none() | st.sampled_from(["长春市福兴食品有限公司", "福兴食品厂", "永通物流"]),
    )


@pytest.mark.parametrize(
    ("changed", "field", "differences", "zh", "en"),
    [
        ({"id_number": SLIP}, "id_number", [("replaced", "3", "8")],
         "第17位不同：3 与 8；记录校验码错误",
         "digit 17 differs: 3 and 8; the check character is wrong (the record)"),
        ({"id_number": N[:14] + N[15] + N[14] + N[16:]}, "id_number", [("transposed", "12", "21")],
         "第15至16位颠倒：12 与 21", "digits 15 to 16 swapped: 12 and 21"),
        ({"id_number": N[:14] + "321" + N[17]}, "id_number", [("transposed", "123", "321")],
         "第15至17位颠倒：123 与 321", "digits 15 to 17 swapped: 123 and 321"),
        ({"id_number": N[:4] + N[5:]}, "id_number", [("deleted", "0", "")],
         "仅本人有：0；记录号码位数不对", "only with the person: 0"),
        ({"id_number": f"{N[:6]}********{N[14:]}"}, "id_number", [("hidden", N[6:14], "********")],
         "第7至14位有一方隐去", "digits 7 to 14 hidden on one side"),
        ({"id_number": N[:6] + N[8:17]}, "id_number", [], "记录为15位号码", "15 digits"),
        ({"name": "李眀"}, "name", [("variant", "明", "眀")],
         "第2字为异体或繁简字：明 U+660E 与 眀 U+7700",
         "character 2: variant forms of one character: 明 U+660E and 眀 U+7700"),
        ({"name": "李鸣"}, "name", [("homophone", "明", "鸣")],
         "第2字同音不同字：明 míng 与 鸣 míng", "明 míng and 鸣 míng"),
        ({"name": "LI MING"}, "name", [("spelled", "李", "LI"), ("spelled", "明", "MING")],
         "李 lǐ 与 LI", "明 míng and MING"),
        ({"name": "LIMING"}, "name", [("spelled", "李明", "LIMING")], "拼音", "Latin letters"),
        ({"name": "李?"}, "name", [("hidden", "明", "?")], "第2字有一方隐去", "character 2 hidden"),
        ({"name": "李天鸣"}, "name", [("inserted", "", "天"), ("homophone", "明", "鸣")],
         "明 míng 与 鸣 míng", "明 míng and 鸣 míng"),
        ({"name": "明李"}, "name", [("transposed", "李明", "明李")], "颠倒", "swapped"),
        ({"name": "王芳"}, "name", [("replaced", "李明", "王芳")],
         "第1至2字不同：李明 与 王芳", "characters 1 to 2 differ: 李明 and 王芳"),
        ({"name": "李天明"}, "name", [("inserted", "", "天")],
         "第2字仅记录有：天 U+5929", "character 2 only in the record: 天 U+5929"),
        ({"name": "王亮", "former_names": ("李明",)}, "name", [],
         "记录为曾用名", "a former name (the record)"),
        ({"birth_date": date(1980, 3, 17)}, "birth_date", [("replaced", "07", "17")],
         "日不同：07 与 17", "the day differs: 07 and 17"),
        ({"birth_date": date(1980, 7, 3)}, "birth_date", [("transposed", "03-07", "07-03")],
         "月与日颠倒：03-07 与 07-03", "month and day swapped: 03-07 and 07-03"),
        ({"birth_date": date(1981, 3, 8)}, "birth_date",
         [("replaced", "1980", "1981"), ("replaced", "07", "08")],
         "年不同：1980 与 1981；日不同：07 与 08", "the year differs: 1980 and 1981"),
        ({"sex": Sex.FEMALE}, "sex", [("replaced", "male", "female")], "性别不同", "different"),
        ({"phone": "19921345678"}, "phone", [("transposed", "12", "21")],
         "第4至5位颠倒：12 与 21", "digits 4 to 5 swapped"),
        ({"phone": "19912345679"}, "phone", [("replaced", "8", "9")],
         "第11位不同：8 与 9", "digit 11 differs: 8 and 9"),
        ({"employer": "福兴食品厂"}, "employer", [("inserted", "", "厂")],
         "第5字仅记录有：厂", "character 5 only in the record: 厂"),
        ({"address": "南关区民康街道平阳街14号3栋2单元501室"}, "address", None,
         "门牌号不同：12号 与 14号", "the house number differs: 12号 and 14号"),
    ],
)  # fmt: skip
def test_a_difference_is_aligned_and_named(
    changed: dict[str, object],
    field: str,
    differences: list[tuple[str, str, str]] | None,
    zh: str,
    en: str,
) -> None:
    one = found(replace(PERSON, **changed)).of(field)  # type: ignore[arg-type]  # a table of fields
    if differences is not None:
        assert differing(one) == differences
    assert zh in one.words["zh"]
    assert en in one.words["en"]


def test_a_part_that_one_side_does_not_write_is_no_difference() -> None:
    one = found(replace(PERSON, address="平阳街12号3栋501室")).of("address")
    kinds = {span.part: span.kind for span in one.spans}
    assert kinds["county"] is kinds["town"] is kinds["unit"] is SpanKind.NOT_WRITTEN
    assert kinds["number"] is kinds["room"] is SpanKind.SAME
    assert "不同" not in one.words["zh"]
    assert re.search("记录未写.*区县、街道或乡镇、单元", one.words["zh"])
    assert re.search("the record does not write .*the town, the unit", one.words["en"])


@pytest.mark.parametrize(
    ("left", "right", "spans"),
    [
        ("李?", "李天明", [("same", "李", "李"), ("hidden", "?", "天明")]),
        ("*明", "李天明", [("hidden", "?", "李天"), ("same", "明", "明")]),
        ("李明", "赵四海", [("replaced", "李明", "赵四海")]),
        ("李明", "李小雨", [("same", "李", "李"), ("replaced", "明", "小雨")]),
        ("朴婷", "PIAO TING", [("spelled", "朴", "PIAO"), ("spelled", "婷", "TING")]),
        ("张欣", "章欣", [("homophone", "张", "章"), ("same", "欣", "欣")]),
    ],
)
def test_names_laid_side_by_side(left: str, right: str, spans: list[tuple[str, str, str]]) -> None:
    one = found(Identity(name=right), Identity(name=left)).of("name")
    assert [(str(span.kind), span.left, span.right) for span in one.spans] == spans


def test_an_area_code_that_one_side_leaves_out_is_no_difference() -> None:
    one = found(Identity(phone="85612345"), Identity(phone="0431-85612345")).of("phone")
    assert [span.kind for span in one.spans] == [SpanKind.NOT_WRITTEN, SpanKind.SAME]
    assert "记录未写区号" in one.words["zh"]


def test_of_many_differences_the_first_are_named_and_all_are_counted() -> None:
    other = number(date(1981, 3, 17), 133)
    one = found(replace(PERSON, id_number=other)).of("id_number")
    assert one.level is Level.DIFFERENT
    assert one.words["zh"].count("不同：") <= 3
    assert re.search(r"共\d处不同", one.words["zh"])


def test_a_field_another_one_has_said_carries_a_note() -> None:
    born = found(PERSON).of("birth_date")
    assert (born.weight, born.counted) == (0, Counted.NOT)
    assert born.share_note == {
        "zh": "证件号码已说明，不重复计分",
        "en": "not counted: the identity number has said it",
    }
    assert found(replace(PERSON, name=None)).of("name").share_note is None


def test_a_field_that_one_home_explains_carries_a_note() -> None:
    odds = Odds(0.5, 0.25)
    together = replace(WEIGHTS, together={"phone": {Level.SAME: odds}})
    one = explain(prepare(PERSON), prepare(PERSON), together).of("phone")
    assert (one.weight, one.counted) == (odds.weight, Counted.AS_ONE_HOME)
    assert one.share_note is not None
    for language, says in (("zh", "按同住者计分"), ("en", "as among people of one home")):
        assert says in one.share_note[language]
        assert one.words[language].endswith(one.share_note[language])
    elsewhere = prepare(replace(PERSON, address=None, household_number=None))
    assert explain(prepare(PERSON), elsewhere, together).of("phone").counted is Counted.IN_FULL


def test_a_value_read_from_the_number_and_a_value_that_cannot_be_read_say_so() -> None:
    explained = found(Identity(name="李明", id_number=N, phone="无"))
    assert NoteCode.FROM_NUMBER in {note.code for note in explained.of("birth_date").notes}
    assert "记录取自证件号码" in explained.of("birth_date").words["zh"]
    assert "what was written cannot be read (the record)" in explained.of("phone").words["en"]


def test_a_private_use_code_point_is_named() -> None:
    one = found(replace(PERSON, name="曲\ue863"), replace(PERSON, name="曲䶮")).of("name")
    assert [span.kind for span in one.spans] == [SpanKind.SAME]
    assert "U+E863" in one.words["zh"]
    rare = found(replace(PERSON, name="曲?"), replace(PERSON, name="曲䶮")).of("name")
    assert rare.spans[1].left_points == ("U+4DAE",)


@pytest.mark.parametrize(
    ("chance", "zh", "en"),
    [
        (5e-6, "约 200,000 条记录中有 1 条", "about 1 record in 200,000"),
        (0.5, "约 50% 的", "about 50 %"),
    ],
)
def test_the_prior_has_its_words(chance: float, zh: str, en: str) -> None:
    words = prior_words(log_odds(chance))
    assert zh in words["zh"]
    assert en in words["en"]


@given(people(), people())
def test_weights_and_prior_add_up_to_the_log_odds(left: Identity, right: Identity) -> None:
    explained = found(right, left)
    total = math.fsum([explained.prior, *(one.weight for one in explained.fields)])
    assert math.isclose(total, explained.log_odds, rel_tol=0, abs_tol=1e-9)
    assert math.isclose(probability_of(total), explained.probability, rel_tol=0, abs_tol=1e-9)


def test_a_judgement_is_explained_with_what_the_household_says() -> None:
    person = prepare(replace(PERSON, relatives=("王芳", "李小雨")))
    claim = prepare(Identity(name="李明", id_number=SLIP, relatives=("王芳", "赵亮")))
    comparison = judge(person, claim, WEIGHTS).comparison
    explained = explain_comparison(comparison, person, claim, WEIGHTS)
    assert explained.log_odds == comparison.log_odds
    spans = {span.left or span.right: span.kind for span in explained.of("relatives").spans}
    assert spans == {
        "王芳": SpanKind.SAME,
        "李小雨": SpanKind.DELETED,
        "赵亮": SpanKind.INSERTED,
    }
    shown = masked(explained).of("relatives")
    assert {span.left or span.right for span in shown.spans} == {"王*", "李**", "赵*"}


@given(people(), people())
def test_every_field_is_explained_once_and_in_order(left: Identity, right: Identity) -> None:
    compared = compare(prepare(left), prepare(right), WEIGHTS).fields
    explained = found(right, left).fields
    assert [(one.field, one.level, one.weight) for one in explained] == [
        (one.field, one.level, one.weight) for one in compared
    ]
    for one in explained:
        assert one.words["zh"].startswith(one.sentence["zh"])
        assert one.words["en"].startswith(one.sentence["en"])


@given(people(), people())
def test_the_spans_of_a_side_are_what_was_compared(left: Identity, right: Identity) -> None:
    explained = found(right, left)
    for person, side in ((prepare(left), "left"), (prepare(right), "right")):
        forms = {one.field: getattr(one, side).form for one in explained.fields}
        for one in explained.fields:
            assert "".join(getattr(span, side) for span in one.spans) == (forms[one.field] or "")
        assert forms["id_number"] == (person.number.text or None)
        assert forms["phone"] == person.phone
        assert forms["employer"] == person.employer
        assert forms["birth_date"] == (person.birth_date and person.birth_date.isoformat())
        if explained.of("name").level is not Level.FORMER and person.name is not None:
            readings = [person.name.units, person.name.gapped or ()]
            assert forms["name"] in {"".join(units) for units in readings} | {
                re.sub(r"\?+", "?", "".join(units)) for units in readings
            }


@given(people())
def test_equal_values_are_one_span(person: Identity) -> None:
    for one in found(person, person).fields:
        assert len(one.spans) <= 1
        assert all(span.kind is SpanKind.SAME for span in one.spans)


@given(people(), people())
def test_the_spans_are_symmetric(left: Identity, right: Identity) -> None:
    there, back = found(right, left), found(left, right)
    for one, other in zip(there.fields, back.fields, strict=True):
        assert one.spans == tuple(span.mirrored for span in other.spans)


@given(st.text("0123*", max_size=9), st.text("0123*", max_size=9))
def test_aligned_texts_are_whole_and_mirrored(left: str, right: str) -> None:
    spans = text_spans(left, right)
    assert "".join(span.left for span in spans) == left
    assert "".join(span.right for span in spans) == right
    assert text_spans(right, left) == tuple(span.mirrored for span in spans)
    for span in spans:
        assert (span.left == span.right) == (span.kind is SpanKind.SAME)


@pytest.mark.parametrize(
    ("claim", "field", "left", "right"),
    [
        ({}, "id_number", "229901************", "229901************"),
        ({"id_number": SLIP}, "id_number", "229901*********23*", "229901*********28*"),
        ({"id_number": STRANGERS}, "id_number", "229901************", "229901************"),
        ({"id_number": None}, "id_number", "229901************", None),
        ({"phone": "19912345679"}, "phone", "199******78", "199******79"),
        ({"birth_date": date(1980, 3, 17)}, "birth_date", "****-**-07", "****-**-17"),
        ({"name": "李眀"}, "name", "李明", "李眀"),
        ({}, "name", "李*", "李*"),
        ({"name": None}, "name", "李*", None),
        ({"household_number": "220102000002"}, "household_number", "**********01", "**********02"),
        ({"employer": None}, "employer", "福兴食品", None),
    ],
)  # fmt: skip
def test_what_a_reviewer_sees(
    claim: dict[str, object], field: str, left: str, right: str | None
) -> None:
    person = replace(PERSON, id_type="resident_id")
    one = masked(found(replace(person, **claim), person)).of(field)  # type: ignore[arg-type]  # a table of fields
    if field == "id_number" and one.level is Level.ONE_EDIT:
        left, right = left[:-1] + N[-1], f"{right}"[:-1] + N[-1]  # the neighbour on the right
    assert (one.left.form, one.right.form) == (left, right)


def test_a_masked_address_shows_the_parts_that_differ() -> None:
    claim = replace(PERSON, address="长春市南关区民康街道平阳街12号3栋2单元502室")
    one = masked(found(claim)).of("address")
    shown = {span.part: (span.left, span.right) for span in one.spans}
    assert shown["room"] == ("501室", "502室")
    assert shown["building"] == ("*栋", "*栋")
    assert shown["place"] == ("***", "***")
    assert shown["county"] == ("南关区", "南关区")


@given(people(), people())
def test_masking_hides_equal_digits_and_changes_no_weight(left: Identity, right: Identity) -> None:
    explained = found(right, left)
    shown = masked(explained)
    assert masked(shown) == shown
    for one, other in zip(shown.fields, explained.fields, strict=True):
        assert (one.level, one.weight, one.counted) == (other.level, other.weight, other.counted)
        assert [span.kind for span in one.spans] == [span.kind for span in other.spans]
    for name, head in (("id_number", 6), ("phone", 3), ("household_number", 0)):
        one = shown.of(name)
        equal = [span.left for span in one.spans if span.kind is SpanKind.SAME]
        around = 2 * (len(one.spans) - len(equal))
        assert sum(len(STARS.findall(text)) for text in equal) <= head + around


@given(people(), people())
def test_a_masked_document_does_not_hold_a_whole_number(left: Identity, right: Identity) -> None:
    shown = masked(found(right, left))
    for language in Language:
        text = json.dumps(as_document(shown, language), ensure_ascii=False)
        for person in map(prepare, (left, right)):
            if person.number.is_full:
                assert person.number.text not in text
                assert person.number.text[6:14] not in text


def test_nothing_of_a_person_is_printed_by_accident() -> None:
    claim = replace(PERSON, name="曲\ue863", id_number=SLIP, address="卫星路3号", former_names=())
    explained = found(claim)
    printed = [repr(explained), str(explained), f"{explained.fields}"]
    printed += [
        repr(part) for one in explained.fields for part in (one.left, *one.spans, *one.notes)
    ]
    secrets = (
        "李",
        "曲",
        "E863",
        N[6:14],
        SLIP[12:],
        "平阳街",
        "卫星路",
        "12号",
        "19912345678",
        "福兴",
        "1980-03",
    )
    for text in printed:
        assert [secret for secret in secrets if secret in text] == []


@pytest.mark.parametrize("language", list(Language))
def test_the_document_is_json_and_says_what_the_explanation_says(language: Language) -> None:
    explained = found(replace(PERSON, name="李鸣", id_number=SLIP, address="平阳街14号"))
    document = json.loads(json.dumps(as_document(explained, language)))
    assert document["log2_odds"] == explained.log_odds
    assert document["prior"] == {
        "weight": explained.prior,
        "words": explained.prior_words[language],
    }
    assert document["masked"] is False
    by_field = {one["field"]: one for one in document["fields"]}
    assert list(by_field) == [one.field for one in explained.fields]
    assert by_field["name"]["differences"][1] == {
        "kind": "homophone", "left": "明", "right": "鸣",
        "left_points": ["U+660E"], "right_points": ["U+9E23"],
        "left_sound": "míng", "right_sound": "míng",
    }  # fmt: skip
    assert by_field["id_number"]["left"] == {"written": N, "compared": N}
    parts = {one["part"]: one["part_words"] for one in by_field["address"]["differences"]}
    assert parts["number"] == {"zh": "门牌号", "en": "the house number"}[language]
    assert as_document(masked(explained), language)["masked"] is True


def test_every_field_kind_and_part_has_its_phrases() -> None:
    for name in PAIRS:
        assert field_name(name, Language.ZH)
        assert field_name(name, Language.EN)
    assert {value_name("sex", str(sex), Language.ZH) for sex in Sex} == {"男", "女"}
    assert {one.field for one in found(PERSON).fields} <= PAIRS.keys()
    assert set(part_names()) <= phrases()["parts"].keys()
    assert set(OF_UNIT) >= {unit.name for unit in Unit}
    silent = {SpanKind.SAME, SpanKind.NOT_WRITTEN}
    assert set(SpanKind) - silent == set(phrases()["kinds"])
    assert set(NoteCode) == set(phrases()["notes"])


def test_a_span_is_mirrored_twice_to_itself() -> None:
    for kind in SpanKind:
        span = Span(kind, "甲", "乙", "road", "jiǎ", "yǐ")
        assert span.mirrored.mirrored == span
        assert {one.name for one in fields(Span)} == set(Span.__slots__)
