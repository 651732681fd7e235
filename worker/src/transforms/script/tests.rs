use std::sync::Arc;

use connector_api::config::{ConfigDef, ConfigKey, ConfigMap, ConfigType};
use connector_api::data::{Field, Schema, SchemaType, Value};
use connector_api::{HeaderSet, Partitioning};

use super::{Script, Verdict, keys};
use crate::transforms::record::{Headers, Part, Record};

fn script(options: &[(&str, &str)]) -> Result<Script, Vec<String>> {
    let options: ConfigMap = options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let def = ConfigDef::new(keys(ConfigKey::new("condition", ConfigType::String, "")));
    let parsed = def.parse(&options).expect("values of the right types");
    Script::new("condition", &parsed).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn field(name: &str, schema: Schema) -> Field {
    Field::new(name, schema.shared())
}

/// An update of a row whose `n` is null, with a default.
fn envelope() -> (Arc<Schema>, Value) {
    let price = Schema::new(SchemaType::Bytes)
        .named("org.apache.kafka.connect.data.Decimal")
        .parameter("scale", "2");
    let row = vec![
        field("id", Schema::new(SchemaType::Int64)),
        field("name", Schema::new(SchemaType::String)),
        field(
            "n",
            Schema::new(SchemaType::Int32).optional().default_value(Value::Int32(5)),
        ),
        field("price", price),
    ];
    let row = Schema::structure("Value", row).optional();
    let fields = vec![
        field("before", row.clone()),
        field("after", row),
        field("op", Schema::new(SchemaType::String)),
    ];
    let after = vec![
        Value::Int64(7),
        Value::String("seven".to_owned()),
        Value::Null,
        Value::Bytes(vec![0x04, 0xe2]),
    ];
    let value = vec![Value::Null, Value::Struct(after), Value::String("c".to_owned())];
    (Schema::structure("Envelope", fields).shared(), Value::Struct(value))
}

/// What the expression answers of that record; `None` if it is not asked.
fn judge(options: &[(&str, &str)], is_tombstone: bool) -> Result<Option<cel::Value>, String> {
    let (schema, value) = envelope();
    let shared = Arc::new(HeaderSet(vec![("origin".to_owned(), "here".to_owned())]));
    let part = Part {
        schema: &schema,
        value: Some(&value),
    };
    let record = Record {
        topic: "shop.shop.orders",
        partitioning: Partitioning::ByKey,
        key: None,
        value: (!is_tombstone).then_some(part),
        headers: Headers::OfSource {
            own: &[],
            shared: &shared,
        },
        timestamp_ms: None,
    };
    let options = [&[("language", "cel")], options].concat();
    match script(&options).expect("a script").judge(&record) {
        Ok(Verdict::Answer(answer)) => Ok(Some(answer)),
        Ok(Verdict::Keep) => Ok(None),
        Ok(Verdict::Drop) => Err("dropped".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The expressions that docs/transforms.md has for those of Groovy.
#[test]
fn expressions_are_asked_of_the_record() {
    for condition in [
        "value.op == 'c' && value.after.id == 7",
        "value.op in ['c', 'r']",
        "value.after.name.startsWith('sev')",
        "value.after.name.matches('^s.*n$')",
        "value.before == null",
        "value.after.n == 5",
        "value.after.price > 12.0 && value.after.price < 13",
        "value.op == 'd' ? value.before.id == 7 : value.after.id == 7",
        "has(value.after.name) && !has(value.after.nothing)",
        "topic.endsWith('.orders') && key == null",
        "header.origin.value == 'here' && header['origin'].value == 'here'",
        "value.after.name.contains('eve') && 'orders_' + value.after.name == 'orders_seven'",
        "!('absent' in header)",
        "[1, 2].map(a, a + 1) == [2, 3] && ['r', 'c'].exists(op, op == value.op) && ![0].all(n, n > 0)",
    ] {
        assert_eq!(
            judge(&[("condition", condition)], false),
            Ok(Some(cel::Value::Bool(true))),
            "{condition}"
        );
    }
    let topic = judge(
        &[(
            "condition",
            "value.op == 'd' ? null : 'created_' + string(value.after.id)",
        )],
        false,
    );
    assert_eq!(topic, Ok(Some(cel::Value::from("created_7"))));
}

#[test]
fn records_are_passed_over_by_topic_and_without_a_value() {
    let of = |options: &[(&'static str, &'static str)], is_tombstone| {
        judge(&[&[("condition", "false")], options].concat(), is_tombstone)
    };
    assert_eq!(of(&[("topic.regex", "shop\\.(?!shop).*")], false), Ok(None));
    assert_eq!(
        of(&[("topic.regex", ".*orders")], false),
        Ok(Some(cel::Value::Bool(false)))
    );
    assert_eq!(of(&[], true), Ok(None));
    assert_eq!(of(&[("null.handling.mode", "drop")], true), Err("dropped".to_owned()));
    let asked = judge(
        &[("condition", "value == null"), ("null.handling.mode", "evaluate")],
        true,
    );
    assert_eq!(asked, Ok(Some(cel::Value::Bool(true))));
}

#[test]
fn what_has_no_answer_says_why_and_not_of_what() {
    for (condition, part) in [
        ("value.after.nothing == 1", "`nothing`, which is not there"),
        ("value.before.id == 1", "the expression"),
        ("value.after.name > 1", "the expression"),
        ("nothing == 1", "`nothing`; there are key"),
        ("header['nothing'].value == ''", "`nothing`, which is not there"),
        ("{'a': true}[value.after.name]", "the expression has no answer"),
        ("{'a': true}[value.after.name + '!']", "the expression has no answer"),
    ] {
        let error = judge(&[("condition", condition)], false).expect_err(condition);
        assert!(error.contains(part) && !error.contains("seven"), "{condition}: {error}");
    }
}

#[test]
fn what_is_no_script_is_refused_by_its_option() {
    for (options, part) in [
        (
            &[("language", "jsr223.groovy"), ("condition", "value.after?.id == 1")],
            "language jsr223.groovy is not supported",
        ),
        (
            &[("language", "cel"), ("condition", "value.op =")],
            "condition it is no CEL: ",
        ),
        (
            &[("language", "cel"), ("condition", "valueSchema == null")],
            "condition valueSchema is not supported",
        ),
        (
            &[("language", "cel"), ("condition", "[1].all(a, [2].exists(b, a == b))")],
            "condition one of map, filter, all, exists and exists_one stands within another one",
        ),
        (
            &[
                ("language", "cel"),
                ("condition", "size([1].map(a, [a, a]).filter(b, true)) == 1"),
            ],
            "condition one of map, filter, all, exists and exists_one stands within another one",
        ),
        (
            &[("language", "cel"), ("topic.regex", "(")],
            "topic.regex Invalid regex",
        ),
    ] {
        let problems = script(options).err().expect("problems").join("\n");
        assert!(problems.contains(part), "{problems}");
    }
}

proptest::proptest! {
    /// Expressions come from the REST interface: whatever they are, they end nothing.
    #[test]
    fn any_text_is_a_script_or_refused(text in "([a-z0-9 .()'\"\\[\\]{}+*/<>=!&|?:,\\\\-]|value|has|\\PC){0,40}") {
        let _ = script(&[("language", "cel"), ("condition", &text)]);
    }
}

#[test]
fn a_long_expression_is_refused() {
    let long = format!("value.a == '{}'", "a".repeat(super::LONGEST));
    let refused = script(&[("language", "cel"), ("condition", &long)]).err();
    let problems = refused.unwrap_or_default();
    assert!(
        problems.iter().any(|problem| problem.contains("4000 bytes")),
        "{problems:?}"
    );
}

/// Below what is too deep and beyond it, in every shape that nests.
#[test]
fn a_nested_expression_has_an_answer_or_is_refused() {
    let shapes = [
        ("(", "true", ")"),
        ("!", "true", ""),
        ("-", "1", ""),
        ("", "1", "+1"),
        ("[", "1", "]"),
        ("true?true:", "true", ""),
    ];
    let more = [
        ("", "value", ".a"),
        ("", "value", "[0]"),
        ("size(", "value", ")"),
        ("", "true", "&&true"),
        ("{1:", "1", "}"),
        ("1-(", "1", ")"),
    ];
    for (before, middle, behind) in shapes.into_iter().chain(more) {
        for times in [super::DEEPEST / 2, super::DEEPEST - 2, super::DEEPEST + 20] {
            let nest = format!("{}{middle}{}", before.repeat(times), behind.repeat(times));
            if script(&[("language", "cel"), ("condition", &nest)]).is_ok() {
                _ = judge(&[("condition", &nest)], false);
            }
        }
    }
}

#[test]
fn groovy_runs_where_it_is_the_same() {
    for same in [
        "value.after.id == 7",
        "value.op == 'c' && (value.after.name != \"x\" || !value.after.name.startsWith('s'))",
        "value.op in ['c', 'u'] ? value.after.id >= 0 : value.before == null",
        "topic == 'part_' + value.after.name || value.after.price > 100.5 && value.after.id > -1",
    ] {
        let answer = |language| judge(&[("language", language), ("condition", same)], false);
        assert_eq!(answer("jsr223.groovy"), answer("cel"), "{same}");
        assert!(answer("cel").is_ok_and(|answer| answer.is_some()), "{same}");
    }
    for other in [
        "value.after?.id == 7",
        "value.after.name ==~ /s.*/",
        "\"${value.after.name}\" == 'seven'",
        "value.after.id == 010",
        "value.after.id + 1 == 8",
        "value.after.name.matches('s')",
        "value.after.name.size() == 5",
        "has(value.after)",
        "value.after.name == 'a\\\\b'",
        "keySchema == null",
    ] {
        let found = script(&[("language", "jsr223.groovy"), ("condition", other)]).err();
        let found = found.unwrap_or_else(|| panic!("{other} is taken"));
        assert!(
            found.len() == 1 && found[0].contains("jsr223.groovy"),
            "{other}: {found:?}"
        );
    }
}
