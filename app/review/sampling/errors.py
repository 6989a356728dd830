"""What can be wrong with an audit's design or its readings."""

from app.domain.errors import HeduiError


class InvalidFrame(HeduiError):  # noqa: N818 - the tree speaks of invalid things
    """The decisions given are no frame of an audit; the message says which and why."""


class InvalidDesign(HeduiError):  # noqa: N818
    """What is asked of a sample cannot be drawn; the message says what could be."""


class InvalidReadings(HeduiError):  # noqa: N818
    """The readings do not belong to the sample, or cannot answer what is asked of them."""
