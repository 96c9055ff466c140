"""Composers. General reference knowledge (works, places, years of birth and death as in any music
dictionary).

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "pronoun", "nation", "born", "birthplace", "died", "deathplace", "works", "instrument",
    "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "Johann Sebastian Bach", "he", "German", 1685, "Eisenach", 1750, "Leipzig",
        "the Brandenburg Concertos and the St Matthew Passion", "the organ",
        "the long-serving cantor of St Thomas in Leipzig",
    ),
    (
        "George Frideric Handel", "he", "German-British", 1685, "Halle", 1759, "London",
        "the oratorio Messiah and the Water Music", "the harpsichord",
        "the composer of the Hallelujah chorus",
    ),
    (
        "Antonio Vivaldi", "he", "Italian", 1678, "Venice", 1741, "Vienna", "The Four Seasons",
        "the violin", "the composer known as the Red Priest",
    ),
    (
        "Joseph Haydn", "he", "Austrian", 1732, "Rohrau", 1809, "Vienna",
        "The Creation and more than a hundred symphonies", None, "the father of the symphony",
    ),
    (
        "Wolfgang Amadeus Mozart", "he", "Austrian", 1756, "Salzburg", 1791, "Vienna",
        "The Magic Flute and Don Giovanni", "the piano",
        "the child prodigy who wrote Eine kleine Nachtmusik",
    ),
    (
        "Ludwig van Beethoven", "he", "German", 1770, "Bonn", 1827, "Vienna",
        "nine symphonies and the opera Fidelio", "the piano", "the composer of the Moonlight Sonata",
    ),
    (
        "Franz Schubert", "he", "Austrian", 1797, "Vienna", 1828, "Vienna",
        "Winterreise and the Unfinished Symphony", None, "the composer of the Trout Quintet",
    ),
    (
        "Frédéric Chopin", "he", "Polish", 1810, "Żelazowa Wola", 1849, "Paris",
        "nocturnes, mazurkas and polonaises", "the piano",
        "the poet of the keyboard who lived with George Sand",
    ),
    (
        "Robert Schumann", "he", "German", 1810, "Zwickau", 1856, "Endenich near Bonn",
        "Carnaval and Dichterliebe", "the piano", "the composer who married Clara Wieck",
    ),
    (
        "Clara Schumann", "she", "German", 1819, "Leipzig", 1896, "Frankfurt",
        "a piano concerto and many songs", "the piano",
        "the woman who was pictured on Germany's 100-mark banknote",
    ),
    (
        "Felix Mendelssohn", "he", "German", 1809, "Hamburg", 1847, "Leipzig",
        "A Midsummer Night's Dream and the Italian Symphony", "the piano",
        "the composer of the Hebrides overture",
    ),
    (
        "Franz Liszt", "he", "Hungarian", 1811, "Raiding", 1886, "Bayreuth", "the Hungarian Rhapsodies",
        "the piano", "the composer of Liebestraum",
    ),
    (
        "Richard Wagner", "he", "German", 1813, "Leipzig", 1883, "Venice",
        "The Ring of the Nibelung and Tristan and Isolde", None, "the founder of the Bayreuth festival",
    ),
    (
        "Giuseppe Verdi", "he", "Italian", 1813, "Le Roncole", 1901, "Milan",
        "Aida, Rigoletto and La traviata", None, "the composer of the Chorus of the Hebrew Slaves",
    ),
    (
        "Giacomo Puccini", "he", "Italian", 1858, "Lucca", 1924, "Brussels",
        "La bohème, Tosca and Madama Butterfly", None, "the composer of the aria Nessun dorma",
    ),
    (
        "Johannes Brahms", "he", "German", 1833, "Hamburg", 1897, "Vienna",
        "A German Requiem and four symphonies", "the piano", "the composer of the best-known lullaby",
    ),
    (
        "Pyotr Ilyich Tchaikovsky", "he", "Russian", 1840, "Votkinsk", 1893, "Saint Petersburg",
        "Swan Lake and The Nutcracker", None, "the composer of the 1812 Overture",
    ),
    (
        "Antonín Dvořák", "he", "Czech", 1841, "Nelahozeves", 1904, "Prague",
        "the New World Symphony and the opera Rusalka", "the viola", "the composer of the Slavonic Dances",
    ),
    (
        "Bedřich Smetana", "he", "Czech", 1824, "Litomyšl", 1884, "Prague",
        "Má vlast and The Bartered Bride", "the piano", "the composer of the Moldau",
    ),
    (
        "Edvard Grieg", "he", "Norwegian", 1843, "Bergen", 1907, "Bergen",
        "the Peer Gynt suites and a piano concerto", "the piano",
        "the composer of In the Hall of the Mountain King",
    ),
    (
        "Jean Sibelius", "he", "Finnish", 1865, "Hämeenlinna", 1957, "Järvenpää",
        "Finlandia and seven symphonies", "the violin", "the composer of the Valse triste",
    ),
    (
        "Claude Debussy", "he", "French", 1862, "Saint-Germain-en-Laye", 1918, "Paris",
        "La mer and the opera Pelléas et Mélisande", "the piano", "the composer of Clair de lune",
    ),
    (
        "Maurice Ravel", "he", "French", 1875, "Ciboure", 1937, "Paris", "Boléro and Daphnis et Chloé",
        "the piano", "the orchestrator of Pictures at an Exhibition",
    ),
    (
        "Georges Bizet", "he", "French", 1838, "Paris", 1875, "Bougival", "the opera Carmen", "the piano",
        "the composer of the Toreador Song",
    ),
    (
        "Gustav Mahler", "he", "Austrian", 1860, "Kaliště", 1911, "Vienna",
        "nine symphonies and The Song of the Earth", None, "the composer of the Symphony of a Thousand",
    ),
    (
        "Igor Stravinsky", "he", "Russian", 1882, "Oranienbaum", 1971, "New York",
        "The Rite of Spring and The Firebird", None,
        "the composer whose ballet caused a riot in Paris in 1913",
    ),
    (
        "Dmitri Shostakovich", "he", "Russian", 1906, "Saint Petersburg", 1975, "Moscow",
        "the Leningrad Symphony and fifteen string quartets", "the piano", None,
    ),
    (
        "George Gershwin", "he", "American", 1898, "New York", 1937, "Los Angeles",
        "Rhapsody in Blue and Porgy and Bess", "the piano", "the composer of Summertime",
    ),
    (
        "Béla Bartók", "he", "Hungarian", 1881, "Nagyszentmiklós", 1945, "New York",
        "the Concerto for Orchestra and Bluebeard's Castle", "the piano",
        "the collector of folk songs who wrote Mikrokosmos",
    ),
)
