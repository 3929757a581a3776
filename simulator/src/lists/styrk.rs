//! A cut of the occupation list with whole branches.

use super::{ListEntry, table};

const ROWS: &str = "\
0|Militære yrker og uoppgitt
1|Ledere
12|Administrative og merkantile ledere
121|Ledere innen administrasjon
1211|Finans- og økonomisjefer
1212|Personalsjefer
2|Akademiske yrker
21|Realister, sivilingeniører mv.
214|Sivilingeniører
2142|Sivilingeniører (bygg og anlegg)
22|Medisinske yrker
221|Leger
2211|Allmennpraktiserende leger
2212|Legespesialister
222|Sykepleiere
2223|Sykepleiere
25|IKT-rådgivere
251|Programvareutviklere
2511|Systemanalytikere
2512|Programvareutviklere
2513|Nett- og multimediautviklere
2519|Andre programvareutviklere
252|Database- og nettverksrådgivere
2521|Databasedesignere
2522|Systemadministratorer
3|Høyskoleyrker
35|IKT-teknikere
351|Driftsteknikere
3511|Driftsteknikere, IKT
3512|IKT-brukerstøtte
4|Kontoryrker
5|Salgs- og serviceyrker
51|Yrker innen personlig tjenesteyting
512|Kokker
5120|Kokker
53|Pleie- og omsorgsyrker
532|Pleiemedarbeidere
5321|Helsefagarbeidere
6|Bønder, fiskere mv.
7|Håndverkere
71|Byggearbeidere
711|Bygningsarbeidere
7115|Tømrere og snekkere
8|Maskinoperatører og transportarbeidere
83|Transportarbeidere
833|Buss- og lastebilførere
8331|Buss- og trikkeførere
9|Renholdere, hjelpearbeidere mv.
91|Renholdere
911|Renholdere i bedrifter og private hjem
9112|Renholdere i virksomheter";

pub(super) fn entries() -> Vec<ListEntry> {
    table(ROWS, |code| {
        let level = u8::try_from(code.len()).unwrap_or(u8::MAX);
        ((level > 1).then(|| code[..code.len() - 1].to_owned()), level)
    })
}
