"""The error-rate card of a programme: value, interval, bands, causes, and what lowers it most."""

from collections.abc import Mapping
from typing import Any, Final

from app.domain.decision import RISK_CUTS
from app.web.case_page import Page, action_words
from app.web.case_words import CAUSES, said
from app.web.charts_profile import error_scale, swatch

_HUNDREDTHS: Final = 10_000
_SWATCHES: Final = ("c1", "c2", "c3", "c4")


def error_card(page: Page, one: Mapping[str, Any]) -> dict[str, Any]:
    f, _, rate = page.formats, page.translate, one["error_rate"]
    low, high = one["error_rate_interval"]
    causes = points(one["error_causes"], rate)
    shown = f.percent(rate, 2)
    first, second = RISK_CUTS
    band = 0 if rate < first else 1 if rate < second else 2
    bands = (_("可出报告"), _("须审核"), _("须补查"))
    label = _(
        "差错率 %(rate)s，%(interval)s，%(band)s",
        rate=shown,
        interval=f.interval((low, high)),
        band=bands[band],
    )
    return {
        "rate": shown,
        "interval": f.interval((low, high)),
        "chart": error_scale((rate, low, high), RISK_CUTS, (bands[0], bands[1]), label),
        "band": bands[band],
        "causes": [
            {
                "swatch": swatch(_SWATCHES[min(index, len(_SWATCHES) - 1)]),
                "name": said(CAUSES, cause, _),
                "points": part,
            }
            for index, (cause, part) in enumerate(causes)
        ],
        "best": None if not one["next_actions"] else _best(page, one["next_actions"][0]),
    }


def _best(page: Page, action: Mapping[str, Any]) -> dict[str, str]:
    return {
        "words": action_words(page, action["subject"]),
        "expected": page.formats.percent(action["expected_rate"], 1),
        "subject": action["subject"],
    }


def points(causes: Mapping[str, float], rate: float) -> list[tuple[str, str]]:
    """In hundredths of a percentage point that add up to the rate as it is shown."""
    whole = {cause: int(part * _HUNDREDTHS) for cause, part in causes.items()}
    missing = round(rate * _HUNDREDTHS) - sum(whole.values())
    nearest = sorted(causes, key=lambda cause: whole[cause] - causes[cause] * _HUNDREDTHS)
    for cause in nearest[: max(0, missing)]:
        whole[cause] += 1
    shown = sorted(whole.items(), key=lambda one: (-one[1], one[0]))
    return [(cause, f"{part / 100:.2f}") for cause, part in shown if part]
