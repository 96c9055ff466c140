"""Landmarks and museums. General reference knowledge; years are those of completion or public opening.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "city", "country", "maker", "year", "height", "known", "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "the Eiffel Tower", "Paris", "France", "Gustave Eiffel's company", 1889, 330,
        "its lattice of wrought iron", "the iron tower built for a world's fair",
    ),
    (
        "the Louvre", "Paris", "France", None, 1793, None, "the Mona Lisa and the Venus de Milo",
        "the former royal palace with a glass pyramid",
    ),
    (
        "the Musée d'Orsay", "Paris", "France", None, 1986, None,
        "Impressionist paintings in a former railway station", None,
    ),
    (
        "the Arc de Triomphe", "Paris", "France", "Jean Chalgrin", 1836, 50,
        "the tomb of the Unknown Soldier", "the monument in the middle of twelve avenues",
    ),
    (
        "the Centre Pompidou", "Paris", "France", "Renzo Piano and Richard Rogers", 1977, None,
        "pipes and escalators on the outside of the building", None,
    ),
    (
        "the British Museum", "London", "the United Kingdom", "Robert Smirke", 1759, None,
        "the Rosetta Stone", None,
    ),
    (
        "Tower Bridge", "London", "the United Kingdom", "Horace Jones", 1894, 65,
        "a roadway that lifts for ships", None,
    ),
    (
        "St Paul's Cathedral", "London", "the United Kingdom", "Christopher Wren", None, 111,
        "the Whispering Gallery inside its dome", None,
    ),
    (
        "the Shard", "London", "the United Kingdom", "Renzo Piano", 2012, 310, "a splintered glass peak",
        None,
    ),
    (
        "the London Eye", "London", "the United Kingdom", None, 2000, 135,
        "glass capsules that turn above the Thames", None,
    ),
    (
        "the Brandenburg Gate", "Berlin", "Germany", "Carl Gotthard Langhans", 1791, 26,
        "a chariot drawn by four horses on its top", None,
    ),
    (
        "the Berlin TV Tower", "Berlin", "Germany", None, 1969, 368, "a ball with a revolving restaurant",
        "the tallest building in Germany",
    ),
    ("Cologne Cathedral", "Cologne", "Germany", None, 1880, 157, "the Shrine of the Three Kings", None),
    (
        "Neuschwanstein Castle", "Hohenschwangau", "Germany", None, None, None,
        "fairy-tale towers wanted by King Ludwig II",
        "the palace that inspired Disney's Sleeping Beauty Castle",
    ),
    (
        "the Elbphilharmonie", "Hamburg", "Germany", "Herzog & de Meuron", 2017, 110,
        "a wavy glass roof on an old warehouse", None,
    ),
    (
        "the Pergamon Museum", "Berlin", "Germany", "Alfred Messel", 1930, None,
        "the Ishtar Gate of Babylon", None,
    ),
    ("the Colosseum", "Rome", "Italy", None, None, 48, "gladiator fights in ancient times", None),
    (
        "the Pantheon", "Rome", "Italy", None, None, 43, "a round opening at the top of its concrete dome",
        None,
    ),
    ("the Leaning Tower", "Pisa", "Italy", None, 1372, 56, "a tilt of about four degrees", None),
    (
        "the Uffizi", "Florence", "Italy", "Giorgio Vasari", None, None,
        "The Birth of Venus and other treasures of the Renaissance", None,
    ),
    (
        "the Sagrada Família", "Barcelona", "Spain", "Antoni Gaudí", None, None,
        "towers like dripping sand, under construction since 1882", None,
    ),
    (
        "the Alhambra", "Granada", "Spain", None, None, None,
        "Moorish courtyards such as the Court of the Lions", None,
    ),
    (
        "the Prado", "Madrid", "Spain", "Juan de Villanueva", 1819, None,
        "Las Meninas and other royal treasures", None,
    ),
    (
        "the Guggenheim Museum Bilbao", None, "Spain", "Frank Gehry", 1997, 50,
        "curving walls clad in titanium", None,
    ),
    (
        "the Atomium", "Brussels", "Belgium", "André Waterkeyn", 1958, 102,
        "nine steel spheres linked by tubes", None,
    ),
    (
        "the Rijksmuseum", "Amsterdam", "the Netherlands", "Pierre Cuypers", 1885, None, "The Night Watch",
        None,
    ),
    (
        "the Parthenon", "Athens", "Greece", "Ictinus and Callicrates", None, None,
        "Doric columns in honour of Athena", None,
    ),
    (
        "the Hermitage", "Saint Petersburg", "Russia", None, 1852, None,
        "the collection of Catherine the Great in the Winter Palace", None,
    ),
    ("St Basil's Cathedral", "Moscow", "Russia", None, 1561, 47, "brightly coloured onion domes", None),
    (
        "the Blue Mosque", "Istanbul", "Turkey", "Sedefkar Mehmed Agha", None, None,
        "six minarets and Iznik tiles", None,
    ),
    (
        "the Taj Mahal", "Agra", "India", None, None, 73, "white marble raised in memory of Mumtaz Mahal",
        None,
    ),
    (
        "the Burj Khalifa", "Dubai", "the United Arab Emirates", "Adrian Smith", 2010, 828,
        "more than 160 floors", "the tallest building in the world since 2010",
    ),
    (
        "Tokyo Skytree", "Tokyo", "Japan", None, 2012, 634, "observation decks above a broadcasting mast",
        "the tallest tower in Japan",
    ),
    (
        "the Sydney Opera House", None, "Australia", "Jørn Utzon", 1973, 65,
        "white roofs that look like sails", None,
    ),
    (
        "the Empire State Building", "New York", "the United States", "Shreve, Lamb & Harmon", 1931, 443,
        "King Kong's climb in the film of 1933", None,
    ),
    (
        "the Statue of Liberty", "New York", "the United States", "Frédéric Auguste Bartholdi", 1886, 93,
        "a torch and a crown with seven rays", "the copper lady that France gave to America",
    ),
    (
        "the Guggenheim Museum New York", None, "the United States", "Frank Lloyd Wright", 1959, None,
        "a spiral ramp through white galleries", None,
    ),
    (
        "the Golden Gate Bridge", "San Francisco", "the United States", "Joseph Strauss", 1937, 227,
        "orange paint and a span across a foggy strait", None,
    ),
    (
        "the Gateway Arch", "St. Louis", "the United States", "Eero Saarinen", 1965, 192,
        "a stainless-steel curve beside the Mississippi", None,
    ),
    ("the Space Needle", "Seattle", "the United States", None, 1962, 184, "a flying-saucer top", None),
    ("the CN Tower", "Toronto", "Canada", None, 1976, 553, "a glass floor high above the city", None),
    (
        "Christ the Redeemer", "Rio de Janeiro", "Brazil", "Paul Landowski", 1931, 38,
        "outstretched arms on Mount Corcovado", None,
    ),
    (
        "the Great Pyramid", "Giza", "Egypt", None, None, 139, "the burial of Pharaoh Khufu",
        "the only ancient wonder that still stands",
    ),
)
