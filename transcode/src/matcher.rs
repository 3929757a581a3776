//! Which routes a path belongs to: a trie in which literals come before `*`, and `*` before `**`.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use http::Method;
use percent_encoding::{percent_decode, percent_decode_str};

use crate::template::{Part, Template, Variable};

/// Routes by path, then method. `T` is what a route leads to.
#[derive(Debug)]
pub(crate) struct Matcher<T> {
    root: Node<T>,
}

#[derive(Debug)]
struct Node<T> {
    literals: HashMap<String, Node<T>>,
    star: Option<Box<Node<T>>>,
    /// Routes that end here, by verb.
    here: BTreeMap<Option<String>, Vec<(Method, T)>>,
    /// Routes that end in `**` here, by verb.
    rest: BTreeMap<Option<String>, Vec<(Method, T)>>,
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self { literals: HashMap::new(), star: None, here: BTreeMap::new(), rest: BTreeMap::new() }
    }
}

/// What a path and method lead to.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// A route.
    Route(T),
    /// The path is known, but not with this method; these are.
    Methods(Vec<Method>),
    /// The path is not known.
    Nothing,
}

impl<T: Copy> Default for Matcher<T> {
    fn default() -> Self {
        Self { root: Node::default() }
    }
}

impl<T: Copy> Matcher<T> {
    /// Adds a route. Answers the route that is already there if one matches exactly the same requests.
    pub(crate) fn insert(&mut self, template: &Template, method: Method, route: T) -> Result<(), T> {
        let mut node = &mut self.root;
        let mut rest = false;
        for part in &template.parts {
            match part {
                Part::Literal(text) => node = node.literals.entry(text.clone()).or_default(),
                Part::Star => node = node.star.get_or_insert_default(),
                Part::Rest => rest = true,
            }
        }
        let ends = if rest { &mut node.rest } else { &mut node.here };
        let routes = ends.entry(template.verb.clone()).or_default();
        if let Some((_, earlier)) = routes.iter().find(|(m, _)| *m == method) {
            return Err(*earlier);
        }
        routes.push((method, route));
        Ok(())
    }

    /// Finds the most specific route of a path that has the method. HEAD is GET where it has no route of its own.
    pub(crate) fn find(&self, path: &str, method: &Method) -> Found<T> {
        let Some(path) = path.strip_prefix('/') else { return Found::Nothing };
        let mut ends = Vec::new();
        if let Some((front, verb)) = path.rsplit_once(':').filter(|(_, verb)| !verb.contains('/')) {
            self.root.collect(&split(front), Some(verb), &mut ends);
        }
        self.root.collect(&split(path), None, &mut ends);
        let mut methods = Vec::new();
        for routes in ends {
            let with = |name: &str| routes.iter().find(|(offered, _)| offered.as_str() == name);
            let got = || with("GET").filter(|_| method == Method::HEAD);
            // A rule may leave its method open with `*`; one that names it comes first.
            if let Some((_, route)) = with(method.as_str()).or_else(got).or_else(|| with("*")) {
                return Found::Route(*route);
            }
            for (offered, _) in routes {
                if !methods.contains(offered) {
                    methods.push(offered.clone());
                }
            }
        }
        if methods.is_empty() { Found::Nothing } else { Found::Methods(methods) }
    }
}

impl<T> Node<T> {
    fn collect<'a>(
        &'a self,
        segments: &[Cow<'_, str>],
        verb: Option<&str>,
        out: &mut Vec<&'a Vec<(Method, T)>>,
    ) {
        let ends = |map: &'a BTreeMap<Option<String>, Vec<(Method, T)>>| map.get(&verb.map(str::to_owned));
        match segments.split_first() {
            None => out.extend(ends(&self.here)),
            Some((first, others)) => {
                if let Some(node) = self.literals.get(first.as_ref()) {
                    node.collect(others, verb, out);
                }
                if let Some(node) = self.star.as_deref().filter(|_| !first.is_empty()) {
                    node.collect(others, verb, out);
                }
            }
        }
        out.extend(ends(&self.rest));
    }
}

fn split(path: &str) -> Vec<Cow<'_, str>> {
    path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy()).collect()
}

/// The value of a variable in a path that matched its template. `None`: it is not UTF-8.
pub(crate) fn capture(template: &Template, variable: &Variable, path: &str) -> Option<String> {
    let mut path = path.strip_prefix('/').unwrap_or(path);
    if let Some(verb) = &template.verb {
        path = path.strip_suffix(verb.as_str()).and_then(|p| p.strip_suffix(':')).unwrap_or(path);
    }
    let open_end = template.parts.get(variable.end - 1) == Some(&Part::Rest);
    let count = if open_end { usize::MAX } else { variable.end - variable.start };
    let raw: Vec<&str> = path.split('/').skip(variable.start).take(count).collect();
    let raw = raw.join("/");
    if variable.multi {
        return decode_keeping_slashes(&raw);
    }
    percent_decode_str(&raw).decode_utf8().ok().map(Cow::into_owned)
}

fn decode_keeping_slashes(raw: &str) -> Option<String> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('%') {
        out.extend(percent_decode(&rest.as_bytes()[..at]));
        let end = (at + 3).min(rest.len());
        let escape = rest.get(at..end)?;
        if escape.eq_ignore_ascii_case("%2f") {
            out.extend(escape.bytes());
        } else {
            out.extend(percent_decode(escape.as_bytes()));
        }
        rest = &rest[end..];
    }
    out.extend(rest.bytes());
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(routes: &[(&str, Method)]) -> Matcher<usize> {
        let mut matcher = Matcher::default();
        for (index, (text, method)) in routes.iter().enumerate() {
            matcher.insert(&Template::parse(text).unwrap(), method.clone(), index).unwrap();
        }
        matcher
    }

    #[test]
    fn the_most_specific_route_wins() {
        let matcher = matcher(&[
            ("/a/{x}", Method::GET),
            ("/a/b", Method::GET),
            ("/a/{x=**}", Method::GET),
            ("/a/{x}:v", Method::GET),
            ("/a/{x}/c", Method::GET),
        ]);
        for (path, route) in
            [("/a/b", 1), ("/a/z", 0), ("/a/z/y", 2), ("/a/z:v", 3), ("/a/z/c", 4), ("/a", 2), ("/a/z:w", 0)]
        {
            assert_eq!(matcher.find(path, &Method::GET), Found::Route(route), "{path}");
        }
        for path in ["/", "/b", "b", "", "/A/b"] {
            assert_eq!(matcher.find(path, &Method::GET), Found::Nothing, "{path}");
        }
    }

    #[test]
    fn a_star_does_not_match_an_empty_segment() {
        let matcher = matcher(&[("/a/{x}", Method::GET)]);
        assert_eq!(matcher.find("/a/", &Method::GET), Found::Nothing);
    }

    #[test]
    fn another_method_is_told_and_a_less_specific_route_with_it_is_found() {
        let matcher = matcher(&[("/a/b", Method::POST), ("/a/{x}", Method::GET)]);
        assert_eq!(matcher.find("/a/b", &Method::GET), Found::Route(1));
        assert_eq!(matcher.find("/a/b", &Method::HEAD), Found::Route(1));
        assert_eq!(matcher.find("/a/b", &Method::PUT), Found::Methods(vec![Method::POST, Method::GET]));
    }

    #[test]
    fn an_open_method_takes_what_no_route_names() {
        let any = Method::from_bytes(b"*").unwrap();
        let matcher = matcher(&[("/a/{x}", any.clone()), ("/a/{x}", Method::GET), ("/a/b", any)]);
        assert_eq!(matcher.find("/a/z", &Method::GET), Found::Route(1));
        assert_eq!(matcher.find("/a/z", &Method::PUT), Found::Route(0));
        assert_eq!(matcher.find("/a/b", &Method::GET), Found::Route(2));
    }

    #[test]
    fn two_routes_for_the_same_requests_are_a_conflict() {
        let mut matcher = matcher(&[("/a/{x}", Method::GET)]);
        assert_eq!(matcher.insert(&Template::parse("/a/{y}").unwrap(), Method::GET, 1), Err(0));
        assert_eq!(matcher.insert(&Template::parse("/a/{y}").unwrap(), Method::PUT, 1), Ok(()));
    }

    #[test]
    fn captures_decode_a_slash_in_one_segment_and_keep_it_in_several() {
        let value = |template: &str, path: &str| {
            let template = Template::parse(template).unwrap();
            capture(&template, &template.variables[0], path)
        };
        assert_eq!(value("/a/{x}", "/a/b%2Fc%C3%A6").as_deref(), Some("b/cæ"));
        assert_eq!(value("/a/{x=**}", "/a/b%2Fc/d%C3%A6").as_deref(), Some("b%2Fc/dæ"));
        assert_eq!(value("/a/{x=b/*}/c:v", "/a/b/e/c:v").as_deref(), Some("b/e"));
        assert_eq!(value("/a/{x}", "/a/%FF"), None);
        assert_eq!(value("/a/{x=**}", "/a/%F"), Some("%F".into()));
    }
}
