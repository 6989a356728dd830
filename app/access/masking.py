"""Who sees which field: names and numbers are masked unless a right and a purpose say otherwise."""

_SHOWN_HEAD, _SHOWN_TAIL = 6, 4
_SHORT = 8


def masked_name(name: str) -> str:
    """`李*`, `李*雨`: the first sign, and the last of a longer name."""
    if len(name) <= 1:
        return "*"
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def masked_number(number: str) -> str:
    """`229901********1236`; a short number keeps its last two signs."""
    if not number:
        return ""
    if len(number) <= _SHORT:
        return "*" * max(0, len(number) - 2) + number[-2:]
    hidden = max(len(number) - _SHOWN_HEAD - _SHOWN_TAIL, 2)
    head = number[: len(number) - hidden - _SHOWN_TAIL]
    return head + "*" * hidden + number[-_SHOWN_TAIL:]
