//! Building, engineering, water and energy.

use super::Domain;

pub(super) static BUILDING: Domain = Domain {
    nature: "works",
    subjects: &[
        ("totalentreprise ny barneskole", &[45_214_200, 45_210_000]),
        ("rehabilitering av rådhus", &[45_210_000, 45_440_000]),
        ("nytt sykehjem", &[45_215_000, 45_300_000]),
        ("rørleggerarbeid", &[45_330_000]),
        ("elektroarbeid", &[45_310_000]),
        ("maler- og gulvarbeid", &[45_442_100, 45_440_000]),
        ("ventilasjon i kommunale bygg", &[45_331_000]),
        ("riving av eldre bygningsmasse", &[45_110_000]),
        ("håndverkertjenester", &[45_400_000, 45_310_000, 45_330_000]),
        ("idrettshall", &[45_210_000]),
    ],
    needs: &[
        "Entreprisen gjennomføres som totalentreprise etter NS 8407.",
        "Byggeplassen skal være fossilfri fra oppstart.",
        "Bygget er på om lag 4 500 kvadratmeter og skal være i full drift i byggetiden.",
        "Arbeidene omfatter grunn, råbygg, tekniske fag og utomhus.",
        "Prosjektet er avhengig av godkjent reguleringsplan.",
        "Det er krav om sentral godkjenning eller tilsvarende kompetanse.",
        "Kontraheringen skjer i to faser med samspill og opsjon på utførelse.",
    ],
    nynorsk: &[
        ("rehabilitering av skulebygg", &[45_214_200]),
        ("handverkartenester", &[45_400_000, 45_310_000]),
    ],
    needs_nynorsk: &[
        "Bygget skal vere i drift i heile byggjetida.",
        "Arbeida omfattar grunn, råbygg og tekniske fag.",
    ],
};

pub(super) static ENGINEERING: Domain = Domain {
    nature: "services",
    subjects: &[
        ("arkitekttjenester", &[71_200_000, 71_220_000]),
        ("rådgivende ingeniørtjenester", &[71_300_000, 71_310_000]),
        ("prosjekt- og byggeledelse", &[71_530_000, 71_500_000]),
        ("prosjektering av vei og gang- og sykkelvei", &[71_322_000, 71_311_000]),
        ("geotekniske undersøkelser", &[71_300_000]),
        ("prosjekteringsgruppe for helsehus", &[71_240_000, 71_320_000]),
    ],
    needs: &[
        "Rådgiver skal bistå fra forprosjekt til overtakelse.",
        "Avropet skjer ved minikonkurranse mellom rammeavtaleleverandørene.",
        "Tilbudt nøkkelpersonell må ha minst fem års relevant erfaring.",
        "Prosjektet skal modelleres i BIM.",
        "Oppdraget omfatter fagområdene RIB, RIV, RIE og brann.",
    ],
    nynorsk: &[],
    needs_nynorsk: &[],
};

pub(super) static WATER: Domain = Domain {
    nature: "works",
    subjects: &[
        ("utskifting av vann- og avløpsledninger", &[45_231_300]),
        ("nytt renseanlegg", &[45_252_100, 45_252_000]),
        ("sanering av avløpsnett", &[45_231_300, 90_400_000]),
        ("høydebasseng og pumpestasjon", &[45_231_300, 45_250_000]),
    ],
    needs: &[
        "Anlegget skal dimensjoneres for fremtidige rensekrav.Kommunene har felles overføringsledning.",
        "Arbeidet omfatter cirka 1,8 km ledningsgrøft i bebygd område.",
        "Vannforsyningen skal opprettholdes gjennom hele anleggsperioden.",
        "Kontrakten følger NS 8405.",
    ],
    nynorsk: &[("utskifting av vassleidningar", &[45_231_300])],
    needs_nynorsk: &[
        "Vassforsyninga skal haldast ved lag i heile anleggsperioden.",
        "Kontrakten følgjer NS 8405.",
    ],
};

pub(super) static ENERGY: Domain = Domain {
    nature: "supplies",
    subjects: &[
        ("elektrisk kraft", &[9_310_000]),
        ("strømleveranse og porteføljeforvaltning", &[9_310_000, 65_310_000]),
        ("solcelleanlegg på kommunale bygg", &[9_300_000, 45_310_000]),
        ("energisparetiltak (EPC)", &[71_300_000, 45_331_000]),
        ("ladeinfrastruktur for elbiler", &[45_310_000, 65_300_000]),
    ],
    needs: &[
        "Forventet årlig forbruk er 42 GWh.",
        "Kraften skal leveres med opprinnelsesgarantier.",
        "Tiltakene skal redusere energibruken med minst tjue prosent.",
        "Leverandøren skal håndtere all innmelding til nettselskap.",
    ],
    nynorsk: &[],
    needs_nynorsk: &[],
};
