//! Keys of the group `MySQL`: how the server is reached.

use connector_api::config::{ConfigType, Importance, Width};

use crate::config::definition::Handling::{CarriedOut, NoEffect};
use crate::config::definition::Row;

/// The group, in the order of Debezium 3.6.3.
#[rustfmt::skip] // a table is read in columns: one key per pair of lines
pub(in crate::config) const ROWS: &[Row] = &[
    Row("topic.prefix", ConfigType::String, Importance::High, Width::Medium, None, "Topic prefix", CarriedOut,
        "Name of this source: it begins every topic name and belongs to the stored offsets, so changing it starts a new source."),
    Row("database.hostname", ConfigType::String, Importance::High, Width::Medium, None, "Hostname", CarriedOut,
        "Name or address of the MySQL server."),
    Row("database.port", ConfigType::Int, Importance::High, Width::Short, Some("3306"), "Port", CarriedOut,
        "TCP port of the MySQL server."),
    Row("database.user", ConfigType::String, Importance::High, Width::Short, None, "User", CarriedOut,
        "MySQL user to log in as."),
    Row("database.password", ConfigType::Password, Importance::High, Width::Short, None, "Password", CarriedOut,
        "Password of the MySQL user."),
    Row("database.query.timeout.ms", ConfigType::Int, Importance::Low, Width::None, Some("600000"), "Query timeout", NoEffect("queries of a snapshot may take as long as they need"),
        "How long a query may take, in milliseconds; 0 is forever."),
    Row("database.initial.statements", ConfigType::String, Importance::Low, Width::Long, None, "Initial statements", CarriedOut,
        "SQL statements run on every new SQL session, separated by semicolons, of which two stand for one inside of a statement. Settings that decide what is read (time zone, character set, SQL mode, autocommit) are made afterwards."),
    Row("database.server.id", ConfigType::Long, Importance::High, Width::Long, None, "Cluster ID", CarriedOut,
        "Replica id under which the binlog is read, unique among all servers and replicas; leased from a free range when absent, where Debezium demands it."),
    Row("database.server.id.offset", ConfigType::Long, Importance::High, Width::Long, Some("10000"), "Cluster ID offset", NoEffect("a connector reads the binlog over one connection"),
        "Distance between the replica ids of several readers of one connector."),
    Row("database.ssl.keystore", ConfigType::String, Importance::Medium, Width::Long, None, "SSL Keystore", CarriedOut,
        "File with the client's key and certificate for two-way TLS."),
    Row("database.ssl.keystore.password", ConfigType::Password, Importance::Medium, Width::Medium, None, "SSL Keystore Password", CarriedOut,
        "Password of the key store."),
    Row("database.ssl.truststore", ConfigType::String, Importance::Medium, Width::Long, None, "SSL Truststore", CarriedOut,
        "File with the certificate authorities that may vouch for the server."),
    Row("database.ssl.truststore.password", ConfigType::Password, Importance::Medium, Width::Medium, None, "SSL Truststore Password", CarriedOut,
        "Password of the trust store."),
    Row("database.jdbc.driver", ConfigType::Class, Importance::Low, Width::Medium, Some("com.mysql.cj.jdbc.Driver"), "JDBC Driver Class Name", NoEffect("nothing here runs on a Java virtual machine"),
        "Class of the JDBC driver."),
    Row("database.protocol", ConfigType::String, Importance::Low, Width::Medium, Some("jdbc:mysql"), "JDBC Protocol", NoEffect("nothing here runs on a Java virtual machine"),
        "JDBC protocol of the driver."),
    Row("database.ssl.mode", ConfigType::String, Importance::Medium, Width::Medium, Some("preferred"), "SSL mode", CarriedOut,
        "Whether connections to MySQL are encrypted and how the server proves itself: disabled, preferred, required, verify_ca or verify_identity."),
];
