"""Ways to state and to ask facts about what people make, play, cook, do and found: books to companies."""

from harness.datasets.factbook.model import Attribute

BOOKS = (
    Attribute(
        "author",
        say="""
        {E} was written by {v}.
        The author of {e} is {v}.
        {V} is the writer behind {e}.
        """,
        ask="""
        From whose pen did {q} come?
        Who thought up {q}?
        Which name is printed on the cover of {q}, below the title?
        """,
        ask_held="""
        Whom do we have to thank for {q}?
        Who sat at the desk and produced {q}?
        """,
    ),
    Attribute(
        "published",
        kind="year",
        say="""
        {E} was first published in book form in {v}.
        The first edition of {e} as a book dates from {v}.
        Readers were first able to buy {e} as a book in {v}.
        """,
        vague="""
        {E} came out in the {century} century.
        """,
        ask="""
        When did {q} appear in the shops?
        How old is {q}?
        In what year did the public get to know {q}?
        """,
        ask_held="""
        Since when could one read {q}?
        When was {q} new?
        """,
    ),
    Attribute(
        "setting",
        say="""
        The story of {e} is set in or on {v}.
        {E} takes its readers to {v}.
        The scene of {e} is {v}.
        """,
        ask="""
        Where does {q} take place?
        In what surroundings do the characters of {q} move?
        """,
        ask_held="""
        What places would a film crew need for {q}?
        Whereabouts does the action of {q} unfold?
        """,
        exclusive=False,
    ),
    Attribute(
        "hero",
        say="""
        The main character of {e} is {v}.
        At the centre of {e} stands {v}.
        {E} follows the fortunes of {v}.
        """,
        ask="""
        Who is the protagonist of {q}?
        Whose fate do we follow in {q}?
        """,
        ask_held="""
        Which part in a film of {q} would go to the star?
        Who has the leading role in {q}?
        """,
        close=("plot",),
        exclusive=False,
    ),
    Attribute(
        "plot",
        say="""
        In {e}, {v}.
        {E} tells how {v}.
        The plot of {e} in a nutshell: {v}.
        """,
        ask="""
        What happens in {q}?
        What is {q} about?
        """,
        ask_held="""
        How would you retell {q} in one sentence?
        What goes on between the covers of {q}?
        """,
        close=("hero",),
        exclusive=False,
    ),
    Attribute(
        "language",
        say="""
        {E} was originally written in {v}.
        The original language of {e} is {v}.
        Before it was translated, {e} existed in {v} only.
        """,
        ask="""
        What must I learn to read {q} without a translator?
        In what tongue did {q} first appear?
        """,
        ask_held="""
        From what do translators of {q} start?
        """,
        close=("author",),
    ),
)

INVENTIONS = (
    Attribute(
        "credit",
        say="""
        {E} is credited to {v}.
        The person or group most often named in connection with {e} is {v}.
        We owe {e} to {v}.
        """,
        ask="""
        Who came up with {q}?
        Whose brainchild or find was {q}?
        Who has the fame for {q}?
        """,
        ask_held="""
        What name should come to mind at the mention of {q}?
        Who is behind {q}?
        """,
        close=("year",),
    ),
    Attribute(
        "year",
        kind="year",
        say="""
        {E} dates from {v}.
        The usual date given for {e} is {v}.
        The history of {e} starts in {v}.
        """,
        vague="""
        {E} goes back to the {century} century.
        """,
        ask="""
        Since when has mankind had {q}?
        How old is {q}?
        When did {q} come into the world?
        """,
        ask_held="""
        How long have we been able to rely on {q}?
        When was the breakthrough for {q}?
        """,
        close=("credit",),
    ),
    Attribute(
        "place",
        say="""
        The place connected with the beginnings of {e} is {v}.
        {E} had its origin in {v}.
        The story of {e} begins in {v}.
        """,
        ask="""
        Where was {q} born as an idea?
        In what town, region or country did somebody first have {q}?
        """,
        ask_held="""
        Where would a plaque in memory of {q} hang?
        What is the home of {q}?
        """,
        exclusive=False,
        close=("credit",),
    ),
    Attribute(
        "purpose",
        say="""
        {E} proved its worth in {v}.
        A main benefit of {e} lies in {v}.
        Thanks to {e}, the world got a new means of {v}.
        """,
        ask="""
        What is {q} good for?
        What did {q} make possible?
        """,
        ask_held="""
        Why was {q} such a step forward?
        What do we need {q} for?
        """,
        exclusive=False,
    ),
)

LANDMARKS = (
    Attribute(
        "city",
        say="""
        {E} is situated in {v}.
        Visitors find {e} in {v}.
        {V} is the place where {e} stands.
        """,
        ask="""
        Where do I have to go to see {q}?
        In what town do I get off the train for {q}?
        """,
        ask_held="""
        Which mayor has {q} in his or her town?
        What place has {q} on its street map?
        """,
    ),
    Attribute(
        "maker",
        say="""
        {E} was designed by {v}.
        The design of {e} goes back to {v}.
        Responsibility for the design of {e} lay with {v}.
        """,
        ask="""
        Who drew up the plans of {q}?
        Whose creation is {q}?
        """,
        ask_held="""
        Whose office thought up {q}?
        Who had the idea of making {q} look like that?
        """,
        close=("year",),
    ),
    Attribute(
        "year",
        kind="year",
        say="""
        {E} was completed or opened to the public in {v}.
        Since {v} people have been able to admire {e} in finished form.
        The year {v} marks the completion or opening of {e}.
        """,
        vague="""
        {E} was finished in the {century} century.
        """,
        ask="""
        How old is {q}?
        Since when has {q} been there for visitors?
        """,
        ask_held="""
        When were the builders of {q} done?
        When was the ribbon cut at {q}?
        """,
        close=("maker",),
    ),
    Attribute(
        "height",
        kind="metres",
        say="""
        {E} is about {v} metres high.
        Measured to its top, {e} has a height of roughly {v} metres, or {feet} feet.
        {E} rises some {v} metres into the sky.
        """,
        vague="""
        {E} is more than {floor} metres high.
        """,
        ask="""
        How tall is {q}?
        How far does {q} reach upward?
        """,
        ask_held="""
        How long a rope would reach from the tip of {q} to the pavement?
        """,
    ),
    Attribute(
        "known",
        say="""
        {E} is known for {v}.
        People come to {e} because of {v}.
        The fame of {e} rests on {v}.
        """,
        ask="""
        What do people admire at {q}?
        Why is {q} worth a visit?
        """,
        ask_held="""
        What is {q} renowned for?
        What would a tour guide point out at {q}?
        """,
        exclusive=False,
    ),
)

INSTRUMENTS = (
    Attribute(
        "family",
        say="""
        {E} belongs to the family of {v}.
        In books about instruments, {e} is treated under {v}.
        Musicians file {e} under {v}.
        """,
        ask="""
        In what section of the orchestra or shop would I look for {q}?
        What type of musical tool is {q}?
        """,
        ask_held="""
        With which others is {q} lumped together?
        """,
    ),
    Attribute(
        "sound",
        say="""
        The tone of {e} is made by {v}.
        One plays {e} by {v}.
        {E} is made to sound by {v}.
        """,
        ask="""
        What do I have to do to get a note out of {q}?
        How does one make {q} ring out?
        """,
        ask_held="""
        Which movement brings music out of {q}?
        How is noise produced with {q}?
        """,
        close=("parts",),
        exclusive=False,
    ),
    Attribute(
        "parts",
        say="""
        The build of {e} is marked by {v}.
        {E} typically has {v}.
        In its construction, {e} is characterised by {v}.
        """,
        ask="""
        How is {q} put together?
        What would a maker have to fit to {q}?
        """,
        ask_held="""
        What can I see when I look closely at {q}?
        """,
        close=("sound",),
        exclusive=False,
    ),
    Attribute(
        "origin",
        say="""
        The roots of {e} lie with or in {v}.
        The history of {e} leads back to {v}.
        {E} goes back to {v}.
        """,
        ask="""
        Where does {q} come from?
        Who or what is at the beginning of the story of {q}?
        """,
        ask_held="""
        What is the birthplace or ancestor of {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "player",
        say="""
        A person who plays {e} is called {v}.
        The word for someone who performs on {e} is {v}.
        In an ensemble {e} is the business of {v}.
        """,
        ask="""
        What do we call a musician with {q}?
        What is the job title of those who make a living with {q}?
        """,
        ask_held="""
        What would it say on the visiting card of a performer on {q}?
        """,
    ),
)

SPORTS = (
    Attribute(
        "team",
        say="""
        In {e}, each side takes the field with {v}.
        A side in {e} is made up of {v}.
        The rules of {e} foresee {v} on either side.
        """,
        ask="""
        How many friends do I need for one complete squad in {q}?
        How large is a squad in {q} at any one moment?
        """,
        ask_held="""
        How many people compete together against their rivals in {q}?
        """,
    ),
    Attribute(
        "length",
        say="""
        A contest in {e} is played over {v}.
        The regular duration of a contest in {e} is {v}.
        {E} is usually decided after {v}.
        """,
        ask="""
        When is it all over in {q}?
        How long must fans sit through {q}?
        """,
        ask_held="""
        What stretch of play settles the result in {q}?
        """,
    ),
    Attribute(
        "gear",
        say="""
        The equipment for {e} includes {v}.
        Anyone taking up {e} needs {v}.
        {E} is played with {v}.
        """,
        ask="""
        What should I buy before I start with {q}?
        Which things do athletes carry or wear in {q}?
        """,
        ask_held="""
        What is in the bag of somebody on the way to {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "aim",
        say="""
        The object of {e} is {v}.
        {E} is all about {v}.
        In {e} success comes from {v}.
        """,
        ask="""
        How does one win at {q}?
        What are the competitors in {q} trying to do?
        """,
        ask_held="""
        What is the point of {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "origin",
        say="""
        The modern form of {e} is traced to {v}.
        {E} took shape thanks to or in {v}.
        Historians of sport connect the birth of {e} with {v}.
        """,
        ask="""
        Where or with whom did {q} start?
        Who gave the world {q}?
        """,
        ask_held="""
        What are the roots of {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "venue",
        say="""
        The playing area for {e} is {v}.
        {E} takes place on or in {v}.
        To hold a contest in {e} one needs {v}.
        """,
        ask="""
        On what kind of ground is {q} practised?
        Where do you meet for {q}?
        """,
        ask_held="""
        What must a town build for its lovers of {q}?
        """,
        close=("gear",),
        exclusive=False,
    ),
)

DISHES = (
    Attribute(
        "country",
        say="""
        {E} is a speciality of {v}.
        The home of {e} is {v}.
        Cookery books trace {e} to {v}.
        """,
        ask="""
        From which cuisine does {q} come?
        Where do grandmothers know best how to prepare {q}?
        """,
        ask_held="""
        Which nation taught the world {q}?
        """,
    ),
    Attribute(
        "made",
        say="""
        The essentials of {e} are easily listed: {v}.
        {E} is made from {v}.
        To prepare {e}, one takes {v}.
        """,
        ask="""
        What should be on my shopping list for {q}?
        What does {q} consist of?
        What goes into {q}?
        """,
        ask_held="""
        Which foods does a cook combine in {q}?
        What am I tasting when I try {q}?
        """,
        exclusive=False,
        close=("kind",),
    ),
    Attribute(
        "served",
        say="""
        {E} is often served with {v}.
        The usual company of {e} on the table is {v}.
        {E} typically comes to the table together with {v}.
        """,
        ask="""
        What goes well next to {q}?
        What do people have alongside {q}?
        """,
        ask_held="""
        What will the waiter bring along when I order {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "kind",
        say="""
        {E} is best described as {v}.
        In terms of type, {e} is {v}.
        On a menu {e} counts as {v}.
        """,
        ask="""
        What sort of thing is {q}, in a word?
        Under which heading of a cookbook would I look for {q}?
        """,
        ask_held="""
        Is {q} something to drink, a sweet or what?
        """,
        close=("made",),
        exclusive=False,
    ),
)

EVENTS = (
    Attribute(
        "year",
        kind="year",
        say="""
        The year of {e} was {v}.
        {E} happened or began in {v}.
        Chronicles and textbooks date {e} to {v}.
        """,
        vague="""
        {E} falls in the {century} century.
        """,
        ask="""
        How long ago was {q}?
        When did {q} occur?
        Which date do pupils learn for {q}?
        """,
        ask_held="""
        At what time in history should I place {q}?
        When did the news of {q} break?
        """,
    ),
    Attribute(
        "place",
        say="""
        The scene of {e} was {v}.
        Ask where {e} took place, and the answer is {v}.
        On a map of history, {e} is tied to {v}.
        """,
        ask="""
        Where did {q} happen?
        What spot should I visit to stand where {q} unfolded?
        """,
        ask_held="""
        In what corner of the world was {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "people",
        say="""
        Every account of {e} speaks of {v}.
        {E} involved {v}.
        {E} is remembered together with {v}.
        """,
        ask="""
        Who was involved in {q}?
        Who comes to mind in connection with {q}?
        """,
        ask_held="""
        Which actors had the main parts in {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "outcome",
        say="""
        {E} led to {v}.
        The consequence of {e} was {v}.
        In its wake {e} brought {v}.
        """,
        ask="""
        What came of {q}?
        What changed because of {q}?
        """,
        ask_held="""
        Why does {q} matter to historians?
        How did {q} turn out?
        """,
        exclusive=False,
    ),
)

COMPANIES = (
    Attribute(
        "founder",
        say="""
        {E} was founded by {v}.
        The founding of {e} is credited to {v}.
        {V} set up the company {e}.
        """,
        ask="""
        Who started {q}?
        Which entrepreneur or entrepreneurs got {q} going?
        """,
        ask_held="""
        Whose business idea became {q}?
        """,
        close=("year",),
    ),
    Attribute(
        "year",
        kind="year",
        say="""
        {E} was founded in {v}.
        The foundation of {e} dates from {v}.
        {E} has been in business since {v}.
        """,
        vague="""
        {E} was founded in the {century} century.
        """,
        ask="""
        How old is {q} as a firm?
        When did {q} open its doors?
        """,
        ask_held="""
        From which date would {q} count its birthdays?
        """,
        close=("founder",),
    ),
    Attribute(
        "place",
        say="""
        {E} started out in {v}.
        The cradle of the company {e} was {v}.
        The early days of {e} were spent in {v}.
        """,
        ask="""
        Where did {q} begin its history?
        In what town or country did {q} first set up shop?
        """,
        ask_held="""
        Where did the birth of {q} happen?
        """,
        exclusive=False,
        close=("founder",),
    ),
    Attribute(
        "product",
        say="""
        Customers know {e} for {v}.
        {E} became a household name through {v}.
        What made {e} big was {v}.
        """,
        ask="""
        What does {q} sell?
        Why do consumers all over the world know {q}?
        """,
        ask_held="""
        What would I find in a warehouse of {q}?
        """,
        exclusive=False,
        close=("first",),
    ),
    Attribute(
        "first",
        say="""
        The earliest offering of {e} was {v}.
        {E} began by dealing in {v}.
        At the start of the history of {e} we find {v}.
        """,
        ask="""
        What did {q} put on the market in its infancy?
        With what did {q} earn or try to earn its first money?
        """,
        ask_held="""
        What did {q} do before its present business?
        """,
        exclusive=False,
        close=("product",),
    ),
)
