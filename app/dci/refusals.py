"""Why a message or one of its items is not answered, by the standard's own codes. Pure."""

from connectors.dci.codes import ErrorCode, HeaderCode, ItemCode

Code = ErrorCode | HeaderCode
_MOST_WORDS = 999
"""Of a reason's text (`status_reason_message`)."""


class MessageRefused(Exception):  # noqa: N818 - an answer, not a fault
    """The message as a whole is not taken; the words quote nothing of it."""

    def __init__(self, code: Code, words: str) -> None:
        super().__init__(words[:_MOST_WORDS])
        self.code = code

    @property
    def words(self) -> str:
        return str(self)

    @property
    def error(self) -> ErrorCode:
        """For an acknowledgement, whose errors are a closed list without header codes."""
        match self.code:
            case ErrorCode():
                return self.code
            case HeaderCode.VERSION:
                return ErrorCode.VERSION
            case HeaderCode():
                return ErrorCode.BAD

    @property
    def told(self) -> str:
        """The words, with the header's code where the error cannot say it."""
        code = self.code
        return self.words if isinstance(code, ErrorCode) else f"{code.value}: {self.words}"


class ConsentRefused(MessageRefused):
    """A consent that the search must carry is missing or does not hold: no code is made for it."""

    def __init__(self, words: str) -> None:
        super().__init__(ErrorCode.FORBIDDEN, words)


class ItemRefused(Exception):  # noqa: N818 - an answer, not a fault
    """One item of a message is not answered; the others are."""

    def __init__(self, code: ItemCode, words: str) -> None:
        super().__init__(words[:_MOST_WORDS])
        self.code = code

    @property
    def words(self) -> str:
        return str(self)
