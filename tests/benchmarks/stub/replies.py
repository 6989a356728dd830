"""What each source answers, from templates that were encoded once (pure).

Whether a source holds anything of a person is decided by a hash of the number.
"""

from functools import lru_cache
from typing import Final
from zlib import crc32

from tests.benchmarks.stub.people import address, household, number_of

KNOWN: Final = {
    "household_registry": 99,
    "tax": 60,
    "social_insurance": 60,
    "property": 35,
    "business_registration": 10,
    "vehicle": 20,
    "insurance": 30,
}
"""Of a hundred persons, how many the source holds something of."""
TOKEN: Final = b'{"access_token": "stub", "token_type": "Bearer", "expires_in": 86400}'
_MONTHS: Final = 12
"""Entries of income and of contributions for a person: the months asked about."""


def holds(source: str, id_number: bytes) -> bool:
    """Whether the source holds anything of the person."""
    return crc32(id_number, crc32(source.encode())) % 100 < KNOWN[source]


_NO_ROW: Final = '{"code": "01", "msg": "无记录", "count": 0, "rows": []}'.encode()
_ROWS: Final = '{"code": "00", "msg": "成功", "count": %d, "rows": [%s]}'.encode()
_ROW: Final = (
    '{"xm": "%s", "cym": null, "gmsfhm": "%s", "xb": "%d", "mz": "01", "csrq": "%s", "hh": %s, '
    '"yhzgx": "%s", "hkxz": "2", "hyzk": "%s", "hjdz": "%s", "swbs": "0", "swrq": null, '
    '"qczxbs": "0"}'
)


def registry_person(name: str, id_number: str) -> bytes:
    """The person's row, with the number of the household."""
    if not holds("household_registry", id_number.encode()):
        return _NO_ROW
    known = number_of(id_number)
    at, place = known if known is not None else (None, 0)
    return _ROWS % (1, _row((name, id_number), at, place).encode())


def registry_household(number: str) -> bytes:
    """Everybody whom the registry holds in the household."""
    if not number.isdecimal():
        return _NO_ROW
    rows = [
        _row((one.name, one.id_number), one.household, one.place)
        for one in household(int(number[2:]))
        if holds("household_registry", one.id_number.encode())
    ]
    return _ROWS % (len(rows), ", ".join(rows).encode())


def _row(whose: tuple[str, str], at: int | None, place: int) -> str:
    name, number = whose
    sex = 1 if number[16:17] in "13579" else 2
    own = "null" if at is None else f'"22{at:010d}"'
    relation, married = (("02", "20"), ("10", "20"), ("20", "10"))[place]
    return _ROW % (name, number, sex, number[6:14], own, relation, married, address(at or 0))


_SOAP: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    b'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:tax:income:v1">'
    b"<soapenv:Body><t:queryIncomeResponse><t:fhm>%s</t:fhm><t:fhxx/><t:jls>%d</t:jls>%s"
    b"</t:queryIncomeResponse></soapenv:Body></soapenv:Envelope>"
)
_NO_INCOME: Final = _SOAP % (b"001", 0, b"")
_ITEM: Final = (
    "<t:item><t:xm>%(n)s</t:xm><t:zjhm>%(i)s</t:zjhm><t:sdxmdm>0101</t:sdxmdm>"
    "<t:sre>%(a)s</t:sre><t:yjse>0.00</t:yjse><t:skssqq>{0}-01</t:skssqq><t:skssqz>{0}-28"
    "</t:skssqz><t:kjywrmc>长春市某某物业有限公司</t:kjywrmc>"
    "<t:kjywrsbh>91220102MA0Y5X1A2B</t:kjywrsbh><t:gzbz>0</t:gzbz></t:item>"
)


@lru_cache(maxsize=64)
def _items(last: str) -> bytes:
    """The items of the months up to `last`, to be filled with name, number and amount."""
    return "".join(_ITEM.format(f"{y}-{m:02d}") for y, m in _months(last)).encode()


def _months(last: str) -> list[tuple[int, int]]:
    """Some months up to YYYY-MM or YYYYMM."""
    end = int(last[:4]) * 12 + int(last[-2:]) - 1
    return [(month // 12, month % 12 + 1) for month in range(end - _MONTHS + 1, end + 1)]


def tax(name: bytes, id_number: bytes, last: str) -> bytes:
    """Wages of a year; `last` is the last month asked about, YYYY-MM."""
    if not holds("tax", id_number):
        return _NO_INCOME
    amount = b"%d.00" % (1800 + crc32(id_number) % 20 * 50)
    filled = _items(last) % {b"n": name, b"i": id_number, b"a": amount}
    return _SOAP % (b"000", _MONTHS, filled)


_JOB: Final = b'{"jobId": "%s", "state": "DONE", "results": [%s]}'
_PAYMENT: Final = (
    '{{"type": "PAYMENT", "xm": "%(n)s", "sfzh": "%(i)s", "xz": "110", "jfny": "{0}", '
    '"jfjs": 360000, "grjfje": 28800, "dwjfje": 57600, "dwmc": "长春市某某物业有限公司", '
    '"dwbh": "91220102MA0Y5X1A2B"}}'
)


@lru_cache(maxsize=64)
def _payments(last: str) -> bytes:
    return ", ".join(_PAYMENT.format(f"{y}{m:02d}") for y, m in _months(last)).encode()


def social_insurance(job: bytes, persons: list[tuple[bytes, bytes]], last: str) -> bytes:
    """The job, done; `last` is the last month asked about, YYYYMM."""
    results = []
    for index, (name, number) in enumerate(persons):
        known = holds("social_insurance", number)
        records = _payments(last) % {b"n": name, b"i": number} if known else b""
        told = b"true" if known else b"false"
        results.append(b'{"index": %d, "found": %s, "records": [%s]}' % (index, told, records))
    return _JOB % (job, b", ".join(results))


_HOMES: Final = b'{"success": true, "total": %d, "page": %s, "size": %s, "list": [%s]}'
_HOME: Final = (
    '{"bdcdyh": "220102003041GB00012F%08d", "bdcqzh": "吉（2019）长春市不动产权第%07d号", '
    '"zl": "长春市南关区民康街道平阳街12号3栋2单元501室", "mj": 48.42, "ghyt": "住宅", '
    '"gyfs": "单独所有", "qlrmc": "%s", "qlrzjh": "%s", "qlbl": "", '
    '"djsj": "2019-05-06 10:22:31", "qszt": "现势", "dyzt": "无抵押", "cfzt": "无查封", "dj": null}'
).encode()


def property_page(whose: tuple[bytes, bytes], page: bytes, size: bytes) -> bytes:
    """One home, on the first page."""
    name, number = whose
    if not holds("property", number):
        return _HOMES % (0, page, size, b"")
    if page != b"1":
        return _HOMES % (1, page, size, b"")
    unit = crc32(number)
    return _HOMES % (1, page, size, _HOME % (unit % 100_000_000, unit % 10_000_000, name, number))


_INTERESTS: Final = (
    b'{"status": 200, "data": {"legalRepresentative": [%s], "shareholder": [], "manager": []}}'
)
_TRADER: Final = (
    '{"entName": "长春市某某小吃店", "uniscid": "92220102MA15XK3T7D", "entType": "9600", '
    '"entStatus": "1", "estDate": "2021-04-02", "regCap": 3, "personName": "%s", '
    '"idNo": "%s********%s"}'
).encode()


def business_registration(name: bytes, id_number: bytes) -> bytes:
    """A sole trader, rarely."""
    if not holds("business_registration", id_number):
        return _INTERESTS % b""
    return _INTERESTS % (_TRADER % (name, id_number[:6], id_number[14:]))


_VEHICLES: Final = (
    '<?xml version="1.0" encoding="GBK"?><root><head><code>1</code><message>成功</message>'
    "<rownum>%d</rownum></head><body>%s</body></root>"
).encode("gbk")
_VEHICLE: Final = (
    '<vehicle id="0"><hphm>吉A%05d</hphm><hpzl>07</hpzl><cllx>M21</cllx><clpp1>某某牌</clpp1>'
    "<clsbdh>LFV2A21K5A%07d</clsbdh><syr>%s</syr><sfzmhm>%s</sfzmhm><syxz>A</syxz>"
    "<ccdjrq>2016-03-02</ccdjrq><zt>A</zt><pl>125</pl><hdzk>2</hdzk></vehicle>"
).encode("gbk")


def vehicle(name: bytes, id_number: bytes) -> bytes:
    """A motorcycle; `name` as it was asked, in GBK."""
    if not holds("vehicle", id_number):
        return _VEHICLES % (0, b"")
    plate = crc32(id_number)
    return _VEHICLES % (1, _VEHICLE % (plate % 100_000, plate % 10_000_000, name, id_number))


_INQUIRY: Final = b'{"inquiryNo": "%s", "part": 1, "parts": 1, "results": [%s]}'
_POLICY: Final = (
    '{"seq": %d, "status": "FOUND", "policies": [{"bdh": "P22%011d", "gsmc": "某某人寿", '
    '"cpmc": "某某年金保险（分红型）", "xzfl": "年金", "role": "投保人", "xm": "%s", "zjhm": "%s", '
    '"bdzt": "有效", "sxrq": "2017-08-01", "jffs": "年缴", "ncbf": "300.00", '
    '"ljbf": "2700.00", "xjjz": "1985.00", "nlqje": "0.00"}]}'
).encode()


def insurance(inquiry: bytes, persons: list[tuple[bytes, bytes]]) -> bytes:
    """The inquiry's results, in one part."""
    results = [
        _POLICY % (seq, crc32(number), name, number)
        if holds("insurance", number)
        else b'{"seq": %d, "status": "NONE", "policies": []}' % seq
        for seq, (name, number) in enumerate(persons, start=1)
    ]
    return _INQUIRY % (inquiry, b", ".join(results))
