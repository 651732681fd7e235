//! [`reconcile`]: assignment, configuration and target states against what runs, as a list of [`Action`]s. Pure.
//!
//! Whatever happened before, and in whatever order the config topic has it, the next step follows from what should be and
//! what is. Doing the actions and asking again yields no more of the same; an action that failed comes again.
//!
//! Stops come first: a task never runs twice, and a task whose configuration changed has committed before its successor
//! starts.

use std::sync::Arc;

use crate::group::Assignment;
use crate::running::{Running, RunningConnector};
use crate::store::ConnectorTaskId;
use crate::store::config::{ClusterConfig, ConnectorView, Properties, TargetState};

/// One step from what is to what should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Stop a task. `is_gone`: it no longer exists anywhere, so its status goes too.
    StopTask { id: ConnectorTaskId, is_gone: bool },
    /// Stop a connector. `is_gone`: it was deleted.
    StopConnector { name: String, is_gone: bool },
    /// Start a connector, or start it anew with a changed configuration.
    StartConnector(String),
    /// Tell a connector what it should be.
    TransitionConnector(String, TargetState),
    /// Ask a connector for its task configurations, and store them if they are new.
    MakeTasks(String),
    /// Fence the producers of a connector's earlier tasks and say so in the log.
    Fence(String),
    /// Start a task.
    StartTask { id: ConnectorTaskId, is_paused: bool },
    /// Let a task rest.
    PauseTask(ConnectorTaskId),
    /// Let a task go on.
    ResumeTask(ConnectorTaskId),
}

/// The steps to take now.
pub(crate) fn reconcile(config: &ClusterConfig, assignment: &Assignment, running: &Running) -> Vec<Action> {
    let mut actions = Vec::new();
    stop_tasks(config, assignment, running, &mut actions);
    for name in running
        .connectors
        .keys()
        .filter(|name| !assignment.connectors.contains(*name))
    {
        actions.push(Action::StopConnector {
            name: name.clone(),
            is_gone: config.connector(name).is_none(),
        });
    }
    for (name, view) in assignment
        .connectors
        .iter()
        .filter_map(|name| Some((name, config.connector(name)?)))
    {
        settle_connector(name, &view, running.connectors.get(name), &mut actions);
    }
    start_tasks(config, assignment, running, &mut actions);
    actions
}

/// The configuration a task should run with, if it should run here at all.
fn wanted<'a>(
    config: &'a ClusterConfig,
    assignment: &Assignment,
    id: &ConnectorTaskId,
) -> Option<(ConnectorView<'a>, &'a Arc<Properties>)> {
    let view = config
        .connector(&id.connector)
        .filter(|view| view.target() != TargetState::Stopped)?;
    let properties = view.tasks().get(usize::try_from(id.task).ok()?)?;
    assignment.tasks.contains(id).then_some((view, properties))
}

fn stop_tasks(config: &ClusterConfig, assignment: &Assignment, running: &Running, actions: &mut Vec<Action>) {
    for (id, task) in &running.tasks {
        let stays = wanted(config, assignment, id).is_some_and(|(_, properties)| *properties == task.properties);
        if !stays {
            let exists = config
                .connector(&id.connector)
                .is_some_and(|view| usize::try_from(id.task).is_ok_and(|task| task < view.tasks().len()));
            actions.push(Action::StopTask {
                id: id.clone(),
                is_gone: !exists,
            });
        }
    }
}

fn settle_connector(
    name: &str,
    view: &ConnectorView<'_>,
    running: Option<&RunningConnector>,
    actions: &mut Vec<Action>,
) {
    let same = running.filter(|running| running.properties == *view.properties());
    match same {
        None => actions.push(Action::StartConnector(name.to_owned())),
        Some(running) if running.target != view.target() => {
            actions.push(Action::TransitionConnector(name.to_owned(), view.target()));
        }
        Some(_) => {}
    }
    // A connector that starts or goes on makes its tasks anew; so does one whose tasks in the log are not what it made: a part
    // was lost to compaction, or a stop and its end were read in one go.
    let has_made_tasks = same.is_some_and(|running| {
        running.target == TargetState::Started && running.made_tasks == Some(view.tasks().len())
    });
    if view.target() == TargetState::Started && (!has_made_tasks || view.is_inconsistent()) {
        actions.push(Action::MakeTasks(name.to_owned()));
    }
}

fn start_tasks(config: &ClusterConfig, assignment: &Assignment, running: &Running, actions: &mut Vec<Action>) {
    let mut fencing: Option<&str> = None;
    for id in &assignment.tasks {
        let Some((view, properties)) = wanted(config, assignment, id) else {
            continue;
        };
        if !view.is_fenced() {
            if fencing != Some(&id.connector) {
                actions.push(Action::Fence(id.connector.clone()));
                fencing = Some(&id.connector);
            }
            continue;
        }
        let is_paused = view.target() == TargetState::Paused;
        match running.tasks.get(id).filter(|task| task.properties == *properties) {
            None => actions.push(Action::StartTask {
                id: id.clone(),
                is_paused,
            }),
            Some(task) if task.is_paused == is_paused => {}
            Some(_) if is_paused => actions.push(Action::PauseTask(id.clone())),
            Some(_) => actions.push(Action::ResumeTask(id.clone())),
        }
    }
}

#[cfg(test)]
mod tests;
