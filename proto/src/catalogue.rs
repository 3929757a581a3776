//! The error catalogue as `errors.proto` states it: each reason's name, gRPC code and HTTP status.

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, EnumDescriptor, Value};
use tonic::Code;

use crate::{DESCRIPTORS, ErrorCode};

/// One reason of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The reason.
    pub code: ErrorCode,
    /// Its public name, such as `CPV_CODE_NOT_FOUND`.
    pub name: String,
    /// How gRPC says it.
    pub grpc: Code,
    /// How HTTP says it.
    pub http: u16,
    /// What it means, from the contract's comment.
    pub meaning: String,
}

/// Descriptors of the contract, with annotations.
///
/// # Panics
/// Never with the descriptors this crate was built with: a test reads the whole catalogue.
pub fn pool() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "compiled into the program and read by this crate's tests")]
        DescriptorPool::decode(DESCRIPTORS).expect("the embedded descriptor set is valid")
    });
    &POOL
}

/// Every reason, by number.
pub fn entries() -> &'static [Entry] {
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        pool().get_enum_by_name("bouvetradar.errors.v1.ErrorCode").map(|e| read(&e)).unwrap_or_default()
    });
    &ENTRIES
}

/// The entry of a reason. `UNSPECIFIED`, which is never sent, answers the internal error.
pub fn entry(code: ErrorCode) -> &'static Entry {
    static INTERNAL: LazyLock<Entry> = LazyLock::new(|| Entry {
        code: ErrorCode::InternalServerError,
        name: "INTERNAL_SERVER_ERROR".into(),
        grpc: Code::Internal,
        http: 500,
        meaning: String::new(),
    });
    entries().iter().find(|e| e.code == code).unwrap_or(&INTERNAL)
}

/// The entry with a public name.
pub fn by_name(name: &str) -> Option<&'static Entry> {
    entries().iter().find(|e| e.name == name)
}

/// The reason that stands for a bare gRPC code, for errors that carry no reason of ours (a proxy's, the
/// transport's, another server's).
pub fn for_grpc(code: Code) -> &'static Entry {
    entry(match code {
        Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition => ErrorCode::InvalidInput,
        Code::NotFound => ErrorCode::ResourceNotFound,
        Code::Unauthenticated => ErrorCode::Unauthenticated,
        Code::PermissionDenied => ErrorCode::PermissionDenied,
        Code::ResourceExhausted => ErrorCode::RateLimited,
        Code::DeadlineExceeded => ErrorCode::ApiTimeout,
        Code::Unavailable => ErrorCode::ServiceUnavailable,
        Code::Unimplemented => ErrorCode::NotImplemented,
        Code::Cancelled => ErrorCode::Cancelled,
        _ => ErrorCode::InternalServerError,
    })
}

fn read(catalogue: &EnumDescriptor) -> Vec<Entry> {
    let Some(option) = pool().get_extension_by_name("bouvetradar.http.v1.error") else { return Vec::new() };
    let number = |mapping: &Value, field: &str| {
        mapping
            .as_message()
            .and_then(|m| m.get_field_by_name(field))
            .and_then(|v| v.as_i32())
            .unwrap_or_default()
    };
    let mut entries: Vec<Entry> = catalogue
        .values()
        .filter(|value| value.options().has_extension(&option))
        .filter_map(|value| {
            let options = value.options();
            let mapping = options.get_extension(&option);
            Some(Entry {
                code: ErrorCode::try_from(value.number()).ok()?,
                name: value.name().trim_start_matches("ERROR_CODE_").to_owned(),
                grpc: Code::from_i32(number(&mapping, "grpc_code")),
                http: u16::try_from(number(&mapping, "http_status")).ok()?,
                meaning: comment(catalogue, value.path()),
            })
        })
        .collect();
    entries.sort_by_key(|e| e.code as i32);
    entries
}

fn comment(catalogue: &EnumDescriptor, path: &[i32]) -> String {
    let file = catalogue.parent_file();
    let locations =
        file.file_descriptor_proto().source_code_info.as_ref().map(|info| info.location.as_slice());
    locations
        .unwrap_or_default()
        .iter()
        .find(|location| location.path == path)
        .and_then(|location| location.leading_comments.as_deref())
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_mapped_and_explained() {
        assert!(entries().len() >= 25, "only {} entries", entries().len());
        for entry in entries() {
            assert!((400..600).contains(&entry.http), "{entry:?}");
            assert_ne!(entry.grpc, Code::Ok, "{entry:?}");
            assert!(entry.meaning.len() > 10, "{} has no comment", entry.name);
            assert_eq!(by_name(&entry.name), Some(entry));
        }
    }

    #[test]
    fn the_numbers_callers_know_stay() {
        let number = |name: &str| by_name(name).map(|e| (e.code as i32, e.http));
        assert_eq!(number("CPV_CODE_NOT_FOUND"), Some((5001, 404)));
        assert_eq!(number("DOFFIN_API_ERROR"), Some((3001, 502)));
        assert_eq!(number("API_TIMEOUT"), Some((3000, 504)));
        assert_eq!(number("RATE_LIMITED"), Some((1005, 429)));
    }

    #[test]
    fn a_bare_grpc_code_keeps_its_class() {
        for code in (1..=16).map(Code::from_i32) {
            let http = for_grpc(code).http;
            let ours = matches!(
                code,
                Code::Unknown
                    | Code::Internal
                    | Code::DataLoss
                    | Code::Unavailable
                    | Code::Unimplemented
                    | Code::DeadlineExceeded
                    | Code::AlreadyExists
                    | Code::Aborted
            );
            assert_eq!(http >= 500, ours, "{code:?} became {http}");
        }
    }
}
