"""Words that have one meaning wherever they stand: countries, the plans of the shipped tables; and words like them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from flanksim.modes import LINK_MODES, WAYS

_ISO = """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM
    BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR
    CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB
    GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA
    JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA
    MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR
    NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS
    SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON
    TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM XKX YEM ZAF ZMB ZWE
"""
#: ISO 3166 alpha-3, with XKX for Kosovo.
COUNTRIES = frozenset(_ISO.split())

#: Speeds in km/h, slowest and fastest, that are believed without a warning, by mode of a link and kind of a fleet.
SPEEDS = {mode: link.usual_kmh for mode, link in LINK_MODES.items()} | {
    way.lift: way.usual_kmh for way in WAYS.values() if way.lift
}

_LONGEST_NAME = 200


#: Fields and columns that there are no longer, and what to do about them.
GONE = {
    "stow_factor": "take it out: capacity is the gross deck of a ship, and lane_m_per_vehicle and so on allow for gaps",
}


def close_to(name: str, known: Iterable[str], otherwise: str = "", cutoff: float = 0.6) -> str:
    """``did you mean 'berth'?`` where a known name is close, else `otherwise`.

    Parameters
    ----------
    name
        What was written.
    known
        Words that there are.
    otherwise
        What is said where none is close.
    cutoff
        Likeness from which on a word is close, 0 to 1.
    """
    if len(name) > _LONGEST_NAME:
        return otherwise  # comparing it would take long, and no name is near
    words = list(known)
    same = [word for word in words if word.lower() == name.lower()]
    match = same or difflib.get_close_matches(name, words, n=1, cutoff=cutoff)
    return f"did you mean '{match[0]}'?" if match else otherwise


def listed(names: Iterable[object], word: str = "and") -> str:
    """``a, b and c``."""
    texts = [str(name) for name in names]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}"
