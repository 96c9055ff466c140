"""Sentences that follow a statement without adding a fact: what makes passages longer and less bare."""

_GEOGRAPHY = (
    "Any good school atlas confirms it.",
    "Geography teachers like to test their pupils on this.",
    "It is the sort of detail that quiz masters are fond of.",
    "Guidebooks mention this early on, usually next to a small map.",
    "The same statement is made in most handbooks of geography.",
    "Maps and reference works from different publishers agree on the point.",
)
_PEOPLE = (
    "Biographies rarely fail to mention it.",
    "The point is settled in every major biography.",
    "Anniversary articles and museum labels repeat it regularly.",
    "Schoolchildren come across this when they write a first essay on the subject.",
    "It is one of the details that any short biographical sketch contains.",
    "Encyclopedia entries on this life usually say so at the outset.",
)

ASIDES: dict[str, tuple[str, ...]] = {
    "countries": (
        *_GEOGRAPHY,
        "Foreign ministries print it in their notes for travellers.",
        "It is part of what newcomers learn first about the country.",
    ),
    "cities": (
        *_GEOGRAPHY,
        "The tourist office prints it in its brochures.",
        "Newcomers to the city learn this within a day or two.",
    ),
    "rivers": (
        *_GEOGRAPHY,
        "Boatmen and hydrologists take it for granted.",
        "Signs along the riverside path tell walkers so.",
    ),
    "mountains": (
        *_GEOGRAPHY,
        "Climbing magazines have reported on it more than once.",
        "Alpine clubs state it in their handbooks.",
    ),
    "elements": (
        "Any introduction to chemistry says so.",
        "Students learn this in their first year in the laboratory.",
        "The fact is printed on many classroom posters.",
        "It is a favourite question in chemistry tests.",
        "Handbooks of materials give the same information.",
        "Data sheets for engineers and chemists note it as well.",
    ),
    "space": (
        "Planetarium visitors hear about it in almost every show.",
        "Amateur astronomers know this by heart.",
        "Any popular book on astronomy says so.",
        "The value or detail has been checked by observation again and again.",
        "Star guides and science museums mention it on their panels.",
    ),
    "animals": (
        "Zoo signs tell visitors as much.",
        "Field guides agree on the point.",
        "Wildlife films like to dwell on it.",
        "Rangers are often asked about this.",
        "Handbooks of zoology note it under the heading of the species.",
        "Children who love animals tend to know it already.",
    ),
    "composers": (
        *_PEOPLE,
        "Concert programmes print it in their short notes.",
        "Music dictionaries agree on it.",
    ),
    "painters": (
        *_PEOPLE,
        "Exhibition catalogues mention it in their introductions.",
        "Dictionaries of art agree on it.",
    ),
    "writers": (
        *_PEOPLE,
        "It is printed on the flaps of many paperback editions.",
        "Histories of literature agree on it.",
    ),
    "scientists": (
        *_PEOPLE,
        "Histories of science agree on it.",
        "It is told in many a lecture hall.",
    ),
    "books": (
        "Reading groups bring this up sooner or later.",
        "Histories of literature note it in a line or two.",
        "The blurb of most editions says as much.",
        "Teachers of literature expect their students to know it.",
        "It is the first thing that many reviews mention.",
    ),
    "inventions": (
        "Museums of technology tell the story in detail.",
        "Histories of science and engineering usually put it that way.",
        "Schoolbooks repeat it, although rivals had claims of their own in many such cases.",
        "A panel in many a science museum explains as much.",
        "The episode is a favourite of popular science writers.",
    ),
    "landmarks": (
        "Guides repeat it to every group that comes by.",
        "The leaflet handed out to visitors says so.",
        "Travel books mention it in the opening lines.",
        "Histories of architecture note it, too.",
        "Many visitors know this before they arrive.",
    ),
    "instruments": (
        "Beginners are told so in their first lesson.",
        "Handbooks of orchestration make the point early.",
        "Collections of musical instruments explain it to visitors.",
        "Any dictionary of music says the same.",
    ),
    "sports": (
        "Beginners learn this in their first training session.",
        "Commentators seldom need to explain it.",
        "The handbook for coaches states it on one of the first pages.",
        "Supporters take it for granted.",
    ),
    "dishes": (
        "Cooks argue about details, but hardly about this.",
        "Most cookery books agree.",
        "Restaurant critics mention it whenever the subject comes up.",
        "Those who grew up with it would not have it otherwise.",
    ),
    "events": (
        "History lessons seldom leave it out.",
        "Textbooks in many countries tell it in much the same way.",
        "Historians have written whole shelves of books on the matter.",
        "Documentaries return to the subject every few years.",
        "It is a standard question in history examinations.",
    ),
    "companies": (
        "Business schools use the case in their courses.",
        "The story is told in every history of the company.",
        "Newspapers repeat it at every anniversary.",
        "Reference works on business history record it.",
    ),
}
