"""Sports. General knowledge of the rules as commonly played at top level.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "team", "length", "gear", "aim", "origin", "venue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "football", "eleven players", "90 minutes in two halves", "a round ball and shin pads",
        "getting the ball into the net without using the hands", "England in 1863", "a grass pitch",
    ),
    (
        "basketball", "five players", "48 minutes in the NBA", "an orange ball and two hoops",
        "throwing the ball through a ring ten feet up", "James Naismith in 1891", "a wooden indoor court",
    ),
    (
        "volleyball", "six players", "the best of five sets", "a light ball and a high net",
        "making the ball touch the other side's floor", "William G. Morgan in 1895",
        "a court divided by a net",
    ),
    (
        "handball", "seven players", "60 minutes in two halves", "a ball small enough for one hand",
        "throwing the ball past the goalkeeper", "northern Europe around 1900", "an indoor court",
    ),
    (
        "rugby union", "fifteen players", "80 minutes in two halves", "an oval ball",
        "carrying the ball over the line for a try", "a school in Warwickshire",
        "a grass field with H-shaped posts",
    ),
    (
        "American football", "eleven players", "60 minutes in four quarters",
        "helmets, padding and a pointed ball", "gaining ten yards in four downs",
        "American colleges of the nineteenth century", "a field 100 yards long",
    ),
    (
        "baseball", "nine players", "nine innings", "a bat, a ball and leather gloves",
        "hitting the ball and running around four bases", "the United States", "a diamond-shaped infield",
    ),
    (
        "cricket", "eleven players", "up to five days in a Test match", "a flat bat and three stumps",
        "scoring runs and taking wickets", "the south-east of England",
        "an oval ground with a 22-yard strip",
    ),
    (
        "ice hockey", "six players", "60 minutes in three periods", "curved sticks and a rubber puck",
        "shooting a puck past a padded goalkeeper", "Canada", "a rink",
    ),
    (
        "field hockey", "eleven players", "60 minutes in four quarters", "hooked sticks and a hard ball",
        "hitting a small ball into the goal with a stick", "England", "artificial turf",
    ),
    (
        "water polo", "seven players", "32 minutes in four quarters", "caps with ear guards",
        "throwing a ball into a floating goal", "nineteenth-century Britain", "a pool",
    ),
    (
        "tennis", "one or two players", "the best of three or five sets",
        "a strung racket and a felt-covered ball",
        "hitting the ball over the net so that it does not come back", "Victorian England",
        "a grass, clay or hard court",
    ),
    (
        "table tennis", "one or two players", "games to eleven points",
        "a small bat and a celluloid-like ball", "making a tiny ball bounce past the opponent",
        "Victorian England", "a table 2.74 metres long",
    ),
    (
        "badminton", "one or two players", "the best of three games to 21",
        "a light racket and a feathered shuttlecock", "making the shuttle land on the other side",
        "British officers in India", "an indoor court",
    ),
    (
        "golf", None, "18 holes", "clubs, tees and a dimpled ball",
        "getting the ball into each hole with as few strokes as possible", "Scotland",
        "a course of greens and bunkers",
    ),
    (
        "curling", "four players", "ten ends", "granite stones and brooms",
        "sliding stones close to the centre of a target", "Scotland", "a sheet of ice",
    ),
    (
        "polo", "four players", "chukkas of about seven minutes", "mallets and ponies",
        "driving a ball into the goal on horseback", "Persia", "a field about 300 yards long",
    ),
    (
        "sumo", None, "often only a few seconds", "a belt called a mawashi",
        "pushing the opponent out of a ring", "Japan", "a clay platform",
    ),
    (
        "fencing", None, "bouts to fifteen touches", "a foil, an épée or a sabre",
        "touching the opponent with a blade first", "European duelling", "a strip 14 metres long",
    ),
    (
        "judo", None, "four minutes", "a white or blue jacket and a belt",
        "throwing or pinning the opponent", "Kanō Jigorō in 1882", "a mat",
    ),
)
