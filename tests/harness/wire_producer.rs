//! [`WireProducer`]: a producer of the crate `wire` in a process of its own, told what to do line by line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::stack::wire_example;

/// The example `transactions`, running. Dropping it kills the process.
pub struct WireProducer {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl WireProducer {
    /// With these settings, under the names that the example documents.
    pub fn start(settings: &[(&str, &str)]) -> Result<Self> {
        let mut child = Command::new(wire_example()?)
            .args(settings.iter().map(|(key, value)| format!("{key}={value}")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the example of the crate wire")?;
        let commands = child.stdin.take().context("its stdin")?;
        let answers = BufReader::new(child.stdout.take().context("its stdout")?);
        Ok(WireProducer {
            child,
            commands,
            answers,
        })
    }

    /// What it answers, `ok` or `error` included.
    pub fn ask(&mut self, command: &str) -> Result<String> {
        writeln!(self.commands, "{command}").context("telling the producer what to do")?;
        let mut answer = String::new();
        self.answers
            .read_line(&mut answer)
            .context("hearing from the producer")?;
        Ok(answer.trim().to_owned())
    }

    /// Does these, one after the other.
    pub fn tell(&mut self, commands: &[&str]) -> Result<()> {
        for command in commands {
            let answer = self.ask(command)?;
            ensure!(answer.starts_with("ok"), "{command}: {answer}");
        }
        Ok(())
    }
}

impl Drop for WireProducer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
