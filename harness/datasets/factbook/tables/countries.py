"""Countries. General reference knowledge (capitals, ISO and ITU codes, commonly cited areas, populations
and peaks). Populations are in millions for 2020, rounded; areas are rounded. Where a country has several
capitals or a value has changed lately, the cell is None.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "capital", "currency", "language", "calling", "tld", "side", "area", "people", "peak",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    ("France", "Paris", "the euro", "French", "+33", ".fr", "right", None, 67, "Mont Blanc"),
    ("Germany", "Berlin", "the euro", "German", "+49", ".de", "right", 357000, 83, "the Zugspitze"),
    ("Italy", "Rome", "the euro", "Italian", "+39", ".it", "right", 301000, None, "Mont Blanc"),
    ("Spain", "Madrid", "the euro", "Spanish", "+34", ".es", "right", 506000, 47, "Mount Teide"),
    ("Portugal", "Lisbon", "the euro", "Portuguese", "+351", ".pt", "right", 92000, 10.3, "Mount Pico"),
    ("the Netherlands", None, "the euro", "Dutch", "+31", ".nl", "right", 41500, 17.4, None),
    (
        "Belgium", "Brussels", "the euro", "Dutch, French and German", "+32", ".be", "right", 30500, 11.5,
        "the Signal de Botrange",
    ),
    ("Austria", "Vienna", "the euro", "German", "+43", ".at", "right", 84000, 8.9, "the Grossglockner"),
    (
        "Switzerland", "Bern", "the Swiss franc", "German, French, Italian and Romansh", "+41", ".ch",
        "right", 41000, 8.6, "the Dufourspitze",
    ),
    (
        "Ireland", "Dublin", "the euro", "Irish and English", "+353", ".ie", "left", 70000, 5,
        "Carrauntoohil",
    ),
    (
        "the United Kingdom", "London", "the pound sterling", "English", "+44", ".uk", "left", 243000, 67,
        "Ben Nevis",
    ),
    (
        "Iceland", "Reykjavik", "the Icelandic krona", "Icelandic", "+354", ".is", "right", 103000, None,
        "Hvannadalshnúkur",
    ),
    (
        "Norway", "Oslo", "the Norwegian krone", "Norwegian", "+47", ".no", "right", None, 5.4,
        "Galdhøpiggen",
    ),
    (
        "Sweden", "Stockholm", "the Swedish krona", "Swedish", "+46", ".se", "right", 450000, 10.4,
        "Kebnekaise",
    ),
    ("Denmark", "Copenhagen", "the Danish krone", "Danish", "+45", ".dk", "right", 43000, 5.8, None),
    (
        "Finland", "Helsinki", "the euro", "Finnish and Swedish", "+358", ".fi", "right", 338000, 5.5,
        "Halti",
    ),
    ("Estonia", "Tallinn", "the euro", "Estonian", "+372", ".ee", "right", 45000, 1.3, "Suur Munamägi"),
    ("Latvia", "Riga", "the euro", "Latvian", "+371", ".lv", "right", 64600, 1.9, "Gaiziņkalns"),
    ("Lithuania", "Vilnius", "the euro", "Lithuanian", "+370", ".lt", "right", 65300, 2.8, None),
    ("Poland", "Warsaw", "the zloty", "Polish", "+48", ".pl", "right", 312000, 38, "Rysy"),
    (
        "the Czech Republic", "Prague", "the Czech koruna", "Czech", "+420", ".cz", "right", 79000, 10.7,
        "Sněžka",
    ),
    ("Hungary", "Budapest", "the forint", "Hungarian", "+36", ".hu", "right", 93000, 9.7, "Kékes"),
    (
        "Romania", "Bucharest", "the Romanian leu", "Romanian", "+40", ".ro", "right", 238000, 19.3,
        "Moldoveanu",
    ),
    ("Greece", "Athens", "the euro", "Greek", "+30", ".gr", "right", 132000, 10.7, "Mount Olympus"),
    ("Turkey", "Ankara", "the Turkish lira", "Turkish", "+90", ".tr", "right", 783000, 83, "Mount Ararat"),
    ("Ukraine", "Kyiv", "the hryvnia", "Ukrainian", "+380", ".ua", "right", 603000, None, "Hoverla"),
    (
        "Russia", "Moscow", "the Russian rouble", "Russian", "+7", ".ru", "right", 17100000, 145,
        "Mount Elbrus",
    ),
    ("Georgia", "Tbilisi", "the lari", "Georgian", "+995", ".ge", "right", 69700, 3.7, "Shkhara"),
    (
        "Egypt", "Cairo", "the Egyptian pound", "Arabic", "+20", ".eg", "right", 1000000, None,
        "Mount Catherine",
    ),
    (
        "Morocco", "Rabat", "the Moroccan dirham", "Arabic and Berber", "+212", ".ma", "right", None, 37,
        "Toubkal",
    ),
    (
        "Algeria", "Algiers", "the Algerian dinar", "Arabic and Berber", "+213", ".dz", "right", 2380000,
        44, "Mount Tahat",
    ),
    ("Nigeria", "Abuja", "the naira", "English", "+234", ".ng", "right", 924000, 206, "Chappal Waddi"),
    ("Ghana", "Accra", "the cedi", "English", "+233", ".gh", "right", 239000, 31, "Mount Afadja"),
    ("Senegal", "Dakar", None, "French", "+221", ".sn", "right", 197000, 17, None),
    ("Ethiopia", "Addis Ababa", "the birr", None, "+251", ".et", "right", 1100000, 115, "Ras Dashen"),
    (
        "Kenya", "Nairobi", "the Kenyan shilling", "Swahili and English", "+254", ".ke", "left", 580000,
        54, "Mount Kenya",
    ),
    (
        "Tanzania", "Dodoma", "the Tanzanian shilling", "Swahili and English", "+255", ".tz", "left",
        945000, 60, "Mount Kilimanjaro",
    ),
    (
        "Uganda", "Kampala", "the Ugandan shilling", "English and Swahili", "+256", ".ug", "left", 241000,
        45, "Mount Stanley",
    ),
    ("Zambia", "Lusaka", "the Zambian kwacha", "English", "+260", ".zm", "left", 753000, 18, None),
    (
        "Madagascar", "Antananarivo", "the ariary", "Malagasy and French", "+261", ".mg", "right", 587000,
        28, "Maromokotro",
    ),
    ("South Africa", None, "the rand", None, "+27", ".za", "left", 1220000, 59, "Mafadi"),
    (
        "India", "New Delhi", "the Indian rupee", "Hindi and English", "+91", ".in", "left", 3290000, 1380,
        "Kangchenjunga",
    ),
    (
        "Pakistan", "Islamabad", "the Pakistani rupee", "Urdu and English", "+92", ".pk", "left", None,
        221, "K2",
    ),
    ("Bangladesh", "Dhaka", "the taka", "Bengali", "+880", ".bd", "left", 148000, 165, None),
    (
        "Nepal", "Kathmandu", "the Nepalese rupee", "Nepali", "+977", ".np", "left", 147000, 29,
        "Mount Everest",
    ),
    (
        "China", "Beijing", "the renminbi", "Mandarin Chinese", "+86", ".cn", "right", 9600000, 1400,
        "Mount Everest",
    ),
    (
        "Mongolia", "Ulaanbaatar", "the tugrik", "Mongolian", "+976", ".mn", "right", 1560000, 3.3,
        "Khuiten Peak",
    ),
    ("Japan", "Tokyo", "the yen", "Japanese", "+81", ".jp", "left", 378000, 126, "Mount Fuji"),
    (
        "South Korea", "Seoul", "the South Korean won", "Korean", "+82", ".kr", "right", 100000, 52,
        "Hallasan",
    ),
    ("Thailand", "Bangkok", "the baht", "Thai", "+66", ".th", "left", 513000, 70, "Doi Inthanon"),
    ("Vietnam", "Hanoi", "the dong", "Vietnamese", "+84", ".vn", "right", 331000, 97, "Fansipan"),
    ("Malaysia", None, "the ringgit", "Malay", "+60", ".my", "left", 330000, 32, "Mount Kinabalu"),
    ("Indonesia", None, "the rupiah", "Indonesian", "+62", ".id", "left", 1900000, 270, "Puncak Jaya"),
    (
        "the Philippines", "Manila", "the Philippine peso", "Filipino and English", "+63", ".ph", "right",
        300000, 109, "Mount Apo",
    ),
    (
        "Kazakhstan", "Astana", "the tenge", "Kazakh and Russian", "+7", ".kz", "right", 2720000, 19,
        "Khan Tengri",
    ),
    ("Iran", "Tehran", "the Iranian rial", "Persian", "+98", ".ir", "right", 1650000, 84, "Mount Damavand"),
    (
        "Australia", "Canberra", "the Australian dollar", "English", "+61", ".au", "left", 7690000, 25.7,
        "Mount Kosciuszko",
    ),
    (
        "New Zealand", "Wellington", "the New Zealand dollar", "English and Maori", "+64", ".nz", "left",
        268000, 5.1, "Mount Cook",
    ),
    (
        "the United States", "Washington, D.C.", "the US dollar", None, "+1", ".us", "right", None, 331,
        "Denali",
    ),
    (
        "Canada", "Ottawa", "the Canadian dollar", "English and French", "+1", ".ca", "right", 9980000, 38,
        "Mount Logan",
    ),
    (
        "Mexico", "Mexico City", "the Mexican peso", "Spanish", "+52", ".mx", "right", 1960000, 126,
        "Pico de Orizaba",
    ),
    ("Cuba", "Havana", "the Cuban peso", "Spanish", "+53", ".cu", "right", 110000, 11.3, "Pico Turquino"),
    (
        "Brazil", "Brasília", "the Brazilian real", "Portuguese", "+55", ".br", "right", 8520000, 212,
        "Pico da Neblina",
    ),
    (
        "Argentina", "Buenos Aires", "the Argentine peso", "Spanish", "+54", ".ar", "right", 2780000, 45,
        "Aconcagua",
    ),
    (
        "Chile", "Santiago", "the Chilean peso", "Spanish", "+56", ".cl", "right", 756000, 19,
        "Ojos del Salado",
    ),
    ("Peru", "Lima", "the Peruvian sol", None, "+51", ".pe", "right", 1290000, 33, "Huascarán"),
    ("Colombia", "Bogotá", "the Colombian peso", "Spanish", "+57", ".co", "right", 1140000, 51, None),
    ("Ecuador", "Quito", "the US dollar", "Spanish", "+593", ".ec", "right", None, 17.6, "Chimborazo"),
    ("Venezuela", "Caracas", "the bolívar", "Spanish", "+58", ".ve", "right", 916000, 28, "Pico Bolívar"),
    ("Uruguay", "Montevideo", "the Uruguayan peso", "Spanish", "+598", ".uy", "right", 176000, 3.5, None),
)
