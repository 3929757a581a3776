//! Every switch that makes an upstream behave worse than usual.
//!
//! The default is the behaviour seen most lately on the real services: that includes the rate limit and the ceiling.
//! Switches are changed by a JSON merge patch (a missing key stays, `null` goes back to the default).

mod transport;

use serde::{Deserialize, Serialize};

pub use transport::{Hiccups, Outage, OutageKind};

/// All switches of the simulator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Transport fault of every upstream at once.
    pub outage: Outage,
    /// Faults of Doffin.
    pub doffin: Doffin,
    /// Faults of KLASS.
    pub klass: Klass,
    /// Faults of the host that serves the CPV list.
    pub cpv: Cpv,
}

/// Faults and undecided behaviours of Doffin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, any of which may be on")]
pub struct Doffin {
    /// Transport fault.
    pub outage: Outage,
    /// What a request beyond the first 1,000 hits gets.
    pub ceiling: Ceiling,
    /// Largest `numHitsPerPage` that is accepted; `None` is any.
    pub page_size_cap: Option<u32>,
    /// Whether `sortBy=ESTIMATED_VALUE_ASC` exists.
    pub value_asc: bool,
    /// Whether a region code in `location` also finds its counties.
    pub nuts2: Nuts2,
    /// Percentage of hits whose texts hold raw control characters inside JSON strings.
    pub control_chars: u8,
    /// What a throttled request gets.
    pub rate_answer: RateAnswer,
    /// The rate limit of each key.
    pub rate: Rate,
    /// Whether search and download count together.
    pub search_download_counters: Counters,
    /// Seconds during which a notice is in search but not yet in download.
    pub download_lag_s: u64,
    /// Notices whose download fails with a Java message.
    pub download_500: Vec<String>,
    /// Of a thousand notices, how many have a download that fails so, for ever.
    pub download_500_per_mille: u16,
    /// Of a thousand notices, how many have a document that ends in the middle, for ever.
    pub download_torn_per_mille: u16,
    /// Requests that fail at random while others do not.
    pub hiccups: Hiccups,
    /// Whether `hits` is an object instead of a list when there is one hit.
    pub single_hit_object: bool,
    /// Whether this is the beta host, which knows none of the production keys.
    pub beta_host_key_mismatch: bool,
    /// Whether downloads start with a byte order mark.
    pub bom: bool,
    /// How hits of one publication day are ordered.
    pub tie_order: TieOrder,
    /// Whether competitions are published under a notice type nobody announced.
    pub new_type: bool,
}

impl Default for Doffin {
    fn default() -> Self {
        Self {
            outage: Outage::default(),
            ceiling: Ceiling::default(),
            page_size_cap: None,
            value_asc: true,
            nuts2: Nuts2::default(),
            control_chars: 0,
            rate_answer: RateAnswer::default(),
            rate: Rate::default(),
            search_download_counters: Counters::default(),
            download_lag_s: 0,
            download_500: Vec::new(),
            download_500_per_mille: 0,
            download_torn_per_mille: 0,
            hiccups: Hiccups::default(),
            single_hit_object: false,
            beta_host_key_mismatch: false,
            bom: false,
            tie_order: TieOrder::default(),
            new_type: false,
        }
    }
}

/// What a request beyond the first 1,000 hits gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ceiling {
    /// 400 with a reason (seen last).
    #[default]
    #[serde(rename = "400")]
    Refuse,
    /// 200 without hits, totals filled (seen earlier).
    #[serde(rename = "empty200")]
    Empty200,
}

/// How a region code in `location` is understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nuts2 {
    /// As one more code that notices may carry.
    #[default]
    Exact,
    /// As all its counties too.
    Expand,
}

/// What a throttled request gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateAnswer {
    /// `Retry-After` and a JSON message.
    #[default]
    HeaderBody,
    /// Neither.
    Bare,
}

/// A fixed-window rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rate {
    /// Requests per window; 0 is no limit.
    pub requests: u32,
    /// Length of the window, in milliseconds.
    pub window_ms: u64,
}

impl Default for Rate {
    fn default() -> Self {
        Self { requests: 30, window_ms: 10_000 }
    }
}

impl Rate {
    /// No limit.
    pub fn off() -> Self {
        Self { requests: 0, ..Self::default() }
    }
}

/// Whether search and download share one rate counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counters {
    /// One counter for both.
    #[default]
    Shared,
    /// One counter each.
    Separate,
}

/// How hits of one publication day are ordered among themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieOrder {
    /// By how deep the request reaches (`page` × `numHitsPerPage`): duplicates and misses at page borders.
    #[default]
    Depth,
    /// By page size only: pages of one size fit together, other sizes do not.
    PageSize,
    /// Always the same.
    Stable,
}

/// Faults of KLASS.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, any of which may be on")]
pub struct Klass {
    /// Transport fault.
    pub outage: Outage,
    /// Whether CSV is ISO-8859-1 whatever the request asks for.
    pub latin1_only: bool,
    /// Whether every list is empty.
    pub empty_list: bool,
    /// Whether every list ends after its first half.
    pub half_list: bool,
    /// Whether an open end is printed as `+999999999-12-31`.
    pub legacy_valid_to: bool,
    /// Whether every version is unknown.
    pub version_404: bool,
}

/// Faults of the host that serves the CPV list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cpv {
    /// Transport fault.
    pub outage: Outage,
    /// Whether the list has no entries.
    pub empty_list: bool,
    /// Whether the list ends after its first half.
    pub half_list: bool,
}

/// The upstream a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// Everything under `/public`.
    Doffin,
    /// Everything under `/api/klass`.
    Klass,
    /// `/cpv.yaml`.
    Cpv,
}

impl Faults {
    /// Faults that leave Doffin's rate limit out.
    pub fn without_rate_limit() -> Self {
        Self { doffin: Doffin { rate: Rate::off(), ..Doffin::default() }, ..Self::default() }
    }

    /// The transport fault of one request, the upstream's own before the common one; counts it.
    pub(crate) fn take(&mut self, upstream: Upstream) -> Option<Outage> {
        let own = match upstream {
            Upstream::Doffin => &mut self.doffin.outage,
            Upstream::Klass => &mut self.klass.outage,
            Upstream::Cpv => &mut self.cpv.outage,
        };
        own.take().or_else(|| self.outage.take())
    }

    /// These faults with a JSON merge patch applied.
    pub(crate) fn patched(&self, patch: &serde_json::Value) -> Result<Self, serde_json::Error> {
        let mut whole = serde_json::to_value(self)?;
        merge(&mut whole, patch);
        serde_json::from_value(whole)
    }
}

/// RFC 7386.
fn merge(whole: &mut serde_json::Value, patch: &serde_json::Value) {
    let Some(patch) = patch.as_object() else {
        *whole = patch.clone();
        return;
    };
    if !whole.is_object() {
        *whole = serde_json::Value::Object(serde_json::Map::new());
    }
    let Some(whole) = whole.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            whole.remove(key);
        } else {
            merge(whole.entry(key.clone()).or_insert(serde_json::Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_leaves_what_it_does_not_name() {
        let first = Faults::default().patched(&json!({"doffin": {"ceiling": "empty200"}})).unwrap();
        let second = first.patched(&json!({"doffin": {"bom": true}, "klass": {"outage": "hang"}})).unwrap();
        assert_eq!(second.doffin.ceiling, Ceiling::Empty200);
        assert!(second.doffin.bom && second.doffin.value_asc);
        assert_eq!(second.klass.outage.kind, OutageKind::Hang);
        assert_eq!(second.patched(&json!({"doffin": null})).unwrap().doffin, Doffin::default());
    }

    #[test]
    fn a_counted_outage_ends_by_itself() {
        let mut faults = Faults { outage: Outage::times(OutageKind::Html503, 2), ..Faults::default() };
        assert!(faults.take(Upstream::Klass).is_some());
        assert!(faults.take(Upstream::Doffin).is_some());
        assert_eq!(faults.take(Upstream::Doffin), None);
        assert_eq!(faults, Faults::default());
    }

    #[test]
    fn an_unknown_switch_is_an_error() {
        assert!(Faults::default().patched(&json!({"doffin": {"ceilling": "400"}})).is_err());
    }
}
