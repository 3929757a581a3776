//! What was measured, written by the process that asks and read by the one that prints.

use std::time::Duration;

/// How long a kind of question took.
#[derive(Debug, Clone)]
pub(crate) struct Took {
    /// The kind of question.
    pub(crate) name: String,
    /// Matches of the last one.
    pub(crate) matches: usize,
    /// The very first one.
    pub(crate) first: Duration,
    /// The quickest one.
    pub(crate) least: Duration,
    /// Half of the questions took no longer.
    pub(crate) p50: Duration,
    /// 99 of 100 took no longer.
    pub(crate) p99: Duration,
    /// Processor time of one, on average.
    pub(crate) busy: Duration,
}

/// Resident memory, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// Of the process alone.
    pub(crate) own: u64,
    /// Pages of the index's files, which the system takes back when it needs them.
    pub(crate) files: u64,
    /// Both, at the highest since the process began.
    pub(crate) peak: u64,
}

/// The answers of a process of its own.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Time to open the index.
    pub(crate) opened: Duration,
    /// By kind of question.
    pub(crate) took: Vec<Took>,
    /// What it needed for all of them.
    pub(crate) memory: Memory,
}

impl Memory {
    /// Of this process.
    pub(crate) fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kilobytes.unwrap_or(0) * 1024
        };
        Self { own: field("RssAnon:"), files: field("RssFile:"), peak: field("VmHWM:") }
    }
}

/// Processor time of all threads of this process so far; none where the system does not tell.
pub(crate) fn processor_time() -> Duration {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, which stands in parentheses: the twelfth and thirteenth, in hundredths of a second.
    let numbers = status.rsplit(')').next().unwrap_or_default().split_whitespace();
    let hundredths: u64 = numbers.skip(11).take(2).filter_map(|number| number.parse::<u64>().ok()).sum();
    Duration::from_millis(hundredths * 10)
}

impl Answers {
    /// One line each.
    pub(crate) fn write(&self) -> String {
        let Memory { own, files, peak } = self.memory;
        let mut lines = vec![format!("process\t{}\t{own}\t{files}\t{peak}", self.opened.as_nanos())];
        lines.extend(self.took.iter().map(|took| {
            let times =
                [took.first, took.least, took.p50, took.p99, took.busy].map(|t| t.as_nanos().to_string());
            format!("{}\t{}\t{}", took.name, took.matches, times.join("\t"))
        }));
        lines.join("\n")
    }

    /// Reads what was written.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut answers = Self::default();
        for line in text.lines() {
            let (name, numbers) = line.split_once('\t')?;
            let numbers: Vec<u64> = numbers.split('\t').map(str::parse).collect::<Result<_, _>>().ok()?;
            let time = |at: usize| numbers.get(at).copied().map(Duration::from_nanos);
            if name == "process" {
                let &[_, own, files, peak] = numbers.as_slice() else { return None };
                answers.memory = Memory { own, files, peak };
                answers.opened = time(0)?;
            } else {
                answers.took.push(Took {
                    name: name.to_owned(),
                    matches: usize::try_from(*numbers.first()?).ok()?,
                    first: time(1)?,
                    least: time(2)?,
                    p50: time(3)?,
                    p99: time(4)?,
                    busy: time(5)?,
                });
            }
        }
        Some(answers)
    }
}
