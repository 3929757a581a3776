//! `/api/openapi.json`: the contract as `OpenAPI` 3.1, written once at the start.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use serde_json::{Value, json};
use transcode::openapi::{self, About, Describe};
use transcode::{Binding, Table};

use crate::etag;
use crate::options::Options;

/// The document and what identifies it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    json: Bytes,
    etag: HeaderValue,
}

impl Document {
    pub(crate) fn write(table: &Table, options: Arc<Options>) -> Self {
        let about = About {
            title: "Bouvet Radar".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: "Norwegian public procurement: notices, and the codes that explain them. Notices: \
                          \"Doffin/DFØ\", CC BY 4.0; code lists: \"Statistics Norway\" and \"DFØ\", CC BY 4.0."
                .into(),
            error: error_schema(),
        };
        let mut document = openapi::document(table, &about, &Described(options));
        for (path, meaning) in OWN {
            document["paths"][path] = own(path, meaning);
        }
        let json = Bytes::from(document.to_string());
        let etag = etag::of(&json);
        Self { json, etag }
    }

    /// The document.
    pub(crate) fn answer(&self) -> Response {
        let headers = [
            (ETAG, self.etag.clone()),
            (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ];
        (headers, self.json.clone()).into_response()
    }
}

/// Routes the gateway answers itself.
const OWN: [(&str, &str); 3] = [
    ("/api/health", "Whether every service serves, with the version"),
    ("/livez", "Whether the process lives; nothing else is looked at"),
    ("/readyz", "Whether every service serves and the gateway is not on its way out"),
];

fn own(path: &str, meaning: &str) -> Value {
    let report = json!({"application/json": {"schema": {
        "type": "object",
        "required": ["success", "message"],
        "properties": {
            "success": {"type": "boolean"},
            "message": {"type": "string"},
            "version": {"type": "string"},
            "services": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }}});
    json!({"get": {
        "operationId": path.trim_start_matches('/').replace('/', "_"),
        "summary": meaning,
        "tags": ["Operations"],
        "parameters": [],
        "responses": {
            "200": {"description": "Yes.", "content": report},
            "503": {"description": "No.", "content": report},
            "default": {"$ref": "#/components/responses/Error"},
        },
    }})
}

fn error_schema() -> Value {
    let names: Vec<_> = proto::catalogue::entries().iter().map(|entry| entry.name.as_str()).collect();
    let codes: Vec<_> = proto::catalogue::entries().iter().map(|entry| entry.code as i32).collect();
    json!({
        "type": "object",
        "required": ["success", "error", "error_code", "error_name", "details", "request_id"],
        "properties": {
            "success": {"const": false},
            "error": {"type": "string", "description": "One sentence for a person."},
            "error_code": {"type": "integer", "enum": codes},
            "error_name": {"type": "string", "enum": names},
            "details": {"type": "object", "description": "Facts for programs: violations, retry_after_seconds, codes."},
            "request_id": {"type": ["string", "null"], "description": "Names the request in the server's log."},
        },
    })
}

/// The contract's options, as the document needs them.
struct Described(Arc<Options>);

impl Describe for Described {
    fn tag(&self, binding: &Binding) -> Option<String> {
        self.0.route(binding)?.tag.clone()
    }

    fn envelope(&self, binding: &Binding) -> Vec<(String, Value)> {
        let success = || ("success".to_owned(), json!({"const": true}));
        if self.0.is_enveloped(binding) { vec![success()] } else { Vec::new() }
    }

    fn scope(&self, binding: &Binding) -> Option<String> {
        self.0.route(binding)?.scope.clone()
    }
}
