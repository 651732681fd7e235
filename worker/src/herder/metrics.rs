//! [`herder_metrics`]: what the herder knows, in Prometheus' text format: how many connectors and tasks there are, in which
//! state. It is rendered from the stores at each scrape, and what was recorded of a deleted connector is left out
//! ([`of_living_connectors`]).

use std::fmt::Write;

use super::{ConnectorStatus, HerderHandle};
use crate::store::status::State;

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

/// Recorded metrics without those of connectors that are gone.
pub(crate) fn of_living_connectors(recorded: &str, names: &[String]) -> String {
    let labels: Vec<String> = names
        .iter()
        .map(|name| format!("connector=\"{}\"", escaped(name)))
        .collect();
    let is_kept =
        |line: &&str| !line.contains("connector=\"") || labels.iter().any(|label| line.contains(label.as_str()));
    recorded.lines().filter(is_kept).flat_map(|line| [line, "\n"]).collect()
}

/// What the herder knows, in Prometheus' text format.
pub(crate) fn herder_metrics(herder: &HerderHandle) -> String {
    let names = herder.connectors();
    let statuses: Vec<ConnectorStatus> = names.iter().filter_map(|name| herder.status(name).ok()).collect();
    let mut text = String::new();
    let build = [("version", env!("CARGO_PKG_VERSION"))];
    Family::new(
        &mut text,
        "rowmill_build_info",
        "1, with the worker's version as a label.",
    )
    .value(&build, 1);
    counts(
        &mut text,
        names.len(),
        statuses.iter().map(|status| status.tasks.len()).sum(),
    );
    states(&mut text, &statuses);
    tasks_by_state(&mut text, &statuses);
    text
}

fn counts(text: &mut String, connectors: usize, tasks: usize) {
    for (name, help, count) in [
        (
            "kafka_connect_worker_connector_count",
            "Connectors of this worker.",
            connectors,
        ),
        ("kafka_connect_worker_task_count", "Tasks of this worker.", tasks),
        (
            "kafka_connect_coordinator_assigned_connectors",
            "Connectors assigned to this worker.",
            connectors,
        ),
        (
            "kafka_connect_coordinator_assigned_tasks",
            "Tasks assigned to this worker.",
            tasks,
        ),
    ] {
        Family::new(text, name, help).value(&[], count);
    }
}

fn states(text: &mut String, statuses: &[ConnectorStatus]) {
    let mut family = Family::new(
        text,
        "kafka_connect_connector_status",
        "1 for the state the connector is in.",
    );
    for status in statuses {
        family.value(
            &[
                ("connector", &status.name),
                ("status", state_label(status.connector.state)),
            ],
            1,
        );
    }
    let mut family = Family::new(
        text,
        "kafka_connect_connector_task_status",
        "1 for the state the task is in.",
    );
    for status in statuses {
        for task in &status.tasks {
            let number = task.id.to_string();
            family.value(
                &[
                    ("connector", &status.name),
                    ("task", &number),
                    ("status", state_label(task.state)),
                ],
                1,
            );
        }
    }
}

fn tasks_by_state(text: &mut String, statuses: &[ConnectorStatus]) {
    for (state, metric) in COUNTED {
        let mut family = Family::new(text, metric, "Tasks of the connector in this state.");
        for status in statuses {
            let count = status.tasks.iter().filter(|task| task.state == state).count();
            family.value(&[("connector", &status.name)], count);
        }
    }
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
    use super::{ConnectorStatus, Family, State, of_living_connectors, states, tasks_by_state};
    use crate::herder::{ConnectorState, TaskState};

    fn task(id: u32, state: State) -> TaskState {
        TaskState {
            id,
            state,
            worker_id: "w:1".to_owned(),
            version: None,
            trace: None,
        }
    }

    #[test]
    fn states_are_told_by_label_and_counted_by_name() {
        let status = ConnectorStatus {
            name: "c".to_owned(),
            connector: ConnectorState {
                state: State::Running,
                worker_id: "w:1".to_owned(),
                version: None,
                trace: None,
            },
            tasks: vec![task(0, State::Failed), task(1, State::Failed), task(2, State::Running)],
            kind: "source",
        };
        let mut text = String::new();
        states(&mut text, std::slice::from_ref(&status));
        tasks_by_state(&mut text, &[status]);
        for line in [
            "kafka_connect_connector_status{connector=\"c\",status=\"running\"} 1",
            "kafka_connect_connector_task_status{connector=\"c\",task=\"1\",status=\"failed\"} 1",
            "kafka_connect_worker_connector_failed_task_count{connector=\"c\"} 2",
            "kafka_connect_worker_connector_paused_task_count{connector=\"c\"} 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn what_was_recorded_of_a_deleted_connector_is_left_out() {
        let recorded = "# TYPE m gauge\nm{connector=\"a\",task=\"0\"} 1\nm{connector=\"gone\"} 2\nn 3\n";
        assert_eq!(
            of_living_connectors(recorded, &["a".to_owned()]),
            "# TYPE m gauge\nm{connector=\"a\",task=\"0\"} 1\nn 3\n"
        );
    }

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
