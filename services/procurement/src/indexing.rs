//! The search index reads the store.

use tokio::sync::watch;

use crate::domain::{Change, NoticeId, Seq};
use crate::search::{Entry, Source};
use crate::store::{Error, Store};

impl Source for Store {
    type Error = Error;

    async fn changes(&self, after: Seq, limit: u32) -> Result<Vec<Change>, Error> {
        Self::changes(self, after, &[], limit).await
    }

    async fn entries(&self, ids: &[NoticeId]) -> Result<Vec<Entry>, Error> {
        Self::entries(self, ids).await
    }

    async fn head_since(&self, before: Seq) -> Result<Seq, Error> {
        Self::head_since(self, before).await
    }

    fn wakes(&self) -> watch::Receiver<Seq> {
        Self::wakes(self)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tempfile::TempDir;

    use crate::domain::{Hit, NoticeId, Query, Words};
    use crate::search::{Find, Index, Paging, Settings, fill};
    use crate::store::{self, Store, Via};

    fn hit(number: u32, heading: &str) -> Hit {
        Hit {
            id: NoticeId::parse(&format!("2026-{number:06}")).unwrap(),
            buyers: Vec::new(),
            heading: heading.to_owned(),
            description: String::new(),
            locations: Vec::new(),
            estimated_value: None,
            kind: "ANNOUNCEMENT_OF_COMPETITION".to_owned(),
            all_kinds: vec!["COMPETITION".to_owned()],
            status: Some("ACTIVE".to_owned()),
            issued: Some("2026-08-01T00:00:00Z".parse().unwrap()),
            deadline: None,
            published: None,
            received_tenders: None,
            received: Vec::new(),
            cpv: Vec::new(),
            lots: Vec::new(),
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_the_store_observes_and_withdraws_the_index_finds_and_loses() {
        let dir = TempDir::new().unwrap();
        let store = Store::open(&store::Settings {
            url: format!("sqlite:{}", dir.path().join("store.db").display()),
            read_url: None,
            pool: 2,
            acquire_timeout: Duration::from_secs(30),
        })
        .await
        .unwrap();
        let lease = store.lead().await.unwrap().unwrap();
        let settings = Settings { dir: dir.path().join("search"), memory: 16_000_000 };
        let index = Arc::new(Index::open(&settings).unwrap().0);
        let found = |words: &str| {
            let query = Query { words: Words::parse(words).unwrap(), ..Query::default() };
            let now = "2026-09-01T00:00:00Z".parse().unwrap();
            let paging = Paging::Offset { skip: 0, take: 10 };
            index.find(&Find { query, now, paging, facets: Vec::new() }).unwrap()
        };
        let now = "2026-09-01T00:00:00Z".parse().unwrap();
        let hits = [hit(1, "Ny vei"), hit(2, "Ny bru")];
        store.observe(&lease, &hits, now, Via::Current).await.unwrap();
        fill(store.clone(), Arc::clone(&index)).await.unwrap();
        assert_eq!((found("vei").total, found("ny").total), (1, 2));
        assert_eq!(found("ny").position, store.head().await.unwrap());
        store.observe(&lease, &[hit(1, "Ny tunnel")], now, Via::Current).await.unwrap();
        store.withdraw(&lease, &[hits[1].id.clone()], now).await.unwrap();
        fill(store.clone(), Arc::clone(&index)).await.unwrap();
        assert_eq!((found("vei").total, found("ny").total), (0, 1));
        assert_eq!(found("tunnelen").ids, [hits[0].id.clone()]);
    }
}
