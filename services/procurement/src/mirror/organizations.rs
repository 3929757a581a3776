//! Organisations, by what they are in notices.

use super::Mirror;
use crate::answer::Shown;
use crate::codes::Codes;
use crate::domain::OrgNumber;
use crate::error::Problem;
use crate::store::{Listed, Profile};

/// An organisation in full.
#[derive(Debug, Clone)]
pub(crate) struct Profiled {
    /// Names, counts, values, counterparts.
    pub(crate) profile: Profile,
    /// Its latest notices, newest first.
    pub(crate) recent: Vec<Shown>,
}

impl<C: Codes> Mirror<C> {
    /// Organisations by the beginning of a word of their names, or of their number; most notices first.
    pub(crate) async fn organizations(&self, beginning: &str, limit: u32) -> Result<Vec<Listed>, Problem> {
        Ok(self.store.organizations(beginning, limit).await?)
    }

    /// One organisation. None when no notice names it.
    pub(crate) async fn organization(&self, number: &OrgNumber) -> Result<Option<Profiled>, Problem> {
        let Some(profile) = self.store.organization(number).await? else { return Ok(None) };
        let recent = self.shown(&profile.recent, jiff::Timestamp::now()).await?;
        Ok(Some(Profiled { profile, recent }))
    }
}
