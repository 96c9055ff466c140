"""Novels and other books. General reference knowledge: authors, first publication, setting, main character,
plot.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "author", "published", "setting", "hero", "plot", "language",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "Don Quixote", "Miguel de Cervantes", 1605, "the plains of La Mancha",
        "a gentleman with a head full of chivalry",
        "an ageing reader rides out to fight giants that are windmills", "Spanish",
    ),
    (
        "Robinson Crusoe", "Daniel Defoe", 1719, "a desert island", "a castaway from York",
        "a shipwrecked man survives for 28 years far from home", "English",
    ),
    (
        "Gulliver's Travels", "Jonathan Swift", 1726, "imaginary lands such as Lilliput",
        "a ship's surgeon called Lemuel",
        "a voyager meets people six inches tall, giants and talking horses", "English",
    ),
    (
        "Pride and Prejudice", "Jane Austen", 1813, "the English countryside", "Elizabeth Bennet",
        "a quick-witted young woman misjudges the proud Mr Darcy", "English",
    ),
    (
        "Frankenstein", "Mary Shelley", 1818, "Switzerland and the Arctic, among other places",
        "a young scientist called Victor", "a student creates a living being and is horrified by it",
        "English",
    ),
    (
        "The Three Musketeers", "Alexandre Dumas", 1844, "the France of Louis XIII", "d'Artagnan",
        "a young Gascon joins three friends against Cardinal Richelieu", "French",
    ),
    (
        "Jane Eyre", "Charlotte Brontë", 1847, "Thornfield Hall", "an orphaned governess",
        "a governess loves her employer, who hides a wife in the attic", "English",
    ),
    (
        "Wuthering Heights", "Emily Brontë", 1847, "the Yorkshire moors", "Heathcliff",
        "a foundling takes revenge after the woman he loves marries another", "English",
    ),
    (
        "Moby-Dick", "Herman Melville", 1851, "a whaling ship called the Pequod", "Captain Ahab",
        "a captain hunts the white whale that took his leg", "English",
    ),
    (
        "Madame Bovary", "Gustave Flaubert", None, "provincial Normandy", "a country doctor's wife",
        "a bored wife ruins herself with lovers and debts", "French",
    ),
    (
        "Great Expectations", "Charles Dickens", 1861, "Kent and London", "an orphan called Pip",
        "a blacksmith's boy receives a fortune from an unknown benefactor", "English",
    ),
    (
        "Les Misérables", "Victor Hugo", 1862, "France up to the Paris uprising of 1832", "Jean Valjean",
        "an ex-convict is hunted for years by Inspector Javert", "French",
    ),
    (
        "Alice's Adventures in Wonderland", "Lewis Carroll", 1865, "a dreamland underground",
        "a girl of seven", "a girl falls down a rabbit hole", "English",
    ),
    (
        "Crime and Punishment", "Fyodor Dostoevsky", None, "Saint Petersburg", "Raskolnikov",
        "a poor student murders a pawnbroker and is tormented by guilt", "Russian",
    ),
    (
        "War and Peace", "Leo Tolstoy", 1869, "Russia in the age of Napoleon", "Pierre Bezukhov",
        "aristocratic families live through the French invasion of 1812", "Russian",
    ),
    (
        "Around the World in Eighty Days", "Jules Verne", None,
        "steamers and railways across three continents", "Phileas Fogg",
        "a gentleman bets a fortune on a trip around the globe", "French",
    ),
    (
        "Anna Karenina", "Leo Tolstoy", None, "Moscow and Saint Petersburg", "an unhappily married woman",
        "a married woman leaves all for Count Vronsky and ends under a train", "Russian",
    ),
    (
        "Treasure Island", "Robert Louis Stevenson", 1883, "the Hispaniola and a tropical isle",
        "Jim Hawkins", "a boy with a map sails after buried gold among pirates", "English",
    ),
    (
        "Adventures of Huckleberry Finn", "Mark Twain", 1884, "the Mississippi", "a runaway boy",
        "a boy and the escaped slave Jim drift downriver on a raft", "English",
    ),
    (
        "The Picture of Dorian Gray", "Oscar Wilde", 1891, "London", "a handsome young man",
        "a man stays young while his portrait ages", "English",
    ),
    (
        "Dracula", "Bram Stoker", 1897, "Transylvania and England", "Jonathan Harker",
        "a vampire count moves to England and is hunted down", "English",
    ),
    (
        "The War of the Worlds", "H. G. Wells", 1898, "Surrey and London", "an unnamed narrator",
        "Martians invade and die of earthly germs", "English",
    ),
    (
        "The Hound of the Baskervilles", "Arthur Conan Doyle", 1902, "Dartmoor", "Sherlock Holmes",
        "a detective investigates a ghostly dog that haunts a family", "English",
    ),
    (
        "The Metamorphosis", "Franz Kafka", 1915, "a family's flat", "Gregor Samsa",
        "a travelling salesman wakes up as a giant insect", "German",
    ),
    (
        "Ulysses", "James Joyce", 1922, "Dublin", "Leopold Bloom",
        "a man walks around his city on a single day in June", "English",
    ),
    (
        "The Magic Mountain", "Thomas Mann", 1924, "a sanatorium in Davos", "Hans Castorp",
        "a visitor to a sick cousin stays for seven years", "German",
    ),
    (
        "The Great Gatsby", "F. Scott Fitzgerald", 1925, "Long Island and New York",
        "a mysterious millionaire", "a newly rich man gives lavish parties to win back Daisy", "English",
    ),
    (
        "Brave New World", "Aldous Huxley", 1932, "the London of the year 2540", "Bernard Marx",
        "people are bred in bottles and kept content with the drug soma", "English",
    ),
    (
        "Murder on the Orient Express", "Agatha Christie", 1934, "a train stuck in the snow",
        "Hercule Poirot", "a detective questions the passengers after a stabbing on board", "English",
    ),
    (
        "The Hobbit", "J. R. R. Tolkien", 1937, "Middle-earth", "Bilbo Baggins",
        "a home-loving creature helps dwarves to win gold back from a dragon", "English",
    ),
    (
        "The Grapes of Wrath", "John Steinbeck", 1939, "Oklahoma and California", "Tom Joad",
        "a farming family flees the Dust Bowl for the west", "English",
    ),
    (
        "The Stranger", "Albert Camus", 1942, "Algiers", "Meursault",
        "an indifferent man shoots another on a beach", "French",
    ),
    (
        "The Little Prince", "Antoine de Saint-Exupéry", 1943, "the Sahara and tiny asteroids",
        "a small traveller from another world", "a stranded pilot meets a child who loves a rose",
        "French",
    ),
    (
        "Animal Farm", "George Orwell", 1945, "an English farm", "a pig called Napoleon",
        "livestock overthrow their owner and end up ruled by pigs", "English",
    ),
    (
        "Pippi Longstocking", "Astrid Lindgren", 1945, "Villa Villekulla",
        "a superstrong girl with red plaits", "a nine-year-old lives alone with a horse and a monkey",
        "Swedish",
    ),
    (
        "Nineteen Eighty-Four", "George Orwell", 1949, "Airstrip One in the superstate of Oceania",
        "Winston Smith", "a clerk rebels against Big Brother and is broken", "English",
    ),
    (
        "The Catcher in the Rye", "J. D. Salinger", 1951, "New York", "Holden Caulfield",
        "a schoolboy roams the city after being expelled", "English",
    ),
    (
        "The Old Man and the Sea", "Ernest Hemingway", 1952, "the waters off Cuba", "Santiago",
        "a fisherman fights a huge marlin and loses it to sharks", "English",
    ),
    (
        "Lord of the Flies", "William Golding", 1954, "an uninhabited island", "Ralph",
        "stranded schoolboys turn savage", "English",
    ),
    (
        "To Kill a Mockingbird", "Harper Lee", 1960, "Maycomb, Alabama", "Scout Finch",
        "a lawyer defends a black man falsely accused of rape", "English",
    ),
    (
        "One Hundred Years of Solitude", "Gabriel García Márquez", 1967, "the town of Macondo",
        "the Buendía family", "seven generations of one family rise and fall", "Spanish",
    ),
    (
        "The Name of the Rose", "Umberto Eco", 1980, "a medieval abbey in northern Italy",
        "William of Baskerville", "a friar solves murders among monks and a secret library", "Italian",
    ),
    (
        "Beloved", "Toni Morrison", 1987, "Cincinnati after the Civil War", "Sethe",
        "an escaped slave is haunted by the baby she killed", "English",
    ),
)
