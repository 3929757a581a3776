//! Small stable hashes: identifiers that must be the same at every start without being stored.

/// FNV-1a with a final mix, so that near keys give far values.
pub(crate) fn of(text: &str, salt: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64 ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hashed =
        text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    mix(hashed)
}

/// The finaliser of `SplitMix64`.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// 32 hexadecimal digits, like the ids of Doffin's organisations.
pub(crate) fn hex(text: &str) -> String {
    format!("{:016x}{:016x}", of(text, 1), of(text, 2))
}

/// A version 4 UUID in shape, the same for the same text.
pub(crate) fn uuid(text: &str, salt: u64) -> String {
    let (high, low) = (of(text, salt ^ 0x55), of(text, salt ^ 0xaa));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48 & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_uuid_is_a_version_4_uuid_and_stable() {
        let uuid = super::uuid("2026-100001", 0);
        assert_eq!(uuid, super::uuid("2026-100001", 0));
        assert_ne!(uuid, super::uuid("2026-100001", 1));
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
        assert!("89ab".contains(&uuid[19..20]));
    }
}
