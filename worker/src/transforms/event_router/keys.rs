//! The options of the transform, under Debezium's names.

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator, Width};
use connector_api::data::SchemaMap;

use super::envelopes::Envelopes;
use super::expanded_json::ExpandedJson;
use super::logged::Logged;
use super::{Columns, EventRouter, Extra, Placement, Updates};
use crate::transforms::chain::Transform;
use crate::transforms::topic_pattern::TopicPattern;

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    use ConfigType::{Boolean, List, String};
    use Importance::{High, Low, Medium};
    let of = |group: &'static str| {
        move |name, kind, importance, title, doc| {
            ConfigKey::new(name, kind, doc)
                .display_name(title)
                .importance(importance)
                .width(Width::Medium)
                .in_group(group, 0)
        }
    };
    let (table, router, tracing) = (of("Table"), of("Router"), of("Tracing"));
    let without_effect = "Without effect: there are no tracing spans here.";
    let keys = [
        table("table.field.event.id", String, Low, "Event ID Field", "The column that becomes the header `id`.").default_value("id"),
        table("table.field.event.key", String, Low, "Event Key Field", "The column that becomes the key.").default_value("aggregateid"),
        table("table.field.event.type", String, Low, "Event Type Field", "Without effect, as in Debezium.").default_value("type"),
        table("table.field.event.payload", String, Low, "Event Payload Field", "The column that becomes the value.").default_value("payload"),
        table("table.field.event.timestamp", String, Medium, "Event Timestamp Field", "The column that becomes the record's time; without it that is the envelope's."),
        table(
            "table.fields.additional.placement",
            List,
            High,
            "Settings for each additional column in the outbox table",
            "More columns: `COLUMN:PLACEMENT:NAME`, where the placement is header, envelope or partition and the name may be left out.",
        ),
        table(
            "table.field.additional.missing",
            String,
            Medium,
            "Behavior when an additional field is missing in the change data",
            "What happens if such a column is not there: error stops the task, ignore leaves it out.",
        )
        .default_value("error")
        .validator(Validator::OneOfIgnoreCase(&["ignore", "error"])),
        table("table.field.event.schema.version", String, Low, "Event Schema Version Field", "The column, an INT, that gives the version of the value's schema, if columns stand beside the payload."),
        table(
            "table.op.invalid.behavior",
            String,
            Medium,
            "Behavior when capturing an unexpected outbox event",
            "What happens to updates of the table, which are no events: warn and error leave them out and log it, fatal stops the task.",
        )
        .default_value("warn")
        .validator(Validator::OneOfIgnoreCase(&["warn", "error", "fatal"])),
        table("table.expand.json.payload", Boolean, Medium, "Expand Payload escaped string as real JSON", "Whether a payload that is a JSON object becomes a struct of what it holds; another payload stays as it is.").default_value("false"),
        table("table.json.payload.null.behavior", String, Medium, "Behavior when json payload including null value", "What becomes of its nulls: ignore leaves the field out, optional_bytes makes one without a value.")
            .default_value("ignore")
            .validator(Validator::OneOfIgnoreCase(&["ignore", "optional_bytes"])),
        router("route.by.field", String, High, "Field to route events by", "The column that names the topic.").default_value("aggregatetype"),
        router("route.topic.regex", String, Low, "The name of the routed topic", "A Java regular expression for the whole text of that column.")
            .default_value("(?<routedByValue>.*)"),
        router(
            "route.topic.replacement",
            String,
            High,
            "The name of the routed topic",
            "The topic, in which $1 or ${name} stand for what a group of the expression has found.",
        )
        .default_value("outbox.event.${routedByValue}"),
        router(
            "route.tombstone.on.empty.payload",
            Boolean,
            High,
            "Empty payloads cause a tombstone message",
            "Whether an event whose payload is null or blank becomes a tombstone.",
        )
        .default_value("false"),
        tracing("tracing.span.context.field", String, High, "Serialized tracing span context field", without_effect)
            .default_value("tracingspancontext"),
        tracing("tracing.operation.name", String, High, "Tracing operation name", without_effect).default_value("debezium-read"),
        tracing("tracing.with.context.field.only", Boolean, High, "Trace only events with context field present", without_effect)
            .default_value("false"),
    ];
    let ordered = keys.into_iter().zip(1..);
    ordered
        .map(|(key, order)| {
            let group = key.group().to_owned();
            key.in_group(group, order)
        })
        .collect()
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let text = |name: &str| options.string(name).unwrap_or_default();
    let mut problems = Vec::new();
    let mut extras = Vec::new();
    for entry in options.list("table.fields.additional.placement").unwrap_or_default() {
        match extra(entry) {
            Ok(extra) => extras.push(extra),
            Err(message) => problems.push(ConfigProblem::new("table.fields.additional.placement", message)),
        }
    }
    let (regex, replacement) = ("route.topic.regex", "route.topic.replacement");
    let topics = TopicPattern::of((regex, text(regex)), (replacement, text(replacement)));
    let topics = topics.map_err(|found| problems.extend(found));
    let (Ok(topics), true) = (topics, problems.is_empty()) else {
        return Err(problems);
    };
    let optional = |name: &str| Some(text(name).to_owned()).filter(|name| !name.is_empty());
    let keeps_nulls = text("table.json.payload.null.behavior").eq_ignore_ascii_case("optional_bytes");
    Ok(Box::new(EventRouter {
        columns: Columns {
            id: text("table.field.event.id").to_owned(),
            key: text("table.field.event.key").to_owned(),
            payload: text("table.field.event.payload").to_owned(),
            timestamp: optional("table.field.event.timestamp"),
            version: optional("table.field.event.schema.version"),
            route_by: text("route.by.field").to_owned(),
            extras,
            may_be_missing: !text("table.field.additional.missing").eq_ignore_ascii_case("error"),
        },
        updates: match text("table.op.invalid.behavior").to_ascii_lowercase().as_str() {
            "fatal" => Updates::Fail,
            "error" => Updates::LogAsError,
            _ => Updates::Warn,
        },
        topics,
        tombstones: options.boolean("route.tombstone.on.empty.payload").unwrap_or_default(),
        expanded: (options.boolean("table.expand.json.payload") == Some(true)).then(|| ExpandedJson {
            keeps_nulls,
            known: Vec::new(),
        }),
        known: SchemaMap::default(),
        logged: Logged::default(),
        envelopes: Envelopes::default(),
    }))
}

fn extra(entry: &str) -> Result<Extra, String> {
    let mut parts = entry.split(':').map(str::trim);
    let (column, placement) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let name = parts.next().unwrap_or(column);
    let placement = match placement.to_ascii_lowercase().as_str() {
        "header" => Placement::Header,
        "envelope" => Placement::Envelope,
        "partition" => Placement::Partition,
        _ => {
            return Err(format!(
                "`{entry}` does not say header, envelope or partition behind its first colon"
            ));
        }
    };
    if column.is_empty() || name.is_empty() || parts.next().is_some() {
        return Err(format!("`{entry}` is not COLUMN:PLACEMENT or COLUMN:PLACEMENT:NAME"));
    }
    Ok(Extra {
        column: column.to_owned(),
        placement,
        name: name.to_owned(),
    })
}
