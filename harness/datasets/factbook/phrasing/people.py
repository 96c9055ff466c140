"""Ways to state and to ask facts about composers, painters, writers and scientists."""

from harness.datasets.factbook.model import Attribute


def _life(job: str, deathplace: bool) -> tuple[Attribute, ...]:
    """What is said of anybody's life, with the profession put in."""
    attributes = (
        Attribute(
            "nation",
            say=f"""
            {{E}} was {{a_nation}} {job}.
            Reference works list {{e}} as {{a_nation}} {job}.
            By nationality, the {job} {{e}} is described as {{v}}.
            """,
            ask=f"""
            What nationality did {{q}} have?
            From what people did {{q}} come?
            Which nation is proud of {{q}} as its {job}?
            """,
            ask_held="""
            What would it have said in the passport of {q}?
            Which country claims {q}?
            """,
            close=("birthplace",),
            exclusive=False,
        ),
        Attribute(
            "born",
            kind="year",
            say=f"""
            {{E}} was born in {{v}}.
            The {job} {{e}} came into the world in {{v}}.
            The year of birth of {{e}} was {{v}}.
            """,
            vague="""
            {E} was born in the {century} century.
            """,
            ask="""
            When did the life of {q} begin?
            How long ago did {q} first see the light of day?
            In what year would we look for the baptism or first days of {q}?
            """,
            ask_held="""
            At what date was {q} a newborn baby?
            From which year onward was {q} alive?
            """,
            close=("died",),
        ),
        Attribute(
            "birthplace",
            say="""
            {E} was born in {v}.
            The birthplace of {e} is {v}.
            {V} was the place where {e} was born.
            """,
            ask="""
            Where did {q} come into the world?
            What was the native town or region of {q}?
            Which place can call {q} its son or daughter?
            """,
            ask_held="""
            Where did the cradle of {q} stand?
            From what town did {q} hail?
            """,
            close=("deathplace", "born"),
        ),
        Attribute(
            "died",
            kind="year",
            say=f"""
            {{E}} died in {{v}}.
            The {job} {{e}} lived until {{v}}.
            The year of death of {{e}} was {{v}}.
            """,
            vague="""
            {E} died in the {century} century.
            """,
            ask="""
            When did {q} pass away?
            In which year was {q} mourned?
            Until when did {q} live?
            """,
            ask_held="""
            At what time did the world lose {q}?
            What is the later of the two dates on the grave of {q}?
            """,
            close=("born", "deathplace"),
        ),
        Attribute(
            "deathplace",
            say="""
            {E} died in {v}.
            The last days of {e} were spent in {v}, where {he} died.
            {V} was the place where {e} died.
            """,
            ask="""
            Where did {q} breathe a last breath?
            In what place did the life of {q} come to an end?
            """,
            ask_held="""
            Where was {q} when the end came?
            Which place saw {q} pass away?
            """,
            close=("birthplace", "died"),
        ),
    )
    return attributes if deathplace else attributes[:-1]


COMPOSERS = (
    *_life("composer", deathplace=True),
    Attribute(
        "works",
        say="""
        The best-known works of {e} include {v}.
        {E} wrote {v}.
        Concert-goers know {e} above all for {v}.
        """,
        ask="""
        What music did {q} leave us?
        Which pieces made {q} famous?
        What might be on the programme of an evening devoted to {q}?
        """,
        ask_held="""
        What did {q} compose?
        What should I listen to if I want to get to know {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "instrument",
        say="""
        As a performer {e} played {v}.
        {E} was an accomplished player of {v}.
        Besides composing, {e} performed on {v}.
        """,
        ask="""
        What did {q} play on stage?
        With what did {q} make music in person?
        """,
        ask_held="""
        On what would {q} have practised scales?
        What was {q} able to play well?
        """,
        exclusive=False,
    ),
)

PAINTERS = (
    *_life("artist", deathplace=True),
    Attribute(
        "works",
        say="""
        The best-known works of {e} include {v}.
        {E} was the creator of {v}.
        Museum visitors associate {e} with {v}.
        """,
        ask="""
        Which pictures or sculptures made {q} famous?
        What did {q} create?
        By which masterpieces is {q} remembered?
        """,
        ask_held="""
        What came out of the studio of {q}?
        What should I look at to get to know {q}?
        """,
        exclusive=False,
        close=("movement",),
    ),
    Attribute(
        "movement",
        say="""
        Art historians assign {e} to {v}.
        {E} is counted among the representatives of {v}.
        The style most closely linked with {e} is {v}.
        """,
        ask="""
        In what style did {q} work?
        Which school or current of art was {q} part of?
        """,
        ask_held="""
        Under what heading does a museum guide place {q}?
        What label do critics put on {q}?
        """,
        close=("works",),
    ),
)

WRITERS = (
    *_life("writer", deathplace=False),
    Attribute(
        "works",
        say="""
        The best-known works of {e} include {v}.
        {E} wrote {v}.
        Readers all over the world know {e} as the author of {v}.
        """,
        ask="""
        What can I read by {q}?
        Which titles made {q} famous?
        What came from the pen of {q}?
        """,
        ask_held="""
        What would I borrow from a library to get to know {q}?
        What stands on the shelf marked {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "language",
        say="""
        {E} wrote in {v}.
        The language of the works of {e} is {v}.
        For literary work {e} used {v}.
        """,
        ask="""
        What tongue did {q} use for stories, plays or poems?
        What must I learn to enjoy {q} without a translator?
        """,
        ask_held="""
        In which words, from which country's dictionary, did {q} put down thoughts?
        From what are the books of {q} translated?
        """,
        close=("nation",),
    ),
    Attribute(
        "nobel",
        kind="year",
        say="""
        {E} received the Nobel Prize in Literature in {v}.
        The Nobel Prize in Literature of {v} went to {e}.
        In {v} the Swedish Academy honoured {e} with the Nobel Prize.
        """,
        vague="""
        {E} was a winner of the Nobel Prize in Literature.
        """,
        ask="""
        When was {q} honoured in Stockholm?
        In what year did {q} win the top award for authors?
        """,
        ask_held="""
        When did {q} get a gold medal and a cheque from Sweden?
        """,
    ),
)

SCIENTISTS = (
    *_life("scientist", deathplace=False),
    Attribute(
        "field",
        say="""
        {E} worked in {v}.
        The field of {e} was {v}.
        {E} made {his} name in {v}.
        """,
        ask="""
        What subject did {q} study?
        In which branch of knowledge was {q} an expert?
        """,
        ask_held="""
        What would {q} have taught at a university?
        Which discipline counts {q} among its greats?
        """,
        exclusive=False,
        close=("works",),
    ),
    Attribute(
        "works",
        say="""
        {E} is best known for {v}.
        Science owes {v} to {e}.
        The fame of {e} rests on {v}.
        """,
        ask="""
        What did {q} contribute to our knowledge?
        Why do we still remember {q}?
        What was the great achievement of {q}?
        """,
        ask_held="""
        What idea or find carries the stamp of {q}?
        What did {q} work out or bring to light?
        """,
        exclusive=False,
        close=("field",),
    ),
    Attribute(
        "nobel",
        kind="year",
        say="""
        {E} was awarded a Nobel Prize for {v}.
        A Nobel Prize of the year {v} went to {e}.
        In {v} {e} joined the ranks of the Nobel laureates.
        """,
        vague="""
        {E} was a winner of the Nobel Prize.
        """,
        ask="""
        When was {q} honoured in Stockholm?
        In what year did {q} win the highest award for researchers?
        """,
        ask_held="""
        When did {q} get a gold medal and a cheque from Sweden?
        """,
    ),
)
