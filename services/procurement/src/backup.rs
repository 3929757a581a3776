//! A copy of the embedded database.

use std::path::Path;

use crate::config::Config;
use crate::error::Error;
use crate::store::Store;

/// Copies the mirror's database as it is at this moment to a file that is not there yet. A server may go on writing
/// meanwhile. PostgreSQL has its own tools, which the error names.
pub async fn backup(config: &Config, to: &Path) -> Result<(), Error> {
    let failed = |error: crate::store::Error| Error::Mirror(error.to_string());
    let store = Store::open(&config.store()?).await.map_err(failed)?;
    store.copy_to(to).await.map_err(failed)?;
    store.close().await;
    Ok(())
}
