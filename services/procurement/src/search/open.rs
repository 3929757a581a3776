//! Opens the index on disk, or sets it aside and begins anew.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use tantivy::directory::MmapDirectory;
use tantivy::{IndexReader, ReloadPolicy};

use super::Opened;
use super::analysis::tokenizers;
use super::payload::Payload;
use super::schema::Fields;
use super::view::View;
use crate::domain::Seq;

/// An index that was opened.
pub(super) struct Open {
    pub(super) index: tantivy::Index,
    pub(super) reader: IndexReader,
    pub(super) view: View,
    pub(super) fields: Fields,
    pub(super) opened: Opened,
    pub(super) mark: u64,
}

/// Opens an index, whatever is there.
pub(super) fn open(dir: &Path) -> Result<Open, anyhow::Error> {
    // A file that was overwritten with garbage can make the library panic instead of giving an error.
    let found =
        catch_unwind(AssertUnwindSafe(|| existing(dir))).unwrap_or_else(|_| Err(anyhow!("it is damaged")));
    let why = match found {
        Ok(open) => return Ok(open),
        Err(error) => format!("{error:#}"),
    };
    let index = match anew(dir) {
        Ok(index) => index,
        Err(error) => {
            tracing::warn!(dir = %dir.display(), error = format!("{error:#}"), "the search index is kept in memory");
            tantivy::Index::create_in_ram(Fields::new().0)
        }
    };
    opened(index, Opened::Rebuilt(why))
}

fn existing(dir: &Path) -> Result<Open, anyhow::Error> {
    if !dir.join("meta.json").exists() {
        bail!("there is none");
    }
    let index = tantivy::Index::open_in_dir(dir)?;
    if index.schema() != Fields::new().0 {
        bail!("its schema is another");
    }
    let damaged = index.validate_checksum()?;
    if !damaged.is_empty() {
        bail!("{} of its files are damaged", damaged.len());
    }
    opened(index, Opened::Found)
}

fn opened(mut index: tantivy::Index, opened: Opened) -> Result<Open, anyhow::Error> {
    index.set_tokenizers(tokenizers());
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    let payload = index.load_metas()?.payload;
    let Payload { position, mark } = match (payload, &opened) {
        (Some(payload), _) => Payload::read(&payload)?,
        (None, Opened::Rebuilt(_)) => Payload { position: Seq::default(), mark: 0 },
        (None, Opened::Found) => bail!("it was never committed to"),
    };
    let fields = Fields::new().1;
    let view = View::new(reader.searcher(), &fields, position, None).map_err(|error| anyhow!(error))?;
    Ok(Open { index, reader, view, fields, opened, mark })
}

fn anew(dir: &Path) -> Result<tantivy::Index, anyhow::Error> {
    if dir.exists() {
        let aside = aside(dir);
        // One is kept for whoever wants to know what happened; more would fill the disk.
        std::fs::remove_dir_all(&aside).or_else(missing).context("what was set aside before cannot go")?;
        std::fs::rename(dir, &aside)
            .or_else(|_| std::fs::remove_dir_all(dir))
            .context("it cannot be set aside")?;
    }
    std::fs::create_dir_all(dir)?;
    Ok(tantivy::Index::create(MmapDirectory::open(dir)?, Fields::new().0, tantivy::IndexSettings::default())?)
}

/// Where a damaged index is set aside.
pub(super) fn aside(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".aside");
    dir.with_file_name(name)
}

fn missing(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
