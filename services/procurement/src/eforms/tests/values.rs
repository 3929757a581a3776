//! What is worth how much, by which rule.

#![expect(clippy::float_cmp, reason = "amounts are read, not computed, or rounded")]

use super::written::{award, contract, extended, framework, lot, party, read, result, results, tender};
use crate::domain::{Document, Rule, ValueKind};

fn values(document: &Document) -> Vec<(ValueKind, f64, &str, Rule)> {
    let row = |v: &'_ crate::domain::Valued| (v.kind, v.money.amount, v.rule);
    document.values.iter().map(|v| (row(v).0, row(v).1, v.money.currency.as_str(), v.rule)).collect()
}

fn estimate(amount: &str, currency: &str) -> String {
    format!(
        r#"<cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount currencyID="{currency}">{amount}</cbc:EstimatedOverallContractAmount></cac:RequestedTenderTotal>"#
    )
}

/// Winners P1 to P3 with one tender each, of these values, for these lots.
fn winners(total: &str, tenders: &[(&str, &str, &str)]) -> String {
    let mut inside = total.to_owned();
    for (at, (by, lot, value)) in tenders.iter().enumerate() {
        let (tender_id, contract_id) = (format!("T{at}"), format!("C{at}"));
        inside += &result(lot, "selec-w", &[&tender_id], &[&contract_id]);
        inside += &tender(&tender_id, by, lot, value);
        inside += &contract(&contract_id, &[&tender_id]);
    }
    for at in 1..=3 {
        inside += &party(&format!("P{at}"), &[&format!("ORG-{at}")], &[]);
    }
    results(&inside)
}

fn total(amount: &str) -> String {
    format!(r#"<cbc:TotalAmount currencyID="NOK">{amount}</cbc:TotalAmount>"#)
}

#[test]
fn the_procedure_s_estimate_comes_before_the_sum_over_lots() {
    let procedure = |amount: &str| {
        format!("<cac:ProcurementProject>{}</cac:ProcurementProject>", estimate(amount, "NOK"))
    };
    let lots = [
        lot("LOT-0001", &estimate("100.10", "NOK"), ""),
        lot("LOT-0002", &estimate("0.20", "nok"), ""),
        lot("LOT-0003", &estimate("7", "EUR"), ""),
        lot("GLO-0001", &estimate("900", "NOK"), ""),
    ]
    .concat();
    let of = |body: &str| {
        values(&read("ContractNotice", "", body))
            .iter()
            .map(|v| (v.1, v.2.to_owned(), v.3))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(&format!("{}{lots}", procedure("5000000"))),
        [(5e6, "NOK".into(), Rule::ProcedureEstimate)]
    );
    let sums = [(100.3, "NOK".to_owned(), Rule::LotEstimates), (7.0, "EUR".to_owned(), Rule::LotEstimates)];
    assert_eq!(of(&lots), sums);
    // 0 is not told, and so is what is no number.
    for none in ["0", "0.00", "-5", "1e9", "inf", "NaN", "5 mill"] {
        assert_eq!(of(&format!("{}{lots}", procedure(none))), sums, "{none}");
        assert_eq!(of(&procedure(none)), [], "{none}");
    }
}

#[test]
fn the_notice_s_total_comes_before_its_tenders() {
    let lots = [lot("LOT-0001", "", ""), lot("LOT-0002", "", "")].concat();
    let tenders = [("P1", "LOT-0001", "492700"), ("P1", "LOT-0002", "492700"), ("P2", "LOT-0002", "0")];
    let summed = award(&winners("", &tenders), &lots);
    assert_eq!(values(&summed), [(ValueKind::Total, 985_400.0, "NOK", Rule::WinningTenders)]);
    assert_eq!(summed.parties[0].value.as_ref().unwrap().amount, 985_400.0);
    assert_eq!(summed.parties[1].value, None);
    let told = award(&winners(&total("1000000"), &tenders), &lots);
    assert_eq!(values(&told), [(ValueKind::Total, 1e6, "NOK", Rule::NoticeTotal)]);
    assert_eq!(values(&award(&winners(&total("0"), &tenders), &lots)), values(&summed));
}

#[test]
fn a_loser_s_tender_is_nobody_s_value_but_its_own() {
    let inside = [
        result("LOT-0001", "selec-w", &["T1", "T2"], &["C1"]),
        tender("T1", "P1", "LOT-0001", "3"),
        tender("T2", "P2", "LOT-0001", "9"),
        contract("C1", &["T1", "T1"]),
        party("P1", &["ORG-1"], &[]),
        party("P2", &["ORG-2"], &[]),
    ];
    let document = award(&results(&inside.concat()), &lot("LOT-0001", "", ""));
    assert_eq!(values(&document), [(ValueKind::Total, 3.0, "NOK", Rule::WinningTenders)]);
    let own: Vec<_> = document.parties.iter().map(|p| p.value.as_ref().unwrap().amount).collect();
    assert_eq!(own, [3.0, 9.0]);
    assert_eq!(document.awards[0].value.as_ref().unwrap().amount, 3.0);
}

#[test]
fn tenders_that_repeat_the_notice_s_total_are_not_summed_and_nobody_s_own() {
    let tenders =
        [("P1", "LOT-0001", "65000000"), ("P2", "LOT-0001", "65000000"), ("P3", "LOT-0001", "65000000")];
    let document = award(&winners(&total("65000000.00"), &tenders), &lot("LOT-0001", "", ""));
    assert_eq!(values(&document), [(ValueKind::Total, 65e6, "NOK", Rule::NoticeTotal)]);
    assert!(document.parties.iter().all(|p| p.value.is_none()), "{:?}", document.parties);
    assert!(document.awards.iter().all(|a| a.value.is_none()), "{:?}", document.awards);
    // A single winner's tender is the total by right.
    let document = award(&winners(&total("65000000"), &tenders[..1]), &lot("LOT-0001", "", ""));
    assert_eq!(document.parties[0].value.as_ref().unwrap().amount, 65e6);
}

#[test]
fn on_frameworks_the_same_value_for_each_lot_or_from_each_party_counts_once() {
    let lots = [framework("LOT-0001"), framework("LOT-0002")].concat();
    let of = |tenders: &[(&str, &str, &str)]| values(&award(&winners("", tenders), &lots))[0].1;
    assert_eq!(of(&[("P1", "LOT-0001", "10"), ("P1", "LOT-0002", "10")]), 10.0);
    assert_eq!(of(&[("P1", "LOT-0001", "10"), ("P2", "LOT-0001", "10")]), 10.0);
    assert_eq!(of(&[("P1", "LOT-0001", "10"), ("P2", "LOT-0002", "10")]), 20.0);
    assert_eq!(of(&[("P1", "LOT-0001", "10"), ("P2", "LOT-0001", "12")]), 22.0);
}

#[test]
fn currencies_are_never_added_together() {
    let euros = winners("", &[("P1", "LOT-0001", "10"), ("P2", "LOT-0001", "5"), ("P1", "LOT-0002", "1")]);
    let euros = euros.replacen("\"NOK\">10<", "\"EUR\">10<", 1);
    let document = award(&euros, &[lot("LOT-0001", "", ""), lot("LOT-0002", "", "")].concat());
    assert_eq!(
        values(&document),
        [
            (ValueKind::Total, 10.0, "EUR", Rule::WinningTenders),
            (ValueKind::Total, 6.0, "NOK", Rule::WinningTenders)
        ]
    );
    assert_eq!(document.parties[0].value, None);
}

#[test]
fn framework_values_are_kept_with_where_they_come_from() {
    let amount = |name: &str, value: &str| format!(r#"<{name} currencyID="NOK">{value}</{name}>"#);
    let maximum = |value: &str| {
        format!(
            "<cac:RequestedTenderTotal>{}</cac:RequestedTenderTotal>",
            extended(&amount("efbc:FrameworkMaximumAmount", value))
        )
    };
    let lots = [lot("LOT-0001", &maximum("10"), ""), lot("LOT-0002", &maximum("20"), "")].concat();
    let of = |extension: &str, body: &str| {
        values(&award(extension, body)).iter().map(|v| (v.0, v.1, v.3)).collect::<Vec<_>>()
    };
    let kind = ValueKind::FrameworkMaximum;
    assert_eq!(of("", &lots), [(kind, 30.0, Rule::LotFrameworkMaxima)]);
    let procedure = format!("<cac:ProcurementProject>{}</cac:ProcurementProject>{lots}", maximum("25"));
    assert_eq!(of("", &procedure), [(kind, 25.0, Rule::FrameworkMaximum)]);
    let noticed = results(
        &[
            amount("efbc:OverallMaximumFrameworkContractsAmount", "50"),
            amount("efbc:OverallApproximateFrameworkContractsAmount", "40"),
        ]
        .concat(),
    );
    assert_eq!(
        of(&noticed, &procedure),
        [
            (kind, 50.0, Rule::NoticeFrameworkMaximum),
            (kind, 40.0, Rule::NoticeFrameworkApproximate),
            (kind, 25.0, Rule::FrameworkMaximum)
        ]
    );
    let with = |values: &str| {
        let values = format!(
            "<efac:FrameworkAgreementValues>{values}</efac:FrameworkAgreementValues><efac:TenderLot>"
        );
        let result = |lot| result(lot, "selec-w", &[], &[]).replace("<efac:TenderLot>", &values);
        results(&[result("LOT-0001"), result("LOT-0002")].concat())
    };
    let both = [amount("cbc:MaximumValueAmount", "7"), amount("efbc:ReestimatedValueAmount", "6")].concat();
    assert_eq!(of(&with(&both), ""), [(kind, 14.0, Rule::ResultFrameworkMaxima)]);
    assert_eq!(
        of(&with(&amount("efbc:ReestimatedValueAmount", "6")), ""),
        [(kind, 12.0, Rule::ResultFrameworkEstimates)]
    );
    let group = "<cac:FrameworkAgreement><cbc:EstimatedMaximumValueAmount currencyID=\"NOK\">9</cbc:EstimatedMaximumValueAmount></cac:FrameworkAgreement>";
    assert_eq!(of("", &lot("GLO-0001", "", group)), [(kind, 9.0, Rule::GroupFrameworkMaxima)]);
}
