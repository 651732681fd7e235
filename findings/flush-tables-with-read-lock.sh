#!/usr/bin/env bash
# FLUSH TABLES WITH READ LOCK that fails is not over.
#
# Seen with MySQL 9.7.4 (Debian package mysql-server-core of the suite sid; the version found is printed). A session reads table r
# for 12 s; another one asks for the global read lock with lock_wait_timeout = 1 and gets error 1205, "Lock wait timeout exceeded":
#
#   1. It *keeps* the lock that stops all writers of the server. An INSERT into a table that nobody else uses waits until that
#      session says UNLOCK TABLES or ends. A program that rests and tries again in the same session holds production up all the while.
#   2. Whatever the session does then, also if it ends: every new statement about r waits ("Waiting for table flush") until the
#      statement that was there before has ended.
#
# The manual (https://dev.mysql.com/doc/refman/9.7/en/flush.html) tells neither. So: end the session before a rest, and do not ask
# beside a long statement.
#
# Installs the public packages into a temporary folder, runs them there, and removes them. Fails if the behaviour is another one.
set -euo pipefail

home=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
. "$(dirname "$(readlink -f "$0")")/lib/mysql.bash"

sql -e 'CREATE DATABASE d; CREATE TABLE d.r (id INT PRIMARY KEY); CREATE TABLE d.s (id INT PRIMARY KEY AUTO_INCREMENT); INSERT INTO d.r VALUES (1)'
sql -e 'SELECT SLEEP(12) FROM d.r' > /dev/null &
reading=$!
until [ -n "$(sql -e "SELECT id FROM information_schema.processlist WHERE state = 'User sleep'")" ]; do sleep 0.1; done

insert() { # TABLE: "goes on" or "waits"
    if sql -e "SET lock_wait_timeout = 1; INSERT INTO d.$1 (id) SELECT IFNULL(MAX(id), 0) + 1 FROM (SELECT * FROM d.s UNION SELECT 100) x" \
        2> "$home/error"; then
        echo 'goes on'
    else
        grep -q 'ERROR 1205' "$home/error" && echo waits || cat "$home/error"
    fi
}

mkfifo "$home/session"
sql --force < "$home/session" 2> "$home/asking" &
asking=$!
exec 7> "$home/session"
echo 'SET lock_wait_timeout = 1; FLUSH TABLES WITH READ LOCK;' >&7
until grep -q ERROR "$home/asking"; do sleep 0.1; done
expect 'the global read lock' 'ERROR 1205' "$(grep -oE 'ERROR [0-9]+' "$home/asking")"
expect 'an INSERT into another table while the session that failed is there' waits "$(insert s)"
echo 'UNLOCK TABLES;' >&7
sleep 0.2
expect 'the same after UNLOCK TABLES' 'goes on' "$(insert s)"
exec 7>&-
wait "$asking" || true
expect 'an INSERT into the table that is read, after that session has ended' waits "$(insert r)"
wait "$reading"
expect 'the same after the statement has ended' 'goes on' "$(insert r)"
[ -z "$failed" ] || exit 1
