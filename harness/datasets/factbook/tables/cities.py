"""Cities. General reference knowledge. Populations are in millions for the city proper about 2020, rounded,
and left out where the boundary in use differs much between sources.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "country", "water", "people", "airport", "sight", "games", "transit", "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "Berlin", "Germany", "the Spree", 3.7, "Brandenburg", "the Brandenburg Gate", 1936, "the U-Bahn",
        "the capital of Germany",
    ),
    (
        "Hamburg", "Germany", "the Elbe", 1.9, "Helmut Schmidt", "the Elbphilharmonie concert hall", None,
        None, "Germany's second largest city",
    ),
    (
        "Munich", "Germany", "the Isar", 1.5, "Franz Josef Strauss", "the Frauenkirche", 1972, None,
        "the Bavarian capital",
    ),
    (
        "Cologne", "Germany", "the Rhine", 1.1, "Konrad Adenauer", "its twin-spired Gothic cathedral",
        None, None, None,
    ),
    (
        "Paris", "France", "the Seine", 2.1, "Charles de Gaulle", "the Eiffel Tower", 2024, "the Métro",
        "the French capital",
    ),
    (
        "Lyon", "France", "the Rhône and the Saône", 0.5, "Saint-Exupéry",
        "the hilltop Basilica of Fourvière", None, None, None,
    ),
    (
        "Marseille", "France", "the Mediterranean", 0.87, "Marseille Provence",
        "the basilica of Notre-Dame de la Garde", None, None, "France's largest Mediterranean port",
    ),
    (
        "Rome", "Italy", "the Tiber", 2.8, "Leonardo da Vinci–Fiumicino", "the Colosseum", 1960, None,
        "the Italian capital",
    ),
    (
        "Venice", "Italy", "the Venetian Lagoon", 0.26, "Marco Polo", "St Mark's Square", None,
        "the vaporetto", "the city of canals and gondolas",
    ),
    (
        "Florence", "Italy", "the Arno", 0.37, "Peretola", "Brunelleschi's cathedral dome", None, None,
        "the capital of Tuscany",
    ),
    ("Milan", "Italy", None, 1.4, "Malpensa", "La Scala", None, None, "the capital of Lombardy"),
    (
        "Naples", "Italy", "the Tyrrhenian Sea", 0.95, "Capodichino", "the Castel Nuovo", None, None,
        "the city at the foot of Vesuvius",
    ),
    (
        "London", "the United Kingdom", "the Thames", 9, "Heathrow", "the Tower of London", 2012,
        "the Tube", "the British capital",
    ),
    (
        "Edinburgh", "the United Kingdom", "the Firth of Forth", 0.5, None,
        "its castle on a volcanic rock", None, None, "the Scottish capital",
    ),
    (
        "Liverpool", "the United Kingdom", "the Mersey", 0.5, "John Lennon", "the Royal Liver Building",
        None, None, "the home town of the Beatles",
    ),
    (
        "Madrid", "Spain", "the Manzanares", 3.3, "Barajas", "the Royal Palace", None, None,
        "the Spanish capital",
    ),
    (
        "Barcelona", "Spain", "the Mediterranean", 1.6, "El Prat", "the Sagrada Família", 1992, None,
        "the capital of Catalonia",
    ),
    (
        "Seville", "Spain", "the Guadalquivir", 0.69, "San Pablo", "the Giralda bell tower", None, None,
        "the capital of Andalusia",
    ),
    (
        "Lisbon", "Portugal", "the Tagus", None, "Humberto Delgado", "Belém Tower", None, None,
        "the Portuguese capital",
    ),
    (
        "Porto", "Portugal", "the Douro", 0.23, "Francisco Sá Carneiro", "the Dom Luís I Bridge", None,
        None, "the city that gave port wine its name",
    ),
    (
        "Amsterdam", "the Netherlands", "the Amstel", 0.87, "Schiphol", "the Anne Frank House", 1928, None,
        "the Dutch capital",
    ),
    ("Brussels", "Belgium", None, None, "Zaventem", "the Manneken Pis", None, None, "the Belgian capital"),
    (
        "Vienna", "Austria", "the Danube", 1.9, "Schwechat", "Schönbrunn Palace", None, None,
        "the Austrian capital",
    ),
    (
        "Salzburg", "Austria", "the Salzach", 0.155, None, "Hohensalzburg Fortress", None, None,
        "Mozart's birthplace",
    ),
    (
        "Prague", "the Czech Republic", "the Vltava", 1.3, "Václav Havel", "Charles Bridge", None, None,
        "the Czech capital",
    ),
    (
        "Budapest", "Hungary", "the Danube", 1.75, "Ferenc Liszt", "the Chain Bridge", None, None,
        "the Hungarian capital",
    ),
    (
        "Warsaw", "Poland", "the Vistula", 1.8, "Chopin", "the Palace of Culture and Science", None, None,
        "the Polish capital",
    ),
    (
        "Athens", "Greece", None, None, "Eleftherios Venizelos", "the Parthenon", 2004, None,
        "the Greek capital",
    ),
    (
        "Istanbul", "Turkey", "the Bosphorus", 15.5, None, "the Hagia Sophia", None, None,
        "the metropolis that straddles two continents",
    ),
    (
        "Moscow", "Russia", "the Moskva", 12.6, "Sheremetyevo", "Red Square", 1980, None,
        "the Russian capital",
    ),
    (
        "Saint Petersburg", "Russia", "the Neva", 5.4, "Pulkovo", "the Hermitage", None, None,
        "the city that was once called Leningrad",
    ),
    (
        "Stockholm", "Sweden", "Lake Mälaren", 0.97, "Arlanda", "the Vasa Museum", 1912, "the Tunnelbana",
        "the Swedish capital",
    ),
    (
        "Copenhagen", "Denmark", "the Øresund", 0.63, "Kastrup", "the Little Mermaid statue", None, None,
        "the Danish capital",
    ),
    (
        "Oslo", "Norway", "the Oslofjord", 0.7, "Gardermoen", "Vigeland's sculpture park", None,
        "the T-bane", "the Norwegian capital",
    ),
    (
        "Helsinki", "Finland", "the Gulf of Finland", 0.65, "Vantaa",
        "the white Lutheran cathedral on Senate Square", 1952, None, "the Finnish capital",
    ),
    (
        "Dublin", "Ireland", "the Liffey", None, None, "the Book of Kells at Trinity College", None, None,
        "the Irish capital",
    ),
    (
        "Cairo", "Egypt", "the Nile", None, None, "the pyramids of Giza on its edge", None, None,
        "the Egyptian capital",
    ),
    ("Marrakesh", "Morocco", None, None, "Menara", "the market square of Jemaa el-Fnaa", None, None, None),
    (
        "Nairobi", "Kenya", "the Nairobi River", 4.4, "Jomo Kenyatta",
        "the national park beside its skyscrapers", None, None, "the Kenyan capital",
    ),
    (
        "Cape Town", "South Africa", "the Atlantic", None, None, "flat-topped Table Mountain", None, None,
        "the South African city nearest the Cape of Good Hope",
    ),
    (
        "New Delhi", "India", "the Yamuna", None, "Indira Gandhi", "India Gate", None, None,
        "the Indian capital",
    ),
    (
        "Mumbai", "India", "the Arabian Sea", None, "Chhatrapati Shivaji", "the Gateway of India", None,
        None, "the city once called Bombay",
    ),
    (
        "Kolkata", "India", "the Hooghly", None, "Netaji Subhas Chandra Bose", "the Howrah Bridge", None,
        None, "the city once called Calcutta",
    ),
    (
        "Tokyo", "Japan", "the Sumida", 14, "Haneda", "Senso-ji temple in Asakusa", 2020, None,
        "the Japanese capital",
    ),
    (
        "Kyoto", "Japan", "the Kamo", 1.46, None, "the Golden Pavilion", None, None,
        "the imperial seat of Japan before 1868",
    ),
    ("Osaka", "Japan", "the Yodo", 2.7, "Kansai", "its reconstructed castle", None, None, None),
    (
        "Seoul", "South Korea", "the Han", 9.7, "Incheon", "Gyeongbokgung Palace", 1988, None,
        "the South Korean capital",
    ),
    ("Beijing", "China", None, 21.9, None, "the Forbidden City", 2008, None, "the Chinese capital"),
    (
        "Shanghai", "China", "the Huangpu", 24.9, "Pudong", "the waterfront called the Bund", None, None,
        "China's most populous city",
    ),
    (
        "Bangkok", "Thailand", "the Chao Phraya", None, "Suvarnabhumi", "the Temple of the Emerald Buddha",
        None, "the Skytrain", "the Thai capital",
    ),
    (
        "Hanoi", "Vietnam", "the Red River", 8, "Noi Bai", "the mausoleum of Ho Chi Minh", None, None,
        "the Vietnamese capital",
    ),
    (
        "Singapore", None, "the Singapore Strait", 5.7, "Changi", "the Marina Bay Sands towers", None,
        "the MRT", "the Lion City",
    ),
    (
        "Sydney", "Australia", "Port Jackson", None, "Kingsford Smith", "the shell-roofed Opera House",
        2000, None, "the biggest city in Australia",
    ),
    (
        "Melbourne", "Australia", "the Yarra", None, "Tullamarine", "Flinders Street Station", 1956, None,
        "the capital of Victoria",
    ),
    (
        "Auckland", "New Zealand", "the Waitemata Harbour", None, None, "the Sky Tower", None, None,
        "New Zealand's largest city",
    ),
    (
        "New York", "the United States", "the Hudson", 8.8, "John F. Kennedy", "the Statue of Liberty",
        None, "the subway", "the Big Apple",
    ),
    (
        "Chicago", "the United States", "Lake Michigan", 2.7, "O'Hare", "the Willis Tower", None,
        "the 'L'", "the Windy City",
    ),
    (
        "San Francisco", "the United States", "the Pacific", 0.87, None, "the Golden Gate Bridge", None,
        "cable cars", None,
    ),
    (
        "Los Angeles", "the United States", "the Pacific", 3.9, None, "the Hollywood sign", 1984, None,
        "the city of film studios in California",
    ),
    (
        "Boston", "the United States", "the Charles", 0.68, "Logan", "the Freedom Trail", None, "the T",
        "the capital of Massachusetts",
    ),
    (
        "New Orleans", "the United States", "the Mississippi", 0.38, "Louis Armstrong",
        "the French Quarter", None, "streetcars", "the birthplace of jazz",
    ),
    (
        "Washington, D.C.", "the United States", "the Potomac", 0.69, "Dulles", "the White House", None,
        None, "the American capital",
    ),
    (
        "Toronto", "Canada", "Lake Ontario", 2.8, "Pearson", "the CN Tower", None, None,
        "Canada's largest city",
    ),
    (
        "Montreal", "Canada", "the St Lawrence", 1.76, "Trudeau", "the Notre-Dame Basilica", 1976, None,
        "the largest city of Quebec",
    ),
    (
        "Mexico City", "Mexico", None, 9.2, "Benito Juárez", "the great square called the Zócalo", 1968,
        None, "the Mexican capital",
    ),
    (
        "Havana", "Cuba", "the Straits of Florida", 2.1, "José Martí",
        "the seaside boulevard called the Malecón", None, None, "the Cuban capital",
    ),
    (
        "Rio de Janeiro", "Brazil", "Guanabara Bay", 6.7, "Galeão", "the statue of Christ the Redeemer",
        2016, None, "the city of Copacabana beach",
    ),
    (
        "Buenos Aires", "Argentina", "the River Plate", 3.1, "Ezeiza", "the Obelisk", None, "the Subte",
        "the Argentine capital",
    ),
    (
        "Lima", "Peru", "the Pacific", None, "Jorge Chávez", "the Plaza Mayor", None, None,
        "the Peruvian capital",
    ),
)
