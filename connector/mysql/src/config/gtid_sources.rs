//! [`GtidSources`]: the servers whose transactions are wanted (`gtid.source.includes`, `gtid.source.excludes`).
//!
//! A server that takes over may lack transactions that others have made for themselves, or may have purged them. Those of unwanted
//! servers are not missed, and rows that they changed are left out.

use uuid::Uuid;

use super::reader::Reader;
use super::table_filter::NameFilter;
use crate::error::MySqlError;
use crate::position::Gtid;

/// Which servers' transactions are wanted, by their uuids.
#[derive(Debug, Clone, Default)]
pub struct GtidSources {
    servers: NameFilter,
    /// `gtid.source.filter.dml.events`.
    leaves_out_rows: bool,
}

impl GtidSources {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        GtidSources {
            servers: reader.name_filter("gtid.source.includes", "gtid.source.excludes"),
            leaves_out_rows: reader.boolean("gtid.source.filter.dml.events"),
        }
    }

    /// Whether rows of this transaction are left out. One without a name has no server.
    pub fn leave_out(&self, gtid: Option<&Gtid>) -> bool {
        self.leaves_out_rows && !self.are_all() && gtid.is_some_and(|gtid| !self.has(&gtid.source))
    }

    /// Whether the expressions could tell of every server that they were asked about.
    pub fn are_decided(&self) -> Result<(), MySqlError> {
        match self.servers.runaway() {
            None => Ok(()),
            Some(runaway) => Err(MySqlError::server(format!(
                "an expression of gtid.source.includes or gtid.source.excludes does not come to an end: {runaway}"
            ))),
        }
    }

    /// Whether the transactions of this server are wanted.
    pub fn has(&self, source: &Uuid) -> bool {
        self.are_all() || self.servers.passes(&source.to_string())
    }

    fn are_all(&self) -> bool {
        matches!(self.servers, NameFilter::All)
    }
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::*;

    const A: &str = "aaaaaaaa-71ca-11e1-9e33-c80aa9429562";
    fn sources(pairs: &[(&str, &str)]) -> GtidSources {
        let pairs = pairs.iter();
        let config: ConfigMap = pairs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        GtidSources::read(&mut Reader::new(&config))
    }

    #[test]
    fn rows_of_unwanted_servers_are_left_out() {
        let gtid: Gtid = format!("{A}:5").parse().expect("a gtid");
        let without_a = sources(&[("gtid.source.excludes", "AAAAAAAA-.*")]);
        let only_b = sources(&[
            ("gtid.source.includes", "b.*"),
            ("gtid.source.filter.dml.events", "false"),
        ]);
        let all = sources(&[]);
        assert!(without_a.leave_out(Some(&gtid)) && !without_a.leave_out(None));
        assert!(!only_b.leave_out(Some(&gtid)) && !all.leave_out(Some(&gtid)));
        assert!(!without_a.has(&gtid.source) && !only_b.has(&gtid.source) && all.has(&gtid.source));
    }
}
