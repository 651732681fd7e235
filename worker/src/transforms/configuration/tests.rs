use connector_api::ConfigMap;
use connector_api::config::ConfigKey;

use super::{chain, keys, unknown};

const UNWRAP: &str = "io.debezium.transforms.ExtractNewRecordState";
const ROUTER: &str = "org.apache.kafka.connect.transforms.RegexRouter";

fn map(pairs: &[(&str, &str)]) -> ConfigMap {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn line(key: &ConfigKey) -> String {
    let (name, kind, group, title) = (key.name(), key.config_type().name(), key.group(), key.title());
    let (required, default, order) = (key.is_required(), key.default().unwrap_or("-"), key.order());
    let (importance, width) = (key.how_important(), key.field_width());
    format!("{name}|{kind}|{required}|{default}|{importance:?}|{width:?}|{group}|{order}|{title}")
}

/// As Kafka Connect 4.3 with Debezium 3.6.3 answers a validation.
#[test]
fn the_keys_of_an_alias_are_those_that_kafka_connect_lists() {
    let config = map(&[
        ("transforms", "u,r"),
        ("transforms.u.type", UNWRAP),
        ("transforms.r.type", "RegexRouter"),
        ("predicates", "p"),
        (
            "predicates.p.type",
            "org.apache.kafka.connect.transforms.predicates.HasHeaderKey",
        ),
    ]);
    let lines: Vec<String> = keys(&config).iter().map(line).collect();
    let expected = "\
transforms.u.type|CLASS|true|-|High|Long|Transforms: u|0|Transformation type for u
transforms.u.plugin.version|STRING|false|3.6.3.Final|High|Long|Transforms: u|1|Transformation version for u
transforms.u.negate|BOOLEAN|false|false|Medium|None|Transforms: u|2|negate
transforms.u.predicate|STRING|false|-|Medium|None|Transforms: u|3|predicate
transforms.u.delete.tombstone.handling.mode|STRING|false|tombstone|Medium|Medium|Transforms: u|4|Handle delete and tombstone records
transforms.u.add.fields|LIST|false||Low|Long|Transforms: u|5|Adds the specified field(s) to the message if they exist.
transforms.u.add.fields.prefix|STRING|false|__|Low|Short|Transforms: u|6|Field prefix to be added to each field.
transforms.u.add.headers|LIST|false||Low|Long|Transforms: u|7|Adds the specified fields to the header if they exist.
transforms.u.add.headers.prefix|STRING|false|__|Low|Short|Transforms: u|8|Header prefix to be added to each header.
transforms.u.drop.fields.from.key|BOOLEAN|false|false|Low|Short|Transforms: u|9|Specifies whether the fields to be dropped should also be omitted from the key
transforms.u.drop.fields.header.name|STRING|false|-|Low|Short|Transforms: u|10|Specifies a header that contains a list of field names to be removed
transforms.u.drop.fields.keep.schema.compatible|BOOLEAN|false|true|Low|Short|Transforms: u|11|Specifies if fields are dropped, will the event's schemas be compatible
transforms.u.route.by.field|STRING|false||Low|Long|Transforms: u|12|Route by field name
transforms.r.type|CLASS|true|-|High|Long|Transforms: r|0|Transformation type for r
transforms.r.plugin.version|STRING|false|4.3.0|High|Long|Transforms: r|1|Transformation version for r
transforms.r.regex|STRING|true|-|High|None|Transforms: r|2|regex
transforms.r.replacement|STRING|true|-|High|None|Transforms: r|3|replacement
transforms.r.negate|BOOLEAN|false|false|Medium|None|Transforms: r|4|negate
transforms.r.predicate|STRING|false|-|Medium|None|Transforms: r|5|predicate
predicates.p.type|CLASS|true|-|High|Long|Predicates: p|0|Predicate type for p
predicates.p.plugin.version|STRING|false|4.3.0|High|Long|Predicates: p|1|Predicate version for p
predicates.p.name|STRING|true|-|Medium|None|Predicates: p|2|name";
    assert_eq!(lines.join("\n"), expected);
}

#[test]
fn the_options_of_a_class_are_those_that_kafka_connect_lists() {
    let config = map(&[
        ("transforms", "p,v,t,h"),
        (
            "transforms.p.type",
            "io.debezium.transforms.partitions.PartitionRouting",
        ),
        ("transforms.v.type", "io.debezium.transforms.HeaderToValue"),
        (
            "transforms.t.type",
            "org.apache.kafka.connect.transforms.TimestampConverter$Value",
        ),
        (
            "transforms.h.type",
            "org.apache.kafka.connect.transforms.HeaderFrom$Key",
        ),
    ]);
    // Behind the class and its version.
    let of_class = |key: &&ConfigKey| key.order() > 1;
    let keys = keys(&config);
    let lines: Vec<String> = keys.iter().filter(of_class).map(line).collect();
    let expected = "\
transforms.p.negate|BOOLEAN|false|false|Medium|None|Transforms: p|2|negate
transforms.p.predicate|STRING|false|-|Medium|None|Transforms: p|3|predicate
transforms.p.partition.payload.fields|LIST|false|-|High|None|Transforms: p: partitions|4|List of payload fields to use for compute partition.
transforms.p.partition.topic.num|INT|false|-|High|None|Transforms: p: partitions|5|Number of partition configured for topic
transforms.p.partition.hash.function|STRING|false|java|Low|None|Transforms: p: partitions|6|Hash function
transforms.v.negate|BOOLEAN|false|false|Medium|None|Transforms: v|2|negate
transforms.v.predicate|STRING|false|-|Medium|None|Transforms: v|3|predicate
transforms.v.fields|LIST|false|-|High|None|Transforms: v|4|Field names list
transforms.v.headers|LIST|false|-|High|None|Transforms: v|5|Header names list
transforms.v.operation|STRING|false|-|High|None|Transforms: v|6|Operation: mover or copy
transforms.t.target.type|STRING|true|-|High|None|Transforms: t|2|target.type
transforms.t.field|STRING|false||High|None|Transforms: t|3|field
transforms.t.format|STRING|false||Medium|None|Transforms: t|4|format
transforms.t.negate|BOOLEAN|false|false|Medium|None|Transforms: t|5|negate
transforms.t.predicate|STRING|false|-|Medium|None|Transforms: t|6|predicate
transforms.t.replace.null.with.default|BOOLEAN|false|true|Medium|None|Transforms: t|7|replace.null.with.default
transforms.t.unix.precision|STRING|false|milliseconds|Low|None|Transforms: t|8|unix.precision
transforms.h.fields|LIST|true|-|High|None|Transforms: h|2|fields
transforms.h.headers|LIST|true|-|High|None|Transforms: h|3|headers
transforms.h.operation|STRING|true|-|High|None|Transforms: h|4|operation
transforms.h.negate|BOOLEAN|false|false|Medium|None|Transforms: h|5|negate
transforms.h.predicate|STRING|false|-|Medium|None|Transforms: h|6|predicate
transforms.h.replace.null.with.default|BOOLEAN|false|true|Medium|None|Transforms: h|7|replace.null.with.default";
    assert_eq!(lines.join("\n"), expected);
}

#[track_caller]
fn check(pairs: &[(&str, &str)], expected: &[&str]) {
    let problems = chain(&map(pairs)).err().unwrap_or_default();
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
}

#[test]
fn every_problem_is_told_by_its_key() {
    let router = [
        ("transforms", "r"),
        ("transforms.r.type", ROUTER),
        ("transforms.r.replacement", "x"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&router, more].concat();
    check(&with(&[("transforms.r.regex", ".*")]), &[]);
    check(
        &[("transforms", "a")],
        &["transforms.a.type Missing required configuration \"transforms.a.type\" which has no default value."],
    );
    check(
        &[("transforms", "a"), ("transforms.a.type", "x.Y")],
        &[
            "transforms.a.type Invalid value x.Y for configuration transforms.a.type: Class x.Y could not be found. There are: io.debezium",
        ],
    );
    check(
        &with(&[]),
        &["transforms.r.regex Missing required configuration \"regex\""],
    );
    check(
        &with(&[("transforms.r.regex", "(")]),
        &["transforms.r.regex Invalid value for configuration transforms.r.regex: Invalid regex: "],
    );
    check(
        &with(&[("transforms.r.regex", ".*"), ("transforms.r.negate", "true")]),
        &["transforms.r.negate Invalid value for configuration transforms.r.negate: there is nothing to negate"],
    );
    check(
        &with(&[("transforms.r.regex", ".*"), ("transforms.r.predicate", "p")]),
        &["transforms.r.predicate Invalid value for configuration transforms.r.predicate: p is not one of the aliases"],
    );
    check(
        &with(&[("transforms.r.regex", ".*"), ("transforms", "r,r")]),
        &["transforms Invalid value for configuration transforms: `r` is listed twice"],
    );
    check(
        &[("predicates", "p")],
        &["predicates.p.type Missing required configuration"],
    );
    let of_unwrap = |option: (&'static str, &'static str)| [("transforms", "u"), ("transforms.u.type", UNWRAP), option];
    check(
        &of_unwrap(("transforms.u.add.fields", "a:b:c")),
        &["transforms.u.add.fields Invalid value"],
    );
    let of = |class: &'static str, options: &[(&'static str, &'static str)]| {
        let options: Vec<_> = options.to_vec();
        [&[("transforms", "t"), ("transforms.t.type", class)], options.as_slice()].concat()
    };
    for (class, options, problem) in [
        (
            "Cast$Value",
            ("transforms.t.spec", "a:int8,int16"),
            "transforms.t.spec Invalid value",
        ),
        (
            "Cast$Value",
            ("transforms.t.spec", "a:date"),
            "transforms.t.spec Invalid value",
        ),
        (
            "TimestampRouter",
            ("transforms.t.timestamp.format", "b"),
            "transforms.t.timestamp.format Invalid value",
        ),
        (
            "SchemaChangeEventFilter",
            ("transforms.t.x", ""),
            "transforms.t.schema.change.event.exclude.list Invalid value",
        ),
    ] {
        check(&of(class, &[options]), &[problem]);
    }
    check(
        &of("TimestampConverter$Key", &[("transforms.t.target.type", "string")]),
        &[
            "transforms.t.format Invalid value for configuration transforms.t.format: target.type=string needs a pattern",
        ],
    );
    check(
        &of(
            "HeaderToValue",
            &[
                ("transforms.t.fields", "a.."),
                ("transforms.t.headers", "h"),
                ("transforms.t.operation", "copy"),
            ],
        ),
        &["transforms.t.fields Invalid value"],
    );
    check(
        &of(
            "ExtractNewRecordState",
            &[("transforms.t.replace.null.with.default", "maybe")],
        ),
        &["transforms.t.replace.null.with.default Invalid value maybe"],
    );
    check(
        &of(
            "PartitionRouting",
            &[
                ("transforms.t.partition.topic.num", "0"),
                ("transforms.t.partition.payload.fields", "op"),
            ],
        ),
        &["transforms.t.partition.topic.num Invalid value 0"],
    );
}

#[test]
fn options_that_do_nothing_are_known_as_such() {
    let config = map(&[("transforms", "u"), ("transforms.u.type", UNWRAP)]);
    let reason = |key| unknown(key, &config);
    assert_eq!(
        reason("transforms.u.drop.tombstones").as_deref(),
        Some("io.debezium.transforms.ExtractNewRecordState of today has `delete.tombstone.handling.mode` in its place")
    );
    assert_eq!(
        reason("transforms.u.what").as_deref(),
        Some("io.debezium.transforms.ExtractNewRecordState has no such option")
    );
    assert_eq!(
        reason("transforms.v.type").as_deref(),
        Some("no alias in `transforms` has it")
    );
    assert_eq!(
        reason("predicates.p.type").as_deref(),
        Some("no alias in `predicates` has it")
    );
    assert_eq!(reason("transforms.u.replace.null.with.default"), None);
    assert_eq!(reason("tasks.max"), None);
}
