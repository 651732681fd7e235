//! [`HistoryFile`]: a schema history in a file on the worker's machine, a record in each line, as Debezium's `FileSchemaHistory`
//! keeps it.
//!
//! An append is on the disk before it is acknowledged. One that a crash has torn is a line without an end, which nobody was told of:
//! it is read as the end of the file, and the next append begins a new line behind it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use connector_api::{ConnectError, RecordLog};

/// A file of records.
pub struct HistoryFile {
    path: PathBuf,
}

impl HistoryFile {
    /// The history in this file, which is made with its folder when the first record comes.
    ///
    /// # Errors
    /// If the file holds something else: nothing is appended to what is not a history.
    pub fn open(path: &Path) -> Result<Self, ConnectError> {
        let history = HistoryFile { path: path.to_owned() };
        let mut first = Vec::new();
        if let Some(mut lines) = history.lines()? {
            lines
                .read_until(b'\n', &mut first)
                .map_err(|error| history.failed("read", error))?;
        }
        let is_record = |line: &[u8]| {
            serde_json::from_slice::<serde_json::Value>(line).is_ok_and(|record| record.get("source").is_some())
        };
        match first.is_empty() || is_record(&first) {
            true => Ok(history),
            false => Err(ConnectError::fatal(format!(
                "{} holds something else than a schema history: name another file in schema.history.internal.file.filename",
                path.display()
            ))),
        }
    }

    /// `None` as long as there is no file.
    fn lines(&self) -> Result<Option<BufReader<File>>, ConnectError> {
        match File::open(&self.path) {
            Ok(file) => Ok(Some(BufReader::new(file))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    fn write(&self, values: &[Vec<u8>]) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(&self.path)?;
        let mut lines = Vec::new();
        if is_torn(&mut file)? {
            lines.push(b'\n');
        }
        for value in values {
            // In a topic it is laid out over several lines.
            let record: serde_json::Value = serde_json::from_slice(value)?;
            serde_json::to_writer(&mut lines, &record)?;
            lines.push(b'\n');
        }
        file.write_all(&lines)?;
        file.sync_all()
    }

    /// A full disk may be emptied; a right has to be given.
    fn failed(&self, doing: &str, error: io::Error) -> ConnectError {
        let message = format!("the schema history {} cannot be {doing}", self.path.display());
        let is_definite = matches!(
            error.kind(),
            ErrorKind::PermissionDenied | ErrorKind::IsADirectory | ErrorKind::NotADirectory | ErrorKind::NotFound
        );
        match is_definite {
            true => ConnectError::fatal(message).caused_by(error),
            false => ConnectError::retriable(message).caused_by(error),
        }
    }
}

/// Whether the last line has no end.
fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

impl RecordLog for HistoryFile {
    fn read(&mut self, visit: &mut dyn FnMut(&[u8]) -> Result<(), ConnectError>) -> Result<(), ConnectError> {
        let Some(mut lines) = self.lines()? else { return Ok(()) };
        let mut line = Vec::new();
        loop {
            line.clear();
            lines
                .read_until(b'\n', &mut line)
                .map_err(|error| self.failed("read", error))?;
            match line.strip_suffix(b"\n") {
                // A blank one is what Debezium's own writer may leave.
                Some(record) if record.trim_ascii().is_empty() => {}
                Some(record) => visit(record)?,
                None => return Ok(()),
            }
        }
    }

    fn append(&mut self, value: &[u8]) -> Result<(), ConnectError> {
        self.append_all(&[value.to_vec()])
    }

    fn append_all(&mut self, values: &[Vec<u8>]) -> Result<(), ConnectError> {
        self.write(values).map_err(|error| self.failed("written", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(history: &mut HistoryFile) -> Vec<String> {
        let mut records = Vec::new();
        let mut visit = |record: &[u8]| {
            records.push(String::from_utf8_lossy(record).into_owned());
            Ok(())
        };
        history.read(&mut visit).expect("a readable file");
        records
    }

    fn path(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("rowmill-history-{}", std::process::id()));
        folder.join(name).join("history.dat")
    }

    #[test]
    fn a_record_is_a_line_and_a_torn_one_was_never_written() {
        let path = path("torn");
        let record = |number: u8| format!(r#"{{"source":{{"server":"p"}},"n":{number}}}"#);
        let mut history = HistoryFile::open(&path).expect("no file yet");
        assert!(records(&mut history).is_empty());
        history.append_all(&[record(1).into(), record(2).into()]).expect("room");
        let torn = [fs::read(&path).expect("a file"), br#"{"source":{"ser"#.to_vec()].concat();
        fs::write(&path, torn).expect("room");
        let mut history = HistoryFile::open(&path).expect("a history");
        assert_eq!(records(&mut history), [record(1), record(2)]);
        history
            .append(record(3).replace(':', " :\n ").as_bytes())
            .expect("room");
        let all = records(&mut history);
        assert_eq!((all.len(), &all[3]), (4, &record(3)));
    }

    #[test]
    fn what_is_no_history_is_left_alone() {
        let path = path("other");
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, "root:x:0:0\n").expect("room");
        let refusal = HistoryFile::open(&path).err().expect("a refusal").to_string();
        assert!(refusal.contains("something else"), "{refusal}");
        assert_eq!(fs::read(&path).expect("a file"), b"root:x:0:0\n");
    }
}
