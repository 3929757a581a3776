//! A cache that fetches what it lacks once, however many ask for it at a time.

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use moka::future::Cache;
use tokio::time::{Instant, timeout_at};

use crate::upstream::Error;

/// Values whose first fetch is shared. Errors are given to those who wait, and not kept.
pub(super) struct Shared<K, V>(Cache<K, V>);

impl<K, V> fmt::Debug for Shared<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<K, V> Shared<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Fetches for this cache.
    pub(super) fn new(cache: Cache<K, V>) -> Self {
        Self(cache)
    }

    /// The value under a key, and whether it was this caller who fetched it.
    pub(super) async fn get<F>(
        &self,
        key: &K,
        deadline: Instant,
        fetch: impl Fn() -> F,
    ) -> Result<(V, bool), Error>
    where
        F: Future<Output = Result<V, Error>>,
    {
        loop {
            let fetching = AtomicBool::new(false);
            let init = async {
                fetching.store(true, Ordering::Relaxed);
                fetch().await
            };
            let shared = timeout_at(deadline, self.0.try_get_with(key.clone(), init)).await;
            let fetched = fetching.load(Ordering::Relaxed);
            let error: Arc<Error> = match shared {
                Ok(Ok(value)) => return Ok((value, fetched)),
                Ok(Err(error)) => error,
                Err(_) => return Err(Error::Timeout),
            };
            // Another caller had less time than this one; that is no reason to fail here.
            let others_haste = matches!(*error, Error::Timeout | Error::Throttled { .. }) && !fetched;
            if !others_haste {
                return Err(Error::clone(&error));
            }
        }
    }
}
