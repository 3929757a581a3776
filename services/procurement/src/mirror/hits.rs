//! Searches.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Mirror;
use crate::answer::{Answer, Counted, Origin, Shown};
use crate::codes::{self, Codes};
use crate::desk::Wanted;
use crate::domain::{NoticeId, OrgNumber, Words};
use crate::error::Problem;
use crate::filters::Filters;
use crate::search::{Facet, Find, Found, Paging};

impl<C: Codes> Mirror<C> {
    /// A page of hits.
    pub(crate) async fn search(&self, filters: Filters, wanted: &Wanted) -> Result<Answer, Problem> {
        let now = Timestamp::now();
        let Filters { query, mut notes } = filters;
        notes.extend(self.notes(&query)?);
        let extent = self.extent().await?;
        let incomplete = extent.lacks(&query).map(|lack| lack.to_string());
        let words = query.words.clone();
        let find = Find { query, now, paging: paging(wanted), facets: wanted.facets.clone() };
        let found = self.ask(move |index| index.find(&find)).await?;
        let shown = self.hits(&found.ids, words, now).await?;
        let facets = self.facets(&found, &wanted.facets).await?;
        Ok(Answer {
            origin: Origin::Mirror,
            shown,
            total: found.total,
            accessible: found.total,
            incomplete,
            as_of: extent.as_of(),
            notes,
            window: wanted.window,
            next: found.next,
            facets,
        })
    }

    /// Notices in order, with the part of their text that matches.
    async fn hits(
        &self,
        ids: &[NoticeId],
        words: Option<Words>,
        now: Timestamp,
    ) -> Result<Vec<Shown>, Problem> {
        let mut hits = self.shown(ids, now).await?;
        let Some(words) = words else { return Ok(hits) };
        let texts: Vec<_> = hits.iter().map(|hit| Arc::clone(&hit.hit)).collect();
        let snippets = self
            .ask(move |index| {
                let texts: Vec<String> =
                    texts.iter().map(|hit| format!("{}\n{}", hit.heading, hit.description)).collect();
                Ok(index.snippets(&words, &texts.iter().map(String::as_str).collect::<Vec<_>>()))
            })
            .await?;
        for (hit, snippet) in hits.iter_mut().zip(snippets) {
            hit.snippet = snippet;
        }
        Ok(hits)
    }

    /// Counts with labels, in the order asked for.
    async fn facets(&self, found: &Found, asked: &[Facet]) -> Result<Vec<(Facet, Vec<Counted>)>, Problem> {
        let mut facets = Vec::with_capacity(asked.len());
        for facet in asked {
            let counts = found.facets.get(facet).map(Vec::as_slice).unwrap_or_default();
            let keys = counts.iter().map(|(key, _)| key.as_str());
            let labels = match facet {
                Facet::Buyer | Facet::Supplier => self.names(keys).await?,
                Facet::CpvDivision => {
                    codes::labels(&*self.codes, keys.map(str::to_owned).collect(), vec![]).await.cpv
                }
                Facet::Location => {
                    codes::labels(&*self.codes, vec![], keys.map(str::to_owned).collect()).await.nuts
                }
                _ => HashMap::new(),
            };
            let counted = counts.iter().map(|(key, notices)| Counted {
                label: labels.get(key).unwrap_or(key).clone(),
                key: key.clone(),
                notices: *notices,
            });
            facets.push((*facet, counted.collect()));
        }
        Ok(facets)
    }

    /// The names most used of organisations.
    pub(super) async fn names(
        &self,
        numbers: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, String>, Problem> {
        let numbers: Vec<_> =
            numbers.filter_map(|number| OrgNumber::try_from(number.to_owned()).ok()).collect();
        let names = self.store.names(&numbers).await?;
        Ok(names.into_iter().map(|(number, name)| (number.as_str().to_owned(), name)).collect())
    }
}

fn paging(wanted: &Wanted) -> Paging {
    let take = wanted.window.hits_per_page() as usize;
    match &wanted.cursor {
        Some(cursor) => Paging::After { cursor: cursor.clone(), take },
        None => Paging::Offset { skip: wanted.window.skip(), take },
    }
}
