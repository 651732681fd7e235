use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof, proptest};

use super::{Action, reconcile};
use crate::group::{Assignment, Membership, MembershipChange, SoleMember};
use crate::running::{Running, RunningConnector, RunningTask};
use crate::store::ConnectorTaskId;
use crate::store::config::{ClusterConfig, ConfigRecord, Properties, SessionKey, TargetState};

/// A worker in which every action succeeds at once.
struct World {
    config: ClusterConfig,
    member: SoleMember,
    assignment: Assignment,
    running: Running,
    offset: i64,
}

impl World {
    fn new() -> Self {
        let session_key = SessionKey {
            key: "k".into(),
            algorithm: "HmacSHA256".into(),
            creation_timestamp: 0,
            generation: None,
        };
        World {
            config: ClusterConfig::default(),
            member: SoleMember::new(session_key, 0),
            assignment: Assignment::default(),
            running: Running::default(),
            offset: 0,
        }
    }

    fn write(&mut self, record: ConfigRecord) {
        self.offset += 1;
        self.config.apply(record, self.offset);
    }

    fn reconcile(&mut self) -> Vec<Action> {
        if let MembershipChange::Assigned(assignment) = self.member.observe(&self.config) {
            self.assignment = assignment;
        }
        reconcile(&self.config, &self.assignment, &self.running)
    }

    /// Reconciles until nothing is left to do. Answers everything that was done.
    fn settle(&mut self) -> Vec<Action> {
        let mut done = Vec::new();
        for _ in 0..10 {
            let actions = self.reconcile();
            if actions.is_empty() {
                return done;
            }
            for action in actions {
                self.act(&action);
                done.push(action);
            }
        }
        panic!("never settles: {done:?}");
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::StopTask { id, .. } => {
                assert!(self.running.tasks.remove(id).is_some(), "{id} does not run");
            }
            Action::StopConnector { name, .. } => {
                assert!(self.running.connectors.remove(name).is_some(), "{name} does not run");
            }
            Action::StartConnector(name) => {
                let view = self.config.connector(name).expect("exists");
                let started = RunningConnector {
                    properties: Arc::clone(view.properties()),
                    target: view.target(),
                    made_tasks: None,
                };
                self.running.connectors.insert(name.clone(), started);
            }
            Action::TransitionConnector(name, target) => {
                let connector = self.running.connectors.get_mut(name).expect("runs");
                connector.target = *target;
            }
            Action::MakeTasks(name) => self.make_tasks(name),
            Action::Fence(name) => {
                let count = self.config.connector(name).expect("exists").tasks().len();
                self.write(ConfigRecord::TasksFencing(
                    name.clone(),
                    Some(u32::try_from(count).unwrap()),
                ));
            }
            Action::StartTask { id, is_paused } => {
                let view = self.config.connector(&id.connector).expect("exists");
                assert!(view.is_fenced() && view.target() != TargetState::Stopped);
                let properties = Arc::clone(&view.tasks()[id.task as usize]);
                let before = self.running.tasks.insert(
                    id.clone(),
                    RunningTask {
                        properties,
                        is_paused: *is_paused,
                    },
                );
                assert!(before.is_none(), "{id} runs twice");
            }
            Action::PauseTask(id) => self.running.tasks.get_mut(id).expect("runs").is_paused = true,
            Action::ResumeTask(id) => self.running.tasks.get_mut(id).expect("runs").is_paused = false,
        }
    }

    fn make_tasks(&mut self, name: &str) {
        let view = self.config.connector(name).expect("exists");
        let properties = Arc::clone(view.properties());
        let wanted: u32 = properties
            .value("tasks.max")
            .map_or(1, |count| count.parse().expect("a number"));
        let is_new = view.is_inconsistent()
            || view.tasks().len() != wanted as usize
            || view.tasks().iter().any(|task| *task != properties);
        if is_new {
            for task in 0..wanted {
                self.write(ConfigRecord::Task(
                    ConnectorTaskId::new(name, task),
                    Some(Arc::clone(&properties)),
                ));
            }
            self.write(ConfigRecord::Commit(name.to_owned(), Some(wanted)));
        }
        self.running.connectors.get_mut(name).expect("runs").made_tasks = Some(wanted as usize);
    }
}

/// What a user can do.
#[derive(Debug, Clone)]
enum Wish {
    Put(String, u32, String),
    Delete(String),
    Target(String, TargetState),
    LoseTaskRecords(String),
}

fn wish() -> impl Strategy<Value = Wish> {
    let name = || prop_oneof![Just("a".to_owned()), Just("b-0".to_owned())];
    let target = prop_oneof![
        Just(TargetState::Started),
        Just(TargetState::Paused),
        Just(TargetState::Stopped)
    ];
    prop_oneof![
        (
            name(),
            1..4_u32,
            prop_oneof![Just("x".to_owned()), Just("y".to_owned())]
        )
            .prop_map(|(name, tasks, value)| Wish::Put(name, tasks, value)),
        name().prop_map(Wish::Delete),
        (name(), target).prop_map(|(name, target)| Wish::Target(name, target)),
        name().prop_map(Wish::LoseTaskRecords),
    ]
}

fn fulfil(world: &mut World, wish: &Wish) {
    match wish {
        Wish::Put(name, tasks, value) => {
            let properties = Properties::from_iter([("tasks.max", tasks.to_string()), ("value", value.clone())]);
            world.write(ConfigRecord::Connector(name.clone(), Some(properties.into())));
        }
        Wish::Delete(name) => {
            world.write(ConfigRecord::Connector(name.clone(), None));
            world.write(ConfigRecord::TargetState(name.clone(), None));
        }
        Wish::Target(name, target) => {
            if *target == TargetState::Stopped {
                world.write(ConfigRecord::Commit(name.clone(), Some(0)));
            }
            world.write(ConfigRecord::TargetState(name.clone(), Some(*target)));
        }
        Wish::LoseTaskRecords(name) => world.write(ConfigRecord::Commit(name.clone(), Some(7))),
    }
}

fn check_settled(world: &World) {
    for name in world.config.connectors() {
        let view = world.config.connector(name).expect("exists");
        let tasks: Vec<_> = world
            .running
            .tasks
            .iter()
            .filter(|(id, _)| id.connector == name)
            .collect();
        match view.target() {
            TargetState::Stopped => assert!(tasks.is_empty(), "{name} is stopped and has tasks"),
            TargetState::Started => {
                let wanted = view.properties().value("tasks.max").unwrap().parse::<usize>().unwrap();
                assert_eq!(tasks.len(), wanted, "{name}");
            }
            TargetState::Paused => assert_eq!(tasks.len(), view.tasks().len(), "{name}"),
        }
        for (id, task) in tasks {
            assert_eq!(task.is_paused, view.target() == TargetState::Paused, "{id}");
            assert_eq!(
                task.properties,
                view.tasks()[id.task as usize],
                "{id} runs with another configuration"
            );
        }
    }
    let orphan = world
        .running
        .tasks
        .keys()
        .find(|id| world.config.connector(&id.connector).is_none());
    assert!(orphan.is_none(), "{orphan:?} outlives its connector");
    assert_eq!(
        world.running.connectors.keys().map(String::as_str).collect::<Vec<_>>(),
        world.config.connectors().collect::<Vec<_>>()
    );
}

proptest! {
    /// In every history of wishes, each settles, and what runs is what was wished.
    #[test]
    fn what_runs_becomes_what_was_wished(wishes in vec(vec(wish(), 1..4), 1..12)) {
        let mut world = World::new();
        for batch in &wishes {
            for wish in batch {
                fulfil(&mut world, wish);
            }
            world.settle();
            check_settled(&world);
        }
    }

    /// Within one round, no task is started before every stop is done.
    #[test]
    fn stops_come_before_starts(wishes in vec(wish(), 1..20)) {
        let mut world = World::new();
        for wish in &wishes {
            fulfil(&mut world, wish);
            let actions = world.reconcile();
            let first_start = actions.iter().position(|action| matches!(action, Action::StartTask { .. }));
            let last_stop = actions.iter().rposition(|action| matches!(action, Action::StopTask { .. }));
            assert!(first_start.is_none() || last_stop < first_start, "{actions:?}");
            world.settle();
        }
    }
}

fn put(tasks: u32) -> Wish {
    Wish::Put("a".to_owned(), tasks, "x".to_owned())
}

fn id(task: u32) -> ConnectorTaskId {
    ConnectorTaskId::new("a", task)
}

fn check(history: &[Wish], expected: &[Action]) {
    let mut world = World::new();
    let (last, earlier) = history.split_last().expect("a wish");
    for wish in earlier {
        fulfil(&mut world, wish);
        world.settle();
    }
    fulfil(&mut world, last);
    assert_eq!(world.settle(), expected);
}

#[test]
fn a_new_connector_starts_makes_its_tasks_fences_and_runs_them() {
    let a = || "a".to_owned();
    check(
        &[put(1)],
        &[
            Action::StartConnector(a()),
            Action::MakeTasks(a()),
            Action::Fence(a()),
            Action::StartTask {
                id: id(0),
                is_paused: false,
            },
        ],
    );
}

#[test]
fn the_same_configuration_again_leaves_everything_alone() {
    check(&[put(2), put(2)], &[]);
}

#[test]
fn pausing_and_resuming_keeps_the_tasks() {
    let target = |target| Wish::Target("a".to_owned(), target);
    let transition = |target| Action::TransitionConnector("a".to_owned(), target);
    check(
        &[put(1), target(TargetState::Paused)],
        &[transition(TargetState::Paused), Action::PauseTask(id(0))],
    );
    check(
        &[put(1), target(TargetState::Paused), target(TargetState::Started)],
        &[
            transition(TargetState::Started),
            Action::MakeTasks("a".to_owned()),
            Action::ResumeTask(id(0)),
        ],
    );
}

#[test]
fn stopping_ends_the_tasks_for_good() {
    check(
        &[put(1), Wish::Target("a".to_owned(), TargetState::Stopped)],
        &[
            Action::StopTask {
                id: id(0),
                is_gone: true,
            },
            Action::TransitionConnector("a".to_owned(), TargetState::Stopped),
        ],
    );
}

#[test]
fn a_deleted_connector_takes_its_tasks_along() {
    check(
        &[put(2), Wish::Delete("a".to_owned())],
        &[
            Action::StopTask {
                id: id(0),
                is_gone: true,
            },
            Action::StopTask {
                id: id(1),
                is_gone: true,
            },
            Action::StopConnector {
                name: "a".to_owned(),
                is_gone: true,
            },
        ],
    );
}
