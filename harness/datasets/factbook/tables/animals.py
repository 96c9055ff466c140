"""Animals. General zoological knowledge; weights are typical upper values for adults in kilograms, rounded,
life spans and gestation are typical figures. Doubtful cells are None.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "class", "food", "range", "young", "group", "weight", "gestation", "habit",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "the African elephant", "mammals", "grass, leaves, bark and fruit", "sub-Saharan Africa", "a calf",
        "a herd", 6000, "22 months", "it drinks and grabs things with its trunk",
    ),
    (
        "the blue whale", "mammals", "krill", "all oceans of the world", "a calf", "a pod", 150000,
        "about 11 months", "its tongue alone weighs as much as an elephant",
    ),
    (
        "the giraffe", "mammals", "acacia leaves", "the savannahs of Africa", "a calf", "a tower", 1200,
        "15 months", "it sleeps only a short time each day, often standing",
    ),
    (
        "the lion", "mammals", "zebras, wildebeest and antelopes", "Africa and the Gir Forest of India",
        "a cub", "a pride", 190, "about 110 days", "its roar carries for kilometres",
    ),
    (
        "the tiger", "mammals", "deer and wild boar", "the forests of Asia", "a cub", None, 260,
        "about 105 days", "no two have the same stripes",
    ),
    (
        "the cheetah", "mammals", "gazelles and other small antelopes",
        "the plains of Africa and a corner of Iran", "a cub", "a coalition", 60, "about 93 days",
        "it is the fastest runner on land",
    ),
    (
        "the giant panda", "mammals", "bamboo", "the mountains of central China", "a cub", None, 120, None,
        "it spends up to half the day eating",
    ),
    (
        "the polar bear", "mammals", "seals", "the ice around the North Pole", "a cub", None, 600, None,
        "its skin is black beneath the pale fur",
    ),
    (
        "the grey wolf", "mammals", "deer, elk and other hoofed animals", "North America and Eurasia",
        "a pup", "a pack", 60, "about 63 days", "it howls to keep in touch with its companions",
    ),
    (
        "the red fox", "mammals", "mice, rabbits, berries and scraps",
        "the northern hemisphere and Australia", "a kit", "a skulk", 10, "about 52 days",
        "it pounces on prey hidden beneath snow",
    ),
    (
        "the red kangaroo", "mammals", "grass and shrubs", "the dry interior of Australia", "a joey",
        "a mob", 90, "33 days", "it balances on its heavy tail",
    ),
    (
        "the koala", "mammals", "eucalyptus leaves", "eastern Australia", "a joey", None, 14,
        "about 35 days", "it sleeps for around 20 hours a day",
    ),
    (
        "the platypus", "mammals", "insect larvae, worms and shrimps", "the rivers of eastern Australia",
        "a puggle", None, 2, None, "it senses electricity with its bill and lays eggs",
    ),
    (
        "the brown bear", "mammals", "berries, roots, fish and carrion", "Eurasia and North America",
        "a cub", "a sloth", 600, None, "it sleeps through the winter in a den",
    ),
    (
        "the hippopotamus", "mammals", "grass", "the rivers and lakes of sub-Saharan Africa", "a calf",
        "a bloat", 2000, "8 months", "it oozes a reddish fluid that protects its skin",
    ),
    (
        "the white rhinoceros", "mammals", "grass", "southern Africa", "a calf", "a crash", 2300,
        "16 months", "it has two horns and a wide, square lip",
    ),
    (
        "the plains zebra", "mammals", "grass", "eastern and southern Africa", "a foal", "a dazzle", 320,
        "about 12 months", "its stripes seem to confuse biting flies",
    ),
    (
        "the gorilla", "mammals", "leaves, stems and fruit", "the rainforests of central Africa",
        "an infant", "a troop", 200, "about 8 and a half months", "males beat their chests",
    ),
    (
        "the chimpanzee", "mammals", "fruit, leaves, insects and sometimes meat",
        "the forests of western and central Africa", "an infant", "a community", 60, "about 8 months",
        "it fishes for termites with sticks",
    ),
    (
        "the orangutan", "mammals", "fruit", "Borneo and Sumatra", "an infant", None, 90,
        "about 8 and a half months", "it builds a nest of branches every evening",
    ),
    (
        "the dromedary", "mammals", "thorny desert plants",
        "the deserts of North Africa and the Middle East", "a calf", "a caravan", 600, "about 15 months",
        "it stores fat in its single hump",
    ),
    (
        "the llama", "mammals", "grass and shrubs", "the Andes of South America", "a cria", "a herd", 150,
        "about 11 months", "it spits when it is annoyed",
    ),
    (
        "the giant anteater", "mammals", "ants and termites", "Central and South America", "a pup", None,
        40, "about 6 months", "it has no teeth but a tongue two feet long",
    ),
    (
        "the three-toed sloth", "mammals", "leaves", "the rainforests of Central and South America",
        "an infant", None, 5, "about 6 months", "it climbs down about once a week",
    ),
    (
        "the beaver", "mammals", "bark, twigs and water plants", "the rivers of North America and Eurasia",
        "a kit", "a colony", 30, "about 105 days", "it fells trees and dams streams",
    ),
    (
        "the hedgehog", "mammals", "beetles, caterpillars, worms and slugs", "Europe", "a hoglet",
        "a prickle", 1.2, "about 35 days", "it rolls into a spiny ball",
    ),
    (
        "the European badger", "mammals", "earthworms, roots and fruit", "Europe and western Asia",
        "a cub", "a cete", 12, None, "it digs large burrows called setts",
    ),
    (
        "the otter", "mammals", "fish, frogs and crayfish", "the waters of Europe, Asia and North Africa",
        "a pup", "a romp", 10, "about 62 days", "it slides down muddy banks",
    ),
    (
        "the bottlenose dolphin", "mammals", "fish and squid", "warm and temperate seas", "a calf",
        "a pod", 400, "about 12 months", "it finds its way by clicks and echoes",
    ),
    (
        "the orca", "mammals", "fish, seals and even whales", "all oceans, above all cold seas", "a calf",
        "a pod", 6000, "about 17 months", "families hunt together and have dialects of their own",
    ),
    (
        "the humpback whale", "mammals", "krill and small fish", "oceans from the poles to the tropics",
        "a calf", "a pod", 30000, "about 11 and a half months", "males sing long, complicated songs",
    ),
    (
        "the walrus", "mammals", "clams and other shellfish", "the Arctic seas", "a calf", "a herd", 1700,
        "about 15 months", "it hauls itself onto the ice with its tusks",
    ),
    (
        "the common vampire bat", "mammals", "blood", "Central and South America", "a pup", "a colony",
        0.04, "about 7 months", "it can run and leap on the ground",
    ),
    (
        "the Tasmanian devil", "mammals", "carrion, wallabies and birds", "Tasmania", "a joey", None, 12,
        "21 days", "it screeches and crushes bones with its jaws",
    ),
    (
        "the meerkat", "mammals", "insects, scorpions and small reptiles",
        "the Kalahari and other dry parts of southern Africa", "a pup", "a mob", 0.9, "about 11 weeks",
        "one of the band always stands guard",
    ),
    (
        "the naked mole-rat", "mammals", "roots and tubers", "the Horn of Africa", "a pup", "a colony",
        0.04, "about 70 days", "it lives under a queen, like a bee",
    ),
    (
        "the emperor penguin", "birds", "fish, krill and squid", "Antarctica", "a chick", "a colony", 40,
        None, "the males balance the egg on their feet through the winter",
    ),
    (
        "the ostrich", "birds", "seeds, grass and shrubs", "the savannahs of Africa", "a chick", "a flock",
        130, None, "it cannot fly but outruns most horses",
    ),
    (
        "the bald eagle", "birds", "fish and waterfowl", "North America", "an eaglet", "a convocation", 6,
        None, "it adds to the same huge nest year after year",
    ),
    (
        "the peregrine falcon", "birds", "pigeons and other birds", "every continent except Antarctica",
        "an eyas", "a cast", 1.3, None, "it dives faster than any other animal",
    ),
    (
        "the barn owl", "birds", "voles, mice and shrews", "every continent except Antarctica", "an owlet",
        "a parliament", 0.5, None, "it hunts by ear in complete darkness",
    ),
    (
        "the mute swan", "birds", "water plants", "Europe and Asia", "a cygnet", "a bevy", 12, None,
        "pairs usually stay together for life",
    ),
    (
        "the wandering albatross", "birds", "squid and fish", "the Southern Ocean", "a chick", None, 10,
        None, "it has the widest wingspan of any bird",
    ),
    (
        "the Arctic tern", "birds", "small fish", "both polar regions", "a chick", "a colony", 0.1, None,
        "it migrates from pole to pole and back each year",
    ),
    (
        "the greater flamingo", "birds", "shrimps and algae", "Africa, southern Europe and southern Asia",
        "a chick", "a flamboyance", 4, None, "its food turns its feathers pink",
    ),
    (
        "the common cuckoo", "birds", "hairy caterpillars", "Europe, Asia and Africa", "a chick", None,
        0.12, None, "it lays its eggs in the nests of others",
    ),
    (
        "the raven", "birds", "carrion, insects, grain and eggs", "the northern hemisphere", "a chick",
        "an unkindness", 1.5, None, "it solves puzzles and mimics sounds",
    ),
    (
        "the emu", "birds", "seeds, fruit and insects", "Australia", "a chick", "a mob", 50, None,
        "the father alone sits on the green eggs",
    ),
    (
        "the kiwi", "birds", "worms and insect larvae", "New Zealand", "a chick", None, 3, None,
        "its nostrils sit at the tip of the beak",
    ),
    (
        "the Nile crocodile", "reptiles", "fish, antelopes and zebras", "the rivers of Africa",
        "a hatchling", "a bask", 500, None, "the mother carries her babies in her mouth",
    ),
    (
        "the Komodo dragon", "reptiles", "deer, pigs and carrion", "a few islands of Indonesia",
        "a hatchling", None, 90, None, "its bite is venomous",
    ),
    (
        "the green sea turtle", "reptiles", "seagrass and algae", "tropical and subtropical seas",
        "a hatchling", "a bale", 190, None, "females return to the beach where they were born",
    ),
    (
        "the Galápagos tortoise", "reptiles", "grass, leaves and cactus",
        "an archipelago in the Pacific off Ecuador", "a hatchling", "a creep", 250, None,
        "it can live for well over a hundred years",
    ),
    (
        "the king cobra", "reptiles", "other snakes", "South and Southeast Asia", "a hatchling",
        "a quiver", 9, None, "it builds a nest for its eggs, unlike other snakes",
    ),
    (
        "the green anaconda", "reptiles", "capybaras, fish, birds and caimans",
        "the swamps of South America", "a snakelet", None, 100, "about 7 months",
        "it squeezes its victims to death in the water",
    ),
    (
        "the axolotl", "amphibians", "worms, insects and small fish",
        "the lakes of Xochimilco near Mexico City", "a larva", None, 0.2, None,
        "it regrows lost limbs and never really grows up",
    ),
    (
        "the great white shark", "fish", "seals, fish and dolphins", "temperate coastal seas", "a pup",
        None, 1100, None, "it can smell traces of blood in the sea",
    ),
    (
        "the whale shark", "fish", "plankton", "tropical oceans", "a pup", None, 19000, None,
        "it is the largest fish there is",
    ),
    (
        "the Atlantic salmon", "fish", "insects, crustaceans and small fish",
        "the North Atlantic and its rivers", "a fry", "a run", 20, None,
        "it leaps up waterfalls to spawn where it hatched",
    ),
    (
        "the clownfish", "fish", "plankton and algae", "reefs of the Indian and Pacific oceans", "a fry",
        "a school", 0.25, None, "it shelters among the stinging arms of anemones",
    ),
    (
        "the honeybee", "insects", "nectar and pollen", "nearly the whole inhabited world", "a larva",
        "a swarm", None, None, "it tells others where food is by dancing",
    ),
    (
        "the monarch butterfly", "insects", "nectar, and milkweed when young", "North America above all",
        "a caterpillar", "a kaleidoscope", None, None,
        "it flies thousands of kilometres to spend the winter in Mexico",
    ),
    (
        "the giant Pacific octopus", "molluscs", "crabs, clams and fish", "the North Pacific", "a larva",
        None, 50, None, "it has three hearts and blue blood",
    ),
)
