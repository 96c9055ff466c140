"""Planets, dwarf planets and moons. Diameters in kilometres, periods in Earth days or years as commonly
cited (values rounded). The number of known moons is left out, since it changes.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "diameter", "orbits", "year", "day", "finder", "found", "feature", "namesake",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "Mercury", 4880, "the Sun", "88 days", "about 59 Earth days", None, None,
        "a cratered surface much like the Moon's", "the messenger of the Roman gods",
    ),
    (
        "Venus", 12100, "the Sun", "225 days", "about 243 Earth days", None, None,
        "thick clouds of sulfuric acid", "the Roman goddess of love",
    ),
    (
        "the Earth", 12742, "the Sun", "365 days", "just under 24 hours", None, None,
        "oceans of liquid water", None,
    ),
    (
        "Mars", 6780, "the Sun", "687 days", "24 hours and 37 minutes", None, None,
        "rusty red dust and the giant volcano Olympus Mons", "the Roman god of war",
    ),
    (
        "Jupiter", 140000, "the Sun", "about 12 years", "just under 10 hours", None, None,
        "the Great Red Spot", "the king of the Roman gods",
    ),
    (
        "Saturn", 116000, "the Sun", "about 29 years", "about 10 and a half hours", None, None,
        "broad rings of ice", "the Roman god of farming",
    ),
    (
        "Uranus", 50700, "the Sun", "84 years", "about 17 hours", "William Herschel", 1781,
        "an axis tipped over on its side", "the Greek god of the sky",
    ),
    (
        "Neptune", 49200, "the Sun", "165 years", "about 16 hours", "Johann Galle", 1846,
        "the fastest winds in the solar system", "the Roman god of the sea",
    ),
    (
        "Pluto", 2377, "the Sun", "248 years", "about 6.4 Earth days", "Clyde Tombaugh", 1930,
        "a heart-shaped plain of nitrogen ice", "the Roman god of the underworld",
    ),
    (
        "Ceres", 940, "the Sun", "4.6 years", "about 9 hours", "Giuseppe Piazzi", 1801,
        "bright salt deposits in Occator crater", "the Roman goddess of the harvest",
    ),
    (
        "Eris", 2330, "the Sun", "about 560 years", None, "Mike Brown's team", 2005,
        "a bright, icy surface far beyond Pluto", "the Greek goddess of strife",
    ),
    (
        "the Moon", 3474, "the Earth", "27.3 days", "27.3 Earth days", None, None,
        "dark plains of old lava called maria", None,
    ),
    (
        "Phobos", 22, "Mars", "7 hours and 39 minutes", None, "Asaph Hall", 1877,
        "the huge crater Stickney", "the Greek god of fear",
    ),
    (
        "Deimos", 12, "Mars", "30 hours", None, "Asaph Hall", 1877,
        "a smooth coat of dust on a lumpy body", "the Greek god of dread",
    ),
    (
        "Io", 3640, "Jupiter", "1.8 days", None, "Galileo Galilei", 1610, "hundreds of active volcanoes",
        "a priestess loved by Zeus",
    ),
    (
        "Europa", 3120, "Jupiter", "3.5 days", None, "Galileo Galilei", 1610,
        "a cracked shell of ice over a hidden ocean", "a Phoenician princess carried off by Zeus",
    ),
    (
        "Ganymede", 5270, "Jupiter", "7.2 days", None, "Galileo Galilei", 1610,
        "a magnetic field of its own, the only moon known to have one", "the cupbearer of the Greek gods",
    ),
    (
        "Callisto", 4820, "Jupiter", "16.7 days", None, "Galileo Galilei", 1610,
        "the most heavily cratered surface known", "a nymph turned into a bear",
    ),
    (
        "Titan", 5150, "Saturn", "16 days", None, "Christiaan Huygens", 1655,
        "lakes of liquid methane under an orange haze", None,
    ),
    (
        "Enceladus", 500, "Saturn", "1.4 days", None, "William Herschel", 1789,
        "geysers that spray water into space", "a giant of Greek myth",
    ),
    (
        "Mimas", 400, "Saturn", "23 hours", None, "William Herschel", 1789,
        "a crater so large that it resembles the Death Star", None,
    ),
    (
        "Iapetus", 1470, "Saturn", "79 days", None, "Giovanni Cassini", 1671,
        "one dark and one bright half", "a Titan of Greek myth",
    ),
    (
        "Miranda", 470, "Uranus", "1.4 days", None, "Gerard Kuiper", 1948,
        "the cliff Verona Rupes, perhaps the tallest anywhere", "the heroine of Shakespeare's Tempest",
    ),
    (
        "Titania", 1580, "Uranus", "8.7 days", None, "William Herschel", 1787,
        "long canyons across grey ice", "the fairy queen in A Midsummer Night's Dream",
    ),
    (
        "Triton", 2710, "Neptune", "5.9 days", None, "William Lassell", 1846,
        "geysers of nitrogen and a backward orbit", "a sea god, the son of Poseidon",
    ),
    (
        "Charon", 1210, "Pluto", "6.4 days", None, "James Christy", 1978, "a reddish polar cap",
        "the ferryman of the dead in Greek myth",
    ),
)
