"""Scientists and mathematicians. General reference knowledge; Nobel years from the foundation's well-known
list.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "pronoun", "nation", "born", "birthplace", "died", "field", "works", "nobel", "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "Nicolaus Copernicus", "he", "Polish", 1473, "Toruń", 1543, "astronomy",
        "a model that puts the Sun, not the Earth, at the centre", None, None,
    ),
    (
        "Galileo Galilei", "he", "Italian", 1564, "Pisa", 1642, "astronomy and physics",
        "his support of the moving Earth and his studies of falling bodies", None,
        "the man whom the Inquisition forced to recant in 1633",
    ),
    (
        "Johannes Kepler", "he", "German", 1571, "Weil der Stadt", 1630, "astronomy",
        "three laws of planetary motion", None, None,
    ),
    (
        "Isaac Newton", "he", "English", None, "Woolsthorpe", 1727, "physics and mathematics",
        "the law of gravitation and three laws of motion", None, "the author of the Principia",
    ),
    (
        "Gottfried Wilhelm Leibniz", "he", "German", 1646, "Leipzig", 1716, "mathematics and philosophy",
        "the notation of calculus still in use and the binary system", None, None,
    ),
    (
        "Leonhard Euler", "he", "Swiss", 1707, "Basel", 1783, "mathematics",
        "the solution of the Königsberg bridge problem", None, None,
    ),
    (
        "Carl Friedrich Gauss", "he", "German", 1777, "Brunswick", 1855, "mathematics",
        "the method of least squares and the bell curve", None, "the prince of mathematicians",
    ),
    (
        "Carl Linnaeus", "he", "Swedish", 1707, "Råshult", 1778, "botany",
        "two-part Latin names for species", None, None,
    ),
    (
        "Antoine Lavoisier", "he", "French", 1743, "Paris", 1794, "chemistry",
        "the role of oxygen in burning", None, "the chemist beheaded in the French Revolution",
    ),
    (
        "Michael Faraday", "he", "English", 1791, "Newington", 1867, "physics and chemistry",
        "electromagnetic induction", None, "the bookbinder's apprentice who became a great experimenter",
    ),
    (
        "Charles Darwin", "he", "English", 1809, "Shrewsbury", 1882, "biology",
        "the theory of evolution by natural selection", None, "the naturalist aboard HMS Beagle",
    ),
    (
        "Gregor Mendel", "he", "Austrian", 1822, "Heinzendorf", 1884, "biology",
        "the laws of inheritance found with pea plants", None, "the monk who founded genetics",
    ),
    (
        "Louis Pasteur", "he", "French", 1822, "Dole", 1895, "microbiology and chemistry",
        "a rabies vaccine and the germ theory of disease", None, None,
    ),
    (
        "Robert Koch", "he", "German", 1843, "Clausthal", 1910, "medicine",
        "the bacterium that causes tuberculosis", 1905, None,
    ),
    (
        "James Clerk Maxwell", "he", "Scottish", 1831, "Edinburgh", 1879, "physics",
        "four equations that unite electricity and magnetism", None, None,
    ),
    (
        "Dmitri Mendeleev", "he", "Russian", 1834, "Tobolsk", 1907, "chemistry",
        "the periodic table of the elements", None, None,
    ),
    (
        "Ada Lovelace", "she", "English", 1815, "London", 1852, "mathematics",
        "the notes on the Analytical Engine, often called the first computer program", None,
        "the daughter of Lord Byron",
    ),
    (
        "Marie Curie", "she", "Polish-French", 1867, "Warsaw", 1934, "physics and chemistry",
        "pioneering research on radioactivity", None, "the first person to win two Nobel Prizes",
    ),
    (
        "Max Planck", "he", "German", 1858, "Kiel", 1947, "physics",
        "the idea that energy comes in quanta", 1918, None,
    ),
    (
        "Albert Einstein", "he", "German", 1879, "Ulm", 1955, "physics", "the theory of relativity", 1921,
        None,
    ),
    (
        "Niels Bohr", "he", "Danish", 1885, "Copenhagen", 1962, "physics",
        "a model of the atom with electrons on fixed orbits", 1922, None,
    ),
    (
        "Ernest Rutherford", "he", "New Zealand", 1871, "Brightwater", 1937, "physics",
        "the atomic nucleus", 1908, None,
    ),
    (
        "Lise Meitner", "she", "Austrian-Swedish", 1878, "Vienna", 1968, "physics",
        "the explanation of nuclear fission", None, None,
    ),
    (
        "Emmy Noether", "she", "German", 1882, "Erlangen", 1935, "mathematics",
        "a theorem that links symmetries to conservation laws", None, None,
    ),
    (
        "Erwin Schrödinger", "he", "Austrian", 1887, "Vienna", 1961, "physics",
        "the wave equation of quantum mechanics", 1933,
        "the physicist with the cat that is dead and alive",
    ),
    (
        "Werner Heisenberg", "he", "German", 1901, "Würzburg", 1976, "physics",
        "the uncertainty principle", 1932, None,
    ),
    (
        "Enrico Fermi", "he", "Italian", 1901, "Rome", 1954, "physics", "the first nuclear reactor", 1938,
        None,
    ),
    (
        "Richard Feynman", "he", "American", 1918, "New York", 1988, "physics",
        "diagrams of how particles interact", 1965, None,
    ),
    (
        "Alan Turing", "he", "English", 1912, "London", 1954, "mathematics and computing",
        "a theoretical machine that underlies every computer", None,
        "the codebreaker of Bletchley Park who cracked Enigma",
    ),
    (
        "Edwin Hubble", "he", "American", 1889, "Marshfield, Missouri", 1953, "astronomy",
        "the evidence that the universe is expanding", None, None,
    ),
    (
        "Rosalind Franklin", "she", "English", 1920, "London", 1958, "chemistry",
        "X-ray photographs of DNA", None, None,
    ),
    (
        "Francis Crick", "he", "English", 1916, "Northampton", 2004, "molecular biology",
        "the double helix of DNA", 1962, None,
    ),
    (
        "Barbara McClintock", "she", "American", 1902, "Hartford", 1992, "genetics",
        "jumping genes in maize", 1983, None,
    ),
    (
        "Rachel Carson", "she", "American", 1907, "Springdale", 1964, "marine biology",
        "Silent Spring, a warning about pesticides", None, None,
    ),
    (
        "Stephen Hawking", "he", "English", 1942, "Oxford", 2018, "physics",
        "the prediction that black holes radiate", None, "the author of A Brief History of Time",
    ),
    (
        "Srinivasa Ramanujan", "he", "Indian", 1887, "Erode", 1920, "mathematics",
        "startling formulas for pi and partitions", None,
        "the self-taught genius invited to Cambridge by G. H. Hardy",
    ),
)
