//! [`SnapshotMode`]: what a start reads before it streams (`snapshot.mode`), and what becomes of one that cannot go on.

use super::reader::Reader;

/// What a start does, by what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotMode {
    /// Which starts begin a snapshot.
    pub begins: SnapshotBegins,
    /// Whether a snapshot reads rows; if not, it reads the table definitions only.
    pub reads_rows: bool,
    /// Whether the stream follows.
    pub streams: bool,
    /// Where the table definitions at a stored offset come from.
    pub history: HistoryUse,
    /// Whether a server that cannot go on at the stored position is answered with a new snapshot.
    pub replaces_lost_position: bool,
}

/// Which starts begin a snapshot. One that was interrupted is resumed in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotBegins {
    /// Those that find no stored offset.
    WithoutOffset,
    /// All of them.
    AtEveryStart,
    /// None: without a stored offset there is nothing to go on from.
    Never,
}

/// Where the table definitions at a stored offset come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryUse {
    /// From the schema history; if it is lost, the task stops.
    Trusted,
    /// From the schema history; if it is lost, from the server.
    RebuiltIfLost,
    /// From the server, at every start.
    Rebuilt,
    /// From the schema history; if it is lost, a new snapshot is taken.
    SnapshotIfLost,
}

const KEY: &str = "snapshot.mode";
const BASED_ON: &str = "snapshot.mode.configuration.based.";

impl SnapshotMode {
    /// `initial`.
    pub const INITIAL: SnapshotMode = SnapshotMode {
        begins: SnapshotBegins::WithoutOffset,
        reads_rows: true,
        streams: true,
        history: HistoryUse::Trusted,
        replaces_lost_position: false,
    };

    /// Modes that are not carried out were refused by the table of keys already.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let initial = SnapshotMode::INITIAL;
        match reader.text(KEY).to_ascii_lowercase().as_str() {
            "initial_only" => SnapshotMode {
                streams: false,
                ..initial
            },
            "no_data" => SnapshotMode {
                reads_rows: false,
                ..initial
            },
            "always" => SnapshotMode {
                begins: SnapshotBegins::AtEveryStart,
                history: HistoryUse::SnapshotIfLost,
                replaces_lost_position: true,
                ..initial
            },
            "when_needed" => SnapshotMode {
                history: HistoryUse::SnapshotIfLost,
                replaces_lost_position: true,
                ..initial
            },
            "recovery" => SnapshotMode {
                begins: SnapshotBegins::Never,
                reads_rows: false,
                history: HistoryUse::Rebuilt,
                ..initial
            },
            "configuration_based" => Self::of_switches(reader),
            _ => initial,
        }
    }

    /// `configuration_based`: rows are read at every start, as with `always`, definitions alone only where nothing is stored.
    fn of_switches(reader: &mut Reader<'_>) -> Self {
        let switch = |name: &str| reader.boolean(&format!("{BASED_ON}{name}"));
        let (rows, definitions) = (switch("snapshot.data"), switch("snapshot.schema"));
        let mode = SnapshotMode {
            begins: match (rows, definitions) {
                (true, _) => SnapshotBegins::AtEveryStart,
                (false, true) => SnapshotBegins::WithoutOffset,
                (false, false) => SnapshotBegins::Never,
            },
            reads_rows: rows,
            streams: switch("start.stream"),
            history: match switch("snapshot.on.schema.error") {
                true => HistoryUse::RebuiltIfLost,
                false => HistoryUse::Trusted,
            },
            replaces_lost_position: switch("snapshot.on.data.error"),
        };
        if rows && !definitions {
            reader.reject(
                &format!("{BASED_ON}snapshot.data"),
                format!(
                    "rows cannot be read without the definitions of their tables; set {BASED_ON}snapshot.schema=true"
                ),
            );
        }
        if !(rows || definitions || mode.streams) {
            let switches = format!("{BASED_ON}snapshot.data, {BASED_ON}snapshot.schema or {BASED_ON}start.stream");
            reader.reject(KEY, format!("configuration_based asks for nothing; set {switches}"));
        }
        mode
    }
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::*;

    fn read(mode: &str, switches: &[&str]) -> Result<SnapshotMode, String> {
        let switches = switches
            .iter()
            .map(|name| (format!("{BASED_ON}{name}"), "true".to_owned()));
        let config: ConfigMap = switches.chain([(KEY.to_owned(), mode.to_owned())]).collect();
        let mut reader = Reader::new(&config);
        let mode = SnapshotMode::read(&mut reader);
        match reader.into_problems().first() {
            None => Ok(mode),
            Some(problem) => Err(problem.message.clone()),
        }
    }

    #[test]
    fn switches_can_say_what_other_modes_are() {
        let always = SnapshotMode {
            history: HistoryUse::Trusted,
            replaces_lost_position: false,
            ..read("ALWAYS", &[]).unwrap()
        };
        let based = |switches: &[&str]| read("configuration_based", switches);
        assert_eq!(based(&["snapshot.data", "snapshot.schema", "start.stream"]), Ok(always));
        assert_eq!(based(&["snapshot.schema", "start.stream"]), read("no_data", &[]));
        let on_error = based(&["start.stream", "snapshot.on.schema.error", "snapshot.on.data.error"]).unwrap();
        assert_eq!(
            (on_error.begins, on_error.history, on_error.replaces_lost_position),
            (SnapshotBegins::Never, HistoryUse::RebuiltIfLost, true)
        );
    }

    #[test]
    fn switches_that_cannot_be_carried_out_are_refused() {
        let error = read("configuration_based", &["snapshot.data", "start.stream"]).unwrap_err();
        assert!(error.contains("snapshot.schema=true"), "{error}");
        let error = read("configuration_based", &["snapshot.on.data.error"]).unwrap_err();
        assert!(error.contains("asks for nothing"), "{error}");
    }
}
