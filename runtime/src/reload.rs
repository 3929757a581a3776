//! Values made of files, made again when the files change: keys and certificates rotate without a restart.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::config::Error;

/// How often files are looked at. They are read, not watched: mounted secrets change by a symbolic link that is
/// swapped, which watching the file itself does not see.
const LOOK: Duration = Duration::from_secs(1);

/// Longest file that is read, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// A value that is replaced while it is used. Clones see the same value.
#[derive(Debug)]
pub struct Reloaded<T>(Arc<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    value: ArcSwap<T>,
    version: AtomicU64,
}

impl<T> Clone for Reloaded<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + Sync + 'static> Reloaded<T> {
    /// A value to begin with.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Inner { value: ArcSwap::from_pointee(value), version: AtomicU64::new(0) }))
    }

    /// The value now.
    pub fn get(&self) -> Arc<T> {
        self.0.value.load_full()
    }

    /// How often the value has been replaced.
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// Replaces the value.
    pub fn set(&self, value: T) {
        self.0.value.store(Arc::new(value));
        self.0.version.fetch_add(1, Ordering::Release);
    }

    /// Makes a value of files that `variable` names, and again within two seconds of each change for as long as the
    /// value is held. A change that cannot be read is logged once and leaves the value as it was; at the start it is
    /// an error.
    pub fn of_files(
        paths: Vec<PathBuf>,
        variable: &'static str,
        make: impl Fn(&[Vec<u8>]) -> Result<T, String> + Send + 'static,
    ) -> Result<Self, Error> {
        let error = |problem: String| Error::new(variable, problem);
        let mut known = read(&paths).map_err(error)?;
        let reloaded = Self::new(make(&known).map_err(error)?);
        let value = Arc::downgrade(&reloaded.0);
        tokio::spawn(async move {
            let mut complaint = None;
            loop {
                tokio::time::sleep(LOOK).await;
                let Some(value) = value.upgrade().map(Self) else { return };
                let again = paths.clone();
                let Ok(found) = tokio::task::spawn_blocking(move || read(&again)).await else { return };
                let changed = match found {
                    Ok(found) if found == known => continue,
                    Ok(found) => make(&found).map(|fresh| (fresh, found)),
                    Err(problem) => Err(problem),
                };
                match changed {
                    Ok((fresh, found)) => {
                        known = found;
                        complaint = None;
                        value.set(fresh);
                        tracing::info!(variable, "files were read again");
                    }
                    Err(problem) if complaint.as_ref() == Some(&problem) => {}
                    Err(problem) => {
                        tracing::error!(variable, problem, "a change is not usable; the earlier one goes on");
                        complaint = Some(problem);
                    }
                }
            }
        });
        Ok(reloaded)
    }
}

fn read(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, String> {
    let one = |path: &Path| -> io::Result<Vec<u8>> {
        let length = std::fs::metadata(path)?.len();
        if length > MAX_BYTES {
            return Err(io::Error::other(format!("it has {length} bytes, at most {MAX_BYTES} are read")));
        }
        std::fs::read(path)
    };
    let named =
        |path: &PathBuf| one(path).map_err(|cause| format!("cannot read {}: {cause}", path.display()));
    paths.iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn number(files: &[Vec<u8>]) -> Result<u32, String> {
        let text = String::from_utf8_lossy(&files[0]).into_owned();
        text.trim().parse().map_err(|_| format!("{text:?} is no number"))
    }

    async fn becomes(value: &Reloaded<u32>, wanted: u32) {
        let wait = async {
            while *value.get() != wanted {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), wait).await.unwrap();
    }

    #[tokio::test]
    async fn a_mounted_secret_is_read_again_when_its_link_is_swapped_and_a_broken_one_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        // As the kubelet mounts a secret: key -> ..data/key, ..data -> a directory that is replaced.
        for (version, content) in [("v1", "1"), ("v2", "two"), ("v3", "3")] {
            std::fs::create_dir(at(version)).unwrap();
            std::fs::write(at(version).join("key"), content).unwrap();
        }
        symlink("v1", at("..data")).unwrap();
        symlink("..data/key", at("key")).unwrap();
        let swap = |version: &str| {
            symlink(version, at("..new")).unwrap();
            std::fs::rename(at("..new"), at("..data")).unwrap();
        };
        let value = Reloaded::of_files(vec![at("key")], "KEY_FILE", number).unwrap();
        assert_eq!((*value.get(), value.version()), (1, 0));
        swap("v2");
        std::fs::write(at("v1").join("key"), "9").unwrap();
        tokio::time::sleep(LOOK * 2).await;
        assert_eq!(*value.get(), 1, "a broken file replaced a good one");
        swap("v3");
        becomes(&value, 3).await;
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_is_an_error_of_its_variable() {
        let missing = vec![PathBuf::from("/nowhere/key")];
        let error = Reloaded::of_files(missing, "KEY_FILE", number).unwrap_err().to_string();
        assert!(error.starts_with("KEY_FILE: cannot read /nowhere/key"), "{error}");
    }
}
