"""Dishes, cheeses and drinks. General knowledge of traditional recipes; disputed origins are None.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name",
    "country",
    "made",
    "served",
    "kind",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "sushi",
        "Japan",
        "vinegared rice, fish and seaweed",
        "soy sauce, wasabi and pickled ginger",
        "a cold dish",
    ),
    ("paella", "Spain", "rice, saffron and rabbit or seafood", "a wedge of lemon", "a rice dish"),
    (
        "pizza Margherita",
        "Italy",
        "dough, tomatoes, mozzarella and basil",
        None,
        "a flat bread from the oven",
    ),
    (
        "risotto alla milanese",
        "Italy",
        "short-grain rice, saffron, butter and broth",
        "grated Parmesan",
        "a rice dish",
    ),
    ("tiramisu", "Italy", "coffee-soaked biscuits, mascarpone and cocoa", None, "a dessert"),
    ("goulash", "Hungary", "beef, onions and paprika", "bread or noodles", "a stew"),
    (
        "pierogi",
        "Poland",
        "dough filled with potato, cheese, cabbage or meat",
        "fried onions and sour cream",
        "a kind of dumpling",
    ),
    ("borscht", "Ukraine", "beetroot, cabbage and often meat", "a spoonful of sour cream", "a soup"),
    ("moussaka", "Greece", "aubergines, minced lamb and béchamel", None, "an oven bake"),
    ("tzatziki", "Greece", "yoghurt, cucumber and garlic", "grilled meat or bread", "a dip"),
    ("baklava", None, "thin pastry, nuts and syrup or honey", "tea or coffee", "a sweet pastry"),
    (
        "wiener schnitzel",
        "Austria",
        "veal, breadcrumbs and egg",
        "lemon and potato salad",
        "a fried cutlet",
    ),
    (
        "sachertorte",
        "Austria",
        "chocolate sponge, apricot jam and dark icing",
        "unsweetened whipped cream",
        "a cake",
    ),
    ("sauerkraut", None, "finely cut and fermented cabbage", "sausages", "a side dish"),
    (
        "cheese fondue",
        "Switzerland",
        "melted Gruyère and Vacherin with white wine",
        "cubes of bread",
        "a hot pot",
    ),
    ("ratatouille", "France", "courgettes, aubergines, peppers and tomatoes", None, "a vegetable stew"),
    (
        "bouillabaisse",
        "France",
        "several kinds of rockfish, fennel and saffron",
        "toasted bread with rouille",
        "a soup",
    ),
    ("crème brûlée", "France", "cream, egg yolks and vanilla under burnt sugar", None, "a dessert"),
    (
        "haggis",
        "the United Kingdom",
        "sheep's heart, liver and lungs with oatmeal",
        "mashed turnips and potatoes",
        "a pudding boiled in a casing",
    ),
    ("gazpacho", "Spain", "raw tomatoes, cucumber, peppers and olive oil", None, "a cold soup"),
    ("kimchi", "South Korea", "fermented cabbage, chilli and garlic", "nearly every meal", "a side dish"),
    (
        "pad thai",
        "Thailand",
        "rice noodles, tamarind, egg and peanuts",
        "lime and bean sprouts",
        "a fried noodle dish",
    ),
    ("pho", "Vietnam", "beef broth, rice noodles and star anise", "fresh herbs and lime", "a soup"),
    (
        "nasi goreng",
        "Indonesia",
        "fried rice, sweet soy sauce and shrimp paste",
        "a fried egg",
        "a rice dish",
    ),
    (
        "ceviche",
        "Peru",
        "raw fish cured in lime juice with chilli",
        "sweet potato and maize",
        "a cold dish",
    ),
    ("feijoada", "Brazil", "black beans and pork", "rice, greens and orange slices", "a stew"),
    ("guacamole", "Mexico", "mashed avocado, lime and coriander", "tortilla chips", "a dip"),
    ("poutine", "Canada", "chips, cheese curds and brown gravy", None, "a snack"),
    (
        "couscous",
        None,
        "tiny steamed grains of durum semolina",
        "stewed vegetables and lamb",
        "a staple of North Africa",
    ),
    (
        "injera",
        "Ethiopia",
        "fermented teff batter",
        "stews that are scooped up by hand",
        "a spongy flatbread",
    ),
    ("hummus", None, "chickpeas, sesame paste, lemon and garlic", "flatbread", "a dip"),
    ("Roquefort", "France", "ewe's milk", None, "a blue cheese ripened in caves"),
    (
        "feta",
        "Greece",
        "ewe's milk, sometimes with goat's milk",
        "olives and tomatoes",
        "a white cheese kept in brine",
    ),
    ("sake", "Japan", "fermented rice", None, "an alcoholic drink"),
    ("tequila", "Mexico", "blue agave", "salt and lime", "a spirit"),
    ("absinthe", "Switzerland", "wormwood, anise and fennel", "iced water dripped over sugar", "a spirit"),
)
