"""Musical instruments. General knowledge; origins as commonly told.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "family", "sound", "parts", "origin", "player",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "the violin", "strings", "drawing a bow across its strings", "four strings tuned in fifths",
        "northern Italy in the sixteenth century", "a violinist",
    ),
    (
        "the cello", "strings", "drawing a bow across its strings while it stands between the knees",
        "an endpin that rests on the floor", "northern Italy in the sixteenth century", "a cellist",
    ),
    (
        "the harp", "strings", "plucking with the fingers of both hands",
        "47 strings and seven pedals in its concert form", "ancient Mesopotamia and Egypt", "a harpist",
    ),
    (
        "the classical guitar", "strings", "plucking with the fingertips", "six nylon strings", "Spain",
        "a guitarist",
    ),
    ("the ukulele", "strings", "strumming", "four nylon strings", "Hawaii, after Portuguese models", None),
    (
        "the banjo", "strings", "plucking", "a skin stretched over a round frame",
        "Africans enslaved in America", "a banjoist",
    ),
    ("the balalaika", "strings", "strumming", "a triangular body and three strings", "Russia", None),
    (
        "the sitar", "strings", "plucking with a wire pick on the finger",
        "movable curved frets and sympathetic strings", "India", "a sitarist",
    ),
    (
        "the koto", "strings", "plucking with picks on thumb and fingers",
        "thirteen strings over movable bridges", "Japan, after a Chinese model", None,
    ),
    (
        "the piano", "keyboards", "felt hammers that strike strings", "88 keys",
        "Bartolomeo Cristofori's workshop in Florence", "a pianist",
    ),
    (
        "the harpsichord", "keyboards", "quills that pluck strings when keys are pressed",
        "one or two manuals", "late medieval Europe", "a harpsichordist",
    ),
    (
        "the pipe organ", "keyboards", "wind blown through pipes", "manuals, pedals and stops",
        "Ctesibius of Alexandria in the third century BC", "an organist",
    ),
    (
        "the accordion", "keyboards", "squeezing bellows so that reeds vibrate",
        "buttons or keys on both sides", "early nineteenth-century Berlin and Vienna", "an accordionist",
    ),
    (
        "the concert flute", "woodwinds", "blowing across a hole in the side",
        "a metal tube with keys by Theobald Boehm", "Germany in its modern form", "a flautist",
    ),
    (
        "the oboe", "woodwinds", "blowing through a double reed", "a conical wooden tube",
        "seventeenth-century France", "an oboist",
    ),
    (
        "the clarinet", "woodwinds", "blowing over a single reed", "a cylindrical tube with a flared bell",
        "Johann Christoph Denner's workshop in Nuremberg", "a clarinettist",
    ),
    (
        "the bassoon", "woodwinds", "blowing through a double reed on a curved metal crook",
        "a tube about two and a half metres long, folded double", "seventeenth-century Europe",
        "a bassoonist",
    ),
    (
        "the saxophone", "woodwinds", "blowing over a single reed", "a conical brass tube",
        "the workshop of Adolphe Sax in the 1840s", "a saxophonist",
    ),
    (
        "the trumpet", "brass", "buzzing the lips into a mouthpiece", "three valves",
        "signal horns of antiquity", "a trumpeter",
    ),
    (
        "the trombone", "brass", "buzzing the lips into a mouthpiece and moving a slide",
        "a telescopic slide", "the sackbut of the fifteenth century", "a trombonist",
    ),
    (
        "the tuba", "brass", "buzzing the lips into a deep cup", "a wide conical bore", "Berlin in 1835",
        "a tubist",
    ),
    (
        "the French horn", "brass", "buzzing the lips, with a hand inside the bell",
        "a coiled tube with rotary valves", "hunting horns", "a horn player",
    ),
    (
        "the didgeridoo", "wind instruments", "buzzing the lips and breathing in a circle",
        "a eucalyptus trunk hollowed by termites", "Aboriginal Australians of the far north", None,
    ),
    (
        "the xylophone", "percussion", "striking with mallets", "wooden bars in the order of piano keys",
        "Africa and Southeast Asia", "a xylophonist",
    ),
    (
        "the theremin", "electronic instruments", "moving the hands in the air without touching anything",
        "two antennas", "the Russian physicist Leon Theremin", "a thereminist",
    ),
)
