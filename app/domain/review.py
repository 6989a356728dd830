"""The words of the review worklist 待复核: an item's state, what can be decided, who decides."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.domain.decision import ActionKind


class ItemState(StrEnum):
    """How far an item of the worklist is."""

    OPEN = "open"
    ASKED = "asked"  # a source or the household was asked: an answer is awaited
    AWAITING_SECOND = "awaiting_second"  # a first reviewer has spoken, another one must too
    DISAGREED = "disagreed"  # two reviewers differ: a third one decides
    DECIDED = "decided"
    CLOSED = "closed"  # nothing is left to decide


STILL_TO_DO: Final = (
    ItemState.OPEN,
    ItemState.ASKED,
    ItemState.AWAITING_SECOND,
    ItemState.DISAGREED,
)
"""States in which somebody has yet to do something."""


class WhyClosed(StrEnum):
    """Why there is nothing left to decide."""

    NOT_NAMED = "not_named"  # the newest conclusion does not turn on it
    RECHECKED = "rechecked"  # a later verification of the household is final
    CANCELLED = "cancelled"


class Choice(StrEnum):
    """What a reviewer says of an item."""

    SAME_PERSON = "same_person"
    ANOTHER_PERSON = "another_person"
    UNSURE = "unsure"  # something else must be known first: a task says what
    ASKED = "asked"
    OBTAINED = "obtained"
    NOT_OBTAINABLE = "not_obtainable"
    RETRY = "retry"  # the source is asked again now
    NOT_CONNECTED = "not_connected"  # nobody asks this source here
    CARRY_ON = "carry_on"  # it stays unknown, and is waited for no longer
    USE_SOURCE = "use_source"
    SET_AMOUNT = "set_amount"
    ACCEPT = "accept"
    NOT_ACCEPT = "not_accept"
    EXCLUDE = "exclude"
    CONFIRM_TRUE = "confirm_true"
    ASK_TOWNSHIP = "ask_township"
    CORRECT_MAPPING = "correct_mapping"
    REQUEST_CONSENT = "request_consent"
    REVERSED = "reversed"  # an earlier decision is taken back


_OF_RECORDS: Final = (Choice.SAME_PERSON, Choice.ANOTHER_PERSON, Choice.UNSURE)
_OF_ASKING: Final = (Choice.ASKED, Choice.OBTAINED, Choice.NOT_OBTAINABLE)
SETTLES: Final = frozenset(
    {
        Choice.USE_SOURCE,
        Choice.SET_AMOUNT,
        Choice.ACCEPT,
        Choice.NOT_ACCEPT,
        Choice.EXCLUDE,
        Choice.CONFIRM_TRUE,
    }
)
"""Words that the conclusion is drawn from at once."""
ASKS: Final = frozenset(
    {Choice.ASKED, Choice.ASK_TOWNSHIP, Choice.CORRECT_MAPPING, Choice.REQUEST_CONSENT}
)
"""Words by which something is somebody else's task: the item stays, and waits."""
CHOICES: Final[Mapping[ActionKind, tuple[Choice, ...]]] = {
    ActionKind.REVIEW_RECORD: _OF_RECORDS,
    ActionKind.ASK_SOURCE: (
        *_OF_ASKING,
        Choice.RETRY,
        Choice.NOT_CONNECTED,
        Choice.CARRY_ON,
    ),
    ActionKind.ASK_HOUSEHOLD: _OF_ASKING,
    ActionKind.CONFLICT: (Choice.USE_SOURCE, Choice.SET_AMOUNT, Choice.ASK_TOWNSHIP),
    ActionKind.DECLARED: (Choice.ACCEPT, Choice.NOT_ACCEPT, Choice.ASK_TOWNSHIP),
    ActionKind.ANOMALY: (Choice.CONFIRM_TRUE, Choice.EXCLUDE, Choice.CORRECT_MAPPING),
    ActionKind.UNDECLARED: (
        Choice.REQUEST_CONSENT,
        Choice.OBTAINED,
        Choice.NOT_OBTAINABLE,
    ),
}
"""What can be decided of an item of each kind."""


class Settling(StrEnum):
    """What would settle whose records are, where a reviewer is unsure 待查明事项."""

    DOCUMENT = "document"
    PHONE_CALL = "phone_call"
    SOURCE = "source"


class Order(StrEnum):
    """In which order the worklist is read."""

    SAVING = "saving"  # the most error saved a review first
    EFFECT = "effect"  # what changes an outcome first, then by due time
    DUE = "due"
    DOUBT = "doubt"  # the probability nearest to one half first
    AREA = "area"


class Role(StrEnum):
    """In whose place a reviewer speaks; `reversal` takes a decision back, `aside` sets the item
    aside until more is known: it is no word of the round."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    REVERSAL = "reversal"
    ASIDE = "aside"


class ReasonCode(StrEnum):
    """Why a reviewer decides so 原因代码."""

    DOCUMENTS_SEEN = "documents_seen"  # 证件核验
    SOURCE_CONFIRMED = "source_confirmed"  # 来源单位确认
    HOUSEHOLD_EXPLAINED = "household_explained"  # 申请人说明
    VISITED = "visited"  # 入户调查
    WRONG_PERSON = "wrong_person"  # 非本人
    DEATH_RECORD_WRONG = "death_record_wrong"  # 未死亡
    DEATH_CONFIRMED = "death_confirmed"  # 确认死亡
    NAME_CHANGED = "name_changed"  # 更名
    NUMBER_MISTYPED = "number_mistyped"  # 号码录入错误
    REGISTERED_WITH_STOLEN_IDENTITY = "registered_with_stolen_identity"  # 冒名登记
    HELD_FOR_ANOTHER = "held_for_another"  # 代持
    USED_BY_RELATIVE = "used_by_relative"  # 亲属使用
    SOLD_NOT_TRANSFERRED = "sold_not_transferred"  # 已售未过户
    PLATE_CLONED = "plate_cloned"  # 套牌
    SOURCE_CANNOT_ANSWER = "source_cannot_answer"  # 来源无法反馈
    HOUSEHOLD_REFUSES = "household_refuses"  # 不予配合
    MISTAKE = "mistake"  # 操作有误
    MORE_RECENT = "more_recent"  # 数据更新
    CLOSER_TO_PAY = "closer_to_pay"  # 更接近实发
    PROOF_SEEN = "proof_seen"  # 材料属实
    PROOF_LACKING = "proof_lacking"  # 材料不足
    NOT_CREDIBLE = "not_credible"  # 说明与记录不符
    WRONG_UNIT = "wrong_unit"  # 单位错误
    WRONG_DATE = "wrong_date"  # 日期错误
    RECORDED_TWICE = "recorded_twice"  # 重复记录
    VALUE_CHECKED = "value_checked"  # 已核实数值
    OTHER = "other"
