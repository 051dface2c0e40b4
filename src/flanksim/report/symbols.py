"""APP-6 symbols of units, each drawn once on the page and used where it is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from markupsafe import Markup

from flanksim.report.html import join
from flanksim.scenario.schema import Scenario

#: Entity of the land-unit symbol set, with modifiers of sector 1 and 2, by unit type of the shipped tables.
ENTITIES = {
    "armoured_brigade_us": "1205000000",
    "heavy_brigade_eu": "1211020000",
    "stryker_brigade_us": "1211020051",
    "mech_brigade": "1211020051",
    "light_brigade": "1211000019",
    "artillery_brigade": "1303000000",
    "air_defence": "1301020000",
    "engineer_brigade": "1407000000",
    "aviation_brigade": "1206000000",
    "logistics_brigade": "1634000000",
    "division_troops": "1100000000",
    "fighter_squadron": "1208000000",
    "medical_support": "1613000000",
}
UNSPECIFIED = "0000000000"
HEADQUARTERS = ("division_troops",)
#: Size by troops, smallest first: least troops and code of the echelon.
ECHELONS = ((0, "15"), (250, "16"), (1000, "18"))
BATTALION, DIVISION = "16", "21"
_FIXED_ECHELON = {"air_defence": BATTALION, "fighter_squadron": BATTALION, "division_troops": DIVISION}


def sidc(unit_type: str, troops: float) -> str:
    """The 20 digits of a friendly, present land unit.

    Examples
    --------
    >>> sidc("armoured_brigade_us", 3800)
    '10031000181205000000'
    >>> sidc("", 400)
    '10031000160000000000'
    """
    size = _FIXED_ECHELON.get(unit_type) or next(code for least, code in reversed(ECHELONS) if troops >= least)
    staff = "2" if unit_type in HEADQUARTERS else "0"
    # version 10, reality, friend, land unit, present; then staff, size, entity and modifiers
    return "100310" + "0" + staff + size + ENTITIES.get(unit_type, UNSPECIFIED)


def unit_sidc(scenario: Scenario, key: str) -> str:
    """The symbol code of a unit of the scenario."""
    unit = scenario.units[key]
    return sidc(unit.unit_type, unit.troops)


@cache
def drawing(code: str) -> tuple[str, str]:
    """View box and inner SVG of a symbol.

    Raises
    ------
    KeyError
        If the code is not in the symbol set.
    """
    from milsymbol import Symbol

    symbol = Symbol(code, size=40)
    if not symbol.is_valid():
        raise KeyError(f"no APP-6 symbol {code}")
    found = re.fullmatch(r"<svg[^>]*viewBox=\"([^\"]*)\"[^>]*>(.*)</svg>", symbol.as_svg(), flags=re.S)
    if found is None:
        raise KeyError(f"symbol {code} is not one SVG element")
    return found.group(1), found.group(2)


def definitions(codes: Iterable[str]) -> Markup:
    """A hidden SVG that holds each symbol once."""
    parts = []
    for code in sorted(set(codes)):
        box, inner = drawing(code)
        parts.append(Markup('<symbol id="app6-{}" viewBox="{}">{}</symbol>').format(code, box, Markup(inner)))  # noqa: S704
    return Markup('<svg class="hidden" aria-hidden="true" width="0" height="0">{}</svg>').format(join(parts))


def use(code: str, words: str, height_px: int = 34) -> Markup:
    """The symbol, drawn small; `words` is what a screen reader says."""
    box = [float(part) for part in drawing(code)[0].split()]
    width = height_px * box[2] / box[3]
    return Markup(
        '<svg class="app6" role="img" aria-label="{}" width="{}" height="{}"><use href="#app6-{}"/></svg>'
    ).format(words, f"{width:.0f}", height_px, code)  # fmt: skip
