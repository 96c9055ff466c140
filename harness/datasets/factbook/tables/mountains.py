"""Mountains and volcanoes. Heights are in metres as commonly cited; first ascents as in general reference
works.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "height", "range", "country", "ascent", "climbers", "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "Mount Everest", 8849, "the Himalayas", "Nepal and China", 1953,
        "Edmund Hillary and Tenzing Norgay", "the highest mountain on Earth",
    ),
    (
        "K2", 8611, "the Karakoram", "Pakistan and China", 1954, "Achille Compagnoni and Lino Lacedelli",
        "the second highest mountain on Earth",
    ),
    (
        "Kangchenjunga", 8586, "the Himalayas", "Nepal and India", 1955, "Joe Brown and George Band",
        "the third highest mountain on Earth",
    ),
    (
        "Lhotse", 8516, "the Himalayas", "Nepal and China", 1956, "Ernst Reiss and Fritz Luchsinger",
        "the fourth highest mountain on Earth",
    ),
    (
        "Makalu", 8485, "the Himalayas", "Nepal and China", 1955, "Lionel Terray and Jean Couzy",
        "the fifth highest mountain on Earth",
    ),
    (
        "Cho Oyu", 8188, "the Himalayas", "Nepal and China", 1954,
        "Herbert Tichy, Joseph Jöchler and Pasang Dawa Lama", None,
    ),
    ("Dhaulagiri", 8167, "the Himalayas", "Nepal", 1960, None, None),
    ("Manaslu", 8163, "the Himalayas", "Nepal", 1956, "Toshio Imanishi and Gyalzen Norbu", None),
    (
        "Nanga Parbat", 8126, "the Himalayas", "Pakistan", 1953, "Hermann Buhl",
        "the peak nicknamed the killer mountain",
    ),
    (
        "Annapurna", 8091, "the Himalayas", "Nepal", 1950, "Maurice Herzog and Louis Lachenal",
        "the first eight-thousander ever climbed",
    ),
    (
        "Mont Blanc", 4808, "the Alps", "France and Italy", 1786,
        "Jacques Balmat and Michel-Gabriel Paccard", "the highest mountain of the Alps",
    ),
    (
        "the Matterhorn", 4478, "the Alps", "Switzerland and Italy", 1865, "Edward Whymper's party",
        "the pyramid-shaped mountain above Zermatt",
    ),
    (
        "the Eiger", 3967, "the Alps", "Switzerland", 1858, "Charles Barrington with two guides",
        "the mountain with the dreaded Nordwand",
    ),
    (
        "the Jungfrau", 4158, "the Alps", "Switzerland", 1811, "the Meyer brothers",
        "the mountain whose saddle holds the highest railway station in Europe",
    ),
    (
        "the Zugspitze", 2962, "the Alps", "Germany and Austria", 1820, "Josef Naus",
        "the highest mountain in Germany",
    ),
    ("the Grossglockner", 3798, "the Alps", "Austria", 1800, None, "the highest mountain in Austria"),
    (
        "Mount Elbrus", 5642, "the Caucasus", "Russia", None, None,
        "the highest mountain in Europe if the Caucasus is counted",
    ),
    ("Mount Etna", None, None, "Italy", None, None, "the great volcano of Sicily"),
    ("Mount Vesuvius", 1281, None, "Italy", None, None, "the volcano that buried Pompeii"),
    (
        "Mount Olympus", 2917, None, "Greece", 1913,
        "Daniel Baud-Bovy, Frédéric Boissonnas and Christos Kakalos", "the home of the gods in Greek myth",
    ),
    (
        "Ben Nevis", 1345, "the Grampians", "the United Kingdom", 1771, "James Robertson",
        "the highest mountain in the British Isles",
    ),
    ("Snowdon", 1085, None, "the United Kingdom", None, None, "the highest mountain in Wales"),
    ("Aneto", 3404, "the Pyrenees", "Spain", 1842, None, "the highest mountain of the Pyrenees"),
    ("Mount Teide", 3715, None, "Spain", None, None, "the volcano that towers over Tenerife"),
    (
        "Mount Ararat", 5137, None, "Turkey", 1829, "Friedrich Parrot's party",
        "the mountain on which Noah's ark is said to have landed",
    ),
    (
        "Mount Kilimanjaro", 5895, None, "Tanzania", 1889, "Hans Meyer and Ludwig Purtscheller",
        "the highest mountain in Africa",
    ),
    (
        "Mount Kenya", 5199, None, "Kenya", 1899, "Halford Mackinder's party",
        "the second highest mountain in Africa",
    ),
    (
        "Table Mountain", 1085, None, "South Africa", 1503, "António de Saldanha",
        "the flat-topped mountain above Cape Town",
    ),
    ("Toubkal", 4167, "the Atlas", "Morocco", 1923, None, "the highest mountain in North Africa"),
    ("Mount Fuji", 3776, None, "Japan", None, None, "the highest mountain in Japan"),
    (
        "Krakatoa", None, None, "Indonesia", None, None,
        "the volcano in the Sunda Strait that exploded in 1883",
    ),
    ("Mount Kinabalu", 4095, "the Crocker Range", "Malaysia", None, None, "the highest mountain on Borneo"),
    (
        "Puncak Jaya", 4884, None, "Indonesia", 1962, "Heinrich Harrer's party",
        "the highest mountain in Oceania",
    ),
    ("Mount Damavand", None, "the Alborz", "Iran", None, None, "the highest volcano in Asia"),
    (
        "Denali", 6190, "the Alaska Range", "the United States", 1913, "Hudson Stuck's party",
        "the highest mountain in North America",
    ),
    (
        "Mount Logan", 5959, "the Saint Elias Mountains", "Canada", 1925, "Albert MacCarthy's party",
        "the highest mountain in Canada",
    ),
    (
        "Mount Rainier", 4392, "the Cascades", "the United States", 1870,
        "Hazard Stevens and Philemon Van Trump", "the glacier-clad volcano near Seattle",
    ),
    (
        "Mount St. Helens", 2549, "the Cascades", "the United States", 1853, "Thomas Dryer's party",
        "the American volcano that blew its top off in 1980",
    ),
    (
        "Mount Whitney", 4421, "the Sierra Nevada", "the United States", 1873,
        "Charles Begole, Albert Johnson and John Lucas", "the highest mountain in California",
    ),
    (
        "Mauna Kea", 4207, None, "the United States", None, None,
        "the Hawaiian volcano crowned with telescopes",
    ),
    ("Popocatépetl", None, None, "Mexico", None, None, "the smoking volcano near Mexico City"),
    (
        "Aconcagua", 6961, "the Andes", "Argentina", 1897, "Matthias Zurbriggen",
        "the highest mountain in the Americas",
    ),
    (
        "Chimborazo", 6263, "the Andes", "Ecuador", 1880,
        "Edward Whymper with Louis and Jean-Antoine Carrel",
        "the summit that lies farthest from the Earth's centre",
    ),
    ("Cotopaxi", 5897, "the Andes", "Ecuador", 1872, "Wilhelm Reiss and Ángel Escobar", None),
    ("Huascarán", 6768, "the Andes", "Peru", 1932, None, "the highest mountain in Peru"),
    (
        "Mount Cook", 3724, "the Southern Alps", "New Zealand", 1894,
        "Tom Fyfe, George Graham and Jack Clarke", "the highest mountain in New Zealand",
    ),
    (
        "Mount Kosciuszko", 2228, "the Snowy Mountains", "Australia", None, None,
        "the highest mountain on the Australian mainland",
    ),
    (
        "Mount Erebus", 3794, None, None, 1908, "members of Shackleton's Nimrod expedition",
        "the southernmost active volcano",
    ),
    (
        "Vinson", 4892, "the Ellsworth Mountains", None, 1966, "Nicholas Clinch's American expedition",
        "the highest mountain in Antarctica",
    ),
)
