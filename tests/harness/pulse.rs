//! [`Pulse`]: the statements of an application at a steady beat, and how long the slowest of them took.
//!
//! Each beat has a session of its own, runs one statement after another and measures every one from its start to its answer. A
//! statement that is kept waiting makes the beat miss its turns; what is measured is that wait.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::mysql::Mysql;

/// A statement that is run over and over.
#[derive(Debug, Clone)]
pub struct Beat {
    pub name: String,
    /// `{n}` in it is the number of the turn.
    pub statement: String,
    pub every: Duration,
}

impl Beat {
    /// An `INSERT` every 20 ms into a table with an `id` that counts by itself.
    pub fn insert(table: &str) -> Beat {
        Beat {
            name: format!("INSERT INTO {table}"),
            statement: format!("INSERT INTO {table} () VALUES ()"),
            every: Duration::from_millis(20),
        }
    }

    /// A table that is altered now and then.
    pub fn alter(table: &str, every: Duration) -> Beat {
        Beat {
            name: format!("ALTER TABLE {table}"),
            statement: format!("ALTER TABLE {table} COMMENT = 'turn {{n}}'"),
            every,
        }
    }

    /// A table whose VARCHAR column `column` is made longer with each turn, and short again by the first turn of the next pulse,
    /// for which the server copies the table.
    pub fn redefine(table: &str, column: &str, every: Duration) -> Beat {
        Beat {
            name: format!("ALTER TABLE {table} MODIFY {column}"),
            statement: format!("ALTER TABLE {table} MODIFY {column} VARCHAR(1{{n}})"),
            every,
        }
    }
}

/// What one beat felt.
#[derive(Debug, Clone)]
pub struct Felt {
    pub name: String,
    pub statements: u64,
    pub longest: Duration,
    /// The time of all statements that took more than a moment: that much of the time nobody got on.
    pub held_up: Duration,
}

/// A statement that takes longer than this was kept waiting.
const MOMENT: Duration = Duration::from_millis(200);

/// Beats that go on until they are asked what they felt.
pub struct Pulse {
    stop: watch::Sender<bool>,
    beats: Vec<JoinHandle<Result<Felt>>>,
}

impl Pulse {
    /// Starts all beats.
    pub async fn start(mysql: &Mysql, beats: Vec<Beat>) -> Result<Pulse> {
        let stop = watch::Sender::new(false);
        let mut running = Vec::new();
        for beat in beats {
            let session = mysql.session().await?;
            running.push(tokio::spawn(run(session, beat, stop.subscribe())));
        }
        Ok(Pulse { stop, beats: running })
    }

    /// Ends the beats, when the statement that each is at has been answered.
    pub async fn stop(self) -> Result<Vec<Felt>> {
        self.stop.send_replace(true);
        let mut felt = Vec::new();
        for beat in self.beats {
            felt.push(beat.await.context("a beat that was ended")??);
        }
        Ok(felt)
    }
}

async fn run(mut session: crate::mysql::Session, beat: Beat, mut stop: watch::Receiver<bool>) -> Result<Felt> {
    let mut felt = Felt {
        name: beat.name.clone(),
        statements: 0,
        longest: Duration::ZERO,
        held_up: Duration::ZERO,
    };
    while !*stop.borrow() {
        let began = Instant::now();
        session
            .run(beat.statement.replace("{n}", &felt.statements.to_string()))
            .await?;
        let took = began.elapsed();
        felt.statements += 1;
        felt.longest = felt.longest.max(took);
        if took > MOMENT {
            felt.held_up += took;
        }
        // The end of the wait, or of the pulse: either is as good.
        drop(tokio::time::timeout(beat.every.saturating_sub(took), stop.wait_for(|stop| *stop)).await);
    }
    session.close().await?;
    Ok(felt)
}
