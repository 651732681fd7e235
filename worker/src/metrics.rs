//! The names of the worker's metrics, each with its meaning; those that dashboards of Kafka Connect already query keep
//! their names.
//!
//! Counters and histograms are recorded where things happen. What only mirrors state (how many connectors, in which state)
//! is rendered from the stores at each scrape, so a deleted connector leaves nothing behind.

use std::fmt::Write;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

use crate::herder::HerderHandle;
use crate::store::status::State;

/// Tells the recorder what the recorded metrics mean.
pub(crate) fn describe() {
    describe_counter!(
        "kafka_connect_source_task_source_record_poll_total",
        "Records handed over by the connector."
    );
    describe_counter!(
        "kafka_connect_source_task_source_record_write_total",
        "Records committed to Kafka."
    );
    describe_counter!(
        "kafka_connect_task_error_total_record_failures",
        "Attempts of a task that ended in a failure."
    );
    describe_counter!(
        "rowmill_task_bytes_total",
        Unit::Bytes,
        "Serialised keys and values committed to Kafka."
    );
    describe_counter!("rowmill_task_transactions_total", "Kafka transactions committed.");
    describe_histogram!(
        "rowmill_task_transaction_seconds",
        Unit::Seconds,
        "From begin to commit of a Kafka transaction."
    );
    describe_histogram!(
        "rowmill_task_transaction_commit_seconds",
        Unit::Seconds,
        "From the decision to commit until consumers can see it."
    );
    describe_gauge!(
        "rowmill_task_lag_seconds",
        Unit::Seconds,
        "From commit in the source to commit in Kafka of the newest record."
    );
    describe_gauge!(
        "rowmill_task_last_record_timestamp_seconds",
        Unit::Seconds,
        "When the last record was committed, since the epoch."
    );
}

/// One family of gauges that mirror state.
struct Family<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl<'a> Family<'a> {
    fn new(text: &'a mut String, name: &'static str, help: &str) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
        Family { text, name }
    }

    fn value(&mut self, labels: &[(&str, &str)], value: usize) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(key, value)| format!("{key}=\"{}\"", escaped(value)))
            .collect();
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        let _ = writeln!(self.text, "{}{labels} {value}", self.name);
    }
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// The states that Kafka Connect counts tasks in.
const COUNTED: [(State, &str); 6] = [
    (State::Running, "kafka_connect_worker_connector_running_task_count"),
    (State::Paused, "kafka_connect_worker_connector_paused_task_count"),
    (State::Failed, "kafka_connect_worker_connector_failed_task_count"),
    (
        State::Unassigned,
        "kafka_connect_worker_connector_unassigned_task_count",
    ),
    (State::Destroyed, "kafka_connect_worker_connector_destroyed_task_count"),
    (
        State::Restarting,
        "kafka_connect_worker_connector_restarting_task_count",
    ),
];

/// What the herder knows, in Prometheus' text format.
pub(crate) fn herder_metrics(herder: &HerderHandle) -> String {
    let connectors: Vec<_> = herder
        .connectors()
        .into_iter()
        .map(|name| {
            let status = herder.status(&name).ok();
            (name, status)
        })
        .collect();
    let tasks: usize = connectors
        .iter()
        .filter_map(|(_, status)| Some(status.as_ref()?.tasks.len()))
        .sum();
    let mut text = String::new();
    Family::new(
        &mut text,
        "rowmill_build_info",
        "1, with the worker's version as a label.",
    )
    .value(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    for (name, help, count) in [
        (
            "kafka_connect_worker_connector_count",
            "Connectors of this worker.",
            connectors.len(),
        ),
        ("kafka_connect_worker_task_count", "Tasks of this worker.", tasks),
        (
            "kafka_connect_coordinator_assigned_connectors",
            "Connectors assigned to this worker.",
            connectors.len(),
        ),
        (
            "kafka_connect_coordinator_assigned_tasks",
            "Tasks assigned to this worker.",
            tasks,
        ),
    ] {
        Family::new(&mut text, name, help).value(&[], count);
    }
    let mut family = Family::new(
        &mut text,
        "kafka_connect_connector_status",
        "1 for the state the connector is in.",
    );
    for (name, status) in connectors
        .iter()
        .filter_map(|(name, status)| Some((name, status.as_ref()?)))
    {
        family.value(
            &[("connector", name), ("status", state_label(status.connector.state))],
            1,
        );
    }
    let mut family = Family::new(
        &mut text,
        "kafka_connect_connector_task_status",
        "1 for the state the task is in.",
    );
    for (name, status) in connectors
        .iter()
        .filter_map(|(name, status)| Some((name, status.as_ref()?)))
    {
        for task in &status.tasks {
            let number = task.id.to_string();
            family.value(
                &[
                    ("connector", name),
                    ("task", &number),
                    ("status", state_label(task.state)),
                ],
                1,
            );
        }
    }
    for (state, metric) in COUNTED {
        let mut family = Family::new(&mut text, metric, "Tasks of the connector in this state.");
        for (name, status) in connectors
            .iter()
            .filter_map(|(name, status)| Some((name, status.as_ref()?)))
        {
            let count = status.tasks.iter().filter(|task| task.state == state).count();
            family.value(&[("connector", name)], count);
        }
    }
    text
}

fn state_label(state: State) -> &'static str {
    match state {
        State::Unassigned => "unassigned",
        State::Running => "running",
        State::Paused => "paused",
        State::Failed => "failed",
        State::Restarting => "restarting",
        State::Stopped => "stopped",
        State::Destroyed => "destroyed",
    }
}

#[cfg(test)]
mod tests {
    use super::Family;

    #[test]
    fn labels_are_escaped_as_prometheus_demands() {
        let mut text = String::new();
        Family::new(&mut text, "m", "Help.").value(&[("connector", "a\"b\\c\nd")], 1);
        assert_eq!(
            text,
            "# HELP m Help.\n# TYPE m gauge\nm{connector=\"a\\\"b\\\\c\\nd\"} 1\n"
        );
    }
}
