"""Chemical elements. The periodic table of IUPAC, and discovery stories as commonly told in chemistry
textbooks; elements known since antiquity and those with a disputed discovery have no discoverer or year.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "symbol", "number", "family", "look", "use", "naming", "who", "year",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "hydrogen", "H", 1, "nonmetals", "a colourless gas, lighter than any other",
        "rocket fuel and the making of ammonia", 'the Greek for "water former"', "Henry Cavendish", 1766,
    ),
    (
        "helium", "He", 2, "noble gases", "a colourless gas that will not burn",
        "filling balloons and cooling superconducting magnets", "the Greek word for the Sun", None, None,
    ),
    (
        "lithium", "Li", 3, "alkali metals", "a silvery metal so light that it floats on oil",
        "rechargeable batteries and mood-stabilising medicine", "the Greek word for stone",
        "Johan August Arfwedson", 1817,
    ),
    (
        "beryllium", "Be", 4, "alkaline earth metals", "a hard, steel-grey and very light metal",
        "windows of X-ray tubes and telescope mirrors", "the gemstone beryl", "Louis-Nicolas Vauquelin",
        1798,
    ),
    (
        "boron", "B", 5, "metalloids", "a dark powder or a hard black solid",
        "heat-resistant glass and laundry bleach", "the mineral borax", None, None,
    ),
    (
        "carbon", "C", 6, "nonmetals", "soft black graphite or clear, hard diamond",
        "pencils, fuel and steelmaking", "the Latin word for charcoal", None, None,
    ),
    (
        "nitrogen", "N", 7, "nonmetals", "a colourless gas without smell",
        "fertilisers, explosives and deep-freezing food", 'the Greek for "nitre former"',
        "Daniel Rutherford", 1772,
    ),
    (
        "oxygen", "O", 8, "nonmetals", "a colourless gas that turns pale blue as a liquid",
        "steelmaking, welding and helping patients breathe", 'the Greek for "acid former"',
        "Joseph Priestley and Carl Wilhelm Scheele", None,
    ),
    (
        "fluorine", "F", 9, "halogens", "a pale yellow, fiercely corrosive gas",
        "non-stick coatings and the protection of teeth", "the Latin word for flow", "Henri Moissan", 1886,
    ),
    (
        "neon", "Ne", 10, "noble gases", "a colourless gas that glows red-orange in a discharge tube",
        "glowing advertising signs", "the Greek word for new", "William Ramsay and Morris Travers", 1898,
    ),
    (
        "sodium", "Na", 11, "alkali metals", "a soft silvery metal that reacts violently with water",
        "yellow street lamps and the making of soap", None, "Humphry Davy", 1807,
    ),
    (
        "magnesium", "Mg", 12, "alkaline earth metals",
        "a light silvery metal that burns with a dazzling white flame",
        "fireworks, flares and light alloys", "the district of Magnesia in Greece", None, None,
    ),
    (
        "aluminium", "Al", 13, None, "a light, silvery-white metal",
        "drinks cans, kitchen foil and aircraft bodies", "the salt alum", "Hans Christian Ørsted", 1825,
    ),
    (
        "silicon", "Si", 14, "metalloids", "a brittle blue-grey solid with a metallic sheen",
        "computer chips and solar cells", "the Latin word for flint", "Jöns Jacob Berzelius", None,
    ),
    (
        "phosphorus", "P", 15, "nonmetals", "a waxy white solid that glows in the dark, or a red powder",
        "fertilisers and the striking surface of matchboxes", 'the Greek for "light bearer"',
        "Hennig Brand", 1669,
    ),
    (
        "sulfur", "S", 16, "nonmetals", "a bright yellow, brittle solid",
        "vulcanising rubber and making gunpowder", None, None, None,
    ),
    (
        "chlorine", "Cl", 17, "halogens", "a choking yellow-green gas",
        "disinfecting swimming pools and drinking water", "the Greek word for pale green",
        "Carl Wilhelm Scheele", 1774,
    ),
    (
        "argon", "Ar", 18, "noble gases", "a colourless and quite inactive gas",
        "shielding hot metal from air during welding", "the Greek word for lazy",
        "Lord Rayleigh and William Ramsay", 1894,
    ),
    (
        "potassium", "K", 19, "alkali metals", "a soft silvery metal that burns lilac on water",
        "fertilisers and soft soap", "the word potash", "Humphry Davy", 1807,
    ),
    (
        "calcium", "Ca", 20, "alkaline earth metals", "a dull grey, fairly soft metal",
        "cement, plaster and the hardening of bones", "the Latin word for lime", "Humphry Davy", 1808,
    ),
    (
        "scandium", "Sc", 21, "transition metals", "a soft, silvery metal that yellows in air",
        "strong light alloys for bicycle frames", "the Latin name of Scandinavia", "Lars Fredrik Nilson",
        1879,
    ),
    (
        "titanium", "Ti", 22, "transition metals", "a strong, light, silver-grey metal",
        "hip replacements, jet engines and white paint", "the giants of Greek myth", "William Gregor",
        1791,
    ),
    (
        "vanadium", "V", 23, "transition metals", "a hard, silver-grey metal with brightly coloured salts",
        "tough tool steels", "a Norse goddess of beauty", "Andrés Manuel del Río", 1801,
    ),
    (
        "chromium", "Cr", 24, "transition metals", "a hard, mirror-bright metal",
        "plating car parts and making steel stainless", "the Greek word for colour",
        "Louis-Nicolas Vauquelin", 1797,
    ),
    (
        "manganese", "Mn", 25, "transition metals", "a hard, brittle, silvery metal",
        "hard-wearing steel and dry-cell batteries", None, "Johan Gottlieb Gahn", 1774,
    ),
    (
        "iron", "Fe", 26, "transition metals", "a lustrous grey metal that rusts in damp air",
        "steel for bridges, ships and cars", None, None, None,
    ),
    (
        "cobalt", "Co", 27, "transition metals", "a hard, bluish-grey, magnetic metal",
        "blue glass and battery cathodes", "German goblins that plagued miners", "Georg Brandt", None,
    ),
    (
        "nickel", "Ni", 28, "transition metals", "a silvery metal with a faint golden tinge",
        "coins and stainless steel", "a German word for a mischievous demon", "Axel Fredrik Cronstedt",
        1751,
    ),
    (
        "copper", "Cu", 29, "transition metals", "a reddish, easily shaped metal",
        "electrical wires and water pipes", "the island of Cyprus", None, None,
    ),
    (
        "zinc", "Zn", 30, None, "a bluish-white, brittle metal", "galvanising steel against rust", None,
        None, None,
    ),
    (
        "gallium", "Ga", 31, None, "a silvery metal that melts in the hand",
        "LEDs and fast semiconductors", "the Latin name of France", "Paul-Émile Lecoq de Boisbaudran",
        1875,
    ),
    (
        "germanium", "Ge", 32, "metalloids", "a hard, greyish-white, brittle solid",
        "fibre-optic cables and infrared lenses", "the Latin name of Germany", "Clemens Winkler", 1886,
    ),
    (
        "arsenic", "As", 33, "metalloids", "a brittle grey solid, notoriously poisonous",
        "wood preservatives and rat poison", None, None, None,
    ),
    (
        "selenium", "Se", 34, None, "a grey or brick-red solid",
        "photocopier drums and anti-dandruff shampoo", "the Greek word for the Moon",
        "Jöns Jacob Berzelius", 1817,
    ),
    (
        "bromine", "Br", 35, "halogens", "a red-brown, fuming liquid", "flame retardants",
        "the Greek word for stench", "Antoine-Jérôme Balard", 1826,
    ),
    (
        "krypton", "Kr", 36, "noble gases", "a colourless gas with a whitish glow in discharge tubes",
        "flash lamps for photographers", "the Greek word for hidden", "William Ramsay and Morris Travers",
        1898,
    ),
    (
        "rubidium", "Rb", 37, "alkali metals", "a soft silvery metal that catches fire in air",
        "atomic clocks", "the Latin word for deep red", "Robert Bunsen and Gustav Kirchhoff", 1861,
    ),
    (
        "strontium", "Sr", 38, "alkaline earth metals", "a soft, silvery-yellow metal",
        "the red of fireworks and flares", "a village in Scotland", None, None,
    ),
    (
        "yttrium", "Y", 39, "transition metals", "a soft, silvery metal",
        "red phosphors of old television screens", "the Swedish village of Ytterby", "Johan Gadolin", 1794,
    ),
    (
        "zirconium", "Zr", 40, "transition metals", "a lustrous grey-white metal that resists corrosion",
        "cladding for nuclear fuel rods", "the gemstone zircon", "Martin Heinrich Klaproth", 1789,
    ),
    (
        "niobium", "Nb", 41, "transition metals", "a soft grey metal that turns bluish in air",
        "superconducting magnets", "the daughter of Tantalus in Greek myth", "Charles Hatchett", 1801,
    ),
    (
        "molybdenum", "Mo", 42, "transition metals", "a silvery metal with a very high melting point",
        "high-strength steel and engine lubricants", "the Greek word for lead", None, None,
    ),
    (
        "technetium", "Tc", 43, "transition metals", "a silvery-grey radioactive metal",
        "scans in nuclear medicine", "the Greek word for artificial", "Carlo Perrier and Emilio Segrè",
        1937,
    ),
    (
        "palladium", "Pd", 46, "transition metals", "a silvery-white precious metal",
        "catalytic converters", "the asteroid Pallas", "William Hyde Wollaston", None,
    ),
    (
        "silver", "Ag", 47, "transition metals", "a shiny white metal that tarnishes black",
        "jewellery, cutlery and mirrors", None, None, None,
    ),
    (
        "cadmium", "Cd", 48, None, "a soft, bluish-white, toxic metal",
        "yellow pigments and rechargeable batteries", "an old Latin name of calamine",
        "Friedrich Stromeyer", 1817,
    ),
    (
        "indium", "In", 49, None, "a very soft, silvery metal", "transparent coatings of touch screens",
        "the indigo line in its spectrum", "Ferdinand Reich and Theodor Richter", 1863,
    ),
    (
        "tin", "Sn", 50, None, "a soft, silvery-white metal that creaks when bent",
        "solder and the coating of food cans", None, None, None,
    ),
    (
        "antimony", "Sb", 51, "metalloids", "a brittle, bluish-white, flaky solid",
        "hardening the lead in car batteries", None, None, None,
    ),
    (
        "tellurium", "Te", 52, "metalloids", "a brittle, silvery-white solid",
        "rewritable discs and solar panels", "the Latin word for earth",
        "Franz-Joseph Müller von Reichenstein", 1782,
    ),
    (
        "iodine", "I", 53, "halogens", "a shiny, purple-black solid with violet vapour",
        "disinfecting wounds and enriching table salt", "the Greek word for violet", "Bernard Courtois",
        1811,
    ),
    (
        "xenon", "Xe", 54, "noble gases", "a heavy, colourless gas",
        "bright headlamps and ion drives of spacecraft", "the Greek word for stranger",
        "William Ramsay and Morris Travers", 1898,
    ),
    (
        "caesium", "Cs", 55, "alkali metals", "a soft, pale golden metal that explodes in water",
        "the atomic clocks that define the second", "the Latin word for sky blue",
        "Robert Bunsen and Gustav Kirchhoff", 1860,
    ),
    (
        "barium", "Ba", 56, "alkaline earth metals", "a soft, silvery metal whose salts burn green",
        "drinks that show up the gut on X-ray images", "the Greek word for heavy", "Humphry Davy", 1808,
    ),
    (
        "lanthanum", "La", 57, None, "a soft silvery metal that tarnishes fast",
        "camera lenses and hybrid-car batteries", 'the Greek for "to lie hidden"', "Carl Gustaf Mosander",
        1839,
    ),
    (
        "neodymium", "Nd", 60, None, "a bright silvery metal that tarnishes in air",
        "very strong magnets for headphones and wind turbines", 'the Greek for "new twin"',
        "Carl Auer von Welsbach", 1885,
    ),
    (
        "europium", "Eu", 63, None, "a soft silvery metal that reacts quickly with air",
        "the fluorescent anti-forgery ink of euro banknotes", "the continent of Europe", None, None,
    ),
    (
        "hafnium", "Hf", 72, "transition metals", "a shiny, silvery-grey metal",
        "control rods of nuclear reactors", "the Latin name of Copenhagen",
        "Dirk Coster and George de Hevesy", 1923,
    ),
    (
        "tantalum", "Ta", 73, "transition metals", "a hard, blue-grey, corrosion-proof metal",
        "tiny capacitors in mobile phones", "a tormented king in Greek myth", "Anders Gustaf Ekeberg",
        1802,
    ),
    (
        "tungsten", "W", 74, "transition metals",
        "a heavy, steel-grey metal with the highest melting point of all",
        "filaments of light bulbs and drill tips", 'the Swedish for "heavy stone"', "the Elhuyar brothers",
        1783,
    ),
    (
        "rhenium", "Re", 75, "transition metals", "a dense, silvery-white metal",
        "turbine blades of jet engines", "the Latin name of the Rhine",
        "Walter Noddack, Ida Tacke and Otto Berg", 1925,
    ),
    (
        "osmium", "Os", 76, "transition metals", "a very dense, bluish-white metal",
        "tips of fountain pens", "the Greek word for smell", "Smithson Tennant", 1803,
    ),
    (
        "iridium", "Ir", 77, "transition metals", "a hard, brittle, silvery-white metal",
        "spark plugs and crucibles", "the Greek goddess of the rainbow", "Smithson Tennant", 1803,
    ),
    (
        "platinum", "Pt", 78, "transition metals", "a heavy, silvery-white precious metal",
        "jewellery and catalytic converters", 'the Spanish for "little silver"', None, None,
    ),
    (
        "gold", "Au", 79, "transition metals", "a soft, gleaming yellow metal",
        "jewellery, coins and electrical contacts", None, None, None,
    ),
    (
        "mercury", "Hg", 80, None, "a silvery metal that is liquid at room temperature",
        "old-fashioned thermometers and barometers", "the swift messenger of the Roman gods", None, None,
    ),
    (
        "thallium", "Tl", 81, None, "a soft grey metal, highly poisonous",
        "infrared optics and rat poison", 'the Greek for "green shoot"', "William Crookes", 1861,
    ),
    (
        "lead", "Pb", 82, None, "a soft, heavy, dull grey metal",
        "car batteries and shields against radiation", None, None, None,
    ),
    (
        "bismuth", "Bi", 83, None, "a brittle metal with a pinkish tinge",
        "stomach remedies and fire-sprinkler alloys", None, None, None,
    ),
    (
        "polonium", "Po", 84, None, "a rare, silvery, highly radioactive solid",
        "devices that remove static electricity", "the country of Poland", "Marie and Pierre Curie", 1898,
    ),
    (
        "radium", "Ra", 88, "alkaline earth metals", "a white radioactive metal that glows faintly",
        "the luminous paint of old watch dials", "the Latin word for ray", "Marie and Pierre Curie", 1898,
    ),
    (
        "francium", "Fr", 87, "alkali metals",
        "an extremely rare radioactive metal, never seen in a visible lump", None, "the country of France",
        "Marguerite Perey", 1939,
    ),
    (
        "thorium", "Th", 90, "actinides", "a silvery radioactive metal that blackens slowly",
        "gas mantles and experimental nuclear fuel", "the Norse god of thunder", "Jöns Jacob Berzelius",
        None,
    ),
    (
        "uranium", "U", 92, "actinides", "a dense, silvery-grey radioactive metal",
        "fuel for nuclear power stations", "the planet Uranus", "Martin Heinrich Klaproth", 1789,
    ),
    (
        "plutonium", "Pu", 94, "actinides", "a silvery radioactive metal that tarnishes in air",
        "nuclear weapons and batteries of deep-space probes", "the dwarf planet Pluto",
        "Glenn Seaborg's team", None,
    ),
    (
        "americium", "Am", 95, "actinides", "a silvery radioactive metal made in reactors",
        "household smoke detectors", "the Americas", "Glenn Seaborg's team", 1944,
    ),
)
