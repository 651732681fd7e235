//! [`FieldPath`]: how `field.syntax.version` names a field: V1 by its name, V2 by the way to it
//! (`org.apache.kafka.connect.transforms.field.SingleFieldPath`).

use std::sync::Arc;

use connector_api::data::{Schema, SchemaType};

use super::chain::TransformError;
use super::reading::position;

/// The names of structs, and of the field in the innermost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldPath {
    steps: Vec<String>,
}

impl FieldPath {
    /// V1.
    pub(super) fn name(name: &str) -> Self {
        FieldPath {
            steps: vec![name.to_owned()],
        }
    }

    /// V2: names between dots. One with dots of its own stands in backticks, in which `` \` `` is a backtick that a dot follows.
    ///
    /// # Errors
    /// If a backtick is not closed.
    pub(super) fn parse(path: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = Some(path);
        while let Some(text) = rest {
            let (step, behind) = match text.strip_prefix('`') {
                None => match text.split_once('.') {
                    Some((step, behind)) => (step.to_owned(), Some(behind)),
                    None => (text.to_owned(), None),
                },
                Some(quoted) => quotation(quoted).ok_or_else(|| {
                    let at = path.len() - text.len();
                    format!("{path}: the backtick at position {at} has no other one before the next dot or the end")
                })?,
            };
            steps.push(step);
            rest = behind;
        }
        Ok(FieldPath { steps })
    }

    /// The places of its steps in structs of `schema`, and the schema of the field.
    ///
    /// # Errors
    /// The step that is not there.
    pub(super) fn find<'s>(&self, schema: &'s Arc<Schema>) -> Result<(Vec<usize>, &'s Arc<Schema>), TransformError> {
        let mut current = schema;
        let mut places = Vec::with_capacity(self.steps.len());
        for (at, step) in self.steps.iter().enumerate() {
            if !matches!(current.schema_type, SchemaType::Struct(_)) {
                let message = match at {
                    0 => "it is no struct, so it has no fields".to_owned(),
                    at => format!(
                        "its field `{}` is no struct, so it has no fields",
                        self.steps[..at].join(".")
                    ),
                };
                return Err(TransformError::new(message));
            }
            let index = position(current, step)
                .ok_or_else(|| TransformError::new(format!("it has no field `{}`", self.steps[..=at].join("."))))?;
            places.push(index);
            current = &current.fields()[index].schema;
        }
        Ok((places, current))
    }
}

/// A backtick was taken. What stands before the one that closes, and what follows its dot.
fn quotation(text: &str) -> Option<(String, Option<&str>)> {
    let mut step = String::new();
    let mut start = 0;
    for (at, _) in text.match_indices('`') {
        let is_escaped = text[..at].ends_with('\\');
        match text[at + 1..].strip_prefix('.') {
            _ if at + 1 == text.len() && !is_escaped => {
                step.push_str(&text[start..at]);
                return Some((step, None));
            }
            Some(behind) if !is_escaped => {
                step.push_str(&text[start..at]);
                return Some((step, Some(behind)));
            }
            Some(_) => {
                step.push_str(&text[start..at - 1]);
                step.push('`');
                start = at + 1;
            }
            None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::FieldPath;

    #[track_caller]
    fn check(path: &str, steps: &[&str]) {
        let found = FieldPath::parse(path).map(|path| path.steps);
        assert_eq!(found, Ok(steps.iter().map(|step| (*step).to_owned()).collect()));
    }

    /// The examples of KIP-821.
    #[test]
    fn paths_are_split_as_kafka_splits_them() {
        check("foo", &["foo"]);
        check("foo.bar.baz", &["foo", "bar", "baz"]);
        check("`foo.bar`.baz", &["foo.bar", "baz"]);
        check("foo.`bar.baz`", &["foo", "bar.baz"]);
        check("foo.ba`r", &["foo", "ba`r"]);
        check("`foo`bar.baz`", &["foo`bar.baz"]);
        check("`foo\\`.bar`.baz", &["foo`.bar", "baz"]);
        check("foo.", &["foo", ""]);
        check("..", &["", "", ""]);
        assert!(FieldPath::parse("`foo.bar").is_err());
        assert!(FieldPath::parse("a.`b\\`").is_err());
    }
}
