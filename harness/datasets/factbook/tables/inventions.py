"""Inventions and discoveries. General reference knowledge; where several people have a claim, the one
usually named. Disputed years are None.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "credit", "year", "place", "purpose", "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "the movable-type printing press", "Johannes Gutenberg", None, "Mainz",
        "copying books in large numbers", "the machine that produced the Bible with 42 lines a page",
    ),
    (
        "the mercury barometer", "Evangelista Torricelli", 1643, "Florence", "measuring air pressure",
        "the glass tube that foretells a change of weather",
    ),
    (
        "the pendulum clock", "Christiaan Huygens", 1656, "The Hague", "keeping time with little error",
        "the first timepiece governed by a swinging weight",
    ),
    (
        "the mercury thermometer", "Daniel Gabriel Fahrenheit", 1714, "Amsterdam",
        "measuring heat and cold exactly", None,
    ),
    (
        "the lightning rod", "Benjamin Franklin", None, "Philadelphia",
        "protecting buildings in thunderstorms", None,
    ),
    ("the spinning jenny", "James Hargreaves", 1764, "Lancashire", "spinning many threads at once", None),
    (
        "the hot-air balloon", "the Montgolfier brothers", 1783, "Annonay", "carrying people aloft",
        "the paper and silk bag that first lifted humans off the ground",
    ),
    (
        "smallpox vaccination", "Edward Jenner", 1796, "Gloucestershire",
        "protecting people from a deadly pox", "the jab that began with a milkmaid's cowpox",
    ),
    (
        "the electric battery", "Alessandro Volta", 1800, "Italy", "producing a steady electric current",
        "the pile of zinc and copper discs",
    ),
    ("the stethoscope", "René Laennec", 1816, "Paris", "listening to the heart and lungs", None),
    ("photography", "Nicéphore Niépce", None, "France", "capturing images with light", None),
    ("Braille", "Louis Braille", 1824, "Paris", "reading by touch", "the raised-dot alphabet"),
    (
        "the electric telegraph with dots and dashes", "Samuel Morse", None, "the United States",
        "sending messages over wires", None,
    ),
    (
        "vulcanised rubber", "Charles Goodyear", 1839, "Massachusetts",
        "making a sticky material tough and elastic", None,
    ),
    ("the safety pin", "Walter Hunt", 1849, "New York", "fastening cloth without pricking", None),
    (
        "the safety lift", "Elisha Otis", None, "New York",
        "carrying people up tall buildings without fear of falling", None,
    ),
    ("dynamite", "Alfred Nobel", 1867, "Germany", "blasting rock", None),
    (
        "the telephone", "Alexander Graham Bell", 1876, "Boston", "talking over long distances",
        'the device first used to say "Mr Watson, come here"',
    ),
    (
        "the phonograph", "Thomas Edison", 1877, "Menlo Park, New Jersey", "recording and replaying sound",
        None,
    ),
    (
        "the petrol-driven motor car", "Carl Benz", 1885, "Mannheim", "travelling by road without horses",
        "the three-wheeler that Bertha drove to Pforzheim",
    ),
    (
        "the pneumatic bicycle tyre", "John Boyd Dunlop", 1887, "Belfast",
        "smoothing the ride on rough roads", None,
    ),
    (
        "the zip fastener in its modern form", "Gideon Sundback", 1913, "New Jersey",
        "closing clothes and bags", None,
    ),
    (
        "the X-ray image", "Wilhelm Conrad Röntgen", 1895, "Würzburg", "looking inside the body",
        "the kind of picture first taken of a wife's hand",
    ),
    ("the cinematograph", "the Lumière brothers", 1895, "Lyon", "projecting moving pictures", None),
    (
        "the electron", "J. J. Thomson", 1897, "Cambridge", "understanding electricity and atoms",
        "the first particle found to be smaller than an atom",
    ),
    ("the diesel engine", "Rudolf Diesel", 1897, "Augsburg", "driving lorries and ships", None),
    ("the ABO blood group system", "Karl Landsteiner", 1901, "Vienna", "making transfusions safe", None),
    (
        "the powered aeroplane", "the Wright brothers", 1903, "Kitty Hawk, North Carolina",
        "flying under control with an engine", "the machine that flew for twelve seconds above the dunes",
    ),
    (
        "Bakelite", "Leo Baekeland", 1907, "Yonkers, New York", "moulding telephones and radio sets",
        "the first fully synthetic plastic",
    ),
    (
        "insulin as a medicine", "Frederick Banting and Charles Best", 1921, "Toronto",
        "treating diabetes", None,
    ),
    (
        "the first public demonstration of television", "John Logie Baird", 1926, "London",
        "sending moving images", None,
    ),
    (
        "penicillin", "Alexander Fleming", 1928, "London", "killing bacteria in patients",
        "the medicine that came from a mouldy dish",
    ),
    ("the jet engine", "Frank Whittle", 1930, "England", "propelling aircraft", None),
    ("nylon", "Wallace Carothers", 1935, "Wilmington, Delaware", "making stockings and ropes", None),
    (
        "the ballpoint pen in its practical form", "László Bíró", 1938, "Budapest",
        "writing without blots", None,
    ),
    ("the Z3 computer", "Konrad Zuse", 1941, "Berlin", "calculating automatically", None),
    (
        "Velcro", "George de Mestral", None, "Switzerland", "fastening shoes and jackets",
        "the fastener inspired by burrs in a dog's coat",
    ),
    (
        "the transistor", "John Bardeen, Walter Brattain and William Shockley", 1947,
        "Bell Labs in New Jersey", "amplifying and switching signals", None,
    ),
    (
        "the polio vaccine by injection", "Jonas Salk", None, "Pittsburgh",
        "preventing a paralysing childhood disease", None,
    ),
    ("the integrated circuit", "Jack Kilby", 1958, "Dallas", "packing many components on one chip", None),
    (
        "the laser", "Theodore Maiman", 1960, "Malibu, California",
        "producing a narrow, pure beam of light", None,
    ),
    (
        "the World Wide Web", "Tim Berners-Lee", 1989, "CERN near Geneva",
        "linking documents across the internet", None,
    ),
    (
        "the first known pulsar", "Jocelyn Bell Burnell", 1967, "Cambridge",
        "testing gravity and keeping cosmic time",
        "the celestial signal once jokingly labelled little green men",
    ),
)
