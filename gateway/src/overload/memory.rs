//! How much memory there is and how much of it this process has.

use std::fs;

/// Shares of the limit, in hundredths, from which on connections are closed and requests refused.
const CLOSE_FROM: u64 = 92;
const REFUSE_FROM: u64 = 95;

/// How short memory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pressure {
    /// It is not.
    None = 0,
    /// Connections are closed after what they are doing.
    NoKeepAlive = 1,
    /// Requests are refused.
    Refuse = 2,
}

impl Pressure {
    pub(super) fn from_number(number: u8) -> Self {
        match number {
            0 => Self::None,
            1 => Self::NoKeepAlive,
            _ => Self::Refuse,
        }
    }

    pub(super) fn of(used: u64, limit: u64) -> Self {
        match used.saturating_mul(100) / limit.max(1) {
            share if share >= REFUSE_FROM => Self::Refuse,
            share if share >= CLOSE_FROM => Self::NoKeepAlive,
            _ => Self::None,
        }
    }
}

/// Bytes of memory this process has.
pub(super) fn used() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib * 1024)
}

/// The limit of the control group this process runs in, version 2 or 1.
pub(super) fn limit_of_group() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = |prefix: &str| {
        let line = groups
            .lines()
            .find(|line| line.split_once(':').is_some_and(|(_, rest)| rest.starts_with(prefix)))?;
        line.rsplit_once(':').map(|(_, path)| path.trim_end_matches('/').to_owned())
    };
    let mut candidates = Vec::new();
    if let Some(path) = path(":/") {
        candidates.push(format!("/sys/fs/cgroup{path}/memory.max"));
    }
    if let Some(path) = path("memory:") {
        candidates.push(format!("/sys/fs/cgroup/memory{path}/memory.limit_in_bytes"));
    }
    // In a container the group's own directory is often the root of what is seen.
    candidates.push("/sys/fs/cgroup/memory.max".to_owned());
    candidates.push("/sys/fs/cgroup/memory/memory.limit_in_bytes".to_owned());
    candidates.iter().find_map(|path| limit(&fs::read_to_string(path).ok()?))
}

/// No limit is written as "max", or as a number no machine has.
fn limit(text: &str) -> Option<u64> {
    text.trim().parse().ok().filter(|limit| *limit < 1 << 50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_short_in_steps() {
        let at = |used| Pressure::of(used, 1000);
        assert_eq!(
            [at(0), at(919), at(920), at(949), at(950), at(2000)],
            [
                Pressure::None,
                Pressure::None,
                Pressure::NoKeepAlive,
                Pressure::NoKeepAlive,
                Pressure::Refuse,
                Pressure::Refuse
            ]
        );
    }

    #[test]
    fn this_process_has_some_memory_and_a_limit_may_be_none() {
        assert!(used().unwrap() > 1 << 20);
        assert_eq!(
            (limit("max\n"), limit("9223372036854771712\n"), limit("268435456\n")),
            (None, None, Some(1 << 28))
        );
    }
}
