#!/usr/bin/env bash
# ALTER COLUMN .. SET DEFAULT on an AUTO_INCREMENT column is taken, logged, and forgotten.
#
# Seen with MySQL 9.7.4 (Debian package mysql-server-core of the suite sid; the version found is printed). CREATE TABLE refuses a
# default for such a column with error 1067, "Invalid default value". ALTER TABLE takes it without a warning:
#
#   1. SHOW CREATE TABLE has no default afterwards, and information_schema says NULL.
#   2. The statement is in the binlog as it was said. Whoever keeps definitions by following statements, as sources of change data
#      do, has a default that the server does not have; a snapshot taken afterwards has none.
#   3. A TIMESTAMP or DATETIME column with ON UPDATE, which some protocols mark in the same way, keeps its default.
#
# The manual (https://dev.mysql.com/doc/refman/9.7/en/alter-table.html) does not tell. Installs the public packages into a temporary
# folder, runs them there, and removes them. Fails if the behaviour is another one.
set -euo pipefail

home=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
. "$(dirname "$(readlink -f "$0")")/lib/mysql.bash"

sql -e 'CREATE DATABASE d'
expect 'CREATE TABLE with a default for it' 'ERROR 1067' \
    "$(sql d -e 'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY DEFAULT 5)' 2>&1 | grep -oE 'ERROR [0-9]+')"
sql d -e 'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, at DATETIME NOT NULL ON UPDATE CURRENT_TIMESTAMP)'
expect 'warnings of ALTER TABLE t ALTER id SET DEFAULT 5' 0 \
    "$(sql d -e "ALTER TABLE t ALTER id SET DEFAULT 5, ALTER at SET DEFAULT '2024-02-29'; SELECT @@warning_count")"
default() {
    sql -e "SELECT IFNULL(column_default, 'none') FROM information_schema.columns WHERE table_schema = 'd' AND column_name = '$1'"
}
expect 'the default of the AUTO_INCREMENT column' none "$(default id)"
expect 'the default of the column with ON UPDATE' '2024-02-29 00:00:00' "$(default at)"
log=$(sql -e 'SHOW BINARY LOG STATUS' | cut -f 1)
expect 'times that the binlog says SET DEFAULT 5' 1 "$(sql -e "SHOW BINLOG EVENTS IN '$log'" | grep -c 'SET DEFAULT 5')"
[ -z "$failed" ] || exit 1
