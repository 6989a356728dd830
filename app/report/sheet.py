"""A report as it is read, in one language: headings, tables and lines of text, in one order.

Both the page and the print show this and nothing else, so they say the same. Its only data are the
report's content and what is stored beside it: who endorsed it, which copy it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.report.content import SUSPENSION
from app.report.glyphs import Printable
from app.report.qr import qr_of
from app.report.said import Said
from app.report.sheet_form import Names, text
from app.report.sheet_persons import facts, persons, suspended
from app.report.sheet_tables import decisions, findings, notes, sources, values
from app.report.variants import Variant, of_variant

_ORDER: Final = "一二三四五六七"


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What stands beside the content: the check's address and code, endorsement, copy, state."""

    check_url: str
    code: str = field(repr=False)
    preparer: str | None = field(default=None, repr=False)
    signer: str | None = field(default=None, repr=False)
    signed_at: str | None = None
    superseded: bool = False
    stamp: Mapping[str, Any] | None = field(default=None, repr=False)
    """Of a print: `copy`, `at`, `name`, `terminal`."""


def sheet_of(
    content: Mapping[str, Any], papers: Papers, variant: Variant, language: str
) -> dict[str, Any]:
    """All that is shown, every text of it printable; `missing` are characters that are not."""
    say, printable = Said(language), Printable()
    shown = of_variant(content, variant)
    sheet: dict[str, Any] = printable.all_of(
        {
            "title": _title(shown, say),
            "centre": shown["head"].get("centre") or _centre(shown, say),
            "marks": _marks(shown, papers, variant, say),
            "facts": facts(shown, say),
            "code": papers.code,
            "code_label": say("核验码", "code"),
            "sections": _sections(shown, say),
            "signatures": _signatures(shown, papers, say),
            "foot": say(
                "仅供本行政区域内社会救助审核使用，不作其他用途。",
                "For the review of social relief in this region only.",
            ),
            "printed": _printed(papers, say),
            "watermark": _watermark(papers, say),
        }
    )
    if printable.missing:
        codes = say.listed(sorted(printable.missing))
        words = say(
            f"字形库中没有的字以编码表示：{codes}。",
            f"Characters that the font does not have stand as their codes: {codes}.",
        )
        sheet["sections"][-1]["blocks"].append(text(words))
    return {
        **sheet,
        "language": language,
        "variant": variant.value,
        "missing": sorted(printable.missing),
        "check_url": papers.check_url,
        "qr": dict(qr_of(papers.check_url)),
        "issued_at": shown["head"]["issued_at"],
        "number": shown["head"]["number"],
        "version": shown["head"]["version"],
    }


def _sections(content: Mapping[str, Any], say: Said) -> list[dict[str, Any]]:
    """All of them, numbered; one that has nothing to show is left out."""
    names = Names(content)
    wanted = (
        (say("核对对象", "Persons"), persons(content, say, names)),
        (say("中止原因", "Why it was suspended"), suspended(content, say)),
        (
            say("核对意见（系统建议，由救助部门决定）", "Outcome (the relief office decides)"),
            decisions(content, say),
        ),
        (
            say("收入与财产（申报与核定）", "Income and assets, declared and verified"),
            values(content, say, names),
        ),
        (
            say("反馈疑似信息", "What sources told that is to be looked at"),
            findings(content, say, names),
        ),
        (say("来源清单", "Sources"), sources(content, say, names)),
        (say("说明", "Notes"), notes(content, say)),
    )
    shown = [(title, blocks) for title, blocks in wanted if blocks]
    return [
        {"title": say(f"{_ORDER[at]}、{title}", f"{at + 1}. {title}"), "blocks": blocks}
        for at, (title, blocks) in enumerate(shown)
    ]


def _title(content: Mapping[str, Any], say: Said) -> str:
    if content["head"].get("kind") == SUSPENSION:
        return say("居民家庭经济状况核对中止报告", "Suspension report of a household verification")
    return say("居民家庭经济状况核对报告", "Household verification report")


def _centre(content: Mapping[str, Any], say: Said) -> str:
    county = content["head"]["region"][:6]
    return say(f"居民家庭经济状况核对机构（区划 {county}）", f"Verification centre of {county}")


def _marks(
    content: Mapping[str, Any], papers: Papers, variant: Variant, say: Said
) -> list[dict[str, str]]:
    """What a reader must know before anything else: a translation, superseded, a variant."""
    found = []
    if say.is_english:
        found.append({"kind": "copy", "text": "译文，仅供参考 / Translation, for reference only"})
    if papers.superseded:
        text = say("本版本已被新版本取代", "This version is superseded by a newer one")
        found.append({"kind": "old", "text": text})
    if variant is not Variant.FULL:
        found.append({"kind": "variant", "text": say.word(f"variant_{variant.value}")})
    if _is_incomplete(content):
        text = say(
            "发现同户未申报成员，未经授权未作查询，核对不完整",
            "Undeclared members were found and not asked about: the verification is incomplete",
        )
        found.append({"kind": "open", "text": text})
    return found


def _is_incomplete(content: Mapping[str, Any]) -> bool:
    composition = ((content.get("result") or {}).get("profile") or {}).get("composition") or {}
    return bool(composition.get("registered_not_declared"))


def _signatures(content: Mapping[str, Any], papers: Papers, say: Said) -> list[list[str]]:
    """Persons where two of them issued it; else that the system did."""
    day = say.day(content["head"]["issued_at"])
    seal = [say("盖章", "Seal"), say("（核对机构盖章）", "(seal of the centre)")]
    if papers.signer is None:
        issued = say("系统签发，未经人员签署", "System-signed, not endorsed by persons")
        return [[say("出具", "Issued"), issued], seal, [say("日期", "Date"), day]]
    return [
        [say("核对人", "Prepared by"), papers.preparer or ""],
        [say("审核人", "Signed by"), papers.signer],
        seal,
        [say("日期", "Date"), say.day(papers.signed_at)],
    ]


def _printed(papers: Papers, say: Said) -> str:
    """`本报告于 … 进行了第 n 次打印，姓名`; nothing where it is only looked at."""
    stamp = papers.stamp
    if stamp is None:
        return ""
    at, name = say.instant(stamp["at"]), stamp["name"]
    return say(
        f"本报告于 {at} 进行了第 {stamp['copy']} 次打印，{name}",
        f"Copy {stamp['copy']} of this report, printed {at} by {name}",
    )


def _watermark(papers: Papers, say: Said) -> str:
    stamp = papers.stamp
    if stamp is None:
        return ""
    terminal = say.word(f"terminal_{stamp['terminal']}")
    return f"{stamp['name']} {terminal} {say.instant(stamp['at'])}"
