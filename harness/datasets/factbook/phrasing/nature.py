"""Ways to state and to ask facts about elements, celestial bodies and animals."""

from harness.datasets.factbook.model import Attribute

ELEMENTS = (
    Attribute(
        "symbol",
        say="""
        In chemical formulas {e} is written as {v}.
        The chemical symbol of {e} is {v}.
        Chemists abbreviate {e} to {v} in their equations.
        """,
        ask="""
        What letters stand for {q} in a formula?
        How is {q} shortened on the wall chart in a laboratory?
        How would a chemist jot down {q}?
        """,
        ask_held="""
        What is the shorthand for {q}?
        Which one or two letters mean {q} in science class?
        """,
        find="""
        Which substance does a chemist mean by {v}?
        """,
        close=("number",),
    ),
    Attribute(
        "number",
        kind="number",
        say="""
        {E} has the atomic number {v}.
        In the periodic table {e} occupies place {v}.
        An atom of {e} holds {v} protons in its nucleus.
        """,
        ask="""
        How many positive charges sit in the core of an atom of {q}?
        Which box of the chart of elements holds {q}?
        Counting from hydrogen, where does {q} come?
        """,
        ask_held="""
        What position does {q} have among the elements?
        What does one count in the nucleus to recognise {q}?
        """,
        find="""
        What is element {v} called?
        """,
        close=("symbol", "family"),
    ),
    Attribute(
        "family",
        say="""
        {E} is classed among the {v}.
        Textbooks group {e} with the {v}.
        The elements known as {v} include {e}.
        """,
        ask="""
        To what kind of elements does {q} belong?
        Which relatives does {q} have in the periodic table?
        What sort of element is {q}?
        """,
        ask_held="""
        What group name would you file {q} under?
        In whose company is {q} listed by chemists?
        """,
        close=("number",),
    ),
    Attribute(
        "look",
        say="""
        In its pure state {e} is {v}.
        {E} comes as {v}.
        A sample of pure {e} presents itself as {v}.
        """,
        ask="""
        What does {q} look like?
        How could I recognise {q} with my own eyes?
        What would I see if somebody handed me {q}?
        """,
        ask_held="""
        How does {q} appear to an observer?
        Can you describe the outward aspect of {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "use",
        say="""
        Industry has used {e} for {v}.
        {E} is in demand for {v}.
        Well-known applications of {e} are found in {v}.
        """,
        ask="""
        What is {q} good for?
        Why would anybody buy {q}?
        Where does {q} turn up in daily life or technology?
        """,
        ask_held="""
        What do people do with {q}?
        Which products depend on {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "naming",
        say="""
        {E} owes its name to {v}.
        The name of {e} goes back to {v}.
        Behind the word {e} stands {v}.
        """,
        ask="""
        Why is {q} called what it is called?
        What does the word for {q} come from?
        What inspired those who christened {q}?
        """,
        ask_held="""
        What is the etymology of {q}?
        What did people have in mind when they coined the term for {q}?
        """,
        close=("who",),
    ),
    Attribute(
        "who",
        say="""
        The discovery of {e} is credited to {v}.
        {E} was first isolated or identified by {v}.
        Histories of chemistry name {v} as discoverer of {e}.
        """,
        ask="""
        Who tracked down {q}?
        To whom do we owe our knowledge of {q}?
        Which researcher first came upon {q}?
        """,
        ask_held="""
        Who deserves the fame for finding {q}?
        Whose laboratory gave the world {q}?
        """,
        close=("year", "naming"),
    ),
    Attribute(
        "year",
        kind="year",
        say="""
        {E} was discovered in {v}.
        The year {v} is given for the discovery of {e}.
        Chemists have known {e} since {v}.
        """,
        vague="""
        {E} was discovered in the {century} century.
        """,
        ask="""
        When did researchers come across {q}?
        Since when have we been aware of {q}?
        How long has science known about {q}?
        """,
        ask_held="""
        At what date did {q} enter the textbooks?
        In which year was {q} found?
        """,
        close=("who",),
    ),
)

SPACE = (
    Attribute(
        "diameter",
        kind="km",
        say="""
        {E} measures about {v} kilometres across.
        The diameter of {e} is roughly {v} kilometres, or {miles} miles.
        From one side to the other, {e} spans around {v} kilometres.
        """,
        vague="""
        {E} is more than {floor} kilometres wide.
        """,
        ask="""
        How big is {q}?
        How long would a tunnel straight through the middle of {q} be?
        What size does {q} have?
        """,
        ask_held="""
        How wide a ball is {q}?
        If you drilled through {q}, how far would you get?
        """,
    ),
    Attribute(
        "orbits",
        say="""
        {E} moves in an orbit around {v}.
        The body that {e} revolves around is {v}.
        {E} is held on its path by the gravity of {v}.
        """,
        ask="""
        What does {q} circle?
        Whose pull keeps {q} from flying away?
        What lies at the centre of the track of {q}?
        """,
        ask_held="""
        Which bigger object has {q} for a companion?
        What is {q} a satellite of?
        """,
    ),
    Attribute(
        "year",
        say="""
        One full orbit takes {e} {v}.
        {E} completes a revolution in {v}.
        The orbital period of {e} is {v}.
        """,
        ask="""
        How long does {q} need for a lap?
        How much time passes until {q} is back at the same point of its path?
        How long is one trip of {q} around its host?
        """,
        ask_held="""
        After what time would you celebrate New Year on {q}?
        How fast does {q} get round?
        """,
        close=("day",),
    ),
    Attribute(
        "day",
        say="""
        {E} turns once about its axis in {v}.
        The rotation period of {e} is {v}.
        To spin round once, {e} needs {v}.
        """,
        ask="""
        How long does {q} take to twirl around itself?
        How quickly does {q} spin?
        """,
        ask_held="""
        How much time does one pirouette of {q} last?
        How slow or brisk is the turning of {q}?
        """,
        close=("year",),
    ),
    Attribute(
        "finder",
        say="""
        {E} was discovered by {v}.
        The astronomer credited with the discovery of {e} is {v}.
        The first to spot {e} was {v}.
        """,
        ask="""
        Who was the first person to notice {q} in the sky?
        Whose telescope gave us {q}?
        """,
        ask_held="""
        Which stargazer can claim {q}?
        Who found {q}?
        """,
        close=("found",),
    ),
    Attribute(
        "found",
        kind="year",
        say="""
        {E} was discovered in {v}.
        The discovery of {e} dates from {v}.
        Astronomers first sighted {e} in {v}.
        """,
        vague="""
        {E} was discovered in the {century} century.
        """,
        ask="""
        When did people learn that {q} exists?
        Since when has {q} been on our star maps?
        """,
        ask_held="""
        How long have we known of {q}?
        At what date was {q} spotted?
        """,
        close=("finder",),
    ),
    Attribute(
        "feature",
        say="""
        {E} is remarkable for {v}.
        Space probes that visited {e} or looked its way show {v}.
        What sets {e} apart is {v}.
        """,
        ask="""
        What is so special about {q}?
        What would a visitor to {q} notice above all?
        """,
        ask_held="""
        Why would a photographer want to go near {q}?
        What curious thing do pictures of {q} reveal?
        """,
        exclusive=False,
    ),
    Attribute(
        "namesake",
        say="""
        {E} is named after {v}.
        The name {e} comes from {v}.
        Behind the name of {e} stands {v}.
        """,
        ask="""
        Who or what lent a name to {q}?
        From which figure did {q} get what it is called?
        """,
        ask_held="""
        What character in story or myth is behind {q}?
        Whom does the word for {q} honour?
        """,
    ),
)

ANIMALS = (
    Attribute(
        "class",
        say="""
        Zoologists count {e} among the {v}.
        {E} is one of the {v}.
        In the animal kingdom, {e} is placed with the {v}.
        """,
        ask="""
        What type of creature is {q}?
        In which big branch of the tree of animal life is {q} found?
        """,
        ask_held="""
        Under which heading would a textbook of animals treat {q}?
        """,
    ),
    Attribute(
        "food",
        say="""
        {E} feeds on {v}.
        The diet of {e} consists mainly of {v}.
        When it is hungry, {e} looks for {v}.
        """,
        ask="""
        What is on the menu of {q}?
        What does a zookeeper have to give to {q}?
        What fills the stomach of {q}?
        """,
        ask_held="""
        On what does {q} live when it comes to nutrition?
        What does {q} like to eat?
        """,
        exclusive=False,
    ),
    Attribute(
        "range",
        say="""
        {E} is at home in {v}.
        The natural range of {e} takes in {v}.
        In the wild, {e} occurs in {v}.
        """,
        ask="""
        Where should I travel to watch {q} outside a zoo?
        What part of the globe does {q} come from?
        Where does {q} dwell?
        """,
        ask_held="""
        In what region might a naturalist meet {q}?
        Where is the habitat of {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "young",
        say="""
        A very young {bare} is known as {v}.
        The word for a young {bare} is {v}.
        While it is small, {e} is called {v}.
        """,
        ask="""
        What word is there for the baby of {q}?
        What do we call the little one of {q}?
        """,
        ask_held="""
        Which term fits the kid of {q}?
        What is a recent arrival in the family of {q} known as?
        """,
        exclusive=False,
        close=("gestation",),
    ),
    Attribute(
        "group",
        say="""
        A group of {plural} is called {v}.
        The collective noun for {plural} is {v}.
        In English, a gathering of {plural} may be termed {v}.
        """,
        ask="""
        What do you call a lot of {plural} in one place?
        Which expression describes a bunch of {plural}?
        """,
        ask_held="""
        How does one refer to a whole party of {plural}?
        What is the word when {plural} come in numbers?
        """,
        exclusive=False,
    ),
    Attribute(
        "weight",
        kind="kg",
        say="""
        A large adult {bare} weighs around {v}.
        {E} may reach a weight of about {v}.
        On the scales, {e} can bring up to some {v} when fully grown.
        """,
        ask="""
        How heavy does {q} get?
        How much would you have to lift to carry a fully grown specimen of {q}?
        What does {q} show on the scales?
        """,
        ask_held="""
        Is {q} a lightweight or a giant in terms of mass?
        How many kilos or grams of animal is {q}?
        """,
    ),
    Attribute(
        "gestation",
        say="""
        Females of {e} carry their young for {v}.
        The gestation period of {e} lasts {v}.
        From mating to birth it takes {e} {v}.
        """,
        ask="""
        How long does a mother of {q} carry her unborn baby?
        How much time passes in the womb before {q} is born?
        """,
        ask_held="""
        For what time is the mother expecting in the case of {q}?
        """,
        exclusive=False,
        close=("young",),
    ),
    Attribute(
        "habit",
        say="""
        A striking thing about {e} is that {v}.
        Naturalists report of {e} that {v}.
        It is typical of {e} that {v}.
        """,
        ask="""
        What is remarkable about the way of life or body of {q}?
        What trick or oddity is {q} known for?
        """,
        ask_held="""
        What could one tell children about {q} to amaze them?
        What is a surprising thing about {q}?
        """,
        exclusive=False,
    ),
)
