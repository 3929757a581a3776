//! What happens to notices, as the change feed tells it.

use jiff::Timestamp;

use super::NoticeId;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ChangeKind {
    /// Seen for the first time.
    New,
    /// Its content changed, or a later version replaces it.
    Corrected,
    /// The deadline moved.
    DeadlineMoved,
    /// Doffin shows another status.
    StatusChanged,
    /// An award in its procedure was published.
    AwardPublished,
    /// A cancellation of its procedure was published.
    CancellationPublished,
    /// Doffin's search no longer lists it.
    Withdrawn,
    /// An old notice appeared late, or one that was withdrawn is listed again.
    Reimported,
    /// Its document arrived, or was read anew.
    DocumentArrived,
}

impl ChangeKind {
    /// Every kind with the word it is stored as.
    pub(crate) const ALL: [(Self, &'static str); 9] = [
        (Self::New, "NEW"),
        (Self::Corrected, "CORRECTED"),
        (Self::DeadlineMoved, "DEADLINE_MOVED"),
        (Self::StatusChanged, "STATUS_CHANGED"),
        (Self::AwardPublished, "AWARD_PUBLISHED"),
        (Self::CancellationPublished, "CANCELLATION_PUBLISHED"),
        (Self::Withdrawn, "WITHDRAWN_FROM_SEARCH"),
        (Self::Reimported, "REIMPORTED"),
        (Self::DocumentArrived, "DOCUMENT_ARRIVED"),
    ];

    /// The word it is stored as.
    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The kind of a word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

/// Position in the change feed; grows with every change and has no gaps that are filled later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Seq(pub(crate) i64);

/// One change of one notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Where it stands in the feed.
    pub(crate) seq: Seq,
    /// What happened.
    pub(crate) kind: ChangeKind,
    /// The notice it happened to.
    pub(crate) notice: NoticeId,
    /// When we saw it.
    pub(crate) seen_at: Timestamp,
    /// What changed: a hit's field such as `deadline`, or the id of the notice that caused it.
    pub(crate) subject: Option<String>,
    /// The value before, for changes of one field.
    pub(crate) before: Option<String>,
    /// The value after.
    pub(crate) after: Option<String>,
}
