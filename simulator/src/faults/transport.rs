//! Faults of the transport: for every request, for the next so many, or by chance.

use serde::{Deserialize, Serialize};

use crate::hash;

/// A fault of the transport: the answer is late, broken or not the upstream's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OutageForm")]
pub struct Outage {
    /// What happens.
    pub kind: OutageKind,
    /// How many requests it happens to before it ends by itself; `None` is until switched off.
    pub count: Option<u32>,
    /// Delay of `slow`, in milliseconds.
    pub delay_ms: u64,
}

/// The kinds of transport fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutageKind {
    /// No fault.
    #[default]
    Off,
    /// 500 with a line of plain text.
    Refuse500text,
    /// 503 with the HTML page of a cache in front.
    Html503,
    /// The request is accepted and never answered.
    Hang,
    /// The right answer, `delay_ms` late.
    Slow,
    /// The right answer, but the connection breaks in the middle of the body.
    CutMidBody,
    /// 200 and the right content type with bytes that are not what they claim to be.
    Garbage,
    /// 401 whatever the key.
    WrongKey,
    /// 429 to everything.
    RateStorm,
}

/// An outage may be written as its kind alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum OutageForm {
    Kind(OutageKind),
    Full(OutageFields),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutageFields {
    #[serde(default)]
    kind: OutageKind,
    #[serde(default)]
    count: Option<u32>,
    #[serde(default)]
    delay_ms: u64,
}

impl From<OutageForm> for Outage {
    fn from(form: OutageForm) -> Self {
        match form {
            OutageForm::Kind(kind) => kind.into(),
            OutageForm::Full(OutageFields { kind, count, delay_ms }) => Self { kind, count, delay_ms },
        }
    }
}

impl From<OutageKind> for Outage {
    fn from(kind: OutageKind) -> Self {
        Self { kind, count: None, delay_ms: 0 }
    }
}

impl Outage {
    /// The fault for the next `count` requests only.
    pub fn times(kind: OutageKind, count: u32) -> Self {
        Self { kind, count: Some(count), delay_ms: 0 }
    }

    /// Right answers, each `delay_ms` late.
    pub fn slow(delay_ms: u64) -> Self {
        Self { kind: OutageKind::Slow, count: None, delay_ms }
    }

    /// The fault of one request; counts it.
    pub(super) fn take(&mut self) -> Option<Self> {
        if self.kind == OutageKind::Off {
            return None;
        }
        let taken = *self;
        if let Some(count) = &mut self.count {
            *count = count.saturating_sub(1);
            if *count == 0 {
                *self = Self::default();
            }
        }
        (taken.count != Some(0)).then_some(taken)
    }
}

/// Of a thousand requests, how many suffer a fault of the transport by chance. Equal runs suffer alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hiccups {
    /// 503 with the HTML page of a cache in front.
    pub html503: u16,
    /// 500 with a line of plain text.
    pub refuse500text: u16,
    /// A connection that breaks in the middle of the body.
    pub cut_mid_body: u16,
    /// Bytes that are not what they claim to be.
    pub garbage: u16,
    /// The right answer, late.
    pub slow: u16,
    /// How late, in milliseconds.
    pub slow_ms: u64,
}

impl Hiccups {
    /// The fault of the request with this number.
    pub(crate) fn of(self, number: u64) -> Option<Outage> {
        let mut roll = u16::try_from(hash::mix(number ^ 0x68_69_63) % 1_000).unwrap_or(0);
        let kinds = [
            (self.html503, OutageKind::Html503),
            (self.refuse500text, OutageKind::Refuse500text),
            (self.cut_mid_body, OutageKind::CutMidBody),
            (self.garbage, OutageKind::Garbage),
            (self.slow, OutageKind::Slow),
        ];
        for (share, kind) in kinds {
            if roll < share {
                return Some(Outage { kind, count: None, delay_ms: self.slow_ms });
            }
            roll -= share;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hiccups_come_in_their_share_and_the_same_in_every_run() {
        let hiccups = Hiccups { html503: 50, garbage: 20, ..Hiccups::default() };
        let of = |kind| (0..10_000).filter(|n| hiccups.of(*n).is_some_and(|o| o.kind == kind)).count();
        assert!((400..600).contains(&of(OutageKind::Html503)), "{}", of(OutageKind::Html503));
        assert!((140..260).contains(&of(OutageKind::Garbage)), "{}", of(OutageKind::Garbage));
        assert_eq!(of(OutageKind::Slow) + of(OutageKind::CutMidBody), 0);
        assert!((0..10_000).all(|number| Hiccups::default().of(number).is_none()));
    }
}
