//! [`Script`]: an expression that is asked of every record, with the options that Debezium's `Filter` and `ContentBasedRouter`
//! share (`io.debezium.transforms.ScriptingTransformation`).
//!
//! Debezium runs Groovy, JavaScript or WebAssembly there. Here the language is CEL (<https://cel.dev>), which changes nothing and
//! reads nothing but the record; of the others, Groovy is taken where it is the same, and refused by its language else. CEL bounds neither work nor memory: what
//! keeps an expression to the size of its record is that it is short and has no loop within a loop.

mod facts;
mod groovy;
mod parts;

use std::collections::HashSet;
use std::sync::Arc;

use cel::{Context, Env, ExecutionError, Program};
use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator, Width};
use connector_api::pattern::{Case, Pattern};

use super::chain::TransformError;
use super::record::Record;
use facts::Facts;
use parts::{DEEPEST, has_nested_loops, is_too_deep, names};

/// An expression, and the records that it is asked of.
pub(super) struct Script {
    program: Program,
    /// The names that stand in the expression.
    names: HashSet<String>,
    env: Arc<Env>,
    facts: Facts,
    topics: Option<Pattern>,
    nulls: Nulls,
}

/// What becomes of records without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nulls {
    Keep,
    Drop,
    Evaluate,
}

/// What a record leads to.
pub(super) enum Verdict {
    /// The expression is not asked; the record goes on, or does not.
    Keep,
    Drop,
    /// What the expression has answered.
    Answer(cel::Value),
}

/// How many bytes an expression may have: it is read by calls within calls, too.
const LONGEST: usize = 4_000;

/// The language.
const CEL: &str = "cel";

/// The options of a script whose expression is in `expression`, without their prefix.
pub(super) fn keys(expression: ConfigKey) -> Vec<ConfigKey> {
    let key = |name, title, width, importance, doc| {
        ConfigKey::new(name, ConfigType::String, doc)
            .display_name(title)
            .width(width)
            .importance(importance)
    };
    let keys = [
        key(
            "topic.regex",
            "Topic regex",
            Width::Long,
            Importance::Low,
            "A Java regular expression for the whole names of the topics whose records are looked at.",
        ),
        key(
            "language",
            "Expression language",
            Width::Medium,
            Importance::High,
            "The language of the expression: cel, or jsr223.groovy for what is the same in both.",
        ),
        expression.importance(Importance::High).width(Width::Medium),
        key(
            "null.handling.mode",
            "Handle null records",
            Width::Short,
            Importance::Low,
            "What becomes of records without a value: keep, drop or evaluate.",
        )
        .default_value("keep")
        .validator(Validator::OneOfIgnoreCase(&["drop", "keep", "evaluate"])),
    ];
    let ordered = keys.into_iter().zip(1..);
    ordered.map(|(key, order)| key.in_group("", order)).collect()
}

impl Script {
    /// The script whose expression is in the option `expression`.
    ///
    /// # Errors
    /// What is wrong with which option.
    pub(super) fn new(expression: &str, options: &ParsedConfig) -> Result<Self, Vec<ConfigProblem>> {
        let option = |name: &str| options.string(name).unwrap_or_default();
        let env = Arc::new(Env::stdlib());
        let program = compile(&env, option(expression));
        let is_the_same_in_groovy = |program: &Program| groovy::is_the_same(option(expression), program.expression());
        let mut problems = Vec::new();
        let mut problem = |option: &str, message: String| problems.push(ConfigProblem::new(option, message));
        match option("language") {
            CEL => {}
            groovy::LANGUAGE if program.as_ref().is_ok_and(is_the_same_in_groovy) => {}
            "" => problem("language", "A value is required".to_owned()),
            other => problem(
                "language",
                format!(
                    "{other} is not supported; set cel and write the expression in CEL, which for a comparison is often the same"
                ),
            ),
        }
        let topics = Some(option("topic.regex")).filter(|regex| !regex.is_empty());
        let topics = topics.map(|regex| Pattern::new(regex, Case::Sensitive)).transpose();
        let topics = topics.map_err(|reason| problem("topic.regex", format!("Invalid regex: {reason}")));
        let is_of_another_language = !matches!(option("language"), "" | CEL);
        let program = program.map_err(|reason| {
            if !is_of_another_language {
                problem(expression, reason);
            }
        });
        let (Ok(topics), Ok(program), true) = (topics, program, problems.is_empty()) else {
            return Err(problems);
        };
        Ok(Script {
            facts: Facts::new(|variable| program.references().has_variable(variable)),
            names: names(program.expression()),
            program,
            env,
            topics,
            nulls: match option("null.handling.mode").to_ascii_lowercase().as_str() {
                "drop" => Nulls::Drop,
                "evaluate" => Nulls::Evaluate,
                _ => Nulls::Keep,
            },
        })
    }

    /// What the record leads to.
    ///
    /// # Errors
    /// If the expression has no answer.
    pub(super) fn judge(&mut self, record: &Record<'_>) -> Result<Verdict, TransformError> {
        if let Some(topics) = &self.topics
            && !topics.matches(record.topic)?
        {
            return Ok(Verdict::Keep);
        }
        match self.nulls {
            Nulls::Keep if record.is_tombstone() => return Ok(Verdict::Keep),
            Nulls::Drop if record.is_tombstone() => return Ok(Verdict::Drop),
            _ => {}
        }
        let mut context = Context::with_env(Arc::clone(&self.env));
        for (name, value) in self.facts.of(record)? {
            context.add_variable_from_value(name, value);
        }
        let answer = self.program.execute(&context);
        answer
            .map(Verdict::Answer)
            .map_err(|error| TransformError::new(self.unanswered(&error)))
    }

    /// Why it has no answer. What it was asked about is not told: a name may also be the value of a column, as in
    /// `{'a': 1}[value.after.name]`.
    fn unanswered(&self, error: &ExecutionError) -> String {
        match error {
            ExecutionError::NoSuchKey(name) if self.names.contains(name.as_str()) => {
                format!("the expression asks for `{name}`, which is not there")
            }
            ExecutionError::UndeclaredReference(name) => {
                format!("the expression asks for `{name}`; there are key, value, topic and header")
            }
            ExecutionError::NoSuchOverload(error) => format!("the expression has no answer: {error}"),
            _ => "the expression has no answer for values of these types, or for one of these values".to_owned(),
        }
    }
}

fn compile(env: &Env, expression: &str) -> Result<Program, String> {
    if expression.is_empty() {
        return Err("A value is required".to_owned());
    }
    if expression.len() > LONGEST {
        return Err(format!("it has more than {LONGEST} bytes"));
    }
    let program = env.compile(expression).map_err(|error| {
        let text = error.to_string();
        format!("it is no CEL: {}", text.lines().next().unwrap_or_default())
    })?;
    if is_too_deep(program.expression()) {
        return Err(format!("its parts stand more than {DEEPEST} deep in each other"));
    }
    if has_nested_loops(program.expression()) {
        return Err(
            "one of map, filter, all, exists and exists_one stands within another one, or looks through what another one answers, \
             which is not supported"
                .to_owned(),
        );
    }
    for absent in ["keySchema", "valueSchema"] {
        if program.references().has_variable(absent) {
            return Err(format!(
                "{absent} is not supported; there are key, value, topic and header"
            ));
        }
    }
    Ok(program)
}

#[cfg(test)]
mod tests;
