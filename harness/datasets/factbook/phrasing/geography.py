"""Ways to state and to ask facts about countries, cities, rivers and mountains."""

from harness.datasets.factbook.model import Attribute

COUNTRIES = (
    Attribute(
        "capital",
        say="""
        The capital of {e} is {v}, the seat of its national government.
        {Es} government sits in {v}, which is the nation's capital.
        {V} serves as the capital city of {e}.
        As its capital {e} has {v}, where the head of state resides.
        """,
        ask="""
        Which city does {q} treat as its political centre?
        Where would you look for the ministries that run {q}?
        From which town is {q} ruled?
        In what city would an ambassador to {q} normally take up office?
        """,
        ask_held="""
        Where do the rulers of {q} have their main offices?
        What is the number one city of {q} as far as politics goes?
        """,
        find="""
        For which state is {v} the place where the country is run from?
        {V} is the home of whose national government?
        """,
        close=("people",),
    ),
    Attribute(
        "currency",
        say="""
        People in {e} pay with {v}, the official currency of the country.
        The legal tender of {e} is {v}.
        {Es} central bank deals in {v}, and wages are paid in it.
        Prices in {e} are quoted in {v}.
        """,
        ask="""
        What money should a tourist carry when visiting {q}?
        Which notes and coins do shopkeepers in {q} take?
        If you change cash at the border of {q}, what do you get?
        What do you pay for your coffee with in {q}?
        """,
        ask_held="""
        What will be in your wallet after a trip to a bank in {q}?
        What kind of cash is good in {q}?
        """,
        find="""
        Where do shoppers hand over {v} at the till?
        """,
    ),
    Attribute(
        "language",
        say="""
        Official business in {e} may be conducted in {v}.
        Citizens of {e} can deal with the authorities in {v}.
        Laws and official forms in {e} are printed in {v}.
        """,
        ask="""
        What should you learn to speak before moving to {q}?
        In what tongue would a court in {q} hear your case?
        Which phrasebook does a traveller to {q} need?
        """,
        ask_held="""
        How do civil servants in {q} talk and write?
        What would a road sign in {q} be written in?
        """,
        exclusive=False,
    ),
    Attribute(
        "calling",
        say="""
        International telephone calls to {e} begin with the code {v}.
        {E} has the country calling code {v}.
        To ring somebody in {e} from abroad, one dials {v} first.
        """,
        ask="""
        What prefix do I dial to phone a friend in {q}?
        Which digits start a mobile number from {q}?
        I want to ring a hotel in {q} from overseas; what do I put in front?
        """,
        ask_held="""
        A missed call came from {q}; what did the number start with?
        How does one reach a landline in {q} from another country?
        """,
        close=("tld",),
    ),
    Attribute(
        "tld",
        say="""
        Websites registered in {e} carry the internet domain {v}.
        {E} was assigned {v} as its top-level domain.
        The domain ending {v} marks web addresses of {e}.
        """,
        ask="""
        How do the addresses of web pages from {q} end?
        Which letters after the dot tell you that a site belongs to {q}?
        What suffix would an online shop in {q} have?
        """,
        ask_held="""
        If an e-mail comes from a company in {q}, what might follow the last dot?
        What is the ending of a typical homepage from {q}?
        """,
        close=("calling",),
    ),
    Attribute(
        "side",
        say="""
        Traffic in {e} keeps to the {v}.
        Motorists in {e} drive on the {v}-hand side of the road.
        {E} is one of the countries where cars travel on the {v}.
        """,
        ask="""
        In which lane should I steer a hire car in {q}?
        Do vehicles keep left or right in {q}?
        Which half of the street do buses use in {q}?
        """,
        ask_held="""
        On what side of me will oncoming cars pass when I take the wheel in {q}?
        Where on the roadway must cyclists ride in {q}?
        """,
    ),
    Attribute(
        "area",
        kind="sqkm",
        say="""
        {E} covers an area of roughly {v} square kilometres.
        The territory of {e} measures about {sqmiles} square miles, or {v} square kilometres.
        With some {v} square kilometres, {e} takes up {sqmiles} square miles of the Earth's surface.
        """,
        vague="""
        {E} extends over more than {floor} square kilometres.
        """,
        ask="""
        How big is {q} on the map?
        How much land belongs to {q}?
        What is the size of {q}?
        """,
        ask_held="""
        How extensive is the ground inside the borders of {q}?
        Is {q} large or small in terms of land?
        """,
        close=("people",),
    ),
    Attribute(
        "people",
        kind="millions",
        say="""
        About {v} people lived in {e} in 2020.
        The population of {e} stood at roughly {v} in 2020.
        {E} had around {v} inhabitants in 2020.
        """,
        vague="""
        {E} is inhabited by more than {floor} people.
        """,
        ask="""
        How many folks call {q} home?
        How many human beings does {q} count?
        What was the headcount of {q} around 2020?
        """,
        ask_held="""
        How many citizens and residents are there in {q}?
        How crowded is {q} in absolute figures?
        """,
        close=("area",),
    ),
    Attribute(
        "peak",
        say="""
        No point in {e} rises higher than {v}.
        The highest point of {e} is {v}.
        Climbers who want the top of {e} head for {v}, its loftiest summit.
        """,
        ask="""
        Where in {q} is the ground furthest above the sea?
        Which mountain tops all others in {q}?
        What would you have to climb to stand above everybody else in {q}?
        """,
        ask_held="""
        What is the tallest thing that nature put up in {q}?
        Which summit is the roof of {q}?
        """,
    ),
)

CITIES = (
    Attribute(
        "country",
        say="""
        {E} is a city in {v}.
        On the map, {e} is found within the borders of {v}.
        The city of {e} belongs to {v}.
        """,
        ask="""
        Which nation is {q} part of?
        What state do the inhabitants of {q} live in?
        Whose national law applies in {q}?
        """,
        ask_held="""
        What flag flies over the town hall of {q}?
        Into what land does one travel to see {q}?
        """,
    ),
    Attribute(
        "water",
        say="""
        {E} lies on {v}.
        The city of {e} was built beside {v}.
        The nearest water to the streets of {e} is {v}.
        """,
        ask="""
        What would get your feet wet in {q}?
        Which river, lake or sea does {q} border on?
        Boats that call at {q} float on what?
        """,
        ask_held="""
        Over which waters do people in {q} watch the sun go down?
        Beside what stream or shore was {q} built?
        """,
    ),
    Attribute(
        "people",
        kind="millions",
        say="""
        {E} had about {v} inhabitants around 2020.
        Some {v} people lived within the city limits of {e} around 2020.
        A population of roughly {v} was recorded for the city of {e} around 2020.
        """,
        vague="""
        More than {floor} people live in {e}.
        """,
        ask="""
        How many folks call {q} home?
        How many neighbours would you have in {q}?
        What is the headcount of {q}?
        """,
        ask_held="""
        How many souls dwell in {q}?
        Is {q} a big town or a small one, in figures?
        """,
    ),
    Attribute(
        "airport",
        say="""
        Air travellers bound for {e} touch down at {v} airport.
        The main airport serving {e} is called {v}.
        {E} is linked to the world's airlines by way of {v} airport.
        """,
        ask="""
        Where does my plane land when I fly to {q}?
        What name is on the boarding pass of someone flying into {q}?
        Where do jets take off from in {q}?
        """,
        ask_held="""
        Where do I pick up a passenger who comes to {q} on a flight?
        Which terminal name must a cab driver in {q} know?
        """,
    ),
    Attribute(
        "sight",
        say="""
        Among the sights of {e}, many would put {v} first.
        Visitors to {e} rarely leave without having seen {v}.
        {E} is famous for {v}.
        """,
        ask="""
        What should a tourist not miss in {q}?
        What do the postcards from {q} show?
        Which attraction draws holidaymakers to {q}?
        """,
        ask_held="""
        I have one afternoon in {q}; what is worth a photo?
        What makes the skyline or the guidebook of {q} special?
        """,
        exclusive=False,
    ),
    Attribute(
        "games",
        kind="year",
        say="""
        {E} was the host city of the {v} Summer Olympics.
        The Summer Olympic Games of {v} were awarded to {e}.
        In Olympic history, {e} stands for the Summer Games of {v}.
        """,
        ask="""
        When did the world's athletes compete for medals in {q}?
        In what year's edition did the five rings go to {q}?
        """,
        ask_held="""
        Which edition of the greatest sports festival carries the name of {q}?
        """,
        exclusive=False,
    ),
    Attribute(
        "transit",
        say="""
        Commuters in {e} get about on {v}, the city's best-known form of public transport.
        The public transport of {e} is well known for {v}.
        Locals in {e} ride {v} to cross the city.
        """,
        ask="""
        How do people without a car get to work in {q}?
        What do you ride from one district of {q} to another?
        """,
        ask_held="""
        For what would I buy a ticket to travel within {q}?
        """,
        exclusive=False,
    ),
)

RIVERS = (
    Attribute(
        "length",
        kind="km",
        say="""
        From source to mouth {e} measures about {v} kilometres.
        {E} is roughly {v} kilometres long, which is some {miles} miles.
        The length of {e} is put at around {miles} miles, or {v} kilometres.
        """,
        vague="""
        {E} flows for more than {floor} kilometres.
        """,
        ask="""
        How far does the water of {q} travel?
        What distance would I paddle to follow {q} from beginning to end?
        How long is {q}?
        """,
        ask_held="""
        How many miles of stream does {q} have?
        What stretch would a raft cover if it drifted the whole of {q}?
        """,
    ),
    Attribute(
        "source",
        say="""
        {E} rises in {v}.
        The headwaters of {e} spring from {v}.
        Hikers who look for the source of {e} must go to {v}.
        """,
        ask="""
        Where does {q} begin?
        In what place does {q} start as a mere trickle?
        Where do the first drops of {q} come out of the ground or ice?
        """,
        ask_held="""
        What is the birthplace of {q}?
        Where must I hike to see {q} as a tiny stream?
        """,
        exclusive=False,
        close=("mouth",),
    ),
    Attribute(
        "mouth",
        say="""
        {E} empties into {v}.
        At the end of its course {e} discharges into {v}.
        The waters of {e} finally reach {v}.
        """,
        ask="""
        Where does {q} end up?
        If I throw a bottle into {q}, where will it arrive in the end?
        Into what does {q} pour itself?
        """,
        ask_held="""
        What receives everything that {q} carries along?
        Where is the finish of the journey for the water in {q}?
        """,
        exclusive=False,
        close=("source",),
    ),
    Attribute(
        "countries",
        say="""
        On its way {e} passes through {v}.
        The course of {e} lies in {v}.
        {E} drains parts of {v} along its banks.
        """,
        ask="""
        Which lands share the banks of {q}?
        In whose territory could I camp beside {q}?
        What nation or nations does {q} run through?
        """,
        ask_held="""
        Who owns the shores along {q}?
        Which passport stamps could a boatman on {q} collect?
        """,
        exclusive=False,
    ),
    Attribute(
        "tributary",
        say="""
        One of the tributaries of {e} is {v}.
        {E} is joined along its course by {v}, a notable tributary.
        Among the streams that feed {e} is {v}.
        """,
        ask="""
        What smaller stream pours into {q}?
        Which river adds its water to {q}?
        """,
        ask_held="""
        What flows into {q} from the side and makes it swell?
        By which affluent does {q} grow?
        """,
        exclusive=False,
    ),
)

MOUNTAINS = (
    Attribute(
        "height",
        kind="metres",
        say="""
        The summit of {e} is {v} metres above sea level.
        {E} reaches a height of {v} metres, about {feet} feet.
        At {v} metres, or roughly {feet} feet, {e} towers over its surroundings.
        """,
        vague="""
        {E} is more than {floor} metres high.
        """,
        ask="""
        How tall is {q}?
        How far up does {q} go?
        What would an altimeter show at the top of {q}?
        """,
        ask_held="""
        How much elevation does one gain from the beach to the tip of {q}?
        How high must I climb to conquer {q}?
        """,
    ),
    Attribute(
        "range",
        say="""
        {E} belongs to {v}.
        Geographers count {e} among the peaks of {v}.
        The chain that {e} forms part of is {v}.
        """,
        ask="""
        Which group of summits is {q} a member of?
        Of what larger chain is {q} one link?
        What are the neighbouring mountains of {q} called as a whole?
        """,
        ask_held="""
        In what row of mountains does {q} stand?
        Which sierra or massif claims {q}?
        """,
        close=("country",),
    ),
    Attribute(
        "country",
        say="""
        {E} stands in {v}.
        The slopes of {e} lie in {v}.
        Anyone who wants to see {e} has to travel to {v}.
        """,
        ask="""
        For what place do I need a visa if I want to hike up {q}?
        In which nation or nations can {q} be found?
        Whose territory holds {q}?
        """,
        ask_held="""
        Where in the world do I book a guesthouse near {q}?
        Which state or states can boast of having {q}?
        """,
        close=("range",),
    ),
    Attribute(
        "ascent",
        kind="year",
        say="""
        The first recorded ascent of {e} took place in {v}.
        {E} was first climbed in {v}, according to the usual account.
        It was in {v} that people stood on top of {e} for the first time on record.
        """,
        vague="""
        The summit of {e} was first reached in the {century} century.
        """,
        ask="""
        When did somebody get to the top of {q} at last?
        In what year was {q} conquered?
        Since when has {q} no longer been untrodden?
        """,
        ask_held="""
        How long ago did mountaineers beat {q}?
        What date goes with the earliest success on {q}?
        """,
        close=("climbers",),
    ),
    Attribute(
        "climbers",
        say="""
        The first ascent of {e} is credited to {v}.
        {V} made the first successful climb of {e}.
        {E} was first conquered by {v}.
        """,
        ask="""
        Who got to the top of {q} before anyone else?
        Which mountaineers were the pioneers on {q}?
        Whose boots were the earliest on the tip of {q}?
        """,
        ask_held="""
        Who won the race to conquer {q}?
        Who has the honour of having tamed {q}?
        """,
        close=("ascent",),
    ),
)
