//! Regions, counties and some municipalities, in KLASS's three levels.

use super::{ListEntry, table};

const ROWS: &str = "\
NO02|Innlandet
NO020|Innlandet
NO0301|Oslo
NO06|Trøndelag
NO060|Trøndelag - Trööndelage
NO07|Nord-Norge
NO071|Nordland - Nordlánnda
NO072|Troms - Romsa - Tromssa
NO073|Finnmark - Finnmárku - Finmarkku
NO08|Oslo og Viken
NO081|Oslo
NO083|Østfold
NO084|Akershus
NO085|Buskerud
NO09|Agder og Sør-Østlandet
NO092|Agder
NO093|Vestfold
NO094|Telemark
NO0A|Vestlandet
NO0A1|Rogaland
NO0A2|Vestland
NO0A3|Møre og Romsdal
NO0B|Svalbard og Jan Mayen
NO0B1|Jan Mayen
NO0B2|Svalbard
NO1103|Stavanger
NO1108|Sandnes
NO1506|Molde
NO1515|Herøy (Møre og Romsdal)
NO1804|Bodø - Bådåddjo
NO1818|Herøy (Nordland)
NO3105|Sarpsborg
NO3107|Fredrikstad
NO3201|Bærum
NO3203|Asker
NO3205|Lillestrøm
NO3301|Drammen
NO3305|Ringerike
NO3403|Hamar
NO3405|Lillehammer
NO3905|Tønsberg
NO4003|Skien
NO4204|Kristiansand
NO4601|Bergen
NO4602|Kinn
NO5001|Trondheim - Tråante
NO5501|Tromsø
NO5503|Harstad - Hárstták
NO5601|Alta
NO5610|Kárášjohka - Karasjok
NO5636|Unjárga - Nesseby";

/// County number of a municipality to the county's NUTS code.
const COUNTIES: [(&str, &str); 15] = [
    ("03", "NO081"),
    ("11", "NO0A1"),
    ("15", "NO0A3"),
    ("18", "NO071"),
    ("31", "NO083"),
    ("32", "NO084"),
    ("33", "NO085"),
    ("34", "NO020"),
    ("39", "NO093"),
    ("40", "NO094"),
    ("42", "NO092"),
    ("46", "NO0A2"),
    ("50", "NO060"),
    ("55", "NO072"),
    ("56", "NO073"),
];

pub(super) fn entries() -> Vec<ListEntry> {
    table(ROWS, |code| match code.len() {
        4 => (None, 1),
        5 => (Some(code[..4].to_owned()), 2),
        _ => {
            let county = COUNTIES.iter().find(|(number, _)| code[2..].starts_with(number));
            (county.map(|(_, nuts)| (*nuts).to_owned()), 3)
        }
    })
}
