"""Rivers. Lengths are in kilometres, rounded; rivers whose length sources disagree on by more than a few
per cent have none. General reference knowledge.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "length", "source", "mouth", "countries", "tributary", "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "the Nile", 6650, None, "the Mediterranean Sea", "Uganda, South Sudan, Sudan and Egypt",
        "the Atbara", "the river of the pharaohs",
    ),
    (
        "the Amazon", 6400, "the Peruvian Andes", "the Atlantic Ocean", "Peru, Colombia and Brazil",
        "the Rio Negro", "the river that drains the largest rainforest",
    ),
    (
        "the Danube", 2850, "the Black Forest", "the Black Sea", "ten countries, from Germany to Ukraine",
        "the Drava", "the river that Vienna and Budapest share",
    ),
    (
        "the Rhine", 1230, "the Swiss Alps", "the North Sea",
        "Switzerland, Germany and the Netherlands, among others", "the Moselle",
        "the river of the Lorelei rock",
    ),
    (
        "the Seine", 777, "the Langres plateau in Burgundy", "the English Channel", "France", "the Marne",
        "the river that runs past Notre-Dame in Paris",
    ),
    (
        "the Loire", 1010, "the Massif Central", "the Bay of Biscay", "France", "the Allier",
        "the French river lined with Renaissance castles",
    ),
    (
        "the Rhône", 812, "a glacier in the canton of Valais", "the Mediterranean Sea",
        "Switzerland and France", "the Saône", "the river that passes through Lake Geneva",
    ),
    (
        "the Thames", 346, "the Cotswold Hills", "the North Sea", "England", "the Cherwell",
        "the river that flows through London",
    ),
    (
        "the Severn", 354, "the Cambrian Mountains", "the Bristol Channel", "Wales and England",
        "the Avon", "the longest river in Great Britain",
    ),
    (
        "the Po", 652, "the Cottian Alps", "the Adriatic Sea", "Italy", "the Ticino",
        "the longest river in Italy",
    ),
    (
        "the Tiber", 405, "the Apennines", "the Tyrrhenian Sea", "Italy", "the Aniene",
        "the river on which Rome was built",
    ),
    (
        "the Elbe", 1094, "the Giant Mountains", "the North Sea", "the Czech Republic and Germany",
        "the Vltava", "the river that links Dresden with Hamburg",
    ),
    (
        "the Vistula", 1047, "the Silesian Beskids", "the Baltic Sea", "Poland", "the San",
        "the longest river in Poland",
    ),
    (
        "the Tagus", 1007, "the Sierra de Albarracín", "the Atlantic Ocean", "Spain and Portugal",
        "the Jarama", "the longest river of the Iberian Peninsula",
    ),
    (
        "the Ebro", 930, "the Cantabrian Mountains", "the Mediterranean Sea", "Spain", "the Segre",
        "the river that flows through Zaragoza",
    ),
    (
        "the Volga", 3530, "the Valdai Hills", "the Caspian Sea", "Russia", "the Kama",
        "the longest river in Europe",
    ),
    (
        "the Dnieper", 2200, "the Valdai Hills", "the Black Sea", "Russia, Belarus and Ukraine",
        "the Pripyat", "the river that flows through Kyiv",
    ),
    ("the Neva", 74, "Lake Ladoga", "the Gulf of Finland", "Russia", None, "the river of Saint Petersburg"),
    (
        "the Yangtze", 6300, "the Tibetan Plateau", "the East China Sea", "China", "the Han",
        "the river held back by the Three Gorges Dam",
    ),
    (
        "the Yellow River", 5460, "the Bayan Har Mountains", "the Bohai Sea", "China", "the Wei",
        "the river laden with loess in northern China",
    ),
    (
        "the Mekong", 4350, "the Tibetan Plateau", "the South China Sea",
        "China, Myanmar, Laos, Thailand, Cambodia and Vietnam", "the Mun",
        "the river with a large delta in southern Vietnam",
    ),
    (
        "the Ganges", 2525, "the Gangotri Glacier", "the Bay of Bengal", "India and Bangladesh",
        "the Yamuna", "the holiest river of the Hindus",
    ),
    (
        "the Brahmaputra", None, "the Angsi Glacier in Tibet", "the Bay of Bengal",
        "China, India and Bangladesh", "the Teesta", "the river known in Tibet as the Yarlung Tsangpo",
    ),
    (
        "the Indus", 3180, "the Tibetan Plateau", "the Arabian Sea", "China, India and Pakistan",
        "the Sutlej", "the longest river in Pakistan",
    ),
    (
        "the Tigris", 1900, "the Taurus Mountains", "the Shatt al-Arab", "Turkey, Syria and Iraq",
        "the Diyala", "the river that flows through Baghdad",
    ),
    (
        "the Jordan", 251, "the slopes of Mount Hermon", "the Dead Sea",
        "Israel, Jordan and the West Bank", "the Yarmouk", "the river of the baptism of Jesus",
    ),
    (
        "the Congo", 4700, None, "the Atlantic Ocean",
        "the Republic of the Congo and the Democratic Republic of the Congo, among others", "the Kasai",
        "the deepest river in the world",
    ),
    (
        "the Niger", 4180, "the Guinea Highlands", "the Gulf of Guinea",
        "Guinea, Mali, Niger, Benin and Nigeria", "the Benue",
        "the river whose great bend lies near Timbuktu",
    ),
    (
        "the Zambezi", 2574, "north-western Zambia", "the Indian Ocean",
        "six countries, from Zambia to Mozambique", "the Kafue", "the river of the Victoria Falls",
    ),
    (
        "the Orange River", 2200, "the mountains of Lesotho", "the Atlantic Ocean",
        "Lesotho, South Africa and Namibia", "the Vaal", "the longest river in South Africa",
    ),
    (
        "the Mississippi", 3770, "Lake Itasca in Minnesota", "the Gulf of Mexico", "the United States",
        "the Ohio", "the river of Tom Sawyer and Huckleberry Finn",
    ),
    (
        "the Missouri", 3770, "the Rocky Mountains of Montana", None, "the United States", "the Platte",
        "the longest tributary of the Mississippi",
    ),
    (
        "the Colorado", 2330, "the Rocky Mountains", "the Gulf of California",
        "the United States and Mexico", "the Green River", "the river that carved the Grand Canyon",
    ),
    (
        "the Hudson", 507, "the Adirondack Mountains", "Upper New York Bay", "the United States",
        "the Mohawk", "the river along Manhattan's west side",
    ),
    (
        "the Yukon", 3190, "British Columbia", "the Bering Sea", "Canada and the United States",
        "the Klondike", "the great river of the gold rush in the far north-west",
    ),
    (
        "the Columbia", 2000, "the Rocky Mountains of British Columbia", "the Pacific Ocean",
        "Canada and the United States", "the Snake River", "the river dammed at Grand Coulee",
    ),
    (
        "the Orinoco", 2140, "the Parima Mountains", "the Atlantic Ocean", "Venezuela and Colombia",
        "the Apure", "the longest river in Venezuela",
    ),
    (
        "the Murray", 2508, "the Australian Alps", "the Southern Ocean", "Australia", "the Darling",
        "the longest river in Australia",
    ),
)
