//! Writes to the index: one writer, which is made when it is first needed and again after an error.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{IndexReader, IndexWriter, SegmentReader, Term};

use super::payload::Payload;
use super::record::Record;
use super::schema::Fields;
use super::view::View;
use super::{Entry, Error};
use crate::domain::Seq;

/// Threads that read words.
const THREADS: usize = 2;

/// Least memory the library takes for a thread, in bytes.
const LEAST_MEMORY: usize = 16_000_000;

/// The writer of an index.
pub(super) struct Writer {
    index: tantivy::Index,
    reader: IndexReader,
    memory: usize,
    current: Mutex<Option<IndexWriter>>,
    mark: AtomicU64,
}

impl Writer {
    /// A writer that has not written yet.
    pub(super) fn new(index: tantivy::Index, reader: IndexReader, memory: usize, mark: u64) -> Self {
        Self { index, reader, memory, current: Mutex::new(None), mark: AtomicU64::new(mark) }
    }

    /// What the last commit was marked with.
    pub(super) fn mark(&self) -> u64 {
        self.mark.load(Ordering::Relaxed)
    }

    /// Adds notices, each in place of what was known of it.
    pub(super) fn stage(&self, fields: &Fields, entries: &[Entry]) -> Result<(), Error> {
        self.write(|writer| {
            for entry in entries {
                let record = Record::new(entry);
                writer.delete_term(Term::from_field_u64(fields.key, record.key()));
                writer.add_document(record.document(fields))?;
            }
            Ok(())
        })
    }

    /// Removes everything.
    pub(super) fn clear(&self) -> Result<(), Error> {
        self.write(|writer| Ok(writer.delete_all_documents().map(|_| ())?))
    }

    /// Makes what was written durable and shows it.
    pub(super) fn commit(
        &self,
        fields: &Fields,
        position: Seq,
        mark: u64,
        view: &ArcSwap<View>,
    ) -> Result<(), Error> {
        self.write(|writer| {
            let mut commit = writer.prepare_commit()?;
            commit.set_payload(&Payload { position, mark }.write());
            commit.commit()?;
            self.mark.store(mark, Ordering::Relaxed);
            self.show(fields, position, view)
        })
    }

    /// Shows the segments of the last commit as they are now.
    pub(super) fn settle(&self, fields: &Fields, view: &ArcSwap<View>) -> Result<(), Error> {
        let _alone = self.lock();
        let shown = view.load();
        let now = self.index.searchable_segment_ids()?;
        let known: Vec<_> = shown.searcher.segment_readers().iter().map(SegmentReader::segment_id).collect();
        if now.len() == known.len() && now.iter().all(|segment| known.contains(segment)) {
            return Ok(());
        }
        self.show(fields, shown.position, view)
    }

    fn show(&self, fields: &Fields, position: Seq, view: &ArcSwap<View>) -> Result<(), Error> {
        self.reader.reload()?;
        let next = View::new(self.reader.searcher(), fields, position, Some(&view.load()))?;
        view.store(Arc::new(next));
        Ok(())
    }

    /// Does something with the writer. After an error it is thrown away, and with it what was not committed: a
    /// writer whose threads have died takes nothing more.
    fn write(&self, work: impl FnOnce(&mut IndexWriter) -> Result<(), Error>) -> Result<(), Error> {
        let mut current = self.lock();
        let mut writer = match current.take() {
            Some(writer) => writer,
            None => self.begin()?,
        };
        work(&mut writer)?;
        *current = Some(writer);
        Ok(())
    }

    fn begin(&self) -> Result<IndexWriter, Error> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(THREADS)
            .memory_budget_per_thread((self.memory / THREADS).max(LEAST_MEMORY))
            .num_merge_threads(1)
            .build();
        let writer = self.index.writer_with_options(options)?;
        // A process that was killed between two writes, or a write that failed, left files that no commit knows. The same
        // work done again gives the same names, and the library does not write over what is there.
        writer.garbage_collect_files().wait()?;
        let mut merging = LogMergePolicy::default();
        merging.set_del_docs_ratio_before_merge(0.3);
        writer.set_merge_policy(Box::new(merging));
        Ok(writer)
    }

    fn lock(&self) -> MutexGuard<'_, Option<IndexWriter>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
