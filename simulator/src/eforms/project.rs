//! Parties, terms, the project and its lots.

use jiff::Timestamp;
use jiff::tz::Offset;

use super::Document;
use crate::clock;
use crate::notice::{Lot, Type};
use crate::xml::Writer;

impl Document<'_> {
    pub(super) fn parties(&self, xml: &mut Writer) {
        let legal = self.notice.buyers.first().map_or("body-pl", |buyer| buyer.organization.legal_type);
        for buyer in self.pool.buyers() {
            xml.within("cac:ContractingParty", &[], |xml| {
                let list = [("listName", "buyer-legal-type")];
                xml.nested(&["cac:ContractingPartyType", "cbc:PartyTypeCode"], &list, legal);
                let list = [("listName", "authority-activity")];
                xml.nested(&["cac:ContractingActivity", "cbc:ActivityTypeCode"], &list, "gen-pub");
                let scheme = [("schemeName", "organization")];
                xml.nested(&["cac:Party", "cac:PartyIdentification", "cbc:ID"], &scheme, &buyer);
            });
        }
    }

    pub(super) fn terms(&self, xml: &mut Writer) {
        xml.within("cac:TenderingTerms", &[], |xml| {
            self.note(xml, "Legal Basis (BT-01)");
            let law = ["cac:ProcurementLegislationDocumentReference", "cbc:ID"];
            xml.nested(&law, &[], "Anskaffelsesforskriften");
        });
        xml.within("cac:TenderingProcess", &[], |xml| {
            let unknown = !self.native && self.one_in(9, 50);
            let code = if unknown { "UNKNOWN" } else { self.notice.procedure.code };
            xml.leaf("cbc:ProcedureCode", &[("listName", "procurement-procedure-type")], code);
            self.previous(xml);
        });
    }

    pub(super) fn project(&self, xml: &mut Writer) {
        xml.within("cac:ProcurementProject", &[], |xml| {
            xml.leaf("cbc:ID", &[("schemeName", "InternalID")], &self.case_number());
            self.note(xml, "Title (BT-21)");
            self.text(xml, "cbc:Name", &self.notice.heading);
            if self.native || !self.one_in(3, 51) {
                self.text(xml, "cbc:Description", &self.notice.description);
            }
            xml.leaf(
                "cbc:ProcurementTypeCode",
                &[("listName", "contract-nature")],
                self.notice.procedure.nature,
            );
            self.estimate(xml);
            Self::codes(xml, &self.cpv(), self.native);
            if self.native {
                self.locations(xml);
            }
        });
    }

    /// The estimate (BT-27): of the whole, whatever was awarded later.
    fn estimate(&self, xml: &mut Writer) {
        let Some(value) = &self.notice.value else { return };
        let currency = [("currencyID", value.currency_code.as_str())];
        let path = ["cac:RequestedTenderTotal", "cbc:EstimatedOverallContractAmount"];
        xml.nested(&path, &currency, &value.amount.to_string());
    }

    fn codes(xml: &mut Writer, codes: &[u32], additional: bool) {
        let list = [("listName", "cpv")];
        let mut names = std::iter::once("cac:MainCommodityClassification")
            .chain(std::iter::repeat("cac:AdditionalCommodityClassification"));
        let count = if additional { codes.len() } else { 1 };
        for code in codes.iter().take(count) {
            let name = names.next().unwrap_or_default();
            xml.nested(&[name, "cbc:ItemClassificationCode"], &list, &format!("{code:08}"));
        }
    }

    fn locations(&self, xml: &mut Writer) {
        for code in &self.notice.locations {
            xml.within("cac:RealizedLocation", &[], |xml| {
                xml.within("cac:Address", &[], |xml| {
                    if code.starts_with("anyw") {
                        xml.leaf("cbc:Region", &[], code);
                    } else {
                        let list = if self.native { "nuts" } else { "nuts-lvl3" };
                        xml.leaf("cbc:CountrySubentityCode", &[("listName", list)], code);
                    }
                    let country = match code.get(..2) {
                        Some("SE") => "SWE",
                        Some("FI") => "FIN",
                        _ => "NOR",
                    };
                    let list = [("listName", "country")];
                    xml.nested(&["cac:Country", "cbc:IdentificationCode"], &list, country);
                });
            });
        }
    }

    pub(super) fn lots(&self, xml: &mut Writer) {
        for (index, lot) in self.notice.lots.iter().enumerate() {
            xml.within("cac:ProcurementProjectLot", &[], |xml| {
                xml.leaf("cbc:ID", &[("schemeName", self.lot_scheme())], &self.lot_id(index));
                self.lot_terms(xml);
                self.lot_process(xml);
                self.lot_project(xml, lot, index);
            });
        }
    }

    fn lot_terms(&self, xml: &mut Writer) {
        xml.within("cac:TenderingTerms", &[], |xml| {
            let competition = self.notice.kind.group() == Type::Competition;
            if competition {
                self.note(xml, "Documents URL (BT-15)");
                let address = format!("https://example.no/konkurranser/{}", self.notice.id);
                let path = [
                    "cac:CallForTendersDocumentReference",
                    "cac:Attachment",
                    "cac:ExternalReference",
                    "cbc:URI",
                ];
                xml.nested(&path, &[], &address);
                let path = [
                    "cac:AwardingTerms",
                    "cac:AwardingCriterion",
                    "cac:SubordinateAwardingCriterion",
                    "cbc:AwardingCriterionTypeCode",
                ];
                let list = [("listName", "award-criterion-type")];
                for criterion in ["price", "quality"] {
                    xml.nested(&path, &list, criterion);
                }
            }
            let court = ["cac:AppealTerms", "cac:AppealReceiverParty", "cac:PartyIdentification", "cbc:ID"];
            xml.nested(&court, &[("schemeName", "organization")], &self.pool.court());
            if competition {
                let address = format!("https://example.no/konkurranser/{}/tilbud", self.notice.id);
                xml.nested(&["cac:TenderRecipientParty", "cbc:EndpointID"], &[], &address);
                // BT-98, which is not the duration of the contract.
                let path = ["cac:TenderValidityPeriod", "cbc:DurationMeasure"];
                xml.nested(&path, &[("unitCode", "MONTH")], "6");
            }
        });
    }

    fn lot_process(&self, xml: &mut Writer) {
        xml.within("cac:TenderingProcess", &[], |xml| {
            if let (Some(deadline), Type::Competition) = (self.notice.deadline, self.notice.kind.group()) {
                let two_stages = matches!(self.notice.procedure.code, "restricted" | "neg-w-call");
                let name = if two_stages {
                    "cac:ParticipationRequestReceptionPeriod"
                } else {
                    "cac:TenderSubmissionDeadlinePeriod"
                };
                xml.within(name, &[], |xml| self.deadline(xml, deadline));
            }
            let dynamic = self.notice.kind == Type::DynamicPurchasingScheme;
            let framework = if self.notice.procedure.framework { "fa-wo-rc" } else { "none" };
            for (list, code) in [
                ("dps-usage", if dynamic { "dps-nlist" } else { "none" }),
                ("framework-agreement", framework),
            ] {
                let list = [("listName", list)];
                xml.nested(&["cac:ContractingSystem", "cbc:ContractingSystemTypeCode"], &list, code);
            }
        });
    }

    /// A moment as date and time: midnight in UTC is a bare date, converted notices have no zone.
    fn deadline(&self, xml: &mut Writer, deadline: Timestamp) {
        let utc = Offset::UTC.to_datetime(deadline);
        if utc.time() == jiff::civil::Time::midnight() {
            let zone = if self.native { "Z" } else { "" };
            xml.leaf("cbc:EndDate", &[], &format!("{}{zone}", utc.date()));
            return;
        }
        if self.native && self.one_in(3, 52) {
            xml.leaf("cbc:EndDate", &[], &format!("{}Z", utc.date()));
            xml.leaf("cbc:EndTime", &[], &format!("{}Z", utc.time().strftime("%H:%M:%S")));
            return;
        }
        let offset = clock::offset_of(deadline);
        let (date, time) = clock::local(deadline);
        let zone = if self.native { offset.as_str() } else { "" };
        xml.leaf("cbc:EndDate", &[], &format!("{date}{zone}"));
        xml.leaf("cbc:EndTime", &[], &format!("{time}{zone}"));
    }

    fn lot_project(&self, xml: &mut Writer, lot: &Lot, index: usize) {
        xml.within("cac:ProcurementProject", &[], |xml| {
            let number = format!("{}-{}", self.case_number(), index + 1);
            xml.leaf("cbc:ID", &[("schemeName", "InternalID")], &number);
            self.text(xml, "cbc:Name", &lot.heading);
            self.text(xml, "cbc:Description", &lot.description);
            xml.leaf(
                "cbc:ProcurementTypeCode",
                &[("listName", "contract-nature")],
                self.notice.procedure.nature,
            );
            let codes = if lot.cpv.is_empty() { self.cpv() } else { lot.cpv.clone() };
            Self::codes(xml, &codes, true);
            self.locations(xml);
            xml.within("cac:PlannedPeriod", &[], |xml| {
                let months = self.notice.procedure.months;
                match months % 12 {
                    0 if self.one_in(4, 53) => {
                        let years = (months / 12).to_string();
                        xml.leaf("cbc:DurationMeasure", &[("unitCode", "YEAR")], &years);
                    }
                    _ if self.one_in(10, 54) => {
                        xml.leaf("cbc:DescriptionCode", &[("listName", "Duration")], "UNLIMITED");
                    }
                    _ => xml.leaf("cbc:DurationMeasure", &[("unitCode", "MONTH")], &months.to_string()),
                }
            });
        });
    }

    fn case_number(&self) -> String {
        format!("{}/{}", clock::day_of(self.notice.issued).year(), 100 + self.roll % 9_900)
    }
}
