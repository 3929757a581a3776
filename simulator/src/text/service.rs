//! Cleaning, food, staffing, advice and schools.

use super::Domain;

pub(super) static CLEANING: Domain = Domain {
    nature: "services",
    subjects: &[
        ("renhold av kontorlokaler", &[90_919_200, 90_911_200]),
        ("renhold av skoler og barnehager", &[90_919_300, 90_911_200]),
        ("renhold og vindusvask", &[90_910_000, 90_911_300]),
        ("daglig renhold ved sykehus", &[90_911_200]),
        ("innsamling av husholdningsavfall", &[90_511_000]),
        ("behandling av restavfall", &[90_510_000, 90_500_000]),
        ("vakt- og sikkerhetstjenester", &[79_713_000, 79_710_000]),
    ],
    needs: &[
        "Renholdet skal utføres etter INSTA 800 med månedlig kvalitetskontroll.",
        "Leverandøren må være godkjent i renholdsregisteret og ha HMS-kort for alle ansatte.",
        "Samlet areal er 38 000 kvadratmeter fordelt på elleve bygg.",
        "Det skal brukes svanemerkede kjemikalier.",
        "Oppdraget omfatter periodisk renhold og tilleggstjenester på bestilling.",
    ],
    nynorsk: &[("reinhald av kommunale bygg", &[90_911_200, 90_919_200])],
    needs_nynorsk: &[
        "Leverandøren må vere godkjend i reinhaldsregisteret.",
        "Reinhaldet skal følgje INSTA 800.",
    ],
};

pub(super) static FOOD: Domain = Domain {
    nature: "supplies",
    subjects: &[
        ("matvarer til kommunale institusjoner", &[15_000_000, 15_800_000]),
        ("frukt og grønt til skoler", &[15_300_000]),
        ("meieri- og bakervarer", &[15_500_000, 15_810_000]),
        ("ferdigmat til hjemmeboende", &[15_894_200]),
        ("kantinedrift", &[55_510_000, 55_500_000]),
        ("skolemåltider", &[55_523_100]),
        ("catering til møter og arrangementer", &[55_520_000]),
        ("kjøtt og pålegg", &[15_110_000]),
    ],
    needs: &[
        "Andelen økologiske varer skal øke gjennom avtaleperioden.",
        "Leveringssteder og leveringsdager fremgår av prisskjemaet.",
        "Tilbyder skal følge nasjonale kostholdsråd og redusere matsvinn.",
        "Varene bestilles gjennom oppdragsgivers e-handelsløsning.",
    ],
    nynorsk: &[("matvarer til sjukeheimar", &[15_800_000])],
    needs_nynorsk: &[
        "Varene skal leverast to gonger i veka.",
        "Leverandøren skal arbeide for mindre matsvinn.",
    ],
};

pub(super) static STAFFING: Domain = Domain {
    nature: "services",
    subjects: &[
        ("vikar til helse- og omsorgstjenesten", &[79_624_000, 79_620_000]),
        ("vikartjenester sykepleiere og leger", &[79_624_000, 79_625_000]),
        ("vikar til barnehage og skole", &[79_620_000]),
        ("rekrutteringstjenester", &[79_600_000]),
        ("utleie av anestesi- og intensivpersonell", &[79_625_000, 85_141_000]),
    ],
    needs: &[
        "Vikarene må beherske norsk skriftlig og muntlig og ha gyldig autorisasjon.",
        "Bestilling skjer normalt med minst tre ukers varsel, men akutte behov vil forekomme.",
        "Leverandøren skal sikre likebehandling av lønn etter arbeidsmiljøloven.",
        "Prisen oppgis som påslagsprosent.",
    ],
    nynorsk: &[],
    needs_nynorsk: &[],
};

pub(super) static CONSULTANCY: Domain = Domain {
    nature: "services",
    subjects: &[
        ("juridiske tjenester", &[79_110_000, 79_100_000]),
        ("revisjonstjenester", &[79_212_000, 79_210_000]),
        ("organisasjonsutvikling og lederopplæring", &[79_411_000, 80_510_000]),
        ("prosjektledelse og gevinstrealisering", &[79_421_000, 79_410_000]),
        ("evaluering av tilskuddsordning", &[73_110_000, 79_411_000]),
        ("forskningsoppdrag om levekår", &[73_110_000, 73_000_000]),
        ("bistand til offentlige anskaffelser", &[79_410_000, 79_110_000]),
    ],
    needs: &[
        "Oppdraget skal gi et kunnskapsgrunnlag for videre politikkutforming.",
        "Rammen for oppdraget er 2,5 millioner kroner eksklusive merverdiavgift.",
        "Tildeling skjer på grunnlag av oppgaveforståelse, kompetanse og pris.",
        "Sluttrapporten skal være offentlig og på norsk.",
        "Avrop fordeles etter rangering mellom leverandørene.",
    ],
    nynorsk: &[("juridiske tenester", &[79_110_000]), ("kommunal revisjon", &[79_212_000])],
    needs_nynorsk: &["Oppdraget blir tildelt etter kompetanse og pris.", "Rapporten skal vere offentleg."],
};

pub(super) static SCHOOL: Domain = Domain {
    nature: "services",
    subjects: &[
        ("norskopplæring for voksne innvandrere", &[80_580_000, 80_500_000]),
        ("arbeidsrettede kurs", &[80_510_000, 80_500_000]),
        ("skolemøbler", &[39_160_000]),
        ("kontormøbler og ergonomisk innredning", &[39_130_000, 39_100_000]),
        ("digitale læremidler", &[48_100_000, 80_000_000]),
        ("videreutdanning av lærere", &[80_500_000]),
    ],
    needs: &[
        "Tilbudet skal være tilgjengelig både digitalt og i klasserom.",
        "Deltakerne henvises fra veileder, og antallet varierer gjennom året.",
        "Produktene skal være ombruksvennlige og ha lang garanti.",
        "Læremidlene må være på bokmål og nynorsk.",
    ],
    nynorsk: &[("skulemøblar", &[39_160_000])],
    needs_nynorsk: &["Produkta skal kunne brukast om att.", "Levering skjer til kvar skule."],
};
