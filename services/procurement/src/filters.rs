//! Filters with their codes checked and their places looked up.

use std::collections::BTreeSet;

use crate::codes::{Candidate, Codes, Labels, Matched, Retired};
use crate::domain::{ANYWHERE, Ask, Invalid, NutsCode, Place, Query};
use crate::error::Problem;

/// A search whose codes exist and whose places are codes, and how it differs from what was asked.
#[derive(Debug, Clone)]
pub(crate) struct Filters {
    pub(crate) query: Query,
    pub(crate) notes: Vec<String>,
}

/// Checks codes and looks places up.
pub(crate) async fn resolve<C: Codes>(codes: &C, ask: Ask) -> Result<Filters, Problem> {
    let Ask { mut query, places, include_nationwide, .. } = ask;
    let mut notes = Vec::new();
    let given: Vec<NutsCode> = places
        .iter()
        .filter_map(|place| match place {
            Place::Code(code) if code.is_norwegian() => Some(code.clone()),
            _ => None,
        })
        .collect();
    let labels = check(codes, &query, &given, &mut notes).await?;
    let mut locations = Locations { codes, found: BTreeSet::new(), notes };
    for place in places {
        match place {
            Place::Anywhere(mark) => {
                locations.found.insert(mark);
            }
            Place::Code(code) => {
                let retired = labels.no_nuts.iter().any(|missing| missing == code.as_str());
                locations.code(&code, retired).await;
            }
            Place::Name(name) => locations.name(&name).await?,
        }
    }
    locations.older().await;
    if include_nationwide {
        locations.found.extend(ANYWHERE.map(str::to_owned));
    }
    query.locations = locations.found;
    Ok(Filters { query, notes: locations.notes })
}

/// Refuses CPV codes that do not exist. A list that cannot be asked refuses nothing.
async fn check<C: Codes>(
    codes: &C,
    query: &Query,
    nuts: &[NutsCode],
    notes: &mut Vec<String>,
) -> Result<Labels, Problem> {
    let cpv: Vec<_> = query.cpv.iter().map(|code| code.as_str().to_owned()).collect();
    let nuts: Vec<_> = nuts.iter().map(|code| code.as_str().to_owned()).collect();
    if cpv.is_empty() && nuts.is_empty() {
        return Ok(Labels::default());
    }
    let labels = match codes.labels(cpv, nuts).await {
        Ok(labels) => labels,
        Err(error) => {
            tracing::warn!(%error, "codes are searched for unchecked");
            notes.push("The code lists could not be asked, so that codes were not checked.".into());
            return Ok(Labels::default());
        }
    };
    if !labels.no_cpv.is_empty() {
        let problem = nonexistent(&labels.no_cpv);
        return Err(Invalid::new("cpvCode", problem).with("code", labels.no_cpv.join(", ")).into());
    }
    Ok(labels)
}

fn nonexistent(codes: &[String]) -> String {
    match codes {
        [first @ .., last] if !first.is_empty() => {
            format!("CPV codes {} and {last} do not exist", first.join(", "))
        }
        codes => format!("CPV code {} does not exist", codes.concat()),
    }
}

struct Locations<'a, C> {
    codes: &'a C,
    found: BTreeSet<String>,
    notes: Vec<String>,
}

impl<C: Codes> Locations<'_, C> {
    /// A code as given, with what lies below or came after it.
    async fn code(&mut self, code: &NutsCode, retired: bool) {
        self.found.insert(code.as_str().to_owned());
        // A region that is no more has nothing below it.
        let is_region = code.is_norwegian() && code.is_above_counties();
        if !(is_region && self.below(code.as_str()).await) && retired {
            self.successors(code.as_str()).await;
        }
    }

    /// The counties of a region, because Doffin matches codes as they stand. False if there are none.
    async fn below(&mut self, code: &str) -> bool {
        match self.codes.below(code).await {
            Ok(below) => {
                let any = !below.is_empty();
                self.found.extend(below);
                any
            }
            Err(error) => {
                tracing::warn!(%error, location = code, "a region is searched without its counties");
                self.notes
                    .push(format!("The counties of {code} could not be looked up and are not searched."));
                true
            }
        }
    }

    /// What replaced a retired code, besides the code itself, which old notices carry.
    async fn successors(&mut self, code: &str) {
        let candidates = self.codes.candidates(code).await.unwrap_or_default();
        let candidates = candidates.into_iter().filter(|candidate| candidate.matched == Matched::Successor);
        let candidates: Vec<_> = candidates.collect();
        let successors: BTreeSet<_> =
            candidates.iter().map(|candidate| candidate.notice_code.clone()).collect();
        let list = successors.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.notes.push(if successors.is_empty() {
            format!("{code} is not a current NUTS code; it is searched for as it stands.")
        } else {
            format!("{code} is a retired NUTS code; its successors are searched too: {list}.")
        });
        self.found.extend(successors);
        for region in candidates.iter().filter(|candidate| candidate.level == 1) {
            self.below(&region.notice_code).await;
        }
    }

    /// Codes of older notices: those whose whole area is searched. One that reaches further is told of instead,
    /// because its notices may be of places that were not asked for.
    async fn older(&mut self) {
        if !self.found.iter().any(|code| code.starts_with("NO")) {
            return;
        }
        let retired = match self.codes.retired().await {
            Ok(retired) => retired,
            Err(error) => {
                tracing::warn!(%error, "places are searched without the codes of older notices");
                self.notes
                    .push("The codes of older notices could not be looked up and are not searched.".into());
                return;
            }
        };
        let (mut searched, mut wider) = (Vec::new(), Vec::new());
        for Retired { code, name, successors } in retired {
            let inside = successors.iter().filter(|successor| self.found.contains(*successor)).count();
            if self.found.contains(&code) || inside == 0 {
                continue;
            }
            let told = format!("{code} ({name})");
            if inside == successors.len() {
                self.found.insert(code);
                searched.push(told);
            } else {
                wider.push(told);
            }
        }
        if !searched.is_empty() {
            self.notes.push(format!(
                "Retired codes that older notices carry are searched too: {}.",
                searched.join(", ")
            ));
        }
        if !wider.is_empty() {
            let wider = wider.join(", ");
            self.notes.push(format!(
                "Older notices carry {wider}, which reach further than was asked; they are not searched."
            ));
        }
    }

    /// A name or number.
    async fn name(&mut self, name: &str) -> Result<(), Problem> {
        let candidates = self.codes.candidates(name).await.map_err(|e| Problem::CodesUnavailable(e.0))?;
        let best = choose(name, candidates)?;
        for candidate in &best {
            self.notes.extend(note(name, candidate));
            self.found.insert(candidate.notice_code.clone());
            if candidate.level == 1 {
                self.below(&candidate.notice_code).await;
            }
        }
        Ok(())
    }
}

/// The candidates on the highest level, one for each code notices carry. Several are too many, unless
/// they together replaced what was asked for.
fn choose(name: &str, mut candidates: Vec<Candidate>) -> Result<Vec<Candidate>, Invalid> {
    let Some(level) = candidates.iter().map(|candidate| candidate.level).min() else {
        let problem = format!("{name:?} is not a Norwegian region, county or municipality");
        return Err(Invalid::new("location", problem).with("name", name));
    };
    let all = candidates.clone();
    candidates.retain(|candidate| candidate.level == level);
    let mut seen = BTreeSet::new();
    candidates.retain(|candidate| seen.insert(candidate.notice_code.clone()));
    let replaced: BTreeSet<_> = candidates.iter().map(|candidate| candidate.replaces.as_deref()).collect();
    let successors = candidates.iter().all(|candidate| candidate.matched == Matched::Successor);
    if candidates.len() == 1 || (successors && replaced.len() == 1) {
        return Ok(candidates);
    }
    let list: Vec<_> = all.iter().map(|candidate| format!("{} {}", candidate.code, candidate.name)).collect();
    let list = list.join(", ");
    let problem = format!("{name:?} may mean {list}; give the code");
    Err(Invalid::new("location", problem).with("candidates", list))
}

/// How a name was understood, where that is not plain.
fn note(asked: &str, candidate: &Candidate) -> Option<String> {
    let Candidate { code, name, notice_code, .. } = candidate;
    let understood = match candidate.matched {
        Matched::Exactly => None,
        Matched::Successor => Some(format!("{asked} was replaced by {name} ({code})")),
        Matched::Prefix => Some(format!("{asked} is read as {name} ({code})")),
    };
    let county = (candidate.level == 3).then(|| {
        format!("{name} is searched as its county {notice_code}, because notices carry no finer place")
    });
    match (understood, county) {
        (None, None) => None,
        (Some(one), Some(other)) => Some(format!("{one}; {other}.")),
        (one, other) => one.or(other).map(|text| text + "."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(code: &str, level: i32, notice_code: &str, matched: Matched) -> Candidate {
        Candidate {
            code: code.into(),
            name: format!("Name of {code}"),
            level,
            notice_code: notice_code.into(),
            matched,
            replaces: (matched == Matched::Successor).then(|| "Viken".into()),
        }
    }

    fn chosen(candidates: Vec<Candidate>) -> Result<Vec<String>, Invalid> {
        choose("Sted", candidates).map(|best| best.into_iter().map(|c| c.code).collect())
    }

    #[test]
    fn codes_that_do_not_exist_are_told_in_a_sentence() {
        let text =
            |codes: &[&str]| nonexistent(&codes.iter().map(|&code| code.to_owned()).collect::<Vec<_>>());
        assert_eq!(text(&["88888888"]), "CPV code 88888888 does not exist");
        assert_eq!(text(&["88888888", "99999999"]), "CPV codes 88888888 and 99999999 do not exist");
        assert_eq!(text(&["1", "2", "3"]), "CPV codes 1, 2 and 3 do not exist");
    }

    #[test]
    fn a_county_and_its_municipality_of_one_name_are_the_county() {
        let oslo = vec![
            candidate("NO081", 2, "NO081", Matched::Exactly),
            candidate("NO0301", 3, "NO081", Matched::Exactly),
        ];
        assert_eq!(chosen(oslo), Ok(vec!["NO081".into()]));
    }

    #[test]
    fn municipalities_of_one_name_in_two_counties_are_too_many() {
        let two = vec![
            candidate("NO3419", 3, "NO020", Matched::Exactly),
            candidate("NO3114", 3, "NO083", Matched::Exactly),
        ];
        let error = chosen(two).unwrap_err();
        assert_eq!(error.field, "location");
        assert!(error.problem.contains("NO3419") && error.problem.contains("NO3114"), "{error}");
        assert_eq!(error.fact.unwrap().0, "candidates");
    }

    #[test]
    fn all_successors_of_a_retired_name_are_taken() {
        let viken = ["NO083", "NO084", "NO085"].map(|code| candidate(code, 2, code, Matched::Successor));
        assert_eq!(chosen(viken.to_vec()).unwrap().len(), 3);
    }

    #[test]
    fn a_name_nobody_knows_is_refused() {
        assert_eq!(chosen(Vec::new()).unwrap_err().field, "location");
    }

    #[test]
    fn only_what_is_not_plain_is_noted() {
        assert_eq!(note("Oslo", &candidate("NO081", 2, "NO081", Matched::Exactly)), None);
        let county = note("Sted", &candidate("NO3201", 3, "NO084", Matched::Exactly)).unwrap();
        assert!(county.contains("county NO084") && county.ends_with('.'), "{county}");
        let prefix = note("St", &candidate("NO3201", 3, "NO084", Matched::Prefix)).unwrap();
        assert!(prefix.contains("read as") && prefix.contains("NO084"), "{prefix}");
    }
}
