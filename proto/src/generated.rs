//! Generated types, in modules that mirror the packages because the generated code refers to itself by path.
#![allow(
    missing_docs,
    unused_qualifications,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    rustdoc::all,
    reason = "generated code; its documentation is the .proto files"
)]

pub mod google {
    pub mod api {
        tonic::include_proto!("google.api");
    }
}

pub mod bouvetradar {
    pub mod http {
        pub mod v1 {
            tonic::include_proto!("bouvetradar.http.v1");
        }
    }
    pub mod errors {
        pub mod v1 {
            tonic::include_proto!("bouvetradar.errors.v1");
        }
    }
    pub mod classification {
        pub mod v1 {
            tonic::include_proto!("bouvetradar.classification.v1");
        }
    }
    pub mod procurement {
        pub mod v1 {
            tonic::include_proto!("bouvetradar.procurement.v1");
        }
    }
}
