//! The pool of organisations everything else refers to.

use std::sync::Arc;

use super::Document;
use crate::notice::{Form, Notice, Party};
use crate::organization::Organization;
use crate::xml::Writer;

/// Organisations in the order of their technical ids.
pub(super) struct Pool {
    members: Vec<Party>,
    buyers: usize,
}

impl Pool {
    /// The buyers and the court of review.
    pub(super) fn of(notice: &Notice) -> Self {
        let mut pool = Self { members: Vec::new(), buyers: 0 };
        for buyer in &notice.buyers {
            pool.add(buyer);
        }
        pool.buyers = pool.members.len();
        pool
    }

    /// The technical id of an organisation, which joins the pool if it has to.
    pub(super) fn add(&mut self, party: &Party) -> String {
        let known = self.members.iter().position(|member| member.organization.id == party.organization.id);
        let index = known.unwrap_or_else(|| {
            self.members.push(party.clone());
            self.members.len() - 1
        });
        technical(index)
    }

    pub(super) fn buyers(&self) -> impl Iterator<Item = String> {
        (0..self.buyers).map(technical)
    }

    /// The technical id of the court of review, which comes last.
    pub(super) fn court(&self) -> String {
        technical(self.members.len())
    }
}

fn technical(index: usize) -> String {
    format!("ORG-{:04}", index + 1)
}

impl Document<'_> {
    pub(super) fn organizations(&self, xml: &mut Writer) {
        let court = Party {
            organization: Arc::new(Organization {
                town: "Oslo".to_owned(),
                county: "NO081".to_owned(),
                ..Organization::known(
                    String::new(),
                    Some("900000009".to_owned()),
                    "Nordre tingrett".to_owned(),
                )
            }),
            form: Form::Plain,
        };
        xml.within("efac:Organizations", &[], |xml| {
            for (index, party) in self.pool.members.iter().enumerate() {
                let lead = index == 0 && self.pool.buyers > 1;
                self.organization(xml, party, &technical(index), lead, index >= self.pool.buyers);
            }
            self.organization(xml, &court, &self.pool.court(), false, false);
        });
    }

    fn organization(&self, xml: &mut Writer, party: &Party, id: &str, lead: bool, tenderer: bool) {
        let organization = &party.organization;
        xml.within("efac:Organization", &[], |xml| {
            if lead {
                xml.leaf("efbc:GroupLeadIndicator", &[], "true");
            }
            xml.within("efac:Company", &[], |xml| {
                if tenderer {
                    let size = match (self.native, organization.size) {
                        (true, size) => size,
                        (false, "large") => "large",
                        (false, _) => "sme",
                    };
                    xml.leaf("efbc:CompanySizeCode", &[("listName", "economic-operator-size")], size);
                }
                self.note(xml, "Organization Technical Identifier (OPT-200)");
                let scheme = [("schemeName", "organization")];
                xml.nested(&["cac:PartyIdentification", "cbc:ID"], &scheme, id);
                xml.within("cac:PartyName", &[], |xml| {
                    let language: &[_] = if self.native { &[("languageID", "NOR")] } else { &[] };
                    xml.leaf("cbc:Name", language, &organization.name);
                    if self.bilingual() {
                        xml.leaf("cbc:Name", &[("languageID", "ENG")], &organization.name);
                    }
                });
                self.address(xml, organization);
                self.company_number(xml, party);
                xml.within("cac:Contact", &[], |xml| {
                    xml.leaf("cbc:Name", &[], "Innkjøp");
                    xml.leaf("cbc:Telephone", &[], "+47 00000000");
                    xml.leaf("cbc:ElectronicMail", &[], "innkjop@example.no");
                });
            });
        });
    }

    fn address(&self, xml: &mut Writer, organization: &Organization) {
        xml.within("cac:PostalAddress", &[], |xml| {
            if !organization.town.is_empty() {
                xml.leaf("cbc:CityName", &[], &organization.town);
            }
            if !organization.county.is_empty() {
                let list = if self.native { "nuts" } else { "nuts-lvl3" };
                xml.leaf("cbc:CountrySubentityCode", &[("listName", list)], &organization.county);
            }
            let country = [("listName", "country")];
            xml.nested(&["cac:Country", "cbc:IdentificationCode"], &country, organization.country);
        });
    }

    /// The number as typed; the converter liked to space it out.
    fn company_number(&self, xml: &mut Writer, party: &Party) {
        self.note(xml, "Organization Identifier (BT-501)");
        let form = match party.form {
            Form::Plain if !self.native => Form::Spaced,
            form => form,
        };
        let Some(number) = form.write(party.organization.number.as_deref()) else { return };
        let scheme: &[_] = if self.native { &[("schemeID", "002")] } else { &[] };
        xml.nested(&["cac:PartyLegalEntity", "cbc:CompanyID"], scheme, &number);
    }
}
