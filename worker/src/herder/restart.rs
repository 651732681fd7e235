//! [`RestartPlan`]: what a wish to restart comes to, given what has failed. Pure (KIP-745).

use crate::store::config::RestartRequest;
use crate::store::status::{State, Status};

/// What will be started again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RestartPlan {
    /// The connector itself.
    pub connector: bool,
    /// These tasks.
    pub tasks: Vec<u32>,
}

impl RestartPlan {
    /// The plan for `request` while the statuses are these.
    pub(crate) fn new(request: RestartRequest, connector: Option<&Status>, tasks: &[(u32, Status)]) -> Self {
        let counts = |status: &Status| !request.only_failed || status.state == State::Failed;
        let tasks = tasks
            .iter()
            .filter(|(_, status)| request.include_tasks && counts(status));
        RestartPlan {
            connector: connector.is_some_and(counts),
            tasks: tasks.map(|(task, _)| *task).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RestartPlan, RestartRequest, State, Status};

    fn status(state: State) -> Status {
        Status {
            state,
            trace: None,
            worker_id: "w:1".to_owned(),
            generation: 1,
            version: None,
        }
    }

    fn check(include_tasks: bool, only_failed: bool, connector: bool, tasks: &[u32]) {
        let plan = RestartPlan::new(
            RestartRequest {
                include_tasks,
                only_failed,
            },
            Some(&status(State::Running)),
            &[(0, status(State::Running)), (1, status(State::Failed))],
        );
        assert_eq!(
            plan,
            RestartPlan {
                connector,
                tasks: tasks.to_vec()
            }
        );
    }

    #[test]
    fn a_plan_is_what_the_request_allows_and_the_states_ask_for() {
        check(false, false, true, &[]);
        check(true, false, true, &[0, 1]);
        check(true, true, false, &[1]);
        check(false, true, false, &[]);
    }
}
