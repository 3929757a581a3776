//! Organisations in the contract's form.

use proto::procurement as pb;

use super::{hit, notice, search};
use crate::codes::Codes;
use crate::desk::Desk;
use crate::domain::{Invalid, OrgNumber, Role};
use crate::error::Problem;
use crate::mirror::Profiled;
use crate::store::{Counterpart, Listed, Sum};

/// Longest beginning of a name, in characters.
const NAME_LIMIT: usize = 200;

/// Answers a search for organisations.
pub(super) async fn list<C: Codes>(
    desk: &Desk<C>,
    request: &pb::ListOrganizationsRequest,
) -> Result<pb::ListOrganizationsResponse, Problem> {
    let q = request.q.trim_matches(' ');
    if q.is_empty() || request.q.chars().count() > NAME_LIMIT || q.chars().any(char::is_control) {
        let problem = format!("must hold 1 to {NAME_LIMIT} characters, none of them control characters");
        return Err(Invalid::new("q", problem).into());
    }
    let limit = u32::try_from(request.limit.unwrap_or(20)).ok().filter(|limit| (1..=100).contains(limit));
    let limit = limit.ok_or_else(|| Invalid::new("limit", "must be 1 to 100"))?;
    let listed = desk.mirror().organizations(q, limit).await?;
    Ok(pb::ListOrganizationsResponse {
        total: search::count(listed.len()),
        data: listed.iter().map(organization).collect(),
    })
}

/// Answers a question for one organisation.
pub(super) async fn one<C: Codes>(
    desk: &Desk<C>,
    request: &pb::GetOrganizationRequest,
) -> Result<pb::GetOrganizationResponse, Problem> {
    let number = OrgNumber::parse(&request.number).ok_or_else(|| {
        Invalid::new(
            "number",
            "must be a Norwegian organisation number: nine digits, the last one a check digit",
        )
    })?;
    let profiled = desk.mirror().organization(&number).await?;
    let profiled = profiled.ok_or_else(|| Problem::NoOrganization(number.clone()))?;
    Ok(pb::GetOrganizationResponse { data: Some(profile(&number, profiled)) })
}

fn organization(listed: &Listed) -> pb::Organization {
    counted(listed.number.as_str(), &listed.name, &listed.counts)
}

fn counted(number: &str, name: &str, counts: &[(Role, usize)]) -> pb::Organization {
    let of = |role| {
        counts.iter().find(|(held, _)| *held == role).map_or(0, |(_, notices)| search::count(*notices))
    };
    pb::Organization {
        number: number.to_owned(),
        name: name.to_owned(),
        buyer_notices: of(Role::Buyer),
        winner_notices: of(Role::Winner),
        tenderer_notices: of(Role::Tenderer),
        subcontractor_notices: of(Role::Subcontractor),
    }
}

fn profile(number: &OrgNumber, profiled: Profiled) -> pb::OrganizationProfile {
    let Profiled { profile, recent } = profiled;
    let name = profile.names.first().map(|(name, _)| name.clone()).unwrap_or_default();
    pb::OrganizationProfile {
        organization: Some(counted(number.as_str(), &name, &profile.counts)),
        name_variants: profile.names.into_iter().map(|(name, _)| name).collect(),
        values: profile.values.into_iter().map(sum).collect(),
        recent_notices: recent.iter().map(hit::shown).collect(),
        counterparts: profile.counterparts.into_iter().map(counterpart).collect(),
    }
}

fn sum(sum: Sum) -> pb::RoleValue {
    pb::RoleValue {
        role: notice::role(sum.role).into(),
        value: Some(pb::Value {
            kind: notice::value_kind(sum.kind).into(),
            currency_code: sum.currency,
            amount: sum.amount,
            rule: sum.rule,
            notices: Some(search::count(sum.notices)),
        }),
    }
}

fn counterpart(counterpart: Counterpart) -> pb::Counterpart {
    pb::Counterpart {
        number: counterpart.number.as_ref().map(OrgNumber::as_str).map(str::to_owned),
        name: counterpart.name,
        role: notice::role(counterpart.role).into(),
        notices: search::count(counterpart.notices),
    }
}
