//! [`QueryEvent`]: a statement (BEGIN, COMMIT, DDL, or DML of statement logging) and the session it ran in.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::error::EventFault;
use crate::binlog::bytes::ByteReader;

/// So many databases or more are not listed in the status variable of updated databases.
const TOO_MANY_DATABASES: u8 = 254;

/// A statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryEvent<'a> {
    /// The connection that ran it.
    pub thread_id: u32,
    /// The session's current database; empty if none.
    pub database: &'a str,
    /// The statement, in [`SessionStatus::character_set_client`].
    pub sql: &'a [u8],
    /// What the statement failed with on the server; 0 for success.
    pub error_code: u16,
    /// The session's settings.
    pub session: SessionStatus<'a>,
}

/// The settings of the session that ran a statement, as far as the event carries them. Character sets and collations are
/// numbers of `information_schema.collations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionStatus<'a> {
    /// `sql_mode` as bits.
    pub sql_mode: Option<u64>,
    /// The character set of the statement's text.
    pub character_set_client: Option<u16>,
    /// The collation of literals.
    pub collation_connection: Option<u16>,
    /// The server's default: what a new database gets.
    pub collation_server: Option<u16>,
    /// The default of the current database.
    pub collation_database: Option<u16>,
    /// The default collation of utf8mb4, which differs between MySQL 5.7 and 8.0.
    pub default_collation_for_utf8mb4: Option<u16>,
    /// `time_zone`.
    pub time_zone: Option<&'a str>,
    /// `explicit_defaults_for_timestamp`: whether a TIMESTAMP column without NULL or NOT NULL is nullable.
    pub explicit_defaults_for_timestamp: Option<bool>,
    /// The number of a DDL statement that commits atomically.
    pub ddl_xid: Option<u64>,
    /// The databases of all tables that the statement opened, also through triggers, functions and views, each ended by a
    /// zero: [`SessionStatus::databases`].
    databases: Option<&'a str>,
}

impl<'a> QueryEvent<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, EventFault> {
        Self::parse_form(body, 0)
    }

    /// LOAD DATA: between the numbers and the status variables stand the number of the file whose blocks came before, where its
    /// name stands in the text, and what happens to duplicates (`Execute_load_query_event` in `load_data_events.h`).
    pub(super) fn parse_load(body: &'a [u8]) -> Result<Self, EventFault> {
        Self::parse_form(body, 13)
    }

    /// The statement alone: behind thirteen bytes of numbers, two of which are lengths, the status variables, and the database
    /// with the zero behind it.
    pub(super) fn sql_in(body: &'a [u8]) -> Option<&'a [u8]> {
        let database_length = usize::from(*body.get(8)?);
        let status_length = usize::from(u16::from_le_bytes(*body.get(11..)?.first_chunk()?));
        body.get(13 + status_length + database_length + 1..)
    }

    fn parse_form(body: &'a [u8], further_numbers: usize) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(body);
        let thread_id = reader.u32()?;
        // The execution time in seconds.
        reader.u32()?;
        let database_length = usize::from(reader.u8()?);
        let error_code = reader.u16()?;
        let status_length = usize::from(reader.u16()?);
        reader.take(further_numbers)?;
        let session = SessionStatus::parse(reader.take(status_length)?)?;
        let database = reader.take(database_length)?;
        let database = std::str::from_utf8(database).map_err(|_| EventFault::Invalid("the database is not UTF-8"))?;
        // A zero ends the name although its length is known.
        reader.u8()?;
        Ok(QueryEvent {
            thread_id,
            database,
            sql: reader.rest(),
            error_code,
            session,
        })
    }

    /// The statement as text. Bytes that are none in the client's character set are replaced by U+FFFD.
    pub fn sql_text(&self) -> Cow<'a, str> {
        match self.encoding() {
            Some(encoding) => encoding.decode_without_bom_handling(self.sql).0,
            None => String::from_utf8_lossy(self.sql),
        }
    }

    /// Whether [`sql_text`](Self::sql_text) is what the client sent.
    pub fn is_readable(&self) -> bool {
        match self.encoding() {
            Some(encoding) => !encoding.decode_without_bom_handling(self.sql).1,
            None => std::str::from_utf8(self.sql).is_ok(),
        }
    }

    /// The client's encoding if it is none of UTF-8.
    fn encoding(&self) -> Option<&'static Encoding> {
        legacy_encoding(self.session.character_set_client?)
    }
}

/// The encoding behind the number of a collation (`information_schema.collations`) that is none of UTF-8.
fn legacy_encoding(collation: u16) -> Option<&'static Encoding> {
    Some(match collation {
        5 | 8 | 15 | 31 | 47..=49 | 94 => encoding_rs::WINDOWS_1252,
        2 | 9 | 21 | 27 | 77 => encoding_rs::ISO_8859_2,
        30 | 78 => encoding_rs::WINDOWS_1254,
        20 | 41 | 42 | 79 => encoding_rs::ISO_8859_13,
        25 | 70 => encoding_rs::ISO_8859_7,
        16 | 71 => encoding_rs::ISO_8859_8,
        26 | 34 | 44 | 66 | 99 => encoding_rs::WINDOWS_1250,
        14 | 23 | 50..=52 => encoding_rs::WINDOWS_1251,
        57 | 67 => encoding_rs::WINDOWS_1256,
        29 | 58 | 59 => encoding_rs::WINDOWS_1257,
        36 | 68 => encoding_rs::IBM866,
        7 | 74 => encoding_rs::KOI8_R,
        22 | 75 => encoding_rs::KOI8_U,
        18 | 89 => encoding_rs::WINDOWS_874,
        24 | 86 | 28 | 87 => encoding_rs::GBK,
        248..=250 => encoding_rs::GB18030,
        1 | 84 => encoding_rs::BIG5,
        13 | 88 | 95 | 96 => encoding_rs::SHIFT_JIS,
        12 | 91 | 97 | 98 => encoding_rs::EUC_JP,
        19 | 85 => encoding_rs::EUC_KR,
        _ => return None,
    })
}

impl<'a> SessionStatus<'a> {
    /// The databases of all tables that the statement opened, to read or to write, also through triggers, functions and
    /// views. Replicas rely on that to apply statements of different databases at the same time
    /// (`Query_event::Q_UPDATED_DB_NAMES` in `statement_events.h`, `THD::decide_logging_format`).
    ///
    /// `None`: the server does not say, because one of the tables is referenced by a foreign key, whose cascades go anywhere,
    /// or because there are more than sixteen.
    pub fn databases(&self) -> Option<impl Iterator<Item = &'a str>> {
        self.databases.map(|names| names.split_terminator('\0'))
    }

    /// Reads the status variables: numbers without lengths, so that a variable of a later version ends the reading.
    /// MySQL writes them in the order of their invention.
    fn parse(bytes: &'a [u8]) -> Result<Self, EventFault> {
        let mut reader = ByteReader::new(bytes);
        let mut status = SessionStatus::default();
        while !reader.is_empty() {
            let code = reader.u8()?;
            if !status.read_variable(code, &mut reader)? {
                break;
            }
        }
        Ok(status)
    }

    fn read_variable(&mut self, code: u8, reader: &mut ByteReader<'a>) -> Result<bool, EventFault> {
        match code {
            // flags2, auto_increment_*, the length on the original server.
            0 | 3 | 10 => {
                reader.u32()?;
            }
            1 => self.sql_mode = Some(reader.u64()?),
            // The catalog, in the form of MySQL 5.0.0 with a zero at its end.
            2 => {
                reader.short_bytes()?;
                reader.u8()?;
            }
            4 => {
                self.character_set_client = Some(reader.u16()?);
                self.collation_connection = Some(reader.u16()?);
                self.collation_server = Some(reader.u16()?);
            }
            5 => {
                let zone = std::str::from_utf8(reader.short_bytes()?);
                self.time_zone = Some(zone.map_err(|_| EventFault::Invalid("the time zone is not UTF-8"))?);
            }
            // The catalog.
            6 => {
                reader.short_bytes()?;
            }
            // lc_time_names.
            7 => {
                reader.u16()?;
            }
            8 => self.collation_database = Some(reader.u16()?),
            // The tables of a multi-table UPDATE, and an old commit timestamp.
            9 | 14 => {
                reader.u64()?;
            }
            // The user and host of CURRENT_USER().
            11 => {
                reader.short_bytes()?;
                reader.short_bytes()?;
            }
            12 => self.databases = read_databases(reader)?,
            // Microseconds of the event's timestamp.
            13 => {
                reader.uint(3)?;
            }
            // An old pair of commit timestamps.
            15 => {
                reader.take(16)?;
            }
            16 => self.explicit_defaults_for_timestamp = Some(reader.u8()? != 0),
            17 => self.ddl_xid = Some(reader.u64()?),
            18 => self.default_collation_for_utf8mb4 = Some(reader.u16()?),
            // sql_require_primary_key, default_table_encryption.
            19 | 20 => {
                reader.u8()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A list of no names, or of names that are no text, says nothing.
fn read_databases<'a>(reader: &mut ByteReader<'a>) -> Result<Option<&'a str>, EventFault> {
    let count = reader.u8()?;
    if count == TOO_MANY_DATABASES {
        return Ok(None);
    }
    let list = reader.rest();
    let mut length = 0;
    for _ in 0..count {
        let name = reader.rest().iter().position(|byte| *byte == 0);
        let name = name.ok_or(EventFault::Invalid("a database name does not end"))?;
        reader.take(name + 1)?;
        length += name + 1;
    }
    let names = std::str::from_utf8(list.get(..length).unwrap_or_default()).unwrap_or_default();
    let is_whole = count > 0 && names.split_terminator('\0').all(|name| !name.is_empty()) && !names.is_empty();
    Ok(is_whole.then_some(names))
}
