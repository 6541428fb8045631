"""What ships is invented: no real mission, army, police or armed group is named in the product."""

from __future__ import annotations

import re

import pytest

from tests.repo import tree

# As written, capitals and all: many are ordinary words otherwise.
ABBREVIATIONS = """
MONUSCO MONUC MINUSCA MINURCAT MINUSMA MINUSTAH MINUJUSTH MINURSO MIPONUH MICAH MICIVIH MINUGUA MONUA UNAVEM MONUT
UNAMID UNISFA UNMISS UNMIS UNMIL UNOCI UNAMSIL UNMEE UNMIK UNFICYP UNIFIL UNDOF UNTSO UNMOGIP UNTAC UNTAET UNMISET
UNMIT UNPROFOR
UNTAES UNPREDEP UNOSOM UNAMIR UNOMIG UNOMOZ ONUMOZ ONUSAL ONUC ONUCI ONUB UNTAG UNOMUR UNOMIL UNAMI UNAMA UNSMIL
UNSOM UNTMIS UNITAMS UNOAU UNOWAS UNOCA BINUCA BINUH BINUB BINUGBIS UNIOGBIS UNIPSIL UNAMSIL UNMHA UNSMIS
AMISOM ATMIS AUSSOM AMIS MISCA AFISMA AMIB SAMIDRC SAMIM EACRF ECOMOG ECOMIG ECOMIB MICOPAX FOMUC EUFOR EUTM EUCAP EULEX
KFOR SFOR IFOR ISAF RSLTF MNJTF
FARDC PNC FACA SSPDF UPDF RDF FDLR FNL FDN FAMa FDS FANCI TPDF SANDF ENDF SNA ANR PNH
M23 AFC ADF CODECO LRA RCD CNDP PARECO NDC-R APCLS FPP-AP RED-Tabara FOREBU MLC UPC FPRC MPC RPRC CPC 3R SPLA SPLM-IO
SPLA-IO NSS NAS RSF SAF SLA-AW JEM AQIM JNIM ISGS ISWAP ISCAP MNLA GATIA CMA FRELIMO RENAMO UNITA RUF LURD NPFL LTTE
""".split()  # noqa: SIM905 as words it can be read
# In any writing.
NAMES = (
    "Wagner", "Africa Corps", "Mai-Mai", "Maï-Maï", "Wazalendo", "Raia Mutomboki", "Nyatura", "Interahamwe",
    "Janjaweed", "Seleka", "Séléka", "Anti-balaka", "Antibalaka", "Al-Shabaab", "Al Shabaab", "Boko Haram",
    "Ansar Dine", "Al-Qaeda",
    "Lord's Resistance Army", "Allied Democratic Forces", "Rapid Support Forces", "Imbonerakure",
    "Twirwaneho", "Gumino", "Zaïre militia", "Khmer Rouge", "Tatmadaw", "Hezbollah", "Hamas", "Taliban", "Houthi",
    "Rwanda Defence Force", "Forces armées de la République", "Police nationale congolaise", "Garde républicaine",
)  # fmt: skip
_SHORT = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, ABBREVIATIONS)) + r")(?![\w-])")
_LONG = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, NAMES)) + r")(?!\w)", re.IGNORECASE)


def real(text: str) -> list[str]:
    return [found.group() for pattern in (_SHORT, _LONG) for found in pattern.finditer(text)]


def test_no_real_mission_or_force_is_named_in_the_product():
    found = {tree.named(path): real(tree.text_of(path)) for path in tree.files() if path.is_relative_to(tree.SRC)}
    assert len(found) > 100
    assert {name: names for name, names in found.items() if names} == {}


def test_no_file_of_the_product_is_called_after_one():
    names = [tree.named(path) for path in tree.files() if path.is_relative_to(tree.SRC)]
    assert [name for name in names if real(re.sub(r"[/_.]", " ", name).upper())] == []


@pytest.mark.parametrize(
    "text",
    [
        "code = MONUSCO", "the (UNMISS) base", 'name = { fr = "FARDC" }', "M23, north", "anti-Balaka", "les MAÏ-MAÏ",
        "lord's resistance army", "unmiss-2 or UNMISS.",
    ],
)  # fmt: skip
def test_control_a_real_name_is_found(text: str):
    assert real(text)


@pytest.mark.parametrize(
    "text", ["the base commander", "PNCX", "M234", "x-M23-y", "a wagnerian night", "Mission Belavi-Tamorro", "afc = 1"]
)
def test_control_an_ordinary_word_is_not(text: str):
    assert real(text) == []
