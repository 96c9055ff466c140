"""Companies. General reference knowledge about their beginnings; nothing that changes with the markets.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "founder", "year", "place", "product", "first", "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "Apple", "Steve Jobs, Steve Wozniak and Ronald Wayne", 1976, "Los Altos, California",
        "the iPhone and the Mac", "a computer sold as a bare circuit board", None,
    ),
    (
        "Microsoft", "Bill Gates and Paul Allen", 1975, "Albuquerque, New Mexico", "Windows and Office",
        "a BASIC interpreter for the Altair 8800", None,
    ),
    (
        "Amazon", "Jeff Bezos", 1994, "Bellevue, Washington", "online shopping and cloud computing",
        "books sold over the internet", None,
    ),
    (
        "Google", "Larry Page and Sergey Brin", 1998, "Menlo Park, California",
        "a search engine and Android", "a ranking of web pages by their links", None,
    ),
    (
        "IKEA", "Ingvar Kamprad", 1943, "Älmhult", "furniture that buyers put together themselves",
        "pens, wallets and other small goods by mail order", None,
    ),
    ("Lego", "Ole Kirk Christiansen", 1932, "Billund", "interlocking plastic bricks", "wooden toys", None),
    (
        "Nintendo", "Fusajiro Yamauchi", 1889, "Kyoto", "Super Mario and games consoles",
        "handmade playing cards", None,
    ),
    (
        "Toyota", "Kiichiro Toyoda", 1937, "Japan", "the Corolla and the Prius",
        "cars from a division of a loom maker", None,
    ),
    (
        "Honda", "Soichiro Honda", 1948, "Hamamatsu", "motorcycles and the Civic",
        "bicycles fitted with small engines", None,
    ),
    (
        "Sony", "Masaru Ibuka and Akio Morita", 1946, "Tokyo", "the Walkman and the PlayStation",
        "a rice cooker that did not work well", None,
    ),
    (
        "Ford", "Henry Ford", 1903, "Detroit", "the Model T and the Mustang", "a car called the Model A",
        None,
    ),
    (
        "Ferrari", "Enzo Ferrari", None, "Maranello", "red sports cars with a prancing horse",
        "racing cars", None,
    ),
    ("Boeing", "William Boeing", 1916, "Seattle", "the 747 jumbo jet", "a wooden seaplane", None),
    (
        "Siemens", "Werner von Siemens and Johann Georg Halske", 1847, "Berlin",
        "trains and industrial automation", "pointer telegraphs", None,
    ),
    ("Adidas", "Adi Dassler", 1949, "Herzogenaurach", "sports shoes with three stripes", None, None),
    (
        "Bayer", "Friedrich Bayer and Johann Friedrich Weskott", 1863, "Barmen", "Aspirin",
        "synthetic dyes", None,
    ),
    (
        "Michelin", "the brothers André and Édouard Michelin", 1889, "Clermont-Ferrand",
        "tyres and restaurant stars", "rubber goods", None,
    ),
    (
        "Disney", "Walt Disney and his brother Roy", 1923, "Los Angeles", "animated films and theme parks",
        "the Alice Comedies", None,
    ),
    (
        "McDonald's", "Richard and Maurice McDonald", 1940, "San Bernardino, California",
        "hamburgers and fries", None, None,
    ),
    ("Coca-Cola", "Asa Candler", 1892, "Atlanta", "a brown fizzy soft drink", None, None),
    (
        "Nokia", "Fredrik Idestam", 1865, "Tampere", "mobile phones and network equipment",
        "wood pulp for paper", None,
    ),
    (
        "Philips", "Gerard and Frederik Philips", 1891, "Eindhoven",
        "the audio cassette and medical scanners", "carbon-filament lamps", None,
    ),
    ("Nestlé", "Henri Nestlé", 1866, "Vevey", "Nescafé and KitKat", "a milk-based food for babies", None),
    (
        "Starbucks", "Jerry Baldwin, Zev Siegl and Gordon Bowker", 1971, "Seattle",
        "coffee bars all over the world", "roasted beans", None,
    ),
    (
        "IBM", "Charles Ranlett Flint", 1911, "Endicott, New York",
        "mainframes and the personal computer of 1981", "tabulating machines and time clocks", None,
    ),
)
