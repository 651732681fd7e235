//! Side by side with Debezium: on the SQL of `tests/cases`, ours gives what `tests/recordings` say that it gave.
//!
//! Schemas must be equal to the byte, records, headers, offsets and states field by field, apart from what
//! [`normal_form`] calls volatile and what `tests/recordings/differences.json` names, each with its reason.
//! `scripts/record` renews the recordings; `scripts/record --compare CASE` does what this test does, for one case.

mod apicurio_registry;
mod case_file;
mod case_run;
mod decoder;
mod message;
mod normal_form;
mod recording;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use harness::difference::{Rules, differences};
use harness::mysql::Mysql;
use harness::stack::{PrivateStack, Stack, killable};
use tokio::runtime::Handle;

use case_file::Case;
use case_run::CaseRunner;
use normal_form::normal_form;
use recording::{Record, Recording};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn cases() -> Result<Vec<Case>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder("cases"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    paths.iter().map(|path| Case::read(path)).collect()
}

fn recording(case: &Case) -> Result<Recording> {
    let path = folder("recordings").join(format!("{}.jsonl", case.name));
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{}; record it: scripts/record {}", path.display(), case.name))?;
    let common = fs::read_to_string(folder("recordings").join("common_schemas.json"))?;
    Recording::parse(&text, &serde_json::from_str(&common)?).with_context(|| path.display().to_string())
}

/// Servers on which cases run at the same time: most of a case's time is waiting.
const LANES: usize = 2;

/// All databases of its MySQL are dropped for each case, and what others left in Kafka would be taken for ours: each lane has
/// servers of its own.
#[tokio::test(flavor = "multi_thread")]
async fn every_case_gives_what_debezium_gave() -> Result<()> {
    let cases = Arc::new(cases()?);
    let recordings = cases.iter().map(recording).collect::<Result<Vec<_>>>()?;
    let next = Arc::new(AtomicUsize::new(0));
    let lanes = (0..LANES).map(|lane| {
        let (cases, next) = (Arc::clone(&cases), Arc::clone(&next));
        tokio::task::spawn_blocking(move || Handle::current().block_on(run_cases(lane, &cases, &next)))
    });
    let lanes: Vec<_> = lanes.collect();
    let mut given = Vec::new();
    for lane in lanes {
        given.extend(lane.await??);
    }
    given.sort_by_key(|given| given.case);
    let mut rules = Rules::read(&folder("recordings").join("differences.json"))?;
    let mut problems = Vec::new();
    for Given {
        case,
        row_metadata,
        result,
    } in given
    {
        let about = format!("{} with binlog_row_metadata={row_metadata}", cases[case].name);
        match result {
            Ok(actual) => problems.extend(
                unexplained(&recordings[case], &actual, &mut rules)?
                    .into_iter()
                    .map(|difference| format!("{about}: {difference}")),
            ),
            Err(error) => problems.push(format!("{about}: {error:#}")),
        }
    }
    problems.extend(
        rules
            .unused()
            .map(|name| format!("differences.json: {name} explains nothing")),
    );
    ensure!(
        problems.is_empty(),
        "{} differences from Debezium:\n{}",
        problems.len(),
        problems.join("\n")
    );
    Ok(())
}

/// What a run of a case gave, or why it gave nothing.
struct Given {
    case: usize,
    row_metadata: String,
    result: Result<Recording>,
}

/// Runs, one after the other, the cases that no other lane has begun.
async fn run_cases(lane: usize, cases: &[Case], next: &AtomicUsize) -> Result<Vec<Given>> {
    let private = PrivateStack::with_all_servers(&format!("cases{lane}"))?;
    let mut runner = CaseRunner::start(&private.stack).await?;
    let mut given = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let Some(case) = cases.get(number) else { break };
        for row_metadata in &case.row_metadata {
            given.push(Given {
                case: number,
                row_metadata: row_metadata.clone(),
                result: runner.run(case, row_metadata).await,
            });
        }
    }
    runner.end().await?;
    Ok(given)
}

fn unexplained(expected: &Recording, actual: &Recording, rules: &mut Rules) -> Result<Vec<String>> {
    if expected.has_failed() != actual.has_failed() {
        return Ok(vec![format!(
            "expected status {}, got {}",
            expected.status, actual.status
        )]);
    }
    // Positions can be compared only between equals: events are longer with the full metadata.
    let has_pos = expected.row_metadata == actual.row_metadata;
    compare(expected, actual, has_pos, rules)
}

fn compare(expected: &Recording, actual: &Recording, has_pos: bool, rules: &mut Rules) -> Result<Vec<String>> {
    let found = differences(&normal_form(expected, has_pos)?, &normal_form(actual, has_pos)?);
    Ok(found
        .into_iter()
        .filter(|difference| !rules.explain(&expected.case, difference))
        .map(|difference| difference.to_string())
        .collect())
}

/// What a server says of a table in SHOW CREATE TABLE depends on its version, and so do positions. Rows do not.
fn rows_only(mut recording: Recording) -> Recording {
    let tables = format!("{}.", recording.case);
    recording.records.retain(|record| record.topic.starts_with(&tables));
    recording.subjects.retain(|(subject, _)| subject.starts_with(&tables));
    recording
}

/// The recordings were made on MySQL 9.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_mysql_8_0_are_those_of_mysql_9() -> Result<()> {
    // What other cases are about came after 8.0.15: invisible columns, CAST(.. AS YEAR), compressed transactions.
    const CASES: [&str; 5] = [
        "bits_and_bytes",
        "decimals_and_floats",
        "enums_and_sets",
        "integers",
        "temporal",
    ];
    let private = Stack::shared()?.with_mysql_of_version("mysql80", "8.0")?;
    let version = Mysql::of(&private.stack)?.value("SELECT VERSION()").await?;
    ensure!(
        version.as_str().is_some_and(|version| version.starts_with("8.0.")),
        "it is {version}"
    );
    let mut rules = Rules::read(&folder("recordings").join("differences.json"))?;
    let mut runner = CaseRunner::start(&private.stack).await?;
    let mut problems = Vec::new();
    for case in cases()?.iter().filter(|case| CASES.contains(&case.name.as_str())) {
        let (expected, actual) = (recording(case)?, runner.run(case, "MINIMAL").await?);
        let found = compare(&rows_only(expected), &rows_only(actual), false, &mut rules)?;
        problems.extend(
            found
                .into_iter()
                .map(|difference| format!("{}: {difference}", case.name)),
        );
    }
    runner.end().await?;
    ensure!(
        problems.is_empty(),
        "{} differences:\n{}",
        problems.len(),
        problems.join("\n")
    );
    Ok(())
}

/// Recorded were converters that speak version 2 of the registry's API only. In version 3 ours do the same, told to.
#[tokio::test(flavor = "multi_thread")]
async fn version_3_of_apicurios_api_gives_what_version_2_gives() -> Result<()> {
    const CASES: [&str; 3] = ["apicurio_avro", "apicurio_avro_pieces", "apicurio_json"];
    const TOLD: [(&str, &str); 4] = [
        ("use-id", "globalId"),
        ("headers.enabled", "true"),
        ("dereference-schema", "true"),
        ("id-handler", "io.apicurio.registry.serde.Legacy8ByteIdHandler"),
    ];
    let stack = killable().await?;
    let mut rules = Rules::read(&folder("recordings").join("differences.json"))?;
    let mut runner = CaseRunner::start(&stack).await?;
    let mut problems = Vec::new();
    for mut case in cases()?.into_iter().filter(|case| CASES.contains(&case.name.as_str())) {
        let mut expected = recording(&case)?;
        for converter in ["key.converter", "value.converter"] {
            for (key, value) in TOLD {
                let key = format!("{converter}.apicurio.registry.{key}");
                if case.setting(&key).is_none() {
                    case.config.push((key, value.to_owned()));
                }
            }
        }
        for (_, value) in &mut case.config {
            *value = value.replace("/apis/registry/v2", "/apis/registry/v3");
        }
        // Names of its own: the other test's are there already.
        let mut actual = runner.run(&case, "FULL").await?;
        for recording in [&mut expected, &mut actual] {
            // What a schema refers to is in another order.
            for text in &mut recording.schemas {
                *text = text.lines().last().unwrap_or_default().to_owned();
            }
        }
        let found = compare(&expected, &actual, false, &mut rules)?;
        problems.extend(found.iter().map(|difference| format!("{}: {difference}", case.name)));
    }
    runner.end().await?;
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

/// The comparison itself must notice: every recording equals itself, and no longer when one value in it is another.
#[test]
fn a_recording_differs_from_a_changed_copy_of_itself() -> Result<()> {
    let mut rules = Rules::default();
    for case in cases()? {
        let recording = recording(&case)?;
        ensure!(
            unexplained(&recording, &recording, &mut rules)?.is_empty(),
            "{}",
            case.name
        );
        if recording.has_failed() {
            continue;
        }
        for (what, changed) in changed_copies(&recording) {
            let found = unexplained(&recording, &changed, &mut rules)?;
            ensure!(!found.is_empty(), "{}: {what} goes unnoticed", case.name);
        }
    }
    Ok(())
}

fn changed_copies(recording: &Recording) -> Vec<(&'static str, Recording)> {
    let last = recording.records.len() - 1;
    let is_event = |record: &Record| !record.value[part_of_event(record)]["op"].is_null();
    let last_event = recording.records.iter().rposition(is_event).unwrap_or_default();
    let copy = |change: &dyn Fn(&mut Recording)| {
        let mut copy = recording.clone();
        change(&mut copy);
        copy
    };
    let mut copies = vec![
        ("a lost record", copy(&|copy| drop(copy.records.remove(last)))),
        (
            "a doubled record",
            copy(&|copy| copy.records.push(copy.records[last].clone())),
        ),
        (
            "another partition",
            copy(&|copy| copy.records[last].partition = 7.into()),
        ),
        ("another offset", copy(&|copy| copy.offset["gtids"] = "other".into())),
        (
            "another value",
            copy(&|copy| {
                let event = &mut copy.records[last_event];
                let part = part_of_event(event);
                event.value[part]["after"] = "other".into();
            }),
        ),
        ("a failed task", copy(&|copy| copy.status["tasks"][0] = "FAILED".into())),
    ];
    // Rows that are no events any more may be without.
    let has_headers = |record: &Record| !recording.headers[record.headers].is_empty();
    if let Some(at) = recording.records.iter().rposition(has_headers) {
        copies.push((
            "a missing header",
            copy(&|copy| drop(copy.headers[copy.records[at].headers].pop())),
        ));
    }
    if !recording.schemas.is_empty() {
        copies.push(("another schema", copy(&|copy| copy.schemas[0].push(' '))));
    }
    copies
}

/// With a schema or without.
fn part_of_event(record: &Record) -> &'static str {
    if record.value["value"].is_object() {
        "value"
    } else {
        "json"
    }
}
