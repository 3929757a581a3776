//! An `OpenAPI` 3.1 document of a route table, from the same descriptors and comments that route requests.

mod operation;
mod schema;

use std::collections::HashSet;

use prost_reflect::FieldDescriptor;
use serde_json::{Map, Value, json};

use crate::comments::Comments;
use crate::table::{Binding, Table};

/// What the document says that descriptors do not.
#[derive(Debug, Clone)]
pub struct About {
    /// Title of the API.
    pub title: String,
    /// Version of the API.
    pub version: String,
    /// What it is, in Markdown.
    pub description: String,
    /// Schema of the body of every error.
    pub error: Value,
}

/// What differs between routes in ways that descriptors do not say.
pub trait Describe {
    /// Heading the route stands under.
    fn tag(&self, binding: &Binding) -> Option<String>;

    /// Members put before those of a JSON object reply, with their schemas.
    fn envelope(&self, binding: &Binding) -> Vec<(String, Value)>;

    /// Scope a caller must hold.
    fn scope(&self, binding: &Binding) -> Option<String>;

    /// A call that succeeds: its parameters, those of the path too, with values as text. A list's parameter comes
    /// once for each value. Default: none is shown.
    fn example(&self, binding: &Binding) -> Vec<(String, String)> {
        let _ = binding;
        Vec::new()
    }

    /// Says in the schema of a parameter which values its field takes beyond what its type says, and answers whether
    /// one has to be given. Default: all values of the type, none required.
    fn restrict(&self, field: &FieldDescriptor, schema: &mut Value) -> bool {
        let _ = (field, schema);
        false
    }

    /// Statuses of the errors a caller meets, each with its Response Object; `text` is what the contract's comments
    /// say about the service and the RPC. Default: only that there are errors.
    fn errors(&self, binding: &Binding, text: &str) -> Vec<(u16, Value)> {
        let _ = (binding, text);
        Vec::new()
    }
}

/// Writes the document. The same table and comments give the same document.
pub fn document(table: &Table, about: &About, describe: &impl Describe) -> Value {
    let pools = table.bindings().first().map(|binding| binding.rpc.parent_pool().clone());
    let comments = pools.map(|pool| Comments::of(&pool)).unwrap_or_default();
    let mut schemas = schema::Schemas::new(&comments);
    let mut paths = Map::new();
    let (mut tags, mut seen) = (Vec::new(), HashSet::new());
    for binding in table.bindings() {
        let mut operation = operation::write(binding, &comments, &mut schemas, describe);
        if !seen.insert(binding.rpc.full_name().to_owned()) {
            // Further routes of the same RPC, whose identifiers must differ.
            operation["operationId"] = operation::further_id(binding).into();
        }
        let path = paths.entry(binding.route.clone()).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(binding.http_method.as_str().to_ascii_lowercase(), operation);
        }
        tags.extend(describe.tag(binding).filter(|tag| !tags.contains(tag)));
    }
    let mut components = schemas.into_components();
    components.insert("Error".into(), about.error.clone());
    json!({
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": about.version, "description": about.description},
        "tags": tags.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {"Error": {
                "description": "What went wrong, with a stable name.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            }},
        },
    })
}
