//! Comments of the `.proto` files, by what they explain.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, FileDescriptor};

/// Comments by the full name of what they explain.
#[derive(Debug, Default)]
pub(crate) struct Comments(HashMap<String, String>);

impl Comments {
    /// Reads the comments of a pool whose descriptors carry source information.
    pub(crate) fn of(pool: &DescriptorPool) -> Self {
        let mut comments = Self::default();
        for file in pool.files() {
            comments.read(&file);
        }
        comments
    }

    /// What explains a thing; empty if nothing does. Lines of a paragraph are joined, paragraphs kept.
    pub(crate) fn get(&self, full_name: &str) -> &str {
        self.0.get(full_name).map(String::as_str).unwrap_or_default()
    }

    /// Its first sentence.
    pub(crate) fn summary(&self, full_name: &str) -> String {
        let text = self.get(full_name);
        let paragraph = text.split("\n\n").next().unwrap_or_default();
        paragraph.split_once(". ").map_or(paragraph, |(first, _)| first).trim_end_matches('.').to_owned()
    }

    fn read(&mut self, file: &FileDescriptor) {
        let info = file.file_descriptor_proto().source_code_info.as_ref();
        let by_path: HashMap<&[i32], &str> = info
            .map(|info| info.location.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|location| (location.path.as_slice(), location.leading_comments()))
            .collect();
        let mut keep = |path: &[i32], name: &str| {
            if let Some(text) = by_path.get(path).map(|text| flow(text)).filter(|text| !text.is_empty()) {
                self.0.insert(name.to_owned(), text);
            }
        };
        for service in file.services() {
            keep(service.path(), service.full_name());
            for rpc in service.methods() {
                keep(rpc.path(), rpc.full_name());
            }
        }
        let mut messages: Vec<_> = file.messages().collect();
        let mut enums: Vec<_> = file.enums().collect();
        while let Some(message) = messages.pop() {
            keep(message.path(), message.full_name());
            for field in message.fields() {
                keep(field.path(), field.full_name());
            }
            messages.extend(message.child_messages());
            enums.extend(message.child_enums());
        }
        for kind in enums {
            keep(kind.path(), kind.full_name());
            for value in kind.values() {
                keep(value.path(), &format!("{}.{}", kind.full_name(), value.name()));
            }
        }
    }
}

/// Joins the lines of each paragraph; an empty comment line ends one.
fn flow(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let paragraphs = lines.split(|line| line.is_empty()).map(|lines| lines.join(" "));
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::flow;

    #[test]
    fn lines_flow_together_and_paragraphs_stay() {
        assert_eq!(flow(" One\n two.\n\n Three.\n"), "One two.\n\nThree.");
        assert_eq!(flow(""), "");
    }
}
