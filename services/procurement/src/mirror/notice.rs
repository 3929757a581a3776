//! One notice in full.

use bytes::Bytes;

use super::{Mirror, shown};
use crate::answer::{Full, Link, Origin, bare};
use crate::codes::{self, Codes};
use crate::domain::{Document, NoticeId};
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
                notes.push(bare("could not be read"));
                None
            }
            (false, None) => {
                notes.push(bare("has not been fetched yet"));
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
        let labels = codes::of_notice(&*self.codes, &shown.hit, document.as_ref()).await;
        Ok(Some(Full { origin: Origin::Mirror, shown, document, links, labels, as_of, notes }))
    }

    /// A notice's document, byte for byte, if the copy holds it.
    pub(crate) async fn document(&self, id: &NoticeId) -> Result<Option<Bytes>, Problem> {
        Ok(self.store.document(id).await?)
    }

    async fn read(&self, id: &NoticeId) -> Result<Option<Document>, Problem> {
        let Some(raw) = self.store.document(id).await? else { return Ok(None) };
        // The store has it as readable, so a reading that fails now is a fault of ours.
        eforms::read(raw)
            .await
            .map(Some)
            .map_err(|error| Problem::Broken(format!("document of {id}: {error}")))
    }
}
