#!/usr/bin/env bash
# mysql_async runs the statements of `init` and `setup` from the last to the first.
#
# Seen with the crate mysql_async 0.37.1 and MySQL 9.7.4 (Debian package mysql-server-core of the suite sid; the version found is
# printed). A session is opened with three statements, each of which appends its number to a user variable:
#
#   1. `OptsBuilder::init` leaves "321".
#   2. `OptsBuilder::setup` leaves "321", and again so after Conn::reset, which runs them anew.
#
# Where two of them set the same thing, the first one wins: who puts settings of its own behind those of a user, as sources of change
# data do (sql_mode, time_zone, net_write_timeout), has the user's. The documentation
# (https://docs.rs/mysql_async/0.37.1/mysql_async/struct.OptsBuilder.html#method.setup) tells when they run, and of no order.
#
# Installs the public crate and packages into a temporary folder, compiles and runs a program there, and removes them. Fails if the
# behaviour is another one. Needs cargo besides.
set -euo pipefail

home=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
. "$(dirname "$(readlink -f "$0")")/lib/mysql.bash"

mkdir "$home/src"
cat > "$home/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
mysql_async = { version = "=0.37.1", default-features = false, features = ["minimal-rust"] }
tokio = { version = "1", features = ["macros", "rt"] }

[workspace]
TOML
cat > "$home/src/main.rs" <<'RUST'
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};

fn statements() -> Vec<String> {
    let append = |number| format!("SET @order = CONCAT(IFNULL(@order, ''), {number})");
    (1..=3).map(append).collect()
}

async fn order(session: &mut Conn) -> String {
    session.query_first("SELECT @order").await.unwrap().unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let socket = std::env::args().nth(1);
    let options = || OptsBuilder::default().socket(socket.clone()).user(Some("root"));
    let mut session = Conn::new(options().init(statements())).await.unwrap();
    println!("{}", order(&mut session).await);
    let mut session = Conn::new(options().setup(statements())).await.unwrap();
    println!("{}", order(&mut session).await);
    session.reset().await.unwrap();
    println!("{}", order(&mut session).await);
}
RUST
seen=$(cargo run --quiet --manifest-path "$home/Cargo.toml" --target-dir "$home/build" -- "$home/s")
mapfile -t seen <<< "$seen"
expect 'the order of init' 321 "${seen[0]}"
expect 'the order of setup' 321 "${seen[1]}"
expect 'the order of setup behind a reset' 321 "${seen[2]}"
[ -z "$failed" ] || exit 1
