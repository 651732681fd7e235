//! [`Metrics`]: what `/metrics` said at one moment.

use anyhow::{Context, Result, ensure};

/// Prometheus' text format.
pub struct Metrics(pub String);

impl Metrics {
    /// The number of the one sample with this name and all of these labels.
    pub fn sample(&self, name: &str, labels: &[(&str, &str)]) -> Result<f64> {
        let text = &self.0;
        let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}=\"{value}\"")).collect();
        let mut found = text.lines().filter_map(|line| {
            let (found, number) = line.strip_prefix(name)?.strip_prefix('{')?.rsplit_once("} ")?;
            labels
                .iter()
                .all(|label| found.split(',').any(|found| found == label))
                .then_some(number)
        });
        let number = found
            .next()
            .with_context(|| format!("no {name} with {labels:?} in\n{text}"))?;
        ensure!(found.next().is_none(), "several {name} with {labels:?} in\n{text}");
        number.parse().with_context(|| format!("{name} {number}"))
    }
}
