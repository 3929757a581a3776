//! `efac:NoticeResult`: results of lots, bids, contracts and who stands behind them.

use jiff::{SignedDuration, Timestamp};

use super::Document;
use super::bids::Bid;
use crate::notice::Type;
use crate::xml::Writer;

impl Document<'_> {
    pub(super) fn notice_result(&self, xml: &mut Writer) {
        xml.within("efac:NoticeResult", &[], |xml| {
            self.note(xml, "Notice Value (BT-161)");
            if let Some(total) = self.bids.total {
                self.money(xml, "cbc:TotalAmount", total);
            }
            if self.notice.procedure.framework && self.native && self.one_in(4, 30) {
                let maximum = self.bids.total.unwrap_or(5_000_000) * 2;
                self.money(xml, "efbc:OverallMaximumFrameworkContractsAmount", maximum);
            }
            for lot in 0..self.notice.lots.len().max(1) {
                self.lot_result(xml, lot);
            }
            for (index, bid) in self.bids.each.iter().enumerate() {
                self.lot_tender(xml, index, bid);
            }
            for (number, (index, bid)) in self.won().enumerate() {
                self.settled_contract(xml, number, index, bid);
            }
            for index in 0..self.bids.parties.len() {
                self.tendering_party(xml, index);
            }
        });
    }

    fn won(&self) -> impl Iterator<Item = (usize, &Bid)> {
        self.bids.each.iter().enumerate().filter(|(_, bid)| bid.won)
    }

    fn lot_result(&self, xml: &mut Writer, lot: usize) {
        xml.within("efac:LotResult", &[], |xml| {
            xml.leaf("cbc:ID", &[("schemeName", "result")], &format!("RES-{:04}", lot + 1));
            let list = [("listName", "winner-selection-status")];
            self.note(xml, "Winner Chosen (BT-142)");
            match self.notice.kind {
                Type::CancelledOrMissingConclusionOfContract => {
                    xml.leaf("cbc:TenderResultCode", &list, "clos-nw");
                    let reason = [("listName", "non-award-justification")];
                    if self.native {
                        let path = ["efac:DecisionReason", "efbc:DecisionReasonCode"];
                        xml.nested(&path, &reason, if self.one_in(2, 31) { "no-rece" } else { "other" });
                    } else {
                        self.note(
                            xml,
                            "WARNING: Received Submissions Type (BT-760) is Mandatory in this form.",
                        );
                    }
                }
                Type::AnnouncementOfIntent if self.one_in(2, 32) => {}
                _ => xml.leaf("cbc:TenderResultCode", &list, "selec-w"),
            }
            self.note(xml, "Tender Identifier Reference (OPT-320)");
            for (index, _) in self.bids.each.iter().enumerate().filter(|(_, bid)| bid.lot == lot) {
                xml.nested(&["efac:LotTender", "cbc:ID"], &[("schemeName", "tender")], &tender(index));
            }
            self.statistics(xml);
            for (number, (_, bid)) in self.won().enumerate() {
                if bid.lot == lot {
                    let scheme = [("schemeName", "contract")];
                    xml.nested(&["efac:SettledContract", "cbc:ID"], &scheme, &contract(number));
                }
            }
            xml.nested(&["efac:TenderLot", "cbc:ID"], &[("schemeName", "Lot")], &self.lot_id(lot));
        });
    }

    fn statistics(&self, xml: &mut Writer) {
        for (kind, total) in self.notice.statistics.iter().flatten() {
            xml.within("efac:ReceivedSubmissionsStatistics", &[], |xml| {
                xml.leaf("efbc:StatisticsCode", &[("listName", "received-submission-type")], kind);
                xml.leaf("efbc:StatisticsNumeric", &[], &total.to_string());
            });
        }
    }

    fn lot_tender(&self, xml: &mut Writer, index: usize, bid: &Bid) {
        xml.within("efac:LotTender", &[], |xml| {
            xml.leaf("cbc:ID", &[("schemeName", "tender")], &tender(index));
            if bid.won && self.native {
                xml.leaf("cbc:RankCode", &[], "1");
            }
            self.note(xml, "Tender Value (BT-720)");
            if let Some(amount) = bid.amount {
                xml.within("cac:LegalMonetaryTotal", &[], |xml| self.money(xml, "cbc:PayableAmount", amount));
            }
            let helped = !self.bids.parties[bid.party].subcontractors.is_empty();
            xml.within("efac:SubcontractingTerm", &[], |xml| {
                let code = if helped { "yes" } else { "no" };
                xml.leaf("efbc:TermCode", &[("listName", "applicability")], code);
            });
            let scheme = [("schemeName", "tendering-party")];
            xml.nested(&["efac:TenderingParty", "cbc:ID"], &scheme, &party(bid.party));
            xml.nested(&["efac:TenderLot", "cbc:ID"], &[("schemeName", "Lot")], &self.lot_id(bid.lot));
            if self.native {
                let number = format!("{}/{}", 1_000 + self.roll % 9_000, index + 1);
                xml.nested(&["efac:TenderReference", "cbc:ID"], &[], &number);
            } else if self.one_in(6, 33) {
                xml.nested(&["efac:TenderReference", "cbc:ID"], &[], "DOCUMENT_ID_REQUIRED_HERE");
            }
        });
    }

    fn settled_contract(&self, xml: &mut Writer, number: usize, index: usize, bid: &Bid) {
        xml.within("efac:SettledContract", &[], |xml| {
            xml.leaf("cbc:ID", &[("schemeName", "contract")], &contract(number));
            if self.native {
                xml.leaf("cbc:AwardDate", &[], &self.date(self.days_before(9), 34));
            }
            if self.notice.kind != Type::AnnouncementOfIntent {
                xml.leaf("cbc:IssueDate", &[], &self.date(self.days_before(3), 35));
            }
            self.note(xml, "Contract Title (BT-721)");
            let heading = self.notice.lots.get(bid.lot).map_or(&self.notice.heading, |lot| &lot.heading);
            self.text(xml, "cbc:Title", heading);
            let buyers = self.pool.buyers().next().unwrap_or_default();
            if self.native {
                let path = ["cac:SignatoryParty", "cac:PartyIdentification", "cbc:ID"];
                xml.nested(&path, &[("schemeName", "organization")], &buyers);
            }
            let own = format!("{}/{}", 100 + self.roll % 900, number + 1);
            let reference = if self.native || !self.one_in(7, 36) { own } else { String::new() };
            xml.nested(&["efac:ContractReference", "cbc:ID"], &[], &reference);
            xml.nested(&["efac:LotTender", "cbc:ID"], &[("schemeName", "tender")], &tender(index));
        });
    }

    fn tendering_party(&self, xml: &mut Writer, index: usize) {
        let group = &self.bids.parties[index];
        let scheme = [("schemeName", "organization")];
        xml.within("efac:TenderingParty", &[], |xml| {
            xml.leaf("cbc:ID", &[("schemeName", "tendering-party")], &party(index));
            for (place, tenderer) in group.tenderers.iter().enumerate() {
                xml.within("efac:Tenderer", &[], |xml| {
                    xml.leaf("cbc:ID", &scheme, tenderer);
                    if group.tenderers.len() > 1 {
                        xml.leaf("efbc:GroupLeadIndicator", &[], if place == 0 { "true" } else { "false" });
                    }
                });
            }
            for subcontractor in &group.subcontractors {
                xml.within("efac:SubContractor", &[], |xml| {
                    xml.leaf("cbc:ID", &scheme, subcontractor);
                    if let Some(main) = group.tenderers.first() {
                        xml.nested(&["efac:MainContractor", "cbc:ID"], &scheme, main);
                    }
                });
            }
        });
    }

    /// The older place of the award date, usually a placeholder.
    pub(super) fn tender_result(&self, xml: &mut Writer) {
        if self.notice.kind.group() != Type::Result || !self.one_in(3, 37) {
            return;
        }
        let date = if self.native { "2000-01-01Z".to_owned() } else { self.date(self.days_before(9), 38) };
        xml.nested(&["cac:TenderResult", "cbc:AwardDate"], &[], &date);
    }

    fn days_before(&self, days: i64) -> Timestamp {
        self.notice.issued.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(self.notice.issued)
    }

    fn money(&self, xml: &mut Writer, name: &'static str, amount: u64) {
        let text = if self.native { amount.to_string() } else { format!("{amount}.00") };
        xml.leaf(name, &[("currencyID", &self.bids.currency)], &text);
    }
}

fn tender(index: usize) -> String {
    format!("TEN-{:04}", index + 1)
}

fn contract(number: usize) -> String {
    format!("CON-{:04}", number + 1)
}

fn party(index: usize) -> String {
    format!("TPA-{:04}", index + 1)
}
