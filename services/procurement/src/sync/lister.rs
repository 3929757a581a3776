//! What is listed, and in which order: first what is newest, then what is missing, then what may have changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::due::Due;
use super::tail::{TAILED, WATERMARK};
use super::week::Week;
use super::{Leader, Phase, Trouble, reconcile, refresh};
use crate::domain::Hit;
use crate::store::{Observed, Via, Window};

/// Lists what is due. What it remembers is in the store too, or does not matter.
#[derive(Debug)]
pub(super) struct Lister<'a> {
    pub(super) leader: Leader<'a>,
    /// Each week as last compared with the source.
    pub(super) windows: BTreeMap<Week, Window>,
    /// When a week may be tried again.
    pub(super) resting: HashMap<Week, Instant>,
    /// Day of publication up to which the newest notices have been followed.
    pub(super) watermark: Option<Date>,
    pub(super) tail_due: Due,
    pub(super) refresh_due: Due,
    pub(super) reconcile_due: Due,
    /// The week that is reconciled next, while weeks are.
    pub(super) position: Option<Week>,
    /// How often the tail was listed; its page size changes with it.
    pub(super) round: usize,
}

/// What comes after a step.
enum Next {
    Step,
    Wait(Instant),
}

impl Leader<'_> {
    /// Lists whatever is due, until the lease is lost.
    pub(super) async fn list(self) {
        let mut backoff = Backoff::new();
        let mut loaded = None;
        loop {
            match self.list_next(&mut loaded).await {
                Ok(next) => {
                    backoff.reset();
                    self.worker.board.well();
                    if let Next::Wait(until) = next {
                        sleep_until(until).await;
                    }
                }
                Err(trouble) if trouble.deposes() => return,
                Err(trouble) => {
                    tokio::time::sleep(self.worker.failed("listing", &trouble, &mut backoff)).await;
                }
            }
        }
    }

    async fn list_next<'a>(self, loaded: &mut Option<Lister<'a>>) -> Result<Next, Trouble>
    where
        Self: 'a,
    {
        if loaded.is_none() {
            *loaded = Some(Lister::load(self).await?);
        }
        match loaded {
            Some(lister) => lister.step().await,
            None => Ok(Next::Step),
        }
    }

    /// Takes hits in.
    pub(super) async fn observe(&self, hits: &[Arc<Hit>], via: Via) -> Result<Observed, Trouble> {
        if hits.is_empty() {
            return Ok(Observed::default());
        }
        let hits: Vec<Hit> = hits.iter().map(|hit| (**hit).clone()).collect();
        let worker = self.worker;
        let observed = worker.store.observe(self.lease, &hits, worker.clock.now(), via).await?;
        worker.board.observed(hits.len(), observed);
        Ok(observed)
    }

    /// A moment that was written down.
    pub(super) async fn moment(&self, key: &str) -> Result<Option<Timestamp>, Trouble> {
        Ok(self.worker.store.state(key).await?.and_then(|text| text.parse().ok()))
    }

    /// Writes the present moment down.
    pub(super) async fn done_now(&self, key: &str) -> Result<Timestamp, Trouble> {
        let now = self.worker.clock.now();
        self.worker.store.set_state(self.lease, key, &now.to_string()).await?;
        Ok(now)
    }
}

impl<'a> Lister<'a> {
    /// Goes on where the store says the last leader was.
    pub(super) async fn load(leader: Leader<'a>) -> Result<Self, Trouble> {
        let worker = leader.worker;
        let (settings, now) = (&worker.settings, worker.clock.now());
        let day = |text: Option<String>| text.and_then(|text| text.parse::<Date>().ok());
        let windows = worker.store.windows().await?.into_iter();
        let week = |window: &Window| Some(Week::of(window.from)).filter(|w| w.is(window.from, window.to));
        let lister = Self {
            windows: windows.filter_map(|window| Some((week(&window)?, window))).collect(),
            resting: HashMap::new(),
            watermark: day(worker.store.state(WATERMARK).await?),
            tail_due: Due::since(None, settings.tail_interval, now),
            refresh_due: Due::since(leader.moment(refresh::REFRESHED).await?, settings.refresh_interval, now),
            reconcile_due: Due::since(
                leader.moment(reconcile::RECONCILED).await?,
                settings.reconcile_interval,
                now,
            ),
            position: reconcile::position(worker.store.state(reconcile::POSITION).await?),
            round: 0,
            leader,
        };
        worker.board.watermark(lister.watermark);
        if let Some(at) = leader.moment(TAILED).await? {
            worker.board.tailed(at);
        }
        lister.show();
        Ok(lister)
    }

    async fn step(&mut self) -> Result<Next, Trouble> {
        let begun = Instant::now();
        if self.tail_due.is_due() {
            self.tail().await?;
            self.tail_due.done(begun);
            return Ok(Next::Step);
        }
        if let Some(week) = self.missing() {
            self.week(week).await?;
            return Ok(Next::Step);
        }
        if self.refresh_due.is_due() {
            self.refresh().await?;
            self.refresh_due.done(begun);
            return Ok(Next::Step);
        }
        if self.reconciles() {
            self.reconcile().await?;
            return Ok(Next::Step);
        }
        let next = [self.tail_due.at(), self.refresh_due.at(), self.reconcile_due.at()];
        let now = begun;
        let resting = self.resting.values().copied().filter(|until| *until > now);
        let next = resting.chain(next).min().unwrap_or(now);
        Ok(Next::Wait(next))
    }

    /// The newest week that is not complete and does not rest.
    fn missing(&self) -> Option<Week> {
        let now = Instant::now();
        let complete = |week: &Week| self.windows.get(week).is_some_and(|window| window.complete);
        let rests = |week: &Week| self.resting.get(week).is_some_and(|until| *until > now);
        self.leader.worker.weeks(self.watermark).find(|week| !complete(week) && !rests(week))
    }

    /// Lets a week rest.
    pub(super) fn rest(&mut self, week: Week) {
        self.resting.insert(week, Instant::now() + self.leader.worker.settings.week_rest);
    }

    /// Tells how far it is.
    pub(super) fn show(&self) {
        let worker = self.leader.worker;
        let wanted: Vec<_> = worker.weeks(self.watermark).collect();
        let known: Vec<_> = wanted.iter().rev().filter_map(|week| self.windows.get(week).cloned()).collect();
        worker.board.phase(if known.len() < wanted.len() { Phase::Backfill } else { Phase::Tail });
        worker.board.windows(known, wanted.len());
    }
}
