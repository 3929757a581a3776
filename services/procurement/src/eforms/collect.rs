//! Puts what is read where it belongs.

use std::borrow::Cow;

use super::names::{At, Leaf};
use super::raw::{Project, Raw};
use super::walk::{Value, Visit};
use super::{Unreadable, moment};
use crate::domain::{CpvCode, LinkKind, LotKind, Money, Received};

/// Most lots, organisations, results, tenders, contracts and parties, of each.
const COUNT_LIMIT: usize = 20_000;

/// Most codes of one list; the code lists themselves are shorter.
const CODE_LIMIT: usize = 100;

/// What publishers put in the place of codes and texts that buyers withhold for a while (BT-195). Amounts and counts are
/// then -1, which none is.
const WITHHELD: &str = "unpublished";

/// A document being read.
#[derive(Debug, Default)]
pub(super) struct Collect<'a> {
    pub(super) raw: Raw<'a>,
    /// Whether what is read belongs to the last lot, not to the procedure.
    in_lot: bool,
    /// Whether the documents being read about are for some only.
    restricted: bool,
    received: Cow<'a, str>,
}

impl<'a> Visit<'a> for Collect<'a> {
    fn root(&mut self, name: &'static str) {
        self.raw.root = name;
    }

    fn open(&mut self, at: At) -> Result<(), Unreadable> {
        let raw = &mut self.raw;
        let count = match at {
            At::Lot => another(&mut raw.lots),
            At::Organization => another(&mut raw.organizations),
            At::LotResult => another(&mut raw.results),
            At::Tender => another(&mut raw.tenders),
            At::Contract => another(&mut raw.contracts),
            At::TenderingParty => another(&mut raw.parties),
            At::Deadline(kind) if self.in_lot => {
                last(&mut raw.lots).deadlines.push((kind, Cow::default(), Cow::default()));
                last(&mut raw.lots).deadlines.len()
            }
            At::Tenderer => {
                last(&mut raw.parties).tenderers.push((Cow::default(), false));
                0
            }
            _ => 0,
        };
        match at {
            At::Lot => self.in_lot = true,
            At::Documents => self.restricted = false,
            _ => {}
        }
        if count > COUNT_LIMIT { Err(Unreadable::Many) } else { Ok(()) }
    }

    fn close(&mut self, at: At) {
        self.in_lot &= at != At::Lot;
    }

    fn leaf(&mut self, leaf: Leaf, value: Value<'a>) -> Result<(), Unreadable> {
        if value.text != WITHHELD {
            self.notice(leaf, value);
        }
        Ok(())
    }
}

impl<'a> Collect<'a> {
    fn notice(&mut self, leaf: Leaf, value: Value<'a>) {
        let raw = &mut self.raw;
        match leaf {
            Leaf::NoticeId if value.scheme.as_deref().is_none_or(|scheme| scheme == "notice-id") => {
                first(&mut raw.id, value.text);
            }
            Leaf::Version => first(&mut raw.version, value.text),
            Leaf::Folder => first(&mut raw.folder, value.text),
            Leaf::IssueDate => first(&mut raw.issue_date, value.text),
            Leaf::IssueTime => first(&mut raw.issue_time, value.text),
            Leaf::LegalBasis => first(&mut raw.legal_basis, value.text),
            Leaf::NoticeType => {
                first(&mut raw.form, value.list.unwrap_or_default());
                first(&mut raw.notice_type, value.text);
            }
            Leaf::SubType => first(&mut raw.subtype, value.text),
            Leaf::Customization => first(&mut raw.customization, value.text),
            Leaf::Language => distinct(&mut raw.languages, value.text),
            Leaf::PlannedDate => raw.planned = raw.planned.or_else(|| moment::day(&value.text)),
            Leaf::Published => raw.published = raw.published.or_else(|| moment::day(&value.text)),
            Leaf::AwardDay => raw.award_day = raw.award_day.or_else(|| moment::day(&value.text)),
            Leaf::Ojs => first(&mut raw.ojs, value.text),
            Leaf::BuyerKind => distinct(&mut raw.buyer_kinds, value.text),
            Leaf::Activity => distinct(&mut raw.activities, value.text),
            Leaf::BuyerRef => raw.buyers.push(value.text),
            Leaf::Changed => raw.links.push((LinkKind::Changes, value.text)),
            Leaf::Modified => raw.links.push((LinkKind::Modifies, value.text)),
            Leaf::PreviousNotice => raw.links.push((LinkKind::Previous, value.text)),
            Leaf::ContractFramework => raw.links.push((LinkKind::Framework, value.text)),
            Leaf::Reason => distinct(&mut raw.reasons, value.text),
            Leaf::NoticeTotal => raw.total = raw.total.take().or_else(|| money(&value)),
            Leaf::NoticeMaximum => raw.maximum = raw.maximum.take().or_else(|| money(&value)),
            Leaf::NoticeApproximate => raw.approximate = raw.approximate.take().or_else(|| money(&value)),
            Leaf::Procedure if !self.in_lot => first(&mut raw.procedure, value.text),
            _ => self.project(leaf, value),
        }
    }

    fn project(&mut self, leaf: Leaf, value: Value<'a>) {
        let raw = &mut self.raw;
        let project: &mut Project<'a> =
            if self.in_lot { &mut last(&mut raw.lots).project } else { &mut raw.project };
        match leaf {
            Leaf::InternalId if value.scheme.as_deref().is_none_or(|scheme| scheme == "InternalID") => {
                first(&mut project.internal_id, value.text);
            }
            Leaf::Name => project.name.offer(value),
            Leaf::Description => project.description.offer(value),
            Leaf::Nature => first(&mut project.nature, value.text),
            Leaf::SmeSuitable => project.sme_suitable = flag(&value.text),
            Leaf::MainCpv if project.main_cpv.is_none() => project.main_cpv = cpv(&value),
            Leaf::MainCpv | Leaf::AdditionalCpv => project.additional_cpv.extend(cpv(&value)),
            Leaf::Nuts => project.places.push(value.text),
            Leaf::Region if value.text.starts_with("anyw") => project.places.push(value.text),
            Leaf::Estimate => project.estimate = project.estimate.take().or_else(|| money(&value)),
            Leaf::FrameworkMaximum => {
                project.framework_maximum = project.framework_maximum.take().or_else(|| money(&value));
            }
            Leaf::Measure => {
                let unit = value.unit.unwrap_or_default();
                project.measure = whole(&value.text).filter(|n| *n > 0).map(|number| (number, unit));
            }
            Leaf::PeriodStart => project.starts = moment::day(&value.text),
            Leaf::PeriodEnd => project.ends = moment::day(&value.text),
            Leaf::PeriodCode => first(&mut project.period_code, value.text),
            _ if self.in_lot => self.lot(leaf, value),
            _ => self.organization(leaf, value),
        }
    }

    fn lot(&mut self, leaf: Leaf, value: Value<'a>) {
        let lot = last(&mut self.raw.lots);
        match leaf {
            Leaf::LotId => {
                lot.kind = LotKind::of(value.scheme.as_deref(), &value.text);
                first(&mut lot.id, value.text);
            }
            Leaf::DeadlineDate(_) => {
                if let Some((_, date, _)) = lot.deadlines.last_mut() {
                    first(date, value.text);
                }
            }
            Leaf::DeadlineTime(_) => {
                if let Some((.., time)) = lot.deadlines.last_mut() {
                    first(time, value.text);
                }
            }
            Leaf::ContractingSystem => match value.list.as_deref() {
                Some("framework-agreement") => first(&mut lot.framework, value.text),
                Some("dps-usage") => first(&mut lot.dynamic_purchasing, value.text),
                _ => {}
            },
            Leaf::GroupMaximum => lot.group_maximum = lot.group_maximum.take().or_else(|| money(&value)),
            Leaf::DocumentsKind => self.restricted = value.text == "restricted-document",
            Leaf::DocumentsUrl if self.restricted => first(&mut lot.restricted_url, value.text),
            Leaf::DocumentsUrl => first(&mut lot.documents_url, value.text),
            Leaf::SubmissionUrl => first(&mut lot.submission_url, value.text),
            Leaf::Criterion => distinct(&mut lot.criteria, value.text),
            _ => {}
        }
    }

    fn organization(&mut self, leaf: Leaf, value: Value<'a>) {
        let raw = &mut self.raw;
        let place = raw.organizations.len().saturating_sub(1);
        match leaf {
            Leaf::OrganizationLeads => last(&mut raw.organizations).leads = flag(&value.text) == Some(true),
            Leaf::CompanyId => first(&mut last(&mut raw.organizations).id, value.text),
            Leaf::CompanyName => last(&mut raw.organizations).name.offer(value),
            Leaf::CompanyCountry => first(&mut last(&mut raw.organizations).country, value.text),
            Leaf::CompanyNumber => last(&mut raw.organizations).numbers.push(value.text),
            Leaf::CompanySize => first(&mut last(&mut raw.organizations).size, value.text),
            Leaf::TouchPointId => raw.touch_points.push((value.text, place)),
            _ => self.result(leaf, value),
        }
    }

    fn result(&mut self, leaf: Leaf, value: Value<'a>) {
        let raw = &mut self.raw;
        match leaf {
            Leaf::ResultCode => first(&mut last(&mut raw.results).code, value.text),
            Leaf::ResultReason => first(&mut last(&mut raw.results).reason, value.text),
            Leaf::ResultLot => first(&mut last(&mut raw.results).lot, value.text),
            Leaf::ResultTender => last(&mut raw.results).tenders.push(value.text),
            Leaf::ResultContract => last(&mut raw.results).contracts.push(value.text),
            Leaf::ResultMaximum => last(&mut raw.results).maximum = money(&value),
            Leaf::ResultReestimate => last(&mut raw.results).reestimate = money(&value),
            Leaf::ReceivedKind => self.received = value.text,
            Leaf::ReceivedCount => {
                let kind = std::mem::take(&mut self.received);
                if let Some(total) = whole(&value.text).and_then(|n| i32::try_from(n).ok())
                    && !kind.is_empty()
                {
                    last(&mut raw.results).received.push(Received { kind: kind.into_owned(), total });
                }
            }
            _ => self.tender(leaf, value),
        }
    }

    fn tender(&mut self, leaf: Leaf, value: Value<'a>) {
        let raw = &mut self.raw;
        match leaf {
            Leaf::TenderId => first(&mut last(&mut raw.tenders).id, value.text),
            Leaf::TenderValue => last(&mut raw.tenders).value = money(&value),
            Leaf::TenderParty => first(&mut last(&mut raw.tenders).party, value.text),
            Leaf::TenderLot => last(&mut raw.tenders).lots.push(value.text),
            Leaf::ContractId => first(&mut last(&mut raw.contracts).id, value.text),
            Leaf::ContractDecided => last(&mut raw.contracts).decided = moment::day(&value.text),
            Leaf::ContractSigned => last(&mut raw.contracts).signed = moment::day(&value.text),
            Leaf::ContractTitle => last(&mut raw.contracts).title.offer(value),
            Leaf::ContractTender => last(&mut raw.contracts).tenders.push(value.text),
            Leaf::PartyId => first(&mut last(&mut raw.parties).id, value.text),
            Leaf::TendererRef => {
                if let Some((id, _)) = last(&mut raw.parties).tenderers.last_mut() {
                    first(id, value.text);
                }
            }
            Leaf::TendererLeads => {
                if let Some((_, leads)) = last(&mut raw.parties).tenderers.last_mut() {
                    *leads = flag(&value.text) == Some(true);
                }
            }
            Leaf::SubcontractorRef => last(&mut raw.parties).subcontractors.push(value.text),
            _ => {}
        }
    }
}

/// Begins another one, and says how many there are.
fn another<T: Default>(list: &mut Vec<T>) -> usize {
    list.push(T::default());
    list.len()
}

/// The one being read. What stands outside any is read into one of its own.
fn last<T: Default>(list: &mut Vec<T>) -> &mut T {
    if list.is_empty() {
        list.push(T::default());
    }
    let at = list.len() - 1;
    &mut list[at]
}

/// The first of several is kept.
fn first<'a>(slot: &mut Cow<'a, str>, text: Cow<'a, str>) {
    if slot.is_empty() {
        *slot = text;
    }
}

/// Keeps codes, each once.
fn distinct<'a>(list: &mut Vec<Cow<'a, str>>, text: Cow<'a, str>) {
    if list.len() < CODE_LIMIT && !list.contains(&text) {
        list.push(text);
    }
}

/// An amount. 0 stands for "not told", and what is no number is none.
fn money(value: &Value<'_>) -> Option<Money> {
    let plain = value.text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let amount: f64 = value.text.parse().ok().filter(|_| plain)?;
    let currency = value.currency.as_deref().unwrap_or_default().to_ascii_uppercase();
    (amount > 0.0 && amount.is_finite()).then_some(Money { currency, amount })
}

fn cpv(value: &Value<'_>) -> Option<String> {
    let list = value.list.as_deref().is_none_or(|list| list.eq_ignore_ascii_case("cpv"));
    let code = CpvCode::parse(&value.text).ok().filter(|_| list)?;
    Some(code.as_str().to_owned())
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A count, also when written with decimals that are zero.
fn whole(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    whole.parse().ok().filter(|_| decimals.bytes().all(|b| b == b'0'))
}
