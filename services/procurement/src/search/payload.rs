//! What a commit says of itself.

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};

use super::schema::VERSION;
use crate::domain::Seq;

/// The text that goes with a commit: version, position, mark, and a checksum, because the file it stands in has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Payload {
    /// Position in the feed up to which the commit is complete.
    pub(super) position: Seq,
    /// What the change at that position was, or 0.
    pub(super) mark: u64,
}

impl Payload {
    /// Writes it.
    pub(super) fn write(self) -> String {
        let body = format!("{VERSION} {} {}", self.position.0, self.mark);
        format!("{body} {}", checksum(&body))
    }

    /// Reads it; another version is an error.
    pub(super) fn read(text: &str) -> Result<Self, anyhow::Error> {
        let (body, sum) = text.rsplit_once(' ').context("its position is unreadable")?;
        if checksum(body) != sum {
            bail!("its position is damaged");
        }
        let (version, position) = body.split_once(' ').context("its position is unreadable")?;
        if version.parse() != Ok(VERSION) {
            bail!("it is of version {version}, this program writes {VERSION}");
        }
        let (position, mark) = position.split_once(' ').context("its position is unreadable")?;
        let position = Seq(position.parse().context("its position is no number")?);
        Ok(Self { position, mark: mark.parse().context("its mark is no number")? })
    }
}

fn checksum(body: &str) -> String {
    let hash = Sha256::digest(body);
    format!("{:08x}", hash.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_written_and_not_when_a_digit_changed() {
        let payload = Payload { position: Seq(1_234_567), mark: u64::MAX };
        let written = payload.write();
        assert_eq!(Payload::read(&written).unwrap(), payload);
        for wrong in
            ["", "1", "1 2", "1 2 3", "1 2 3 4", &written.replace('7', "8"), &written.replacen('1', "2", 1)]
        {
            assert!(Payload::read(wrong).is_err(), "{wrong}");
        }
        let later = format!("{} 5", VERSION + 1);
        let error = Payload::read(&format!("{later} {}", checksum(&later))).unwrap_err();
        assert!(error.to_string().contains("version"));
    }
}
