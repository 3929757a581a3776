//! A request put to a route table, answered by its message as JSON or by what is wrong with it.

use http::Method;
use prost_reflect::{DynamicMessage, ReflectMessage as _};
use serde_json::Value;
use transcode::violation::Kind;
use transcode::{Found, Table, Violation};

/// A route table that requests are put to.
pub(crate) struct Asked(Table);

impl Asked {
    pub(crate) fn new(table: Table) -> Self {
        Self(table)
    }

    fn request(&self, method: &Method, target: &str, body: &[u8]) -> Result<Value, Vec<Violation>> {
        let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
        let Found::Route(binding) = self.0.find(path, method) else {
            panic!("no route for {method} {target}")
        };
        let wire = binding.request(path, query, body, &["utm_".into()])?;
        let message = DynamicMessage::decode(binding.rpc.input(), wire).unwrap();
        assert_eq!(message.descriptor(), binding.rpc.input());
        Ok(serde_json::to_value(&message).unwrap())
    }

    /// The message that a request becomes.
    #[track_caller]
    pub(crate) fn good(&self, method: &str, target: &str, body: &str, message: &Value) {
        match self.request(&method.parse().unwrap(), target, body.as_bytes()) {
            Ok(made) => assert_eq!(&made, message, "{method} {target} {body}"),
            Err(violations) => panic!("{method} {target} {body}: {violations:?}"),
        }
    }

    /// The one thing that is wrong with a request. `text` is a part of its description.
    #[track_caller]
    pub(crate) fn bad(&self, method: &str, target: &str, body: &[u8], wrong: (&str, Kind, &str)) {
        let violation = self.wrong(method, target, body);
        let (field, kind, text) = wrong;
        assert_eq!((violation.field.as_str(), violation.kind), (field, kind), "{target}: {violation:?}");
        assert!(violation.description.contains(text), "{target}: {violation:?}");
    }

    /// The one thing that is wrong with a request.
    #[track_caller]
    pub(crate) fn wrong(&self, method: &str, target: &str, body: &[u8]) -> Violation {
        let shown = String::from_utf8_lossy(&body[..body.len().min(200)]);
        match self.request(&method.parse().unwrap(), target, body) {
            Ok(message) => panic!("{method} {target} {shown}: {message}"),
            Err(mut violations) if violations.len() == 1 => violations.remove(0),
            Err(violations) => panic!("{method} {target} {shown}: {violations:?}"),
        }
    }
}
