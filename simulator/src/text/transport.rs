//! Moving people, keeping roads, buying vehicles.

use super::Domain;

pub(super) static TRANSPORT: Domain = Domain {
    nature: "services",
    subjects: &[
        ("skoleskyss med minibuss", &[60_130_000, 60_112_000]),
        ("skoleskyss og spesialskyss med drosje", &[60_120_000, 60_130_000]),
        ("pasienttransport", &[60_130_000, 60_120_000]),
        ("busstjenester i ruteområde nord", &[60_112_000]),
        ("drift av fergesamband", &[60_610_000]),
        ("elektriske busser", &[34_121_000]),
        ("person- og varebiler", &[34_110_000]),
        ("brannbil", &[34_144_210]),
        ("verkstedtjenester for kommunale kjøretøyer", &[50_110_000]),
    ],
    needs: &[
        "Alle kjøretøyer skal ha nullutslippsteknologi ved oppstart.",
        "Rutene tilpasses skolenes timeplaner, og antall elever varierer fra år til år.",
        "Sjåførene må ha gyldig kjøreseddel og god norskkunnskap.",
        "Kontraktsperioden er ti år med opsjon på to år.",
        "Leverandøren skal ha sporing og sanntidsinformasjon i vognene.",
    ],
    nynorsk: &[("skuleskyss med drosje", &[60_120_000, 60_130_000])],
    needs_nynorsk: &["Køyretøya skal vere utsleppsfrie.", "Talet på elevar varierer frå år til år."],
};

pub(super) static ROAD: Domain = Domain {
    nature: "works",
    subjects: &[
        ("drift og vedlikehold av kommunale veier", &[45_233_141, 90_620_000]),
        ("asfaltering", &[45_233_220, 45_233_200]),
        ("brøyting og strøing", &[90_620_000]),
        ("gang- og sykkelvei langs fylkesvei", &[45_233_140, 45_233_100]),
        ("feiing av gater", &[90_610_000]),
        ("rassikring av fylkesvei", &[45_233_100]),
        ("vedlikehold av heiser og rulletrapper", &[50_750_000]),
    ],
    needs: &[
        "Kontrakten omfatter både sommer- og vinterdrift av 210 km vei.",
        "Håndbok R610 legges til grunn.",
        "Trafikken skal avvikles i anleggsperioden etter godkjent arbeidsvarslingsplan.",
        "Det gis bonus for redusert klimafotavtrykk i asfalten.",
        "Beredskap skal holdes fra 15. oktober til 15. april.",
    ],
    nynorsk: &[("brøyting av kommunale vegar", &[90_620_000])],
    needs_nynorsk: &["Beredskapen gjeld frå oktober til april.", "Kontrakten omfattar 120 km kommunal veg."],
};
