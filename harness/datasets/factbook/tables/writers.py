"""Writers. General reference knowledge (years, places and works as in any dictionary of literature; the
Nobel prizes from the foundation's well-known list).

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "pronoun", "nation", "born", "birthplace", "died", "works", "language", "nobel", "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "William Shakespeare", "he", "English", 1564, "Stratford-upon-Avon", 1616,
        "Hamlet, Macbeth and Romeo and Juliet", "English", None, "the Bard of Avon",
    ),
    (
        "Miguel de Cervantes", "he", "Spanish", 1547, "Alcalá de Henares", 1616, "Don Quixote", "Spanish",
        None, None,
    ),
    (
        "Dante Alighieri", "he", "Italian", 1265, "Florence", 1321, "the Divine Comedy", "Italian", None,
        "the poet who loved Beatrice",
    ),
    (
        "Molière", "he", "French", 1622, "Paris", 1673, "Tartuffe, The Misanthrope and The Miser",
        "French", None, None,
    ),
    ("Voltaire", "he", "French", 1694, "Paris", 1778, "Candide", "French", None, None),
    (
        "Johann Wolfgang von Goethe", "he", "German", 1749, "Frankfurt", 1832,
        "Faust and The Sorrows of Young Werther", "German", None, None,
    ),
    (
        "Friedrich Schiller", "he", "German", 1759, "Marbach am Neckar", 1805,
        "William Tell and The Robbers", "German", None, "the author of the Ode to Joy",
    ),
    (
        "Jane Austen", "she", "English", 1775, "Steventon", 1817,
        "Pride and Prejudice, Emma and Persuasion", "English", None, "the author of Sense and Sensibility",
    ),
    ("Mary Shelley", "she", "English", 1797, "London", 1851, "Frankenstein", "English", None, None),
    (
        "Emily Brontë", "she", "English", 1818, "Thornton in Yorkshire", 1848, "Wuthering Heights",
        "English", None, None,
    ),
    (
        "Charlotte Brontë", "she", "English", 1816, "Thornton in Yorkshire", 1855,
        "Jane Eyre and Villette", "English", None, None,
    ),
    (
        "Charles Dickens", "he", "English", 1812, "Portsmouth", 1870,
        "Oliver Twist, David Copperfield and Great Expectations", "English", None,
        "the creator of Ebenezer Scrooge",
    ),
    (
        "Victor Hugo", "he", "French", 1802, "Besançon", 1885,
        "Les Misérables and The Hunchback of Notre-Dame", "French", None, None,
    ),
    (
        "Alexandre Dumas", "he", "French", 1802, "Villers-Cotterêts", 1870,
        "The Three Musketeers and The Count of Monte Cristo", "French", None, None,
    ),
    (
        "Gustave Flaubert", "he", "French", 1821, "Rouen", 1880, "Madame Bovary and Sentimental Education",
        "French", None, None,
    ),
    (
        "Jules Verne", "he", "French", 1828, "Nantes", 1905,
        "Twenty Thousand Leagues Under the Seas and Around the World in Eighty Days", "French", None, None,
    ),
    (
        "Edgar Allan Poe", "he", "American", 1809, "Boston", 1849,
        "The Raven and The Fall of the House of Usher", "English", None, None,
    ),
    ("Herman Melville", "he", "American", 1819, "New York", 1891, "Moby-Dick", "English", None, None),
    (
        "Mark Twain", "he", "American", 1835, "Florida, Missouri", 1910,
        "Adventures of Huckleberry Finn and The Adventures of Tom Sawyer", "English", None, None,
    ),
    (
        "Leo Tolstoy", "he", "Russian", 1828, "Yasnaya Polyana", 1910, "War and Peace and Anna Karenina",
        "Russian", None, None,
    ),
    (
        "Fyodor Dostoevsky", "he", "Russian", 1821, "Moscow", 1881,
        "Crime and Punishment and The Brothers Karamazov", "Russian", None, None,
    ),
    (
        "Anton Chekhov", "he", "Russian", 1860, "Taganrog", 1904, "The Cherry Orchard and The Seagull",
        "Russian", None, "the physician who wrote Three Sisters",
    ),
    (
        "Henrik Ibsen", "he", "Norwegian", 1828, "Skien", 1906, "A Doll's House and Hedda Gabler",
        "Norwegian", None, "the playwright of Peer Gynt",
    ),
    (
        "Hans Christian Andersen", "he", "Danish", 1805, "Odense", 1875,
        "The Little Mermaid and The Ugly Duckling", "Danish", None, None,
    ),
    (
        "Oscar Wilde", "he", "Irish", 1854, "Dublin", 1900,
        "The Picture of Dorian Gray and The Importance of Being Earnest", "English", None, None,
    ),
    (
        "Arthur Conan Doyle", "he", "British", 1859, "Edinburgh", 1930, "The Hound of the Baskervilles",
        "English", None, "the creator of Sherlock Holmes",
    ),
    ("Bram Stoker", "he", "Irish", 1847, "Dublin", 1912, "Dracula", "English", None, None),
    (
        "Rudyard Kipling", "he", "British", 1865, "Bombay", 1936, "The Jungle Book and Kim", "English",
        1907, "the creator of Mowgli",
    ),
    (
        "Marcel Proust", "he", "French", 1871, "Auteuil near Paris", 1922, "In Search of Lost Time",
        "French", None, None,
    ),
    (
        "Thomas Mann", "he", "German", 1875, "Lübeck", 1955, "Buddenbrooks and The Magic Mountain",
        "German", 1929, None,
    ),
    (
        "Franz Kafka", "he", "Austrian-Czech", 1883, "Prague", 1924, "The Trial and The Metamorphosis",
        "German", None, None,
    ),
    ("James Joyce", "he", "Irish", 1882, "Dublin", 1941, "Ulysses and Dubliners", "English", None, None),
    (
        "Virginia Woolf", "she", "English", 1882, "London", 1941, "Mrs Dalloway and To the Lighthouse",
        "English", None, None,
    ),
    (
        "Agatha Christie", "she", "English", 1890, "Torquay", 1976,
        "Murder on the Orient Express and And Then There Were None", "English", None,
        "the creator of Hercule Poirot",
    ),
    (
        "George Orwell", "he", "English", 1903, "Motihari", 1950, "Nineteen Eighty-Four and Animal Farm",
        "English", None, None,
    ),
    (
        "J. R. R. Tolkien", "he", "English", 1892, "Bloemfontein", 1973,
        "The Hobbit and The Lord of the Rings", "English", None, None,
    ),
    (
        "Ernest Hemingway", "he", "American", 1899, "Oak Park", 1961,
        "The Old Man and the Sea and A Farewell to Arms", "English", 1954, None,
    ),
    (
        "F. Scott Fitzgerald", "he", "American", 1896, "Saint Paul", 1940,
        "The Great Gatsby and Tender Is the Night", "English", None, None,
    ),
    (
        "John Steinbeck", "he", "American", 1902, "Salinas", 1968,
        "The Grapes of Wrath and Of Mice and Men", "English", 1962, None,
    ),
    (
        "Antoine de Saint-Exupéry", "he", "French", 1900, "Lyon", 1944,
        "The Little Prince and Night Flight", "French", None, None,
    ),
    (
        "Albert Camus", "he", "French", 1913, "Mondovi", 1960, "The Stranger and The Plague", "French",
        1957, None,
    ),
    (
        "Gabriel García Márquez", "he", "Colombian", 1927, "Aracataca", 2014,
        "One Hundred Years of Solitude and Love in the Time of Cholera", "Spanish", 1982, None,
    ),
    (
        "Astrid Lindgren", "she", "Swedish", 1907, "Vimmerby", 2002, "Pippi Longstocking", "Swedish", None,
        None,
    ),
    (
        "Umberto Eco", "he", "Italian", 1932, "Alessandria", 2016,
        "The Name of the Rose and Foucault's Pendulum", "Italian", None, None,
    ),
    (
        "Toni Morrison", "she", "American", 1931, "Lorain", 2019, "Beloved and Song of Solomon", "English",
        1993, None,
    ),
    (
        "Rabindranath Tagore", "he", "Indian", 1861, "Calcutta", 1941, "Gitanjali", "Bengali", 1913,
        "the poet who wrote India's national anthem",
    ),
    (
        "Selma Lagerlöf", "she", "Swedish", 1858, "Mårbacka", 1940, "The Wonderful Adventures of Nils",
        "Swedish", 1909, "the first woman to win the Nobel Prize in Literature",
    ),
)
