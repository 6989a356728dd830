"""The banks 银行: delimited text in GB18030 over SFTP, one folder a bank."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from hashlib import md5
from pathlib import Path
from typing import Final

from connectors.sandbox.faults import Fault, Step
from connectors.sandbox.register import Entry
from connectors.sandbox.servers.bank_request import (
    ENCODING,
    BankRequest,
    Rejected,
    read_request,
)
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.fields import day, spoilt_texts, text
from connectors.sandbox.servers.file_faults import FILES, spoilt_file
from connectors.sandbox.servers.mailbox import Delivery, Mailroom, Reply

BANKS: Final = ("icbc", "abc", "psbc", "jlrcu")
LIMIT_ONLY: Final = {"psbc": Decimal("20000.00")}
RATES: Final = {"CNY": Decimal(1), "USD": Decimal("7.10"), "KRW": Decimal("0.0052")}
"""Yuan a unit of currency, as the bank itself counts balances together."""
FIELDS: Final = (
    "account",
    "account_kind",
    "currency",
    "balance",
    "balance_date",
    "branch",
    "state",
    "money_in",
    "money_out",
)
LINE_FIELDS: Final = 13
AMOUNTS: Final = ("balance", "money_in", "money_out")
SHOWN: Final = FILES | {
    Fault.PARTS_OUT_OF_ORDER,
    Fault.DAMAGED_PART,
    Fault.REJECTED_REQUEST,
    Fault.BAD_LINE,
}
LOAN, CLOSED = "09", "9"


class Bank:
    """All the banks of the county behind one mailroom."""

    def __init__(self, desk: Desk, root: Path) -> None:
        self._desk = desk
        folders = {bank: root / bank for bank in BANKS}
        self.mailroom = Mailroom(desk, folders, ".txt", self._answer)

    async def _answer(self, bank: str, file_name: str, body: bytes) -> Reply:
        fault = self._desk.choose(Step.RESULT, SHOWN)
        try:
            request = read_request(file_name, body)
            for _sequence, name, number in request.persons:
                self._desk.note(Step.ASK, (name, number), file_name, bank)
            if fault is Fault.REJECTED_REQUEST:
                raise Rejected("请求文件校验失败")
        except Rejected as reason:
            told = f"{reason}\r\n".encode(ENCODING)
            return Reply((Delivery(file_name.replace("HDREQ", "HDREJ", 1), told),))
        lines = [line for person in request.persons for line in self._lines(bank, person, fault)]
        if fault is Fault.BAD_LINE:
            lines[0] = "|".join(lines[0].split("|")[:9])
        return Reply(tuple(self._parts(request, lines, fault)), fault)

    def _lines(self, bank: str, person: tuple[str, str, str], fault: Fault | None) -> Iterable[str]:
        sequence, name, number = person
        if fault is Fault.HTTP_200_ERROR:
            return [_line(sequence, "E", "系统异常，无法查询")]
        if not name and not number:
            return [_line(sequence, "E", "姓名和证件号码均为空")]
        entries = self._entries(bank, name, number, fault)
        if not entries:
            return [_line(sequence, "N")]
        if bank in LIMIT_ONLY:
            return _limit_lines(sequence, entries, LIMIT_ONLY[bank], fault)
        return [_account_line(sequence, entry, fault) for entry in entries]

    def _entries(self, bank: str, name: str, number: str, fault: Fault | None) -> list[Entry]:
        """The bank's own accounts; a stranger may be a customer of any bank."""
        found = self._desk.entries(name, number, fault)
        own = [entry for entry in found if entry.row.get("bank") == bank]
        asked = {id(entry) for entry in self._desk.register.find(name, number)}
        strangers = [entry for entry in found if id(entry) not in asked]
        return own + [entry for entry in strangers if entry not in own]

    def _parts(
        self, request: BankRequest, lines: Sequence[str], fault: Fault | None
    ) -> list[Delivery]:
        wanted = self._desk.pace.bank_parts
        if fault is Fault.PARTS_OUT_OF_ORDER:
            wanted = max(wanted, 2)
        parts = max(1, min(wanted, len(lines)))
        deliveries = []
        for part in range(1, parts + 1):
            name = f"HDRSP_{request.tail}_{part}of{parts}"
            share = lines[(part - 1) * len(lines) // parts : part * len(lines) // parts]
            body = self._file(request, name, share, fault)
            ok = fault is not Fault.MISSING_OK
            deliveries.append(Delivery(f"{name}.txt", body, ok))
        return deliveries[::-1] if fault is Fault.PARTS_OUT_OF_ORDER else deliveries

    def _file(
        self, request: BankRequest, name: str, lines: Sequence[str], fault: Fault | None
    ) -> bytes:
        told = _other(name) if fault is Fault.OTHER_REQUEST else name
        encoding = "utf-16" if fault is Fault.WRONG_CHARSET else ENCODING
        before = "".join(
            f"{line}\r\n" for line in (f"HD|{told}|{len(lines)}|{request.day}", *lines)
        ).encode(encoding)
        digest = md5(before, usedforsecurity=False).hexdigest()
        if fault is Fault.DAMAGED_PART:
            digest = digest[::-1]
        trailer = f"TR|{len(lines)}|{digest}\r\n"
        end = trailer.encode("utf-16-le" if fault is Fault.WRONG_CHARSET else ENCODING)
        return spoilt_file(before + end, fault, self._desk.rng)


def _other(name: str) -> str:
    """The file name of the next request's reply."""
    head, number, part = name.rsplit("_", 2)
    return f"{head}_{(int(number) + 1) % 10_000:04d}_{part}"


def _line(sequence: str, state: str, *fields: str) -> str:
    return "|".join([sequence, state, *fields]) + "|" * (LINE_FIELDS - 2 - len(fields))


def _account_line(sequence: str, entry: Entry, fault: Fault | None) -> str:
    row: Mapping[str, object] = entry.row
    if fault is Fault.NAN:
        row = spoilt_texts(row, AMOUNTS)
    fields = [text(row.get(field), "%Y%m%d") for field in FIELDS]
    return _line(sequence, "Y", entry.name, entry.id_number, *fields)


def _limit_lines(
    sequence: str, entries: Iterable[Entry], limit: Decimal, fault: Fault | None
) -> list[str]:
    """One line a customer: whether the balances together are over the limit."""
    together: dict[tuple[str, str], Decimal] = {}
    for entry in {id(entry): entry for entry in entries}.values():
        customer = (entry.name, entry.id_number)
        together[customer] = together.get(customer, Decimal(0)) + _counted(entry)
    odd = ("", "", "", "NaN") if fault is Fault.NAN else ()
    lines = [
        _line(sequence, "O" if total > limit else "U", name, number, *odd)
        for (name, number), total in together.items()
    ]
    return lines + lines if fault is Fault.DUPLICATE else lines


def _counted(entry: Entry) -> Decimal:
    """A balance in yuan; a loan is owed, and a closed account holds nothing."""
    if entry.row.get("account_kind") == LOAN or entry.row.get("state") == CLOSED:
        return Decimal(0)
    rate = RATES.get(day(entry.row.get("currency"), ""))
    return Decimal(0) if rate is None else _amount(entry.row.get("balance")) * rate


def _amount(value: object) -> Decimal:
    """The amount meant, however the register keyed it."""
    try:
        return Decimal(text(value).replace(",", ""))
    except InvalidOperation:
        return Decimal(0)
