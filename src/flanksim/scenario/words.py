"""Words that have one meaning wherever they stand: countries, the plans of the shipped tables; and words like them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from flanksim.modes import LINK_MODES, WAYS

#: ISO 3166: alpha-2 and alpha-3 of each country in one word.
_ISO = """
    ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB
    BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR
    BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR
    CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK
    FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS
    GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN
    ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO
    LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD
    MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER
    NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM
    PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP
    SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF
    TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY
    UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE XKXKX
"""
#: ISO 3166 alpha-3 by alpha-2, with XKX for Kosovo.
ALPHA_3 = {pair[:2]: pair[2:] for pair in _ISO.split()}
#: ISO 3166 alpha-3.
COUNTRIES = frozenset(ALPHA_3.values())

#: Speeds in km/h, slowest and fastest, that are believed without a warning, by mode of a link and kind of a fleet.
SPEEDS = {mode: link.usual_kmh for mode, link in LINK_MODES.items()} | {
    way.lift: way.usual_kmh for way in WAYS.values() if way.lift
}

#: What moves, by the name of its class.
CARGO_WORDS = {"heavy": "heavy vehicles", "wheeled": "wheeled vehicles", "cargo": "containers", "troops": "soldiers"}

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
