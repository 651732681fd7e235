//! What Kafka's own tool says of the batches in a broker's log, read down to the last record.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::stack::{Service, Stack};

const LOG: &str = "00000000000000000000.log";

/// All batches that a broker has of these partitions, from 0 on, are valid.
pub fn check(stack: &Stack, broker: Service, topic: &str, partitions: usize) -> Result<()> {
    let data = stack.folder(broker).join("data");
    let logs = (0..partitions).map(|partition| data.join(format!("{topic}-{partition}")).join(LOG));
    let logs: Vec<String> = logs.map(|log| log.display().to_string()).collect();
    let libs = stack.kafka_libs()?;
    let output = Command::new("java")
        .args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
        .args(["-cp", &format!("{libs}/*"), tool(libs)])
        .args(["--deep-iteration", "--files", &logs.join(",")])
        .output()
        .context("running kafka-dump-log")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{text}{errors}");
    for bad in [
        "isvalid: false",
        "Found non-consecutive",
        "Found mismatches",
        "Exception",
    ] {
        ensure!(
            !text.contains(bad) && !errors.contains(bad),
            "{bad} in {topic}: {text}{errors}"
        );
    }
    ensure!(text.contains("isvalid: true"), "no batch in {topic}: {text}");
    Ok(())
}

/// It has moved since 3.9.
fn tool(libs: &str) -> &'static str {
    match libs.contains("kafka-3.") {
        true => "kafka.tools.DumpLogSegments",
        false => "org.apache.kafka.tools.DumpLogSegments",
    }
}
