//! One notice in full.

use bytes::Bytes;

use super::{Mirror, shown};
use crate::answer::{Full, Link, Origin};
use crate::codes::{self, Codes};
use crate::domain::{Document, NoticeId, leaves};
use crate::eforms;
use crate::error::Problem;

impl<C: Codes> Mirror<C> {
    /// A notice the copy holds. The document is read anew each time: it is the truth, and a better reading of it needs
    /// no migration.
    pub(crate) async fn notice(&self, id: &NoticeId) -> Result<Option<Full>, Problem> {
        let Some(stored) = self.store.notices(std::slice::from_ref(id)).await?.pop() else { return Ok(None) };
        let mut notes = Vec::new();
        let document = match (stored.has_document, &stored.unreadable) {
            (true, None) => self.read(id).await?,
            (_, Some(_)) => {
                notes.push(
                    "Its eForms document could not be read; only what Doffin lists is shown.".to_owned(),
                );
                None
            }
            (false, None) => {
                notes.push(
                    "Its eForms document has not been fetched yet; only what Doffin lists is shown."
                        .to_owned(),
                );
                None
            }
        };
        let links = self.store.links(id).await?;
        let links = links
            .into_iter()
            .map(|linked| Link { id: linked.id, reference: linked.reference, rule: linked.rule })
            .collect();
        let now = jiff::Timestamp::now();
        let as_of = stored.last_seen;
        let shown = shown(stored, Vec::new(), now);
        let (cpv, places) = codes_of(&shown.hit, document.as_ref());
        let labels = codes::labels(&*self.codes, cpv, places).await;
        Ok(Some(Full { origin: Origin::Mirror, shown, document, links, labels, as_of, notes }))
    }

    /// A notice's document, byte for byte, if the copy holds it.
    pub(crate) async fn document(&self, id: &NoticeId) -> Result<Option<Bytes>, Problem> {
        Ok(self.store.document(id).await?)
    }

    async fn read(&self, id: &NoticeId) -> Result<Option<Document>, Problem> {
        let Some(raw) = self.store.document(id).await? else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || eforms::parse(&raw)).await;
        let read = read.map_err(|error| Problem::Broken(error.to_string()))?;
        // The store has it as readable, so a reading that fails now is a fault of ours.
        read.map(Some).map_err(|error| Problem::Broken(format!("document of {id}: {error}")))
    }
}

/// Every code a notice's page shows.
fn codes_of(hit: &crate::domain::Hit, document: Option<&Document>) -> (Vec<String>, Vec<String>) {
    let mut cpv = leaves(&hit.cpv);
    let mut places = hit.locations.clone();
    if let Some(document) = document {
        for subject in std::iter::once(&document.subject).chain(document.lots.iter().map(|lot| &lot.subject))
        {
            cpv.extend(subject.main_cpv.iter().chain(&subject.additional_cpv).cloned());
            places.extend(subject.places.iter().cloned());
        }
    }
    for codes in [&mut cpv, &mut places] {
        codes.sort_unstable();
        codes.dedup();
    }
    (cpv, places)
}
