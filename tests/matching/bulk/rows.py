"""Rows of made-up registers as clerks write them: every field a text, with every kind of slip."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from matching.bulk.columns import Columns, encode
from matching.bulk.stored import flat
from matching.bulk.texts import hashes
from matching.employers import credit_check
from matching.identity import Identity
from matching.people import FIELDS, people_from_csv
from tests.matching.registers import Registers, registers

Row = Mapping[str, str]
Change = Callable[[Row, Random], Row]

NAMES = (
    "劉偉",
    "李明",
    "李眀",
    "李民",
    "李命",
    "李 明",
    "马　丽",
    "LI MING",
    "Li Xiaoming",
    "王某",
    "王*华",
    "李明华",
    "明李",
    "户主:张伟",
    "张伟(已故)",
    "李某之子",
    "欧阳海",
    "诸葛明",
    "买买提·吐尔逊",
    "買買提吐爾遜",
    "麦麦提·吐尔孙",
    "古丽娜尔",
    "古丽娜",
    "朴仁静",
    "PARK INJEONG",
    "曾覃",
    "李䶮",
    "张XX",
    "无名氏",
    "未取名",
    "肖晓",
    "萧晓",
    "?",
)
NUMBERS = ("2.2E+17", "2****************8", "11111111111111111X", "无", "2299011980030712", "12345")
PASSPORTS = (
    ("passport", "E12345678"),
    ("passport", "e1234 5678"),
    ("hk_macau_permit", "H12345678"),
)
PHONES = (
    "0431-85612345",
    "85612345",
    "0431-85612345转801",
    "199****5678",
    "+86 199-1234-5678",
    "19912345678",
    "1991234567",
    "无",
    "19912345687",
)
ADDRESSES = (
    "长春市南关区斯大林大街12号3栋2单元501室",
    "长春市南关区人民大街12号3-2-501",
    "人民大街十二号3栋",
    "长春市九台市新立镇太平山村3组61号",
    "长春市九台区新立乡太平山村3组61号",
    "新立镇太平山村",
    "幸福小区5栋1单元302室",
    "平阳街12号幸福小区5栋1单元302室",
    "平阳街12号幸福小区5栋1单元303",
    "平阳街12号3栋2单元车库",
    "不详",
)
CREDIT = "91229901MA6CCATRC"
EMPLOYERS = (
    "长春市福兴食品有限公司",
    "福兴食品有限责任公司",
    "长春市福兴食品厂",
    CREDIT + credit_check(CREDIT),
    CREDIT + "Z",
    CREDIT[8:17],
    "永通物流",
)
DATES = (
    "1980/3/7",
    "1980-03-17",
    "1980年3月7日",
    "19800307",
    "1980-01-01",
    "1980-02-30",
    "1980-07-03",
    "不详",
)
SEXES = ("男", "2", "F", "0", "不明")


def row_of(person: Identity) -> Row:
    """A person as a careful clerk writes him."""
    born, sex = person.birth_date, person.sex
    return {
        "name": person.name or "",
        "former_name": ";".join(person.former_names),
        "id_type": person.id_type,
        "id_number": person.id_number or "",
        "birth_date": born.isoformat() if born else "",
        "sex": str(sex) if sex else "",
        "address": person.address or "",
        "household_number": person.household_number or "",
        "phone": person.phone or "",
        "employer": person.employer or "",
    }


def _one_of(field: str, values: Sequence[str]) -> Change:
    return lambda row, random: {**row, field: random.choice(values)}


def _paper(row: Row, random: Random) -> Row:
    kind, text = random.choice(PASSPORTS)
    return {**row, "id_type": kind, "id_number": text}


def _slip(row: Row, random: Random) -> Row:
    """Two digits of the number mis-keyed."""
    signs = list(row["id_number"])
    for place in random.sample(range(len(signs)), min(2, len(signs))):
        signs[place] = random.choice("0123456789")
    return {**row, "id_number": "".join(signs)}


def _spaced(row: Row, random: Random) -> Row:
    text = row["id_number"].lower()
    return {**row, "id_number": f"{text[:6]} {text[6:14]}-{text[14:]}"}


def _renamed(row: Row, random: Random) -> Row:
    """A new name; the old one stands as the former name, and in no other row with this name."""
    new = row["name"][:1] + random.choice("嘉琪睿哲") + random.choice("熙妍萱辰")
    return {**row, "name": new, "former_name": row["name"]}


def _shared_name(row: Row, random: Random) -> Row:
    return {**row, "name": random.choice("王李张刘") + random.choice("伟芳娜敏静丽强磊")}


CHANGES: tuple[Change, ...] = (
    _one_of("name", NAMES),
    _one_of("id_number", NUMBERS),
    _one_of("phone", PHONES),
    _one_of("address", ADDRESSES),
    _one_of("employer", EMPLOYERS),
    _one_of("birth_date", DATES),
    _one_of("sex", SEXES),
    _paper,
    _slip,
    _spaced,
    _renamed,
    _shared_name,
)


@dataclass(frozen=True)
class Written:
    """Two files of rows, and which place of the left is which of the right."""

    left: list[Row]
    right: list[Row]
    same: list[tuple[int, int]]


def written(size: int, seed: int) -> Written:
    """Registers of `size` people with households and employers, most of their rows changed."""
    random = Random(seed)
    made = registers(size, seed)
    place = {key: row for row, (key, _) in enumerate(made.right)}
    left, right = ([row_of(person) for _, person in side] for side in (made.left, made.right))
    for row in range(size):
        home = f"2299{random.randrange(size // 2):06d}"
        employer = random.choice(EMPLOYERS) if random.random() < 0.4 else ""
        for side, at in ((left, row), (right, place[f"b{row}"])):
            side[at] = {**side[at], "household_number": home, "employer": employer}
            for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
                side[at] = random.choice(CHANGES)(side[at], random)
    same = sorted((int(a[1:]), place[b]) for a, b in made.truth)
    return Written(left, right, same)


def csv_of(rows: Sequence[Row], ids: Sequence[str] | None = None) -> str:
    """The rows as a file, under ids of their own or 0, 1, 2 …"""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", *FIELDS])
    for key, row in zip(ids or map(str, range(len(rows))), rows, strict=True):
        writer.writerow([key, *(row.get(field, "") for field in FIELDS)])
    return out.getvalue()


def people_of(rows: Sequence[Row]) -> list[Identity]:
    """The rows as one record at a time is read."""
    return [person for _, person in people_from_csv(csv_of(rows).encode()).rows]


def columns_of(rows: Sequence[Row]) -> Columns:
    """The rows in columns."""
    cells = {f: [row.get(f, "").strip() or None for row in rows] for f in FIELDS}
    return encode(cells)


def digest(columns: Columns) -> dict[str, bytes]:
    """Every array of the columns as bytes."""
    return {name: np.ascontiguousarray(array).tobytes() for name, array in flat(columns)}


def encoded_elsewhere(rows: Sequence[Row]) -> tuple[dict[str, bytes], bytes]:
    """What another process makes of the rows."""
    return digest(columns_of(rows)), hashes(["李明", "", "x" * 5000]).tobytes()


def two_files(folder: Path, made: Registers) -> tuple[Path, Path]:
    """The registers as `left.csv` and `right.csv`."""
    paths = folder / "left.csv", folder / "right.csv"
    for path, side in zip(paths, (made.left, made.right), strict=True):
        rows = [row_of(person) for _, person in side]
        path.write_text(csv_of(rows, [key for key, _ in side]), encoding="utf-8")
    return paths
