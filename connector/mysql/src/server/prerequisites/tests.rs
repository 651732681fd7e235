use super::{CHECKS, Facts, Finding, quoted};
use crate::server::cascades::{Cascade, are_logged};
use crate::server::grants::Grants;
use crate::server::version::ServerVersion;
use crate::table_id::TableId;

const READER: &str = "GRANT SELECT, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `u`@`%`";

fn facts(version: &str, changed: &[(&str, &str)], grants: &[&str]) -> Facts {
    let sound = [
        ("log_bin", "ON"),
        ("binlog_format", "ROW"),
        ("binlog_row_image", "FULL"),
        ("gtid_mode", "ON"),
    ];
    let variables = sound
        .iter()
        .chain(changed)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let grants: Vec<String> = grants.iter().map(|line| (*line).to_owned()).collect();
    Facts {
        version: ServerVersion::parse(version),
        variables: variables.collect(),
        grants: Grants::parse(&grants),
        account: quoted("o'reader@%"),
        our_server_id: Some(7),
        locks: true,
        hidden_cascades: Vec::new(),
        other_sessions: Vec::new(),
    }
}

fn findings(changed: &[(&str, &str)], grants: &[&str]) -> Vec<Finding> {
    found(&facts("9.7.4", changed, grants))
}

fn found(facts: &Facts) -> Vec<Finding> {
    CHECKS.iter().filter_map(|check| check(facts)).collect()
}

fn check(changed: &[(&str, &str)], grants: &[&str], is_required: bool, part: &str, remedy: &str) {
    let found = findings(changed, grants);
    assert!(
        matches!(found.as_slice(), [finding] if finding.is_required == is_required
            && finding.message.contains(part) && finding.remedy.contains(remedy)),
        "{found:?}"
    );
}

#[test]
fn a_sound_server_has_no_findings() {
    assert_eq!(findings(&[("binlog_expire_logs_seconds", "2592000")], &[READER]), []);
    assert_eq!(findings(&[("binlog_expire_logs_seconds", "0")], &[READER]), []);
}

#[test]
fn settings_that_lose_changes_are_required_to_change() {
    check(&[("log_bin", "OFF")], &[READER], true, "no binlog", "--log-bin");
    check(
        &[("binlog_format", "MIXED")],
        &[READER],
        true,
        "MIXED",
        "binlog_format = 'ROW'",
    );
    check(
        &[("binlog_row_image", "MINIMAL")],
        &[READER],
        true,
        "MINIMAL",
        "binlog_row_image = 'FULL'",
    );
    check(
        &[("binlog_row_value_options", "PARTIAL_JSON")],
        &[READER],
        true,
        "PARTIAL_JSON",
        "binlog_row_value_options = ''",
    );
    check(&[("server_id", "7")], &[READER], true, "number 7", "database.server.id");
}

#[test]
fn missing_grants_are_named() {
    let lacks = "GRANT SELECT, RELOAD, REPLICATION CLIENT ON *.* TO `u`@`%`";
    check(
        &[],
        &[lacks],
        true,
        "lacks REPLICATION SLAVE:",
        "GRANT REPLICATION SLAVE ON *.* TO 'o''reader'@'%'",
    );
    let lacks = "GRANT RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `u`@`%`";
    check(&[], &[lacks], true, "lacks SELECT", "GRANT SELECT");
    let lacks = "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `u`@`%`";
    check(&[], &[lacks], false, "neither RELOAD nor LOCK TABLES", "RELOAD");
    let unlocked = |gtid_mode| Facts {
        locks: false,
        ..facts("9.7.4", &[("gtid_mode", gtid_mode)], &[lacks])
    };
    assert_eq!(found(&unlocked("ON")), [], "no lock is needed");
    let unnamed = found(&unlocked("OFF"));
    assert!(unnamed[0].message.contains("snapshot.locking.mode=none"), "{unnamed:?}");
    let locks = "GRANT LOCK TABLES ON `inventory`.* TO `u`@`%`";
    assert_eq!(findings(&[], &[lacks, locks]), []);
}

#[test]
fn what_is_only_advisable_is_not_required() {
    check(
        &[("gtid_mode", "OFF")],
        &[READER],
        false,
        "gtid_mode is OFF",
        "gtid_mode = OFF_PERMISSIVE",
    );
    check(
        &[("binlog_expire_logs_seconds", "3600")],
        &[READER],
        false,
        "3600 s",
        "binlog_expire_logs_seconds",
    );
    let root = "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost`";
    check(&[], &[root], false, "SUPER", "REVOKE");
}

#[test]
fn cascades_that_the_binlog_does_not_hold_are_named_with_what_helps_on_this_release() {
    let cascades = (0..22).map(|number| Cascade {
        parent: TableId::new("d", "parent"),
        child: TableId::new("d", format!("child{number}")),
    });
    let facts = |version| Facts {
        hidden_cascades: cascades.clone().collect(),
        ..facts(version, &[], &[READER])
    };
    for (version, remedy) in [("9.7.4", "innodb_native_foreign_keys = OFF"), ("8.4.0", "9.6")] {
        let found = found(&facts(version));
        assert!(
            matches!(found.as_slice(), [finding] if !finding.is_required
                && finding.message.contains("d.child0 (with d.parent), d.child1")
                && finding.message.ends_with("and 2 more")
                && finding.remedy.contains(remedy)),
            "{found:?}"
        );
    }
    let logged = |version, option| are_logged(&ServerVersion::parse(version), option);
    assert!(logged("9.7.4", Some("OFF")) && !logged("9.7.4", Some("ON")));
    assert!(!logged("9.5.0", None) && !logged("8.4.6", None) && !logged("5.7.44-log", None));
}

#[test]
fn sessions_that_log_otherwise_are_named() {
    let facts = Facts {
        other_sessions: vec![("app@web1".to_owned(), "binlog_format=STATEMENT".to_owned())],
        ..facts("9.7.4", &[], &[READER])
    };
    let found = found(&facts);
    assert!(
        matches!(found.as_slice(), [finding] if !finding.is_required
            && finding.message.contains("app@web1 has binlog_format=STATEMENT")),
        "{found:?}"
    );
}
