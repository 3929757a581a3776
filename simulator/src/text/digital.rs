//! Software, operations and data.

use super::Domain;

pub(super) const INTELLIGENCE: &[(&str, &[u32])] = &[
    ("løsning for kunstig intelligens i saksbehandling", &[72_000_000, 72_230_000, 48_100_000]),
    ("konsulentbistand innen kunstig intelligens", &[72_220_000, 72_222_300]),
    ("plattform for kunstig intelligens og maskinlæring", &[48_000_000, 72_310_000]),
    ("kunstig intelligens til bildediagnostikk", &[48_180_000, 33_110_000]),
    ("samtaleassistent basert på kunstig intelligens", &[72_230_000, 72_212_000]),
];

pub(super) static DIGITAL: Domain = Domain {
    nature: "services",
    subjects: &[
        ("sak- og arkivsystem", &[48_100_000, 72_260_000]),
        ("drift av skyplattform", &[72_510_000, 72_410_000]),
        ("IT-konsulenter", &[72_220_000, 72_222_300, 72_230_000]),
        ("utvikling og forvaltning av nettsted", &[72_415_000, 72_212_000]),
        ("økonomi- og regnskapssystem", &[48_440_000]),
        ("HR- og lønnssystem", &[48_450_000, 48_440_000]),
        ("bærbare datamaskiner og tilbehør", &[30_213_100, 30_200_000]),
        ("brukerstøtte og driftstjenester", &[72_610_000, 72_500_000]),
        ("systemutvikling med smidige team", &[72_230_000, 72_240_000]),
        ("løsning for informasjonssikkerhet og logganalyse", &[48_730_000, 72_222_000]),
        ("kunstig intelligens i innbyggertjenester", &[72_000_000, 72_230_000]),
        ("dataplattform og analyseverktøy", &[48_800_000, 72_310_000, 72_314_000]),
    ],
    needs: &[
        "Løsningen skal leveres som en skytjeneste (SaaS) med universelt utformet brukergrensesnitt.",
        "Data skal lagres og behandles innenfor EØS, og databehandleravtale skal inngås.",
        "Tilbyder må støtte innlogging med ID-porten og integrasjon mot folkeregisteret.",
        "Oppdraget krever erfaring med åpen kildekode, kontinuerlige leveranser og innebygd personvern.",
        "Dagens system har nådd slutten av sin levetid og kan ikke videreutvikles.",
        "Leveransen omfatter innføring, opplæring, datamigrering og vedlikehold.",
        "Avtalen bygger på statens standardavtaler for IT.",
        "Konsulentene skal kunne møte på oppdragsgivers kontor ved behov.",
    ],
    nynorsk: &[
        ("sak- og arkivløysing", &[48_100_000, 72_260_000]),
        ("nettstad med redaktørløysing", &[72_415_000, 72_212_000]),
    ],
    needs_nynorsk: &[
        "Løysinga skal leverast som ei nettbasert skyteneste.",
        "Leveransen inkluderer brukaropplæring og ajourhald.",
        "Løysinga må følgje gjeldande krav til informasjonstryggleik.",
    ],
};
