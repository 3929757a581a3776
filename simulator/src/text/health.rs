//! Hospitals, clinics and care.

use super::Domain;

pub(super) static HEALTH: Domain = Domain {
    nature: "supplies",
    subjects: &[
        ("elektronisk pasientjournal (EPJ)", &[48_814_400, 48_180_000]),
        ("pasientjournal til legevakt", &[48_814_400, 72_260_000]),
        ("system for pasientovervåking", &[33_195_000, 48_180_000]),
        ("medisinsk forbruksmateriell", &[33_140_000]),
        ("røntgen- og ultralydutstyr", &[33_110_000]),
        ("MR-maskin med service", &[33_110_000]),
        ("medisinsk avstandsoppfølging og velferdsteknologi", &[33_190_000, 48_180_000, 85_140_000]),
        ("kurve- og medikasjonssystem", &[48_814_000, 48_180_000]),
    ],
    needs: &[
        "Løsningen skal være tilkoblet Norsk helsenett og støtte kjernejournal og e-resept.",
        "Leveransen skal ivareta norm for informasjonssikkerhet i helse- og omsorgssektoren.",
        "Utstyret skal være CE-merket etter forordningen om medisinsk utstyr.",
        "Opplæring av helsepersonell inngår i leveransen.",
        "Foretaket behandler om lag 120 000 pasienter i året.",
        "Pasientjournalen må kunne utveksle data med fagsystemene i kommunen.",
    ],
    nynorsk: &[
        ("elektronisk pasientjournal til legekontor", &[48_814_400]),
        ("velferdsteknologi i heimetenesta", &[33_190_000]),
    ],
    needs_nynorsk: &[
        "Løysinga skal vere for legar og hjelpepersonell på legekontora.",
        "Leveransen skal følgje norma for informasjonstryggleik i helsesektoren.",
    ],
};

pub(super) static CARE: Domain = Domain {
    nature: "services",
    subjects: &[
        ("heldøgns botilbud for personer med nedsatt funksjonsevne", &[85_311_200, 85_311_000]),
        ("brukerstyrt personlig assistanse (BPA)", &[85_310_000, 85_300_000]),
        ("avlastningstiltak for barn og unge", &[85_311_000]),
        ("bedriftshelsetjeneste", &[85_140_000, 85_100_000]),
        ("legevakttjenester", &[85_120_000]),
        ("laboratorie- og radiologitjenester", &[85_140_000, 85_110_000]),
    ],
    needs: &[
        "Tjenesten er forbeholdt leverandører som ivaretar brukernes rett til medvirkning.",
        "Konkurransen følger forskriftens del IV om helse- og sosialtjenester.",
        "Brukervalg gjennomføres blant leverandører med tjenestekonsesjon.",
        "Personalet må ha helse- eller sosialfaglig kompetanse og gyldig politiattest.",
    ],
    nynorsk: &[("bedriftshelseteneste", &[85_140_000])],
    needs_nynorsk: &[
        "Personalet må ha helsefagleg kompetanse.",
        "Tenesta skal vere tilgjengeleg i heile kommunen.",
    ],
};
