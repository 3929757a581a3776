//! Faults: disks that are full, read-only or damaged, locks, servers that end connections, clocks that jump.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::time::timeout;

use super::harness::Place;
use super::on_both;
use super::sample::{UUID, at, document, fetched, hit, id};
use crate::domain::Seq;
use crate::store::{Error, Settings, Store, Via};

on_both![a_clock_that_jumps_breaks_nothing, a_replica_that_is_gone_is_read_from_the_primary];

async fn a_clock_that_jumps_breaks_nothing(place: &Place) {
    let (store, lease) = place.lead().await;
    let moments = [0, -86_400, 10 * 365 * 86_400, 1, 1];
    for (number, seconds) in (1..).zip(moments) {
        store.observe(&lease, &[hit(number), hit(1)], at(seconds), Via::Current).await.unwrap();
        store.park(&lease, &id(number), "HTTP 500", Some(at(seconds))).await.unwrap();
    }
    let changes = store.changes(Seq(0), &[], 10).await.unwrap();
    let seen: Vec<_> = changes.iter().map(|change| change.seen_at).collect();
    assert_eq!(seen, moments.map(at), "the feed's order is that of commits, whatever the clock said");
    let last = store.notices(&[id(1)]).await.unwrap()[0].last_seen;
    assert_eq!(last, at(1), "a moment far ahead does not stay");
    let far = "9999-12-01T00:00:00Z".parse().unwrap();
    store.observe(&lease, &[hit(9)], far, Via::Current).await.unwrap();
    assert_eq!(store.notices(&[id(9)]).await.unwrap()[0].first_seen, far);
    assert_eq!(store.wanted_documents(at(1), 9).await.unwrap(), [id(9), id(5), id(4), id(2), id(1)]);
}

async fn a_replica_that_is_gone_is_read_from_the_primary(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
    // Port 1 answers nobody.
    let read_url = Some("postgres://postgres@127.0.0.1:1/none".to_owned());
    let reader = Store::open(&Settings { read_url, ..place.settings.clone() }).await.unwrap();
    for _ in 0..3 {
        assert_eq!(reader.notices(&[id(1)]).await.unwrap().len(), 1);
    }
}

fn sqlite(path: &Path) -> Settings {
    let url = format!("sqlite:{}", path.display());
    Settings { url, read_url: None, pool: 2, acquire_timeout: Duration::from_millis(300) }
}

#[tokio::test]
async fn a_locked_database_is_unavailable_and_then_not() {
    let place = Place::sqlite();
    let (_, lease) = place.lead().await;
    drop(lease);
    let store = Store::open(&sqlite(&place.directory().unwrap().join("mirror.db"))).await.unwrap();
    let lease = store.lead().await.unwrap().unwrap();
    let mut other = place.connection().await;
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let refused = store.observe(&lease, &[hit(1)], at(0), Via::Current).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(store.head().await.unwrap(), Seq(0), "reads go on");
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    store.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_named_broken_and_left_as_it_is() {
    let place = Place::sqlite();
    let path = place.directory().unwrap().join("damaged.db");
    for bytes in [b"This is no database, whatever its name says.".repeat(500), vec![0xff; 8192]] {
        std::fs::write(&path, &bytes).unwrap();
        let refused = Store::open(&sqlite(&path)).await.unwrap_err();
        assert!(matches!(&refused, Error::Broken(_)), "{refused:?}");
        assert!(refused.to_string().contains("not a database"), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}

#[tokio::test]
async fn a_page_that_is_damaged_is_broken_where_it_is_read() {
    let place = Place::sqlite();
    let (store, lease) = place.lead().await;
    let hits: Vec<_> = (1..400).map(hit).collect();
    store.observe(&lease, &hits, at(0), Via::Current).await.unwrap();
    store.close().await;
    drop(lease);
    let path = place.directory().unwrap().join("mirror.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let store = place.open().await;
    let ids: Vec<_> = hits.iter().map(|hit| hit.id.clone()).collect();
    let refused = store.notices(&ids).await.unwrap_err();
    assert!(matches!(refused, Error::Broken(_)), "{refused:?}");
}

/// A small disk of its own; `None` where one cannot be mounted, which is said.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount(size: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(directory.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(directory));
        }
        let text = b"NOT TESTED with a full or read-only disk: only root can mount one\n";
        std::io::Write::write_all(&mut std::io::stderr(), text).unwrap();
        None
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let done = Command::new("mount").args(["-o", &options]).arg(self.0.path()).status().unwrap();
        assert!(done.success(), "{options}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

#[tokio::test]
async fn a_full_disk_stops_writing_but_not_reading_and_heals_by_itself() {
    let Some(disk) = Disk::mount("8m") else { return };
    let ballast = disk.0.path().join("ballast");
    std::fs::write(&ballast, vec![1; 3 << 20]).unwrap();
    let store = Store::open(&sqlite(&disk.0.path().join("mirror.db"))).await.unwrap();
    let lease = store.lead().await.unwrap().unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let (mut written, mut refused) = (0, 0);
    for number in 1..400 {
        store.head().await.unwrap();
        let mut fetched = fetched(number, document(UUID[0], None));
        fetched.raw = std::iter::repeat_with(|| random.u8(..)).take(40_000).collect();
        let write = async {
            store.observe(&lease, &[hit(number)], at(0), Via::Current).await?;
            store.keep_documents(&lease, &[fetched.clone()], at(0)).await
        };
        match write.await {
            Ok(_) => written += 1,
            Err(Error::Full(_)) => refused += 1,
            Err(other) => panic!("after {written}: {other:?}"),
        }
        if refused == 3 {
            break;
        }
    }
    assert!(written > 20 && refused == 3, "{written} written, {refused} refused");
    let mut epoch = lease.epoch;
    drop(lease);
    std::fs::write(disk.0.path().join("rest"), vec![1; 8 << 20]).unwrap_err();
    loop {
        match store.lead().await {
            Ok(lease) => assert!(epoch < lease.as_ref().unwrap().epoch, "the lease was not written"),
            Err(Error::Full(_)) => break,
            Err(other) => panic!("{other:?}"),
        }
        epoch += 1;
    }
    std::fs::remove_file(disk.0.path().join("rest")).unwrap();
    let counts = store.facts().await.unwrap();
    assert_eq!(counts.documents, written);
    assert!(store.document(&id(1)).await.unwrap().is_some(), "reads go on");
    std::fs::remove_file(ballast).unwrap();
    let lease = store.lead().await.unwrap().unwrap();
    store.observe(&lease, &[hit(500)], at(1), Via::Current).await.unwrap();
    store.keep_documents(&lease, &[fetched(500, document(UUID[1], None))], at(1)).await.unwrap();
    assert_eq!(store.facts().await.unwrap().documents, written + 1);
}

#[tokio::test]
async fn a_read_only_disk_cannot_be_opened_and_says_so_until_it_can() {
    let Some(disk) = Disk::mount("8m") else { return };
    let settings = sqlite(&disk.0.path().join("mirror.db"));
    let store = Store::open(&settings).await.unwrap();
    store.close().await;
    disk.remount("ro");
    let refused = Store::open(&settings).await.unwrap_err();
    assert!(matches!(&refused, Error::Full(text) if text.contains("Read-only")), "{refused:?}");
    disk.remount("rw");
    Store::open(&settings).await.unwrap();
}

#[tokio::test]
async fn a_copy_is_the_store_at_one_moment_and_never_overwrites() {
    let place = Place::sqlite();
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1), hit(2)], at(0), Via::Current).await.unwrap();
    let path = place.directory().unwrap().join("copy of 'mirror'.db");
    store.copy_to(&path).await.unwrap();
    store.observe(&lease, &[hit(3)], at(1), Via::Current).await.unwrap();
    assert!(store.copy_to(&path).await.is_err(), "it is there already");
    let copy = Store::open(&sqlite(&path)).await.unwrap();
    assert_eq!((copy.head().await.unwrap(), copy.facts().await.unwrap().notices), (Seq(2), 2));
}

#[tokio::test]
async fn a_server_that_ends_connections_is_unavailable_for_a_moment_and_the_lease_is_lost() {
    let Some(place) = Place::postgres().await else { return };
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
    let mut other = place.connection().await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::raw_sql(end).execute(&mut other).await.unwrap();
    timeout(Duration::from_secs(20), lease.held()).await.expect("the loss is noticed");
    drop(lease);
    let lead = async {
        loop {
            match store.lead().await {
                Ok(Some(lease)) => return lease,
                Ok(None) | Err(Error::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(other) => panic!("{other:?}"),
            }
        }
    };
    let lease = timeout(Duration::from_secs(20), lead).await.unwrap();
    let observed = store.observe(&lease, &[hit(1), hit(2)], at(1), Via::Current).await.unwrap();
    assert_eq!((observed.new, observed.same, observed.seq), (1, 1, Seq(2)));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let url = "postgres://postgres@127.0.0.1:1/none".to_owned();
    let settings = Settings { url, ..sqlite(Path::new("none")) };
    let refused = Store::open(&settings).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");
}
