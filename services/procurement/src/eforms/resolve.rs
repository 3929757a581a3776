//! From what a document says to what it means.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::bids::{self, Bids};
use super::raw::{Lot, LotResult, Project, Raw, Said};
use super::values::{self, Sums};
use super::{Unreadable, awards, moment, roles};
use crate::domain::{
    Deadline, Document, Duration, Form, Identity, LotDetail, NoticeId, Outcome, Received, Reference, Subject,
    Text,
};

/// Most kinds of received tenders; the code list has 13.
const KIND_LIMIT: usize = 100;

/// Makes a document of what was read.
pub(super) fn document(raw: &Raw<'_>) -> Result<Document, Unreadable> {
    let bids = Bids::of(raw);
    let sums = Sums::of(raw, &bids);
    let pool = roles::pool(raw);
    let lots = lots(raw);
    let first = |own: &Said<'_>, of: fn(&LotDetail) -> &Option<Text>| {
        own.text().or_else(|| lots.first().and_then(|lot| of(lot).clone()))
    };
    Ok(Document {
        identity: identity(raw),
        form: form(raw),
        title: first(&raw.project.name, |lot| &lot.title),
        description: first(&raw.project.description, |lot| &lot.description),
        languages: list(&raw.languages),
        dispatched: moment::moment(
            &raw.issue_date,
            Some(&raw.issue_time).filter(|time| !time.is_empty()).map(|time| &**time),
            jiff::civil::Time::midnight(),
        ),
        published: raw.published,
        planned: raw.planned,
        subject: subject(&raw.project),
        procedure: told(&raw.procedure).map(str::to_owned),
        legal_basis: owned(&raw.legal_basis)
            .map(|basis| if basis.eq_ignore_ascii_case("other") { "other".to_owned() } else { basis }),
        buyer_kinds: list(&raw.buyer_kinds),
        activities: list(&raw.activities),
        parties: roles::parties(raw, &pool, &bids, &sums)?,
        values: values::values(raw, &bids, &sums),
        awards: awards::awards(raw, &pool, &bids, &sums)?,
        links: links(raw),
        change_reasons: list(&raw.reasons),
        received: received(raw),
        outcome: outcome(raw, &bids),
        lots,
    })
}

/// Whether an identifier or code stands for none: forms that demand one are filled in with something.
pub(super) fn is_placeholder(text: &str) -> bool {
    ["", "MISSING", "UNKNOWN", "DOCUMENT_ID_REQUIRED_HERE", "n.a.", "n/a", "n.a", "-"]
        .iter()
        .any(|none| none.eq_ignore_ascii_case(text))
}

/// An identifier or code, if it is one.
pub(super) fn told(text: &str) -> Option<&str> {
    (!is_placeholder(text)).then_some(text)
}

/// Text, if there is any.
pub(super) fn owned(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn list(texts: &[Cow<'_, str>]) -> Vec<String> {
    texts.iter().map(|text| text.as_ref().to_owned()).collect()
}

fn identity(raw: &Raw<'_>) -> Identity {
    let told = |text: &str| told(text).map(str::to_owned);
    // Conversions of older forms give the earlier notice's number as if it were their own.
    let own = |ojs: &String| !raw.links.iter().any(|(_, given)| given == ojs);
    Identity {
        uuid: told(&raw.id),
        version: told(&raw.version),
        procedure_id: told(&raw.folder),
        internal_id: told(&raw.project.internal_id),
        ojs_number: told(&raw.ojs).filter(own),
    }
}

fn form(raw: &Raw<'_>) -> Form {
    // A notice that was sent in as eForms has a UUID; one converted has the Doffin id it always had.
    let native = raw.customization.contains("#extended") || NoticeId::parse(&raw.id).is_err();
    Form {
        root: raw.root.to_owned(),
        kind: owned(&raw.form),
        notice_type: owned(&raw.notice_type),
        subtype: owned(&raw.subtype),
        customization: owned(&raw.customization),
        native,
    }
}

fn subject(project: &Project<'_>) -> Subject {
    let mut additional: Vec<String> = project.additional_cpv.clone();
    additional.sort_unstable();
    additional.dedup();
    additional.retain(|code| Some(code) != project.main_cpv.as_ref());
    let mut places = list(&project.places);
    places.sort_unstable();
    places.dedup();
    Subject {
        nature: owned(&project.nature),
        main_cpv: project.main_cpv.clone(),
        additional_cpv: additional,
        places,
    }
}

fn lots(raw: &Raw<'_>) -> Vec<LotDetail> {
    // Also one whose identifier is none: what names no lot is about it.
    let sole = bids::sole(raw);
    let mut results: HashMap<&str, Vec<&LotResult<'_>>> = HashMap::new();
    for result in &raw.results {
        if let Some(lot) = bids::result_lot(result, sole) {
            results.entry(lot).or_default().push(result);
        }
    }
    raw.lots.iter().map(|lot| detail(lot, results.get(&*lot.id).map_or(&[], Vec::as_slice))).collect()
}

fn detail(lot: &Lot<'_>, results: &[&LotResult<'_>]) -> LotDetail {
    let code = |code: &str| told(code).filter(|code| *code != "none").map(str::to_owned);
    let url = if lot.documents_url.is_empty() { &lot.restricted_url } else { &lot.documents_url };
    LotDetail {
        id: told(&lot.id).map(str::to_owned),
        kind: lot.kind,
        title: lot.project.name.text(),
        description: lot.project.description.text(),
        subject: subject(&lot.project),
        deadlines: deadlines(lot),
        duration: duration(&lot.project),
        framework: code(&lot.framework),
        dynamic_purchasing: code(&lot.dynamic_purchasing),
        documents_url: owned(url),
        submission_url: owned(&lot.submission_url),
        criteria: list(&lot.criteria),
        sme_suitable: lot.project.sme_suitable,
        result: results.iter().find_map(|result| owned(&result.code)),
        no_award_reason: results.iter().find_map(|result| owned(&result.reason)),
        received: most(results.iter().flat_map(|result| &result.received)),
    }
}

fn deadlines(lot: &Lot<'_>) -> Vec<Deadline> {
    let mut deadlines: Vec<Deadline> = Vec::new();
    for (kind, date, time) in &lot.deadlines {
        let time = Some(&**time).filter(|time| !time.is_empty());
        if let Some(at) = moment::deadline(date, time)
            && !deadlines.iter().any(|known| known.kind == *kind)
        {
            deadlines.push(Deadline { kind: *kind, at });
        }
    }
    deadlines.sort_by_key(|deadline| deadline.kind);
    deadlines
}

fn duration(project: &Project<'_>) -> Option<Duration> {
    match &project.measure {
        Some((number, unit)) => Some(Duration::Measured(*number, unit.to_ascii_uppercase())),
        None if project.period_code.eq_ignore_ascii_case("UNLIMITED") => Some(Duration::Unlimited),
        None if project.starts.is_none() && project.ends.is_none() => None,
        None => Some(Duration::Between(project.starts, project.ends)),
    }
}

/// Tenders received for all lots.
fn received(raw: &Raw<'_>) -> Vec<Received> {
    let mut of_lots: BTreeMap<&str, Vec<&Received>> = BTreeMap::new();
    for result in &raw.results {
        of_lots.entry(&result.lot).or_default().extend(&result.received);
    }
    let of_lots: Vec<Vec<Received>> = of_lots.into_values().map(|counts| most(counts.into_iter())).collect();
    gathered(of_lots.iter().flatten(), i32::saturating_add)
}

/// Tenders received for a lot. Of several results for it each may repeat the count, once a winner.
fn most<'r>(counts: impl Iterator<Item = &'r Received>) -> Vec<Received> {
    gathered(counts, Ord::max)
}

/// One count of each kind, in the order the kinds first appear.
fn gathered<'r>(counts: impl Iterator<Item = &'r Received>, both: fn(i32, i32) -> i32) -> Vec<Received> {
    let mut gathered: Vec<Received> = Vec::new();
    for count in counts {
        if let Some(known) = gathered.iter_mut().find(|known| known.kind == count.kind) {
            known.total = both(known.total, count.total);
        } else if gathered.len() < KIND_LIMIT {
            gathered.push(count.clone());
        }
    }
    gathered
}

fn links(raw: &Raw<'_>) -> Vec<Reference> {
    let mut seen = HashSet::new();
    let distinct =
        raw.links.iter().filter(|(kind, given)| !is_placeholder(given) && seen.insert((*kind, given)));
    distinct.map(|(kind, given)| Reference { kind: *kind, given: given.as_ref().to_owned() }).collect()
}

/// How the procedure ended, as results tell: awarded if any lot was; cancelled if every lot that is told of
/// closed without a winner, or none is told of; not ended while one is open. A change of a competition may
/// tell that it is cancelled.
fn outcome(raw: &Raw<'_>, bids: &Bids<'_>) -> Option<Outcome> {
    match &*raw.form {
        "result" => {}
        "competition" if raw.reasons.iter().any(|reason| reason == "cancel") => {
            return Some(Outcome::Cancelled);
        }
        _ => return None,
    }
    let any = |code| raw.results.iter().any(|result| result.code == code);
    if any("selec-w") || bids.won.contains(&true) {
        return Some(Outcome::Awarded);
    }
    (!any("open-nw")).then_some(Outcome::Cancelled)
}
