//! Settings of the sync worker.

use std::time::Duration;

use clap::ArgAction;
use clap::builder::BoolishValueParser;
use jiff::civil::Date;
use runtime::config::duration;

/// What the sync worker is to do.
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {
    /// Whether Doffin is mirrored. Several replicas may have this on: one of them does it.
    #[arg(
        id = "sync_enabled", long = "sync-enabled", env = "SYNC_ENABLED", default_value = "true",
        action = ArgAction::Set, value_parser = BoolishValueParser::new()
    )]
    pub enabled: bool,
    /// First day of issue that is mirrored; its whole week is.
    #[arg(id = "sync_from", long = "sync-from", env = "SYNC_FROM", default_value = "2017-01-01")]
    pub from: Date,
    /// How often the newest notices are asked for.
    #[arg(
        id = "sync_tail_interval", long = "sync-tail-interval", env = "SYNC_TAIL_INTERVAL",
        default_value = "2m", value_parser = duration
    )]
    pub tail_interval: Duration,
    /// How often every week's number of notices is compared with Doffin's.
    #[arg(
        id = "sync_reconcile_interval", long = "sync-reconcile-interval", env = "SYNC_RECONCILE_INTERVAL",
        default_value = "24h", value_parser = duration
    )]
    pub reconcile_interval: Duration,
    /// How often open competitions are listed anew, for their deadlines and status.
    #[arg(
        id = "sync_refresh_interval", long = "sync-refresh-interval", env = "SYNC_REFRESH_INTERVAL",
        default_value = "24h", value_parser = duration
    )]
    pub refresh_interval: Duration,
    /// Whether documents are fetched too, one for each notice.
    #[arg(
        id = "sync_documents", long = "sync-documents", env = "SYNC_DOCUMENTS", default_value = "true",
        action = ArgAction::Set, value_parser = BoolishValueParser::new()
    )]
    pub documents: bool,
    /// How long a document that did not come rests before it is asked for again; three times as long after
    /// each failure, up to a day.
    #[arg(
        id = "sync_document_rest", long = "sync-document-rest", env = "SYNC_DOCUMENT_REST",
        default_value = "1m", value_parser = duration
    )]
    pub document_rest: Duration,
    /// How long a week rests whose listing failed or did not come out whole, before it is listed again.
    #[arg(
        id = "sync_week_rest", long = "sync-week-rest", env = "SYNC_WEEK_REST", default_value = "1m",
        value_parser = duration
    )]
    pub week_rest: Duration,
}
