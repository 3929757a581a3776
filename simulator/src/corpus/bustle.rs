//! Everything that happens to notices, at random: what a mirror has to keep up with.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Corpus, Draft};
use crate::notice::{Notice, Type};

/// Moments of late imports: so far back at most, and so far at least.
const OLDEST: &str = "2017-02-01T08:00:00Z";
const RECENT: SignedDuration = SignedDuration::from_hours(24 * 60);

/// What happened, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bustle {
    /// New notices.
    pub published: u32,
    /// New notices with dates of long ago.
    pub imported: u32,
    /// Notices replaced by a corrected version.
    pub corrected: u32,
    /// Awards of open or expired competitions.
    pub awarded: u32,
    /// Cancellations.
    pub cancelled: u32,
    /// Notices that search lost.
    pub withdrawn: u32,
    /// Notices that search found again.
    pub restored: u32,
}

impl Corpus {
    /// Lets so many things happen now, in shares far from the real ones: what is rare there is not here.
    pub(crate) fn bustle(&mut self, events: u32, now: Timestamp) -> Bustle {
        let mut done = Bustle::default();
        for _ in 0..events {
            let (count, happened) = match self.author.facts.random.u16(..1_000) {
                0..350 => (&mut done.published, self.publish(Draft::default(), now).is_ok()),
                350..450 => (&mut done.imported, self.import(now)),
                450..600 => (&mut done.corrected, self.happen(now, Self::correct, competition)),
                600..700 => (&mut done.awarded, self.happen(now, Self::award, competition)),
                700..750 => (&mut done.cancelled, self.happen(now, Self::cancel, competition)),
                750..880 => (&mut done.withdrawn, self.happen(now, Self::withdraw, |_| true)),
                _ => (&mut done.restored, self.restore_one()),
            };
            *count += u32::from(happened);
        }
        done
    }

    /// Publishes a notice of years ago.
    fn import(&mut self, now: Timestamp) -> bool {
        let oldest = OLDEST.parse().unwrap_or(Timestamp::UNIX_EPOCH).as_second();
        let newest = now.checked_sub(RECENT).unwrap_or(now).as_second().max(oldest + 1);
        let issued = Timestamp::from_second(self.author.facts.random.i64(oldest..newest)).ok();
        self.publish(Draft { issue_date: issued, ..Draft::default() }, now).is_ok()
    }

    /// Something that happens to a visible notice of some sort.
    fn happen<E>(
        &mut self,
        now: Timestamp,
        event: impl FnOnce(&mut Self, &str, Timestamp) -> Result<String, E>,
        sort: impl Fn(&Notice) -> bool,
    ) -> bool {
        let visible = |notice: &Notice| notice.visible(now) && sort(notice);
        let found = (0..50).find_map(|_| {
            let notice = self.any()?;
            visible(notice).then(|| notice.id.clone())
        });
        found.is_some_and(|id| event(self, &id, now).is_ok())
    }

    /// Shows the oldest of those again that search lost.
    fn restore_one(&mut self) -> bool {
        let lost = self.notices.iter().find(|notice| notice.life.withdrawn.is_some());
        lost.map(|notice| notice.id.clone()).is_some_and(|id| self.restore(&id).is_ok())
    }

    /// A notice by chance, half of the time one of the latest.
    fn any(&mut self) -> Option<&Notice> {
        let count = self.notices.len();
        let latest = self.author.facts.chance(500);
        let first = if latest { count.saturating_sub(500) } else { 0 };
        (count > 0).then(|| self.author.facts.random.usize(first..count)).and_then(|at| self.notices.get(at))
    }
}

fn competition(notice: &Notice) -> bool {
    notice.kind.group() == Type::Competition
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::lists::{Lists, Vocabulary};

    #[test]
    fn everything_happens_and_the_same_seed_lets_the_same_happen() {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let world = || Corpus::generate(800, 3, Vocabulary::new(&Lists::default().cpv), now);
        let (mut first, mut second) = (world(), world());
        let happened = first.bustle(400, now);
        assert_eq!(happened, second.bustle(400, now));
        let Bustle { published, imported, corrected, awarded, cancelled, withdrawn, restored } = happened;
        let counts = [published, imported, corrected, awarded, cancelled, withdrawn, restored];
        assert!(counts.iter().all(|count| *count > 0), "{happened:?}");
        let new = published + imported + corrected + awarded + cancelled;
        assert_eq!(first.all().len(), 800 + new as usize);
        let lost = first.all().iter().filter(|notice| notice.life.withdrawn.is_some()).count();
        assert_eq!(lost, (withdrawn - restored) as usize);
        let old = first.all()[800..].iter().filter(|notice| clock::day_of(notice.issued).year() < 2026);
        assert!(old.count() > 5, "late imports have dates of long ago");
    }
}
