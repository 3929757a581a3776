//! The route table, compiled once from descriptors.

use std::fmt;
use std::sync::Arc;

use http::Method;
use http::uri::PathAndQuery;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value,
};

use crate::field_path;
use crate::matcher::{Found, Matcher};
use crate::plan::Planner;
use crate::reply::Writing;
use crate::template::{self, Template};

/// Every HTTP route of a set of descriptors.
#[derive(Debug)]
pub struct Table {
    bindings: Vec<Arc<Binding>>,
    matcher: Matcher<usize>,
}

/// What protobuf's JSON mapping leaves to a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping {
    /// Whether scalars without presence and empty lists are printed. Default true: a reply has one shape.
    pub print_defaults: bool,
    /// Whether unknown members of a body are passed over. Default false: they are refused by name.
    pub ignore_unknown: bool,
}

impl Default for Mapping {
    fn default() -> Self {
        Self { print_defaults: true, ignore_unknown: false }
    }
}

/// One HTTP route of one RPC.
#[derive(Debug, Clone)]
pub struct Binding {
    /// HTTP method.
    pub http_method: Method,
    /// Path template.
    pub template: Template,
    /// The template without patterns, for documentation and metrics.
    pub route: String,
    /// The RPC.
    pub rpc: MethodDescriptor,
    /// Its path on the wire, `/package.Service/Method`.
    pub rpc_path: PathAndQuery,
    /// What the request body is read into.
    pub body: Body,
    /// Field of the response that makes the reply; `None`: the whole response.
    pub response_body: Option<FieldDescriptor>,
    /// How replies are written.
    pub(crate) writing: Writing,
    /// How JSON is read and written.
    pub(crate) mapping: Mapping,
}

/// What the request body is read into.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing: the route takes no body.
    None,
    /// The whole request message.
    Message,
    /// One field.
    Field(FieldDescriptor),
}

/// Why a set of descriptors gives no table.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path template is wrong.
    #[error("{rpc}: {cause}")]
    Template {
        /// The RPC.
        rpc: String,
        /// What is wrong.
        cause: template::Invalid,
    },
    /// A rule names a field that is not there, or of a kind that cannot stand there.
    #[error("{rpc}: {what} {field:?} {problem}")]
    Field {
        /// The RPC.
        rpc: String,
        /// Which part of the rule.
        what: &'static str,
        /// The field path.
        field: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two rules match the same requests.
    #[error("{second} and {first} both match {route}")]
    Conflict {
        /// The earlier RPC.
        first: String,
        /// The later RPC.
        second: String,
        /// Method and route.
        route: String,
    },
    /// A rule is not one.
    #[error("{rpc}: {problem}")]
    Rule {
        /// The RPC.
        rpc: String,
        /// What is wrong.
        problem: String,
    },
}

impl Table {
    /// Compiles the `google.api.http` rules of every RPC in the pool.
    pub fn compile(pool: &DescriptorPool) -> Result<Self, Error> {
        Self::compile_with(pool, Mapping::default())
    }

    /// The same, with another mapping.
    pub fn compile_with(pool: &DescriptorPool, mapping: Mapping) -> Result<Self, Error> {
        let mut table = Compiler {
            bindings: Vec::new(),
            matcher: Matcher::default(),
            planner: Planner::new(mapping.print_defaults),
            mapping,
        };
        let Some(extension) = pool.get_extension_by_name("google.api.http") else {
            return Ok(table.finish());
        };
        for rpc in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
            let options = rpc.options();
            if !options.has_extension(&extension) {
                continue;
            }
            let value = options.get_extension(&extension);
            let Some(rule) = value.as_message() else { continue };
            table.add(&rpc, rule)?;
            let more = rule.get_field_by_name("additional_bindings");
            for rule in more.as_deref().and_then(Value::as_list).unwrap_or_default() {
                let Some(rule) = rule.as_message() else { continue };
                if rule.has_field_by_name("additional_bindings") {
                    let problem = "additional bindings cannot have additional bindings".to_owned();
                    return Err(Error::Rule { rpc: rpc.full_name().to_owned(), problem });
                }
                table.add(&rpc, rule)?;
            }
        }
        Ok(table.finish())
    }

    /// Every route, in the order of the descriptors.
    pub fn bindings(&self) -> &[Arc<Binding>] {
        &self.bindings
    }

    /// The route of a request path and method.
    pub fn find(&self, path: &str, method: &Method) -> Found<&Arc<Binding>> {
        match self.matcher.find(path, method) {
            Found::Route(index) => Found::Route(&self.bindings[index]),
            Found::Methods(methods) => Found::Methods(methods),
            Found::Nothing => Found::Nothing,
        }
    }
}

/// A table in the making.
struct Compiler {
    bindings: Vec<Binding>,
    matcher: Matcher<usize>,
    planner: Planner,
    mapping: Mapping,
}

impl Compiler {
    fn add(&mut self, rpc: &MethodDescriptor, rule: &DynamicMessage) -> Result<(), Error> {
        let binding = Binding::from_rule(rpc, rule)?;
        let index = self.bindings.len();
        if let Err(first) = self.matcher.insert(&binding.template, binding.http_method.clone(), index) {
            return Err(Error::Conflict {
                first: self.bindings[first].rpc.full_name().to_owned(),
                second: rpc.full_name().to_owned(),
                route: binding.to_string(),
            });
        }
        self.bindings.push(binding);
        Ok(())
    }

    /// Works out how replies are written, once what they lead to is known.
    fn finish(mut self) -> Table {
        let roots: Vec<_> = self
            .bindings
            .iter()
            .map(|binding| match &binding.response_body {
                _ if binding.is_passed_through() => None,
                Some(field) => self.planner.part(field),
                None => Some(self.planner.message(&binding.rpc.output())),
            })
            .collect();
        let plans = Arc::new(self.planner.finish());
        let bindings = self.bindings.into_iter().zip(roots).map(|(binding, root)| {
            let writing = Writing::new(plans.clone(), root);
            Arc::new(Binding { writing, mapping: self.mapping, ..binding })
        });
        Table { bindings: bindings.collect(), matcher: self.matcher }
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.http_method, self.route)
    }
}

impl Binding {
    fn from_rule(rpc: &MethodDescriptor, rule: &DynamicMessage) -> Result<Self, Error> {
        let name = || rpc.full_name().to_owned();
        let problem = |problem: String| Error::Rule { rpc: name(), problem };
        if rpc.is_client_streaming() {
            return Err(problem("client streams cannot be mapped to HTTP".into()));
        }
        let (http_method, path) =
            method_and_path(rule).ok_or_else(|| problem("the rule has no path".into()))?;
        let method = Method::from_bytes(http_method.as_bytes()).map_err(|e| problem(e.to_string()))?;
        let template = Template::parse(&path).map_err(|cause| Error::Template { rpc: name(), cause })?;
        check_variables(rpc, &template)?;
        let body = match text(rule, "body").as_str() {
            "" => Body::None,
            "*" => Body::Message,
            name => Body::Field(top_field(rpc, &rpc.input(), "body", name)?),
        };
        if let Body::Field(field) = &body
            && template.variables.iter().any(|v| v.field == field.name())
        {
            return Err(Error::field(rpc, "body", field.name(), "is also a path variable"));
        }
        let response_body = match text(rule, "response_body").as_str() {
            "" => None,
            name => Some(top_field(rpc, &rpc.output(), "response_body", name)?),
        };
        let rpc_path = format!("/{}/{}", rpc.parent_service().full_name(), rpc.name());
        Ok(Self {
            http_method: method,
            route: template.route(),
            template,
            rpc: rpc.clone(),
            rpc_path: rpc_path.parse().map_err(|_| problem(format!("{rpc_path:?} is not a path")))?,
            body,
            response_body,
            writing: Writing::new(Arc::default(), None),
            mapping: Mapping::default(),
        })
    }
}

impl Error {
    fn field(rpc: &MethodDescriptor, what: &'static str, field: &str, problem: &'static str) -> Self {
        Self::Field { rpc: rpc.full_name().to_owned(), what, field: field.to_owned(), problem }
    }
}

fn check_variables(rpc: &MethodDescriptor, template: &Template) -> Result<(), Error> {
    for variable in &template.variables {
        let error = |problem| Error::field(rpc, "path variable", &variable.field, problem);
        let path = field_path::find(&rpc.input(), &variable.field);
        let field = path.and_then(|mut path| path.pop()).ok_or_else(|| error("is not a field"))?;
        if field.is_list() || field.is_map() || matches!(field.kind(), Kind::Message(_)) {
            return Err(error("is not a singular scalar"));
        }
    }
    Ok(())
}

fn top_field(
    rpc: &MethodDescriptor,
    message: &MessageDescriptor,
    what: &'static str,
    name: &str,
) -> Result<FieldDescriptor, Error> {
    let missing = || Error::field(rpc, what, name, "is not a field of the message");
    message.get_field_by_name(name).ok_or_else(missing)
}

fn text(rule: &DynamicMessage, field: &str) -> String {
    rule.get_field_by_name(field).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn method_and_path(rule: &DynamicMessage) -> Option<(String, String)> {
    for verb in ["get", "put", "post", "delete", "patch"] {
        if rule.has_field_by_name(verb) {
            return Some((verb.to_uppercase(), text(rule, verb)));
        }
    }
    let custom = rule.get_field_by_name("custom").filter(|_| rule.has_field_by_name("custom"))?;
    let custom = custom.as_message()?;
    Some((text(custom, "kind"), text(custom, "path")))
}
