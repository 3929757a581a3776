//! `/api/openapi.json`: the contract as `OpenAPI` 3.1, written once at the start.

mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use prost_reflect::FieldDescriptor;
use proto::ErrorCode;
use proto::catalogue::{self, Entry};
use serde_json::{Value, json};
use transcode::openapi::{self, About, Describe};
use transcode::{Binding, Table};

use crate::auth::Mode;
use crate::etag;
use crate::options::Options;

const DESCRIPTION: &str = "\
Norwegian public procurement: every notice on [Doffin](https://www.doffin.no) made searchable, and the codes that explain \
them: CPV (what is bought), NUTS (where) and STYRK-08 (which occupation).

**Calling.** Plain GET, JSON back. A filter that may be given several times is OR-ed, different ones are AND-ed; \
an unknown parameter or a misspelt value is refused by name, never ignored. What a parameter takes stands in its schema; an \
empty text says the same as none, and spaces around one do not count. Answers begin with `\"success\": true`.

**Errors.** Always `{\"success\": false, \"error\", \"error_code\", \"error_name\", \"details\", \"request_id\"}`: \
go by `error_name`, show `error`, and give `request_id` when you ask for help.

**Credentials.** Where the server asks for them, an API key in `X-API-Key` or a token in `Authorization: Bearer`; \
`x-required-scope` names what they must allow.

**Limits.** `RateLimit` in an answer says how much is left; after a 429 or 503 wait as long as `Retry-After` says.

**Freshness.** Answers about notices say where they come from (`source`), as of when (`asOf`) and what they may lack \
(`coverage`). Exports and streams have no cap; `/api/doffin/watch` does not end by itself, so read it with `curl -N` or an \
`EventSource`.

Notices: \"Doffin/DFØ\", CC BY 4.0; code lists: \"Statistics Norway\" and \"DFØ\", CC BY 4.0.";

/// Headings in the order people come for them. One that the contract adds follows, without an explanation.
const TAGS: [(&str, &str); 9] = [
    ("Notices", "what buyers published: plans, competitions, awards"),
    ("Changes", "what became of notices, as a list or as it happens"),
    ("Statistics", "counts and values"),
    ("Organizations", "who buys and who wins"),
    ("CPV", "what is bought"),
    ("NUTS", "where"),
    ("STYRK", "which occupation"),
    ("Classifications", "all code lists at once, and where they come from"),
    ("Operations", "whether it runs and how complete it is"),
];

/// The document and what identifies it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    json: Bytes,
    etag: HeaderValue,
}

impl Document {
    pub(crate) fn write(table: &Table, options: Arc<Options>, auth: Mode) -> Self {
        let about = About {
            title: "Bouvet Radar API".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            description: DESCRIPTION.into(),
            error: error_schema(),
        };
        let mut document = openapi::document(table, &about, &Described { options, auth });
        for (path, meaning) in OWN {
            document["paths"][path] = own(path, meaning);
        }
        let mut tags: Vec<Value> = TAGS.map(|(name, text)| json!({"name": name, "description": text})).into();
        let others = document["tags"].as_array().cloned().unwrap_or_default();
        tags.extend(others.into_iter().filter(|tag| TAGS.iter().all(|(name, _)| tag["name"] != *name)));
        document["tags"] = tags.into();
        document["components"]["securitySchemes"] = json!({
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key the operator gave you."},
            "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token of the operator's issuer."},
        });
        document["security"] = match auth {
            Mode::Required => json!([{"key": []}, {"token": []}]),
            Mode::Open => json!([{}, {"key": []}, {"token": []}]),
        };
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
        "security": [],
        "responses": {
            "200": {"description": "Yes.", "content": report},
            "503": {"description": "No.", "content": report},
            "default": {"$ref": "#/components/responses/Error"},
        },
    }})
}

fn error_schema() -> Value {
    let names: Vec<_> = catalogue::entries().iter().map(|entry| entry.name.as_str()).collect();
    let codes: Vec<_> = catalogue::entries().iter().map(|entry| entry.code as i32).collect();
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

/// The errors of one status.
fn error_response(entries: &[&Entry]) -> Value {
    let lines: Vec<_> =
        entries.iter().map(|entry| format!("- `{}`: {}", entry.name, entry.meaning)).collect();
    let example = entries.first().map(|entry| {
        json!({
            "success": false,
            "error": "one sentence for a person",
            "error_code": entry.code as i32,
            "error_name": entry.name,
            "details": {},
            "request_id": "0d0f1c4e-6a57-4f0e-9a53-5f1f6c2b7c11",
        })
    });
    let schema = json!({"$ref": "#/components/schemas/Error"});
    json!({
        "description": lines.join("\n"),
        "content": {"application/json": {"schema": schema, "example": example}},
    })
}

/// The contract's options, as the document needs them.
struct Described {
    options: Arc<Options>,
    auth: Mode,
}

impl Describe for Described {
    fn tag(&self, binding: &Binding) -> Option<String> {
        self.options.route(binding)?.tag.clone()
    }

    fn envelope(&self, binding: &Binding) -> Vec<(String, Value)> {
        let success = || ("success".to_owned(), json!({"const": true}));
        if self.options.is_enveloped(binding) { vec![success()] } else { Vec::new() }
    }

    fn scope(&self, binding: &Binding) -> Option<String> {
        self.options.route(binding)?.scope.clone()
    }

    fn example(&self, binding: &Binding) -> Vec<(String, String)> {
        let query = self.options.route(binding).map_or("", |route| &route.example);
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    fn restrict(&self, field: &FieldDescriptor, schema: &mut Value) -> bool {
        values::restrict(field, schema)
    }

    /// What the edge itself answers, and what the contract's comments name.
    fn errors(&self, binding: &Binding, text: &str) -> Vec<(u16, Value)> {
        let named =
            |name: &str| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|w| w == name);
        let required = self.auth == Mode::Required;
        let met = |entry: &&Entry| match entry.code {
            ErrorCode::InvalidInput
            | ErrorCode::InvalidParameterType
            | ErrorCode::RateLimited
            | ErrorCode::ServiceUnavailable
            | ErrorCode::ApiTimeout => true,
            ErrorCode::Unauthenticated => required,
            ErrorCode::PermissionDenied => required && self.scope(binding).is_some(),
            _ => named(&entry.name),
        };
        let mut by_status = BTreeMap::<u16, Vec<&Entry>>::new();
        for entry in catalogue::entries().iter().filter(met) {
            by_status.entry(entry.http).or_default().push(entry);
        }
        by_status.into_iter().map(|(status, entries)| (status, error_response(&entries))).collect()
    }
}
