//! [`Case`]: an `.sql` file of `tests/cases`, cut into sections by its marker lines.
//!
//! Its leading comment says what the case shows; `-- config: KEY = VALUE` lines of it are connector settings, in which
//! `{scratch}` is an empty folder of the run's own;
//! `-- binlog_row_metadata: MINIMAL, FULL` asks for one run with each.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// When a section's SQL runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    BeforeSnapshot,
    Stream,
    WhileStopped,
}

/// One case.
#[derive(Debug)]
pub(super) struct Case {
    pub name: String,
    pub config: Vec<(String, String)>,
    pub row_metadata: Vec<String>,
    pub sections: Vec<(Moment, String)>,
}

impl Case {
    pub(super) fn read(path: &Path) -> Result<Case> {
        let name = path.file_stem().and_then(|stem| stem.to_str()).context("a name")?;
        let mut case = Case {
            name: name.to_owned(),
            config: Vec::new(),
            row_metadata: vec!["MINIMAL".to_owned()],
            sections: Vec::new(),
        };
        for line in fs::read_to_string(path)?.lines() {
            case.take(line).with_context(|| path.display().to_string())?;
        }
        ensure!(
            matches!(case.sections.first(), Some((Moment::BeforeSnapshot, _))),
            "{}: the first section must be `-- before snapshot`",
            path.display()
        );
        Ok(case)
    }

    pub(super) fn setting(&self, key: &str) -> Option<&str> {
        let found = self.config.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    fn take(&mut self, line: &str) -> Result<()> {
        let moment = match line.trim_end() {
            "-- before snapshot" => Some(Moment::BeforeSnapshot),
            "-- stream" => Some(Moment::Stream),
            "-- while stopped" => Some(Moment::WhileStopped),
            _ => None,
        };
        if let Some(moment) = moment {
            self.sections.push((moment, String::new()));
        } else if let Some((_, sql)) = self.sections.last_mut() {
            sql.push_str(line);
            sql.push('\n');
        } else if let Some(setting) = line.strip_prefix("-- config: ") {
            let (key, value) = setting.split_once('=').context("KEY = VALUE")?;
            self.config.push((key.trim().to_owned(), value.trim().to_owned()));
        } else if let Some(choices) = line.strip_prefix("-- binlog_row_metadata: ") {
            self.row_metadata = choices.split(',').map(|choice| choice.trim().to_owned()).collect();
        } else if !line.is_empty() && !line.starts_with("--") {
            bail!("SQL before the first section marker: {line}");
        }
        Ok(())
    }
}
