"""Historical events. General reference knowledge: year, place, people and outcome as told in school books.

Written from memory by the project as commonly cited reference values, not copied from a database; no
source could be consulted offline, so a doubtful cell is None. One row an entity, in the order of COLUMNS.
"""

from harness.datasets.factbook.model import Value

COLUMNS = (
    "name", "year", "place", "people", "outcome", "clue",
)

ROWS: tuple[tuple[Value | None, ...], ...] = (
    (
        "the Battle of Marathon", "490 BC", "Greece", "the Athenians and the Persians",
        "a victory of the Athenians", None,
    ),
    (
        "the Battle of Hastings", 1066, "Sussex", "William of Normandy and King Harold",
        "the Norman conquest of England", None,
    ),
    (
        "the sealing of Magna Carta", 1215, "Runnymede", "King John and his barons",
        "limits on the power of the English crown", None,
    ),
    (
        "the Black Death", 1347, "Europe", "merchants and sailors who brought it from the Black Sea",
        "the death of perhaps a third of Europeans", None,
    ),
    (
        "the fall of Constantinople", 1453, "the Bosphorus", "Sultan Mehmed II and Emperor Constantine XI",
        "the end of the Byzantine Empire", None,
    ),
    (
        "Columbus's first voyage", 1492, "the Bahamas", "Spain's Catholic Monarchs, who paid for it",
        "lasting contact between Europe and the Americas", None,
    ),
    (
        "the posting of the Ninety-five Theses", 1517, "Wittenberg", "Martin Luther",
        "the start of the Reformation", None,
    ),
    (
        "Magellan's circumnavigation", 1519, "Seville, where it set out",
        "Juan Sebastián Elcano, who brought the last ship home",
        "proof that the globe could be sailed around", None,
    ),
    (
        "the voyage of the Spanish Armada", 1588, "the English Channel", "Philip II and Elizabeth I",
        "the failure to invade England", None,
    ),
    (
        "the voyage of the Mayflower", 1620, "Plymouth in Massachusetts", "the Pilgrims",
        "a lasting English colony in New England", None,
    ),
    (
        "the Peace of Westphalia", 1648, "Münster and Osnabrück",
        "the Holy Roman Empire, France and Sweden", "the end of the Thirty Years' War", None,
    ),
    (
        "the Great Fire of London", 1666, "London", "a baker in Pudding Lane, in whose shop it began",
        "the rebuilding of the city in brick and stone", None,
    ),
    (
        "the Lisbon earthquake", 1755, "Portugal", "the Marquis of Pombal, who led the rebuilding",
        "a ruined capital and a shaken faith in Providence", None,
    ),
    (
        "the Boston Tea Party", 1773, "Massachusetts", "colonists disguised as Mohawks",
        "harsh British laws and a step to revolution", None,
    ),
    (
        "the American Declaration of Independence", 1776, "Philadelphia",
        "Thomas Jefferson, its chief author", "the birth of the United States", None,
    ),
    (
        "the storming of the Bastille", 1789, "Paris", "a Parisian crowd",
        "the outbreak of the French Revolution", None,
    ),
    (
        "the Battle of Trafalgar", 1805, "the sea off Cape Trafalgar in Spain",
        "Admiral Nelson against the French and Spanish fleets", "British command of the seas", None,
    ),
    (
        "the Battle of Waterloo", 1815, "Belgium", "Napoleon against Wellington and Blücher",
        "the final defeat of Napoleon", None,
    ),
    (
        "the California gold rush", 1848, "Sutter's Mill", "James Marshall, who saw the first nuggets",
        "a flood of settlers into the American West", None,
    ),
    (
        "the Battle of Gettysburg", 1863, "Pennsylvania", "the armies of Meade and Lee",
        "a turning point in the American Civil War", None,
    ),
    (
        "the opening of the Suez Canal", 1869, "Egypt", "Ferdinand de Lesseps",
        "a sea route to India without rounding Africa", None,
    ),
    (
        "the Paris Commune", 1871, "France", "workers and the National Guard",
        "bloody suppression after about two months", None,
    ),
    (
        "the first modern Olympic Games", 1896, "Athens", "Pierre de Coubertin",
        "a sporting festival every four years", None,
    ),
    (
        "the San Francisco earthquake", 1906, "California", "more than 200,000 people left homeless",
        "fires that destroyed most of the city", None,
    ),
    (
        "the sinking of the Titanic", 1912, "the North Atlantic", "Captain Edward Smith",
        "about 1,500 deaths and stricter rules on lifeboats", None,
    ),
    (
        "the assassination at Sarajevo", 1914, "Bosnia", "Gavrilo Princip and Archduke Franz Ferdinand",
        "the outbreak of the First World War", None,
    ),
    (
        "the Battle of Verdun", 1916, "north-eastern France", "the French and the Germans",
        "about 700,000 casualties for almost no ground", None,
    ),
    (
        "the October Revolution", 1917, "Petrograd", "Lenin and the Bolsheviks",
        "the first communist state", None,
    ),
    (
        "Lindbergh's Atlantic flight", 1927, "New York and Paris",
        "a lone pilot in the Spirit of St. Louis", "the first solo non-stop crossing of that ocean by air",
        None,
    ),
    ("the Wall Street Crash", 1929, "New York", "panicking shareholders", "the Great Depression", None),
    (
        "the Salt March", 1930, "Gujarat", "Mahatma Gandhi",
        "mass civil disobedience against British rule", None,
    ),
    (
        "the attack on Pearl Harbor", 1941, "Hawaii", "the Japanese navy",
        "America's entry into the Second World War", None,
    ),
    (
        "the Normandy landings", 1944, "the beaches of northern France", "Allied troops under Eisenhower",
        "the liberation of western Europe", None,
    ),
    (
        "the Berlin Airlift", 1948, "Germany", "American and British pilots",
        "the end of a Soviet blockade after about eleven months", None,
    ),
    (
        "the launch of Sputnik", 1957, "Baikonur", "Soviet engineers under Sergei Korolev",
        "the start of the space race", None,
    ),
    (
        "the first human spaceflight", 1961, "Baikonur", "Yuri Gagarin",
        "one orbit of the Earth in 108 minutes", None,
    ),
    (
        "the Cuban Missile Crisis", 1962, "the Caribbean", "Kennedy and Khrushchev",
        "the withdrawal of Soviet rockets", None,
    ),
    (
        "the March on Washington", 1963, "the Lincoln Memorial",
        "Martin Luther King and about 250,000 marchers", "momentum for the Civil Rights Act", None,
    ),
    (
        "the first Moon landing", 1969, "the Sea of Tranquillity", "Neil Armstrong and Buzz Aldrin",
        "the return of about 21 kilograms of lunar rock", None,
    ),
    (
        "the Chernobyl disaster", 1986, "Ukraine", "the night shift at reactor number four",
        "radioactive fallout over much of Europe", None,
    ),
    (
        "the fall of the Berlin Wall", 1989, "Germany", "East Berliners who streamed to the crossings",
        "reunification within a year", None,
    ),
    (
        "the release of Nelson Mandela", 1990, "South Africa",
        "President F. W. de Klerk, who announced it", "negotiations that ended apartheid", None,
    ),
)
