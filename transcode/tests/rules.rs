//! Every sentence about rules and paths, as cases in `tests/rules/*.json`: messages, rules, a request, and what
//! becomes of it. A case has one of `message`, `refused` (field and kind), `invalid` (why the rules are), `lost`, or
//! `response` and `reply`.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "support/pool.rs"]
mod pool;

use std::fmt::Write as _;

use http::Method;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::Value;
use transcode::{Binding, Found, Reply, Table};

/// A file with the messages of a page of cases and an RPC for each rule.
fn source(messages: &str, rules: &[Value]) -> String {
    let mut out =
        String::from("syntax = \"proto3\"; package rules.v1; import \"google/api/annotations.proto\"; ");
    out += messages;
    out += " service Rules { ";
    for (at, rule) in rules.iter().enumerate() {
        let rule = rule.as_str().unwrap();
        write!(out, "rpc R{at}(Message) returns (Message) {{ option (google.api.http) = {{ {rule} }}; }} ")
            .unwrap();
    }
    out + "}"
}

/// What becomes of a case, in the words of its expectation.
fn outcome(pool: &DescriptorPool, case: &Value) -> (&'static str, Value) {
    let table = match Table::compile(pool) {
        Ok(table) => table,
        Err(error) => return ("invalid", Value::String(error.to_string())),
    };
    let (method, target) = case["request"].as_str().unwrap_or("GET /").split_once(' ').unwrap();
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let method: Method = method.parse().unwrap();
    let binding = match table.find(path, &method) {
        Found::Route(binding) => binding,
        Found::Methods(methods) => {
            let names: Vec<_> = methods.iter().map(Method::as_str).collect();
            return ("lost", Value::String(format!("methods {}", names.join(", "))));
        }
        Found::Nothing => return ("lost", "nothing".into()),
    };
    let body = case.get("body").map(ToString::to_string).unwrap_or_default();
    match binding.request(path, query, body.as_bytes(), &[]) {
        Err(violations) => {
            let told: Vec<_> = violations.iter().map(|v| format!("{} {:?}", v.field, v.kind)).collect();
            ("refused", told.join("; ").into())
        }
        Ok(_) if case.get("response").is_some() => ("reply", reply(binding, &case["response"])),
        Ok(wire) => {
            let message = DynamicMessage::decode(binding.rpc.input(), wire).unwrap();
            ("message", serde_json::to_value(&message).unwrap())
        }
    }
}

fn reply(binding: &Binding, response: &Value) -> Value {
    let wire = DynamicMessage::deserialize(binding.rpc.output(), response).unwrap().encode_to_vec();
    match binding.reply(wire.into()).unwrap() {
        Reply::Object(json) | Reply::Json(json) => serde_json::from_slice(&json).unwrap(),
        body @ Reply::Body { .. } => panic!("{body:?}"),
    }
}

fn check(page: &str) {
    let page: Value = serde_json::from_str(page).unwrap();
    let mut wrong = Vec::new();
    for case in page["cases"].as_array().unwrap() {
        let pool =
            pool::pool(Some(&source(page["proto"].as_str().unwrap(), case["rules"].as_array().unwrap())));
        let (became, what) = outcome(&pool, case);
        let expected = case.get(became).unwrap_or(&Value::Null);
        let fits = match (became, expected.as_str()) {
            // Why rules are invalid is told in a sentence; a part of it is expected.
            ("invalid", Some(part)) => what.as_str().unwrap().contains(part),
            _ => what == *expected,
        };
        if !fits {
            wrong.push(format!("{}\n  became {became} {what}", case["says"]));
        }
    }
    assert!(wrong.is_empty(), "of {}:\n{}", page["from"], wrong.join("\n"));
}

#[test]
fn what_http_proto_says_holds() {
    check(include_str!("rules/http_proto.json"));
}

#[test]
fn what_the_grammar_of_templates_says_holds() {
    check(include_str!("rules/templates.json"));
}

#[test]
fn what_aip_127_says_holds() {
    check(include_str!("rules/aip_127.json"));
}
