"""Painters and sculptors. General reference knowledge (years, places and works as in any dictionary of
art).

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "pronoun", "nation", "born", "birthplace", "died", "deathplace", "works", "movement",
    "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "Leonardo da Vinci", "he", "Italian", 1452, "Vinci", 1519, "Amboise",
        "the Mona Lisa and The Last Supper", "the High Renaissance",
        "the artist who drew the Vitruvian Man",
    ),
    (
        "Michelangelo", "he", "Italian", 1475, "Caprese", 1564, "Rome",
        "the statue of David and the ceiling of the Sistine Chapel", "the High Renaissance",
        "the sculptor of the Pietà in St Peter's",
    ),
    (
        "Raphael", "he", "Italian", 1483, "Urbino", 1520, "Rome",
        "The School of Athens and the Sistine Madonna", "the High Renaissance", None,
    ),
    (
        "Sandro Botticelli", "he", "Italian", None, "Florence", 1510, "Florence",
        "The Birth of Venus and Primavera", "the Early Renaissance", None,
    ),
    (
        "Caravaggio", "he", "Italian", 1571, "Milan", 1610, "Porto Ercole", "The Calling of St Matthew",
        "the Baroque", "the hot-tempered painter who fled Rome after killing a man",
    ),
    (
        "Artemisia Gentileschi", "she", "Italian", 1593, "Rome", None, None, "Judith Slaying Holofernes",
        "the Baroque", None,
    ),
    (
        "Albrecht Dürer", "he", "German", 1471, "Nuremberg", 1528, "Nuremberg",
        "Young Hare and the engraving Melencolia I", "the Northern Renaissance",
        "the artist who made a famous woodcut of a rhinoceros",
    ),
    (
        "Jan van Eyck", "he", "Flemish", None, None, 1441, "Bruges",
        "the Ghent Altarpiece and the Arnolfini Portrait", "Early Netherlandish painting", None,
    ),
    (
        "Hieronymus Bosch", "he", "Dutch", None, None, 1516, None, "The Garden of Earthly Delights",
        "Early Netherlandish painting", None,
    ),
    (
        "Peter Paul Rubens", "he", "Flemish", 1577, "Siegen", 1640, "Antwerp",
        "The Descent from the Cross", "the Baroque", "the painter famous for his full-figured nudes",
    ),
    (
        "Rembrandt", "he", "Dutch", 1606, "Leiden", 1669, "Amsterdam", "The Night Watch",
        "the Dutch Golden Age", "the painter of The Anatomy Lesson of Dr Tulp",
    ),
    (
        "Johannes Vermeer", "he", "Dutch", 1632, "Delft", 1675, "Delft",
        "Girl with a Pearl Earring and The Milkmaid", "the Dutch Golden Age", None,
    ),
    (
        "Diego Velázquez", "he", "Spanish", 1599, "Seville", 1660, "Madrid", "Las Meninas", "the Baroque",
        "the court painter of Philip IV of Spain",
    ),
    (
        "El Greco", "he", "Greek-Spanish", 1541, "Crete", 1614, "Toledo",
        "The Burial of the Count of Orgaz", "Mannerism", None,
    ),
    (
        "Francisco Goya", "he", "Spanish", 1746, "Fuendetodos", 1828, "Bordeaux",
        "The Third of May 1808 and the Black Paintings", "Romanticism", None,
    ),
    (
        "J. M. W. Turner", "he", "English", 1775, "London", 1851, "London", "The Fighting Temeraire",
        "Romanticism", None,
    ),
    (
        "John Constable", "he", "English", 1776, "East Bergholt", 1837, "London", "The Hay Wain",
        "Romanticism", None,
    ),
    (
        "Caspar David Friedrich", "he", "German", 1774, "Greifswald", 1840, "Dresden",
        "Wanderer above the Sea of Fog", "Romanticism", None,
    ),
    (
        "Eugène Delacroix", "he", "French", 1798, "Charenton-Saint-Maurice", 1863, "Paris",
        "Liberty Leading the People", "Romanticism", None,
    ),
    (
        "Édouard Manet", "he", "French", 1832, "Paris", 1883, "Paris",
        "Olympia and A Bar at the Folies-Bergère", "Realism", None,
    ),
    (
        "Claude Monet", "he", "French", 1840, "Paris", 1926, "Giverny",
        "the Water Lilies and Impression, Sunrise", "Impressionism",
        "the painter whose garden had a Japanese bridge",
    ),
    (
        "Edgar Degas", "he", "French", 1834, "Paris", 1917, "Paris", "The Dance Class", "Impressionism",
        "the painter who loved ballet dancers",
    ),
    (
        "Pierre-Auguste Renoir", "he", "French", 1841, "Limoges", 1919, "Cagnes-sur-Mer",
        "Luncheon of the Boating Party", "Impressionism", None,
    ),
    (
        "Berthe Morisot", "she", "French", 1841, "Bourges", 1895, "Paris", "The Cradle", "Impressionism",
        None,
    ),
    (
        "Paul Cézanne", "he", "French", 1839, "Aix-en-Provence", 1906, "Aix-en-Provence",
        "The Card Players", "Post-Impressionism", "the painter of Mont Sainte-Victoire",
    ),
    (
        "Paul Gauguin", "he", "French", 1848, "Paris", 1903, "the Marquesas Islands",
        "Where Do We Come From? What Are We? Where Are We Going?", "Post-Impressionism",
        "the painter who left Europe for Tahiti",
    ),
    (
        "Vincent van Gogh", "he", "Dutch", 1853, "Zundert", 1890, "Auvers-sur-Oise",
        "The Starry Night and the Sunflowers", "Post-Impressionism",
        "the painter who cut off part of his own ear",
    ),
    (
        "Auguste Rodin", "he", "French", 1840, "Paris", 1917, "Meudon", "The Thinker and The Kiss", None,
        "the sculptor of The Burghers of Calais",
    ),
    (
        "Gustav Klimt", "he", "Austrian", 1862, "Baumgarten near Vienna", 1918, "Vienna",
        "The Kiss and the Portrait of Adele Bloch-Bauer I", "the Vienna Secession", None,
    ),
    (
        "Edvard Munch", "he", "Norwegian", 1863, "Ådalsbruk", 1944, "Oslo", "The Scream", "Expressionism",
        None,
    ),
    (
        "Henri Matisse", "he", "French", 1869, "Le Cateau-Cambrésis", 1954, "Nice", "The Dance", "Fauvism",
        "the artist who cut shapes out of painted paper in old age",
    ),
    (
        "Pablo Picasso", "he", "Spanish", 1881, "Málaga", 1973, "Mougins",
        "Guernica and Les Demoiselles d'Avignon", "Cubism", None,
    ),
    (
        "Wassily Kandinsky", "he", "Russian", 1866, "Moscow", 1944, "Neuilly-sur-Seine", "Composition VII",
        "Abstract art", "the co-founder of the Blue Rider group",
    ),
    (
        "Piet Mondrian", "he", "Dutch", 1872, "Amersfoort", 1944, "New York", "Broadway Boogie Woogie",
        "De Stijl", "the painter of grids in red, blue and yellow",
    ),
    (
        "René Magritte", "he", "Belgian", 1898, "Lessines", 1967, "Brussels",
        "The Treachery of Images and The Son of Man", "Surrealism", None,
    ),
    (
        "Salvador Dalí", "he", "Spanish", 1904, "Figueres", 1989, "Figueres", "The Persistence of Memory",
        "Surrealism", "the painter with the upturned waxed moustache",
    ),
    (
        "Frida Kahlo", "she", "Mexican", 1907, "Coyoacán", 1954, "Coyoacán", "The Two Fridas", None,
        "the painter who married Diego Rivera",
    ),
    (
        "Georgia O'Keeffe", "she", "American", 1887, "Sun Prairie", 1986, "Santa Fe",
        "large paintings of flowers and of New Mexico's landscapes", "American modernism", None,
    ),
    ("Edward Hopper", "he", "American", 1882, "Nyack", 1967, "New York", "Nighthawks", "Realism", None),
    (
        "Andy Warhol", "he", "American", 1928, "Pittsburgh", 1987, "New York",
        "Campbell's Soup Cans and the Marilyn Diptych", "Pop Art",
        "the artist whose studio was called the Factory",
    ),
)
