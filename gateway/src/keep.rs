//! A bounded cache whose values are made once for all who ask, and shown stale while a new one is made.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use moka::future::Cache;

/// How long a value is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// From when it was made.
    pub(crate) fresh: Duration,
    /// After that, while a new one is made.
    pub(crate) stale: Duration,
}

impl Lifetime {
    /// That of a value which only those get who wait for it.
    pub(crate) const PASSING: Self = Self { fresh: Duration::ZERO, stale: Duration::ZERO };
}

/// How a value was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// It was kept.
    Kept,
    /// It was kept, is no longer fresh, and a new one is being made.
    Stale,
    /// Somebody else had it made.
    Shared,
    /// It was made for this caller.
    Made,
}

/// A kept value.
#[derive(Debug)]
pub(crate) struct Kept<V> {
    pub(crate) value: V,
    pub(crate) lifetime: Lifetime,
    at: Instant,
    refreshing: AtomicBool,
}

impl<V> Kept<V> {
    pub(crate) fn age(&self) -> Duration {
        self.at.elapsed()
    }
}

/// Values by key, up to so many bytes.
pub(crate) struct Keep<K, V> {
    cache: Cache<K, Arc<Kept<V>>>,
    largest: u64,
    size: fn(&K, &V) -> usize,
    worthy: fn(&V) -> bool,
}

/// Share of the cache one value may take.
const LARGEST: u64 = 8;

impl<K, V> Keep<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Room for so many bytes, of values that may be kept.
    pub(crate) fn new(capacity: u64, size: fn(&K, &V) -> usize, worthy: fn(&V) -> bool) -> Self {
        let weigh =
            move |key: &K, kept: &Arc<Kept<V>>| u32::try_from(size(key, &kept.value)).unwrap_or(u32::MAX);
        let cache = Cache::builder().max_capacity(capacity).weigher(weigh).expire_after(Expiry).build();
        Self { cache, largest: capacity / LARGEST, size, worthy }
    }

    /// The value of a key: kept, or made by what `begin` gives. Whoever asks while it is made waits for the same one, and for the
    /// same failure; failures are not kept. When the caller it is made for goes away, it is made for another who
    /// waits, or not at all.
    pub(crate) async fn get<E, F>(
        self: &Arc<Self>,
        key: K,
        lifetime: Lifetime,
        begin: impl FnOnce() -> F,
    ) -> Result<(Arc<Kept<V>>, How), Arc<E>>
    where
        E: std::fmt::Debug + Send + Sync + 'static,
        F: Future<Output = Result<V, E>> + Send + 'static,
    {
        if let Some(kept) = self.cache.get(&key).await {
            if kept.age() < kept.lifetime.fresh {
                return Ok((kept, How::Kept));
            }
            if !kept.refreshing.swap(true, Ordering::Relaxed) {
                let (keep, stale, made) = (self.clone(), kept.clone(), begin());
                tokio::spawn(async move {
                    match made.await {
                        Ok(value) => keep.put(key, value, lifetime).await,
                        Err(error) => {
                            tracing::debug!(?error, "a stale answer could not be refreshed");
                            // Whoever asks next tries again.
                            stale.refreshing.store(false, Ordering::Relaxed);
                        }
                    }
                });
            }
            return Ok((kept, How::Stale));
        }
        let (keep, of, made) = (self.clone(), key.clone(), begin());
        let making = async move { Ok(keep.kept(&of, made.await?, lifetime)) };
        // Boxed: it is large, and most callers find what is kept.
        let entry = self.cache.entry(key).or_try_insert_with(making).boxed().await?;
        let how = if entry.is_fresh() { How::Made } else { How::Shared };
        Ok((entry.into_value(), how))
    }

    /// Whether there is a value, fresh or stale.
    pub(crate) fn has(&self, key: &K) -> bool {
        self.cache.contains_key(key)
    }

    /// Keeps a value in place of the one that is there.
    pub(crate) async fn put(&self, key: K, value: V, lifetime: Lifetime) {
        let kept = self.kept(&key, value, lifetime);
        self.cache.insert(key, kept).await;
    }

    /// Bytes of all that is kept.
    pub(crate) fn bytes(&self) -> u64 {
        self.cache.weighted_size()
    }

    fn kept(&self, key: &K, value: V, lifetime: Lifetime) -> Arc<Kept<V>> {
        // One that is too large, or not to be kept, is given to those who wait, and forgotten.
        let passing = (self.size)(key, &value) as u64 > self.largest || !(self.worthy)(&value);
        let lifetime = if passing { Lifetime::PASSING } else { lifetime };
        Arc::new(Kept { value, lifetime, at: Instant::now(), refreshing: AtomicBool::new(false) })
    }
}

impl<K, V> std::fmt::Debug for Keep<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keep").field("largest", &self.largest).finish_non_exhaustive()
    }
}

/// Forgets what is too old to be shown.
#[derive(Debug)]
struct Expiry;

impl<K, V> moka::Expiry<K, Arc<Kept<V>>> for Expiry {
    fn expire_after_create(&self, _: &K, kept: &Arc<Kept<V>>, _: Instant) -> Option<Duration> {
        Some(kept.lifetime.fresh + kept.lifetime.stale)
    }

    fn expire_after_update(
        &self,
        _: &K,
        kept: &Arc<Kept<V>>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.lifetime.fresh + kept.lifetime.stale)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::Semaphore;

    use super::*;

    const LONG: Lifetime = Lifetime { fresh: Duration::from_mins(10), stale: Duration::from_mins(10) };
    const STALE_AT_ONCE: Lifetime = Lifetime { fresh: Duration::ZERO, stale: Duration::from_mins(10) };

    type Numbers = Arc<Keep<&'static str, usize>>;

    /// Makes 1, 2, 3 …, one for each permit that `gate` gives.
    #[derive(Clone)]
    struct Maker {
        made: Arc<AtomicUsize>,
        gate: Arc<Semaphore>,
    }

    impl Maker {
        fn new(permits: usize) -> Self {
            Self { made: Arc::default(), gate: Arc::new(Semaphore::new(permits)) }
        }

        fn make(&self) -> impl Future<Output = Result<usize, &'static str>> + Send + 'static + use<> {
            let maker = self.clone();
            async move {
                maker.gate.acquire().await.map_err(|_| "closed")?.forget();
                Ok(maker.made.fetch_add(1, Ordering::SeqCst) + 1)
            }
        }
    }

    fn keep() -> Numbers {
        Arc::new(Keep::new(1000, |_, _| 1, |_| true))
    }

    async fn get(
        keep: &Numbers,
        lifetime: Lifetime,
        maker: &Maker,
    ) -> Result<(usize, How), Arc<&'static str>> {
        keep.get("a", lifetime, || maker.make()).await.map(|(kept, how)| (kept.value, how))
    }

    #[tokio::test]
    async fn a_hundred_who_ask_at_once_share_one() {
        let (keep, maker) = (keep(), Maker::new(0));
        let asking: Vec<_> = (0..100)
            .map(|_| {
                let (keep, maker) = (keep.clone(), maker.clone());
                tokio::spawn(async move { get(&keep, LONG, &maker).await.unwrap() })
            })
            .collect();
        // All of them wait by now, or find it kept.
        tokio::task::yield_now().await;
        maker.gate.add_permits(100);
        let mut made = 0;
        for asked in asking {
            let (value, how) = asked.await.unwrap();
            assert_eq!(value, 1);
            made += usize::from(how == How::Made);
        }
        assert_eq!((made, maker.made.load(Ordering::SeqCst)), (1, 1));
        assert_eq!(get(&keep, LONG, &maker).await, Ok((1, How::Kept)));
    }

    #[tokio::test]
    async fn a_stale_one_is_shown_while_one_new_one_is_made() {
        let (keep, maker) = (keep(), Maker::new(1));
        assert_eq!(get(&keep, STALE_AT_ONCE, &maker).await, Ok((1, How::Made)));
        for _ in 0..3 {
            assert_eq!(get(&keep, STALE_AT_ONCE, &maker).await, Ok((1, How::Stale)));
        }
        maker.gate.add_permits(1);
        let renewed = async {
            while get(&keep, STALE_AT_ONCE, &maker).await.unwrap().0 != 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), renewed).await.unwrap();
        assert_eq!(maker.made.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_failure_is_shared_and_not_kept_and_leaves_a_stale_one() {
        let (keep, broken, well) = (keep(), Maker::new(0), Maker::new(1));
        broken.gate.close();
        assert_eq!(*get(&keep, LONG, &broken).await.unwrap_err(), "closed");
        assert_eq!(get(&keep, STALE_AT_ONCE, &well).await, Ok((1, How::Made)));
        // Each failed attempt makes room for the next.
        let second = Maker::new(1);
        let tried = async {
            while get(&keep, STALE_AT_ONCE, &broken).await.unwrap() != (1, How::Stale) {}
            while get(&keep, STALE_AT_ONCE, &second).await.unwrap().0 != 1
                || second.gate.available_permits() > 0
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), tried).await.unwrap();
        assert_eq!(second.made.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn when_its_caller_goes_away_it_is_made_for_another() {
        let (keep, maker) = (keep(), Maker::new(0));
        let ask = || {
            let (keep, maker) = (keep.clone(), maker.clone());
            tokio::spawn(async move { get(&keep, LONG, &maker).await.unwrap() })
        };
        let first = ask();
        tokio::task::yield_now().await;
        let second = ask();
        tokio::task::yield_now().await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        maker.gate.add_permits(1);
        assert_eq!(second.await.unwrap().0, 1);
    }

    #[tokio::test]
    async fn what_would_take_too_much_or_is_not_to_be_kept_is_forgotten() {
        let large: Numbers = Arc::new(Keep::new(1000, |_, _| 126, |_| true));
        let passing: Numbers = Arc::new(Keep::new(1000, |_, _| 1, |_| false));
        for keep in [large, passing] {
            let maker = Maker::new(2);
            assert_eq!(get(&keep, LONG, &maker).await, Ok((1, How::Made)));
            assert_eq!(get(&keep, LONG, &maker).await, Ok((2, How::Made)));
        }
    }
}
