//! Root element, extension and the fields before the parties.

use jiff::Timestamp;

use super::{Document, folder_id, notice_id, reference};
use crate::clock;
use crate::hash;
use crate::notice::Type;
use crate::xml::Writer;

const UBL: &str = "urn:oasis:names:specification:ubl:schema:xsd:";

impl Document<'_> {
    pub(super) fn prolog(&self) -> &'static str {
        if self.native {
            return "";
        }
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!--WARNING: TED date elements have no time zone associated. For \
         all dates in this notice, the time zone is assumed to be CET, i.e. UTC -->\n"
    }

    pub(super) fn root(&self) -> &'static str {
        match self.notice.kind.group() {
            Type::Result => "ContractAwardNotice",
            Type::Planning => "PriorInformationNotice",
            _ if self.notice.kind == Type::PreAnnouncement && self.one_in(2, 10) => "PriorInformationNotice",
            _ => "ContractNotice",
        }
    }

    pub(super) fn namespaces(&self) -> Vec<(&'static str, &'static str)> {
        let own = match self.root() {
            "ContractAwardNotice" => "urn:oasis:names:specification:ubl:schema:xsd:ContractAwardNotice-2",
            "PriorInformationNotice" => {
                "urn:oasis:names:specification:ubl:schema:xsd:PriorInformationNotice-2"
            }
            _ => "urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2",
        };
        debug_assert!(own.starts_with(UBL));
        let mut all = vec![
            ("xmlns", own),
            ("xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"),
            ("xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"),
            ("xmlns:efac", "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1"),
            ("xmlns:efbc", "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1"),
            ("xmlns:efext", "http://data.europa.eu/p27/eforms-ubl-extensions/1"),
            ("xmlns:ext", "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"),
        ];
        if !self.native {
            all.insert(3, ("xmlns:ccts", "urn:un:unece:uncefact:documentation:2"));
            all.push(("xmlns:dfo", "dfo-conversion-hacks"));
        } else if self.one_in(2, 11) {
            all.rotate_left(1);
        }
        all
    }

    pub(super) fn extension(&self, xml: &mut Writer) {
        let wrappers = ["ext:UBLExtensions", "ext:UBLExtension", "ext:ExtensionContent"];
        xml.within(wrappers[0], &[], |xml| {
            xml.within(wrappers[1], &[], |xml| {
                xml.within(wrappers[2], &[], |xml| {
                    xml.within("efext:EformsExtension", &[], |xml| self.extension_content(xml));
                });
            });
        });
    }

    fn extension_content(&self, xml: &mut Writer) {
        if self.native {
            let (date, time) = utc(self.notice.issued);
            xml.leaf("efbc:TransmissionDate", &[], &date);
            xml.leaf("efbc:TransmissionTime", &[], &time);
        }
        self.changes(xml);
        if self.notice.kind.group() == Type::Result {
            self.notice_result(xml);
        }
        self.note(xml, "Notice SubType (OPP-070)");
        xml.nested(
            &["efac:NoticeSubType", "cbc:SubTypeCode"],
            &[("listName", "notice-subtype")],
            &self.subtype(),
        );
        self.organizations(xml);
        if !self.native {
            xml.within("efac:Publication", &[], |xml| {
                let number = self.roll % 600_000;
                let ojs = if self.one_in(4, 12) {
                    format!("{number:06}-{}", self.year())
                } else {
                    "n.a.".to_owned()
                };
                xml.leaf("efbc:NoticePublicationID", &[("schemeName", "ojs-notice-id")], &ojs);
                let offset = clock::offset_of(self.notice.issued);
                xml.leaf("efbc:PublicationDate", &[], &format!("{}{offset}", self.notice.published));
            });
        }
    }

    /// What a later version changes (BT-758), or a contract that is changed.
    fn changes(&self, xml: &mut Writer) {
        let Some(changed) = &self.notice.links.changes else { return };
        if self.notice.kind == Type::ChangeOfConclusionOfContract {
            let changed = reference(self.corpus, changed);
            xml.nested(&["efac:ContractModification", "efbc:ChangedNoticeIdentifier"], &[], &changed);
            return;
        }
        xml.within("efac:Changes", &[], |xml| {
            if self.native {
                let changed = reference(self.corpus, changed);
                xml.leaf("efbc:ChangedNoticeIdentifier", &[("schemeName", "notice-id-ref")], &changed);
            } else {
                xml.leaf("efbc:ChangedNoticeIdentifier", &[("schemeName", "ojs-notice-id")], changed);
            }
            for section in ["PROCEDURE".to_owned(), self.lot_id(0)] {
                xml.within("efac:Change", &[], |xml| {
                    xml.nested(&["efac:ChangedSection", "efbc:ChangedSectionIdentifier"], &[], &section);
                    self.text(xml, "efbc:ChangeDescription", "Fristen er endret.");
                });
            }
            let reason = [("listName", "change-corrig-justification")];
            xml.nested(&["efac:ChangeReason", "cbc:ReasonCode"], &reason, "update-add");
        });
    }

    pub(super) fn header(&self, xml: &mut Writer) {
        xml.leaf("cbc:UBLVersionID", &[], "2.3");
        xml.leaf("cbc:CustomizationID", &[], &self.customization());
        self.note(xml, "Notice Identifier (BT-701)");
        xml.leaf("cbc:ID", &[("schemeName", "notice-id")], &notice_id(self.notice));
        if !self.parts() {
            self.note(xml, "Procedure Identifier (BT-04)");
            xml.leaf("cbc:ContractFolderID", &[], &folder_id(self.corpus, self.notice));
        }
        let (date, time) = if self.native {
            utc(self.notice.issued)
        } else {
            let offset = clock::offset_of(self.notice.issued);
            (format!("{}{offset}", clock::day_of(self.notice.issued)), format!("12:00:00{offset}"))
        };
        xml.leaf("cbc:IssueDate", &[], &date);
        xml.leaf("cbc:IssueTime", &[], &time);
        xml.leaf("cbc:VersionID", &[], &format!("{:02}", self.notice.links.version.max(1)));
        if self.parts() {
            let planned = if self.native { self.date(self.notice.issued, 13) } else { String::new() };
            xml.leaf("cbc:PlannedDate", &[], &planned);
        }
        xml.leaf("cbc:RegulatoryDomain", &[], self.legal_basis());
        let (list, code) = self.form_type();
        xml.leaf("cbc:NoticeTypeCode", &[("listName", list)], code);
        xml.leaf("cbc:NoticeLanguageCode", &[], if self.native { "NOR" } else { "NOB" });
        if self.bilingual() {
            xml.nested(&["cac:AdditionalNoticeLanguage", "cbc:ID"], &[], "ENG");
        }
        if self.is_old_change() {
            let address = format!("https://classic.doffin.no/Notice/Details/{}", self.notice.id);
            xml.leaf("cbc:URI", &[], &address);
        }
    }

    fn is_old_change(&self) -> bool {
        !self.native && self.notice.links.changes.is_some() && self.notice.kind.group() == Type::Competition
    }

    pub(super) fn legal_basis(&self) -> &'static str {
        match (self.notice.procedure.eea, self.native) {
            (true, _) => "32014L0024",
            (false, true) => "other",
            (false, false) => "OTHER",
        }
    }

    fn year(&self) -> i16 {
        clock::day_of(self.notice.issued).year()
    }

    fn customization(&self) -> String {
        let level = if self.notice.procedure.eea { "eu" } else { "national" };
        if !self.native {
            return format!("eforms-sdk-1.7#urn:fdc:anskaffelser.no:2023:eforms:{level}");
        }
        let sdk = match self.year() {
            ..=2023 => "1.7",
            2024 => "1.10",
            2025 => "1.12",
            _ => "1.13",
        };
        format!("eforms-sdk-{sdk}#extended#urn:fdc:anskaffelser.no:2023:eforms:{level}")
    }

    /// Whether the services are of the kind with the light regime.
    fn social(&self) -> bool {
        self.cpv().first().is_some_and(|code| matches!(code / 1_000_000, 85 | 80))
    }

    fn form_type(&self) -> (&'static str, &'static str) {
        let social = self.social();
        match self.notice.kind {
            Type::NoticeOnBuyerProfile => ("planning", "pin-buyer"),
            Type::PreAnnouncement if social => ("competition", "pin-cfc-social"),
            Type::PreAnnouncement => ("competition", "pin-cfc-standard"),
            Type::QualificationScheme => ("competition", "qu-sy"),
            Type::Competition | Type::AnnouncementOfCompetition if social => ("competition", "cn-social"),
            Type::Competition | Type::AnnouncementOfCompetition | Type::DynamicPurchasingScheme => {
                ("competition", "cn-standard")
            }
            Type::AnnouncementOfIntent => ("dir-awa-pre", "veat"),
            Type::ChangeOfConclusionOfContract => ("cont-modif", "can-modif"),
            Type::Planning | Type::AdvisoryNotice => ("planning", "pin-only"),
            _ if social => ("result", "can-social"),
            _ => ("result", "can-standard"),
        }
    }

    fn subtype(&self) -> String {
        if self.is_old_change() {
            return "99".to_owned();
        }
        let newest = self.year() >= 2026;
        let (eea, national, new) = match self.form_type().1 {
            "pin-only" => ("4", "N4", "E2"),
            "pin-buyer" => ("1", "N4", "E2"),
            "pin-cfc-standard" => ("10", "N16", "E3"),
            "pin-cfc-social" => ("12", "N16", "E3"),
            "qu-sy" => ("15", "N16", "E3"),
            "cn-social" => ("20", "N16", "E3"),
            "veat" => ("25", "N29", "E4"),
            "can-modif" => ("38", "N29", "E4"),
            "can-social" => ("33", "N29", "E4"),
            "can-standard" => ("29", "N29", "E4"),
            _ => ("16", "N16", "E3"),
        };
        match (self.notice.procedure.eea, newest) {
            (true, _) => eea,
            (false, true) => new,
            (false, false) => national,
        }
        .to_owned()
    }

    /// The earlier notice of the same procedure (BT-125).
    pub(super) fn previous(&self, xml: &mut Writer) {
        let Some(previous) = &self.notice.links.previous else { return };
        let (scheme, id) = if self.native {
            ("notice-id-ref", reference(self.corpus, previous))
        } else {
            let number = hash::of(previous, 5);
            ("ojs-notice-id", format!("{}/S {:03}-{:06}", self.year(), number % 250, number % 700_000))
        };
        xml.nested(&["cac:NoticeDocumentReference", "cbc:ID"], &[("schemeName", scheme)], &id);
    }
}

fn utc(moment: Timestamp) -> (String, String) {
    let text = moment.to_string();
    (format!("{}+00:00", &text[..10]), format!("{}+00:00", &text[11..19]))
}
