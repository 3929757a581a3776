//! Lots in the contract's form.

use proto::procurement as pb;

use super::{hit, notice};
use crate::codes::Labels;
use crate::domain::{Duration, Hit, LotDetail, LotKind, Text};

/// Lots as Doffin lists them.
pub(super) fn listed(hit: &Hit) -> Vec<pb::Lot> {
    let lot = |lot: &crate::domain::Lot| pb::Lot {
        title: lot.heading.clone(),
        description: lot.description.clone(),
        kind: "lot".into(),
        ..pb::Lot::default()
    };
    hit.lots.iter().map(lot).collect()
}

/// A lot as the document gives it.
pub(super) fn full(lot: &LotDetail, labels: &Labels) -> pb::Lot {
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.text.clone()).unwrap_or_default();
    pb::Lot {
        id: lot.id.clone(),
        title: text(&lot.title),
        description: text(&lot.description),
        kind: match lot.kind {
            LotKind::Lot => "lot",
            LotKind::Part => "part",
            LotKind::Group => "group",
        }
        .into(),
        cpv: Some(notice::of_subject(&lot.subject, &labels.cpv)),
        locations: notice::locations(&lot.subject.places, &labels.nuts),
        duration: lot.duration.as_ref().map(duration),
        framework: lot.framework.clone(),
        dynamic_purchasing: lot.dynamic_purchasing.clone(),
        documents_url: lot.documents_url.clone(),
        submission_url: lot.submission_url.clone(),
        criteria: lot.criteria.clone(),
        sme_suitable: lot.sme_suitable,
        result: lot.result.clone(),
        no_award_reason: lot.no_award_reason.clone(),
        received_tenders: lot.received.iter().map(hit::received).collect(),
    }
}

fn duration(duration: &Duration) -> String {
    let day = |day: &Option<jiff::civil::Date>| day.map_or_else(|| "..".to_owned(), |day| day.to_string());
    match duration {
        Duration::Measured(number, unit) => format!("{number} {unit}"),
        Duration::Between(from, to) => format!("{}/{}", day(from), day(to)),
        Duration::Unlimited => "UNLIMITED".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_the_contract_says() {
        assert_eq!(duration(&Duration::Measured(48, "MONTH".into())), "48 MONTH");
        let from = Some(jiff::civil::date(2026, 1, 1));
        assert_eq!(duration(&Duration::Between(from, None)), "2026-01-01/..");
        assert_eq!(duration(&Duration::Unlimited), "UNLIMITED");
    }
}
