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
# Installs the public packages into a temporary folder, runs them there on a port of loopback, and removes them. Fails if the
# behaviour is another one. Needs a Debian machine with apt-get, dpkg and debian-archive-keyring.
set -euo pipefail

home=$(mktemp -d "${TMPDIR:-/tmp}/ftwrl.XXXXXX")
server=
clean_up() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
    rm -rf "$home"
}
trap clean_up EXIT
export LC_ALL=C

archive=$(apt-get --print-uris update | sed -nE "s|^'([^']+[^/'])/*/dists/[a-z]+/.*|\1|p" | head -n 1)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -n "$archive" ] && [ -e "$keyring" ] || { echo 'error: no Debian archive or keyring on this machine' >&2; exit 1; }
mkdir -p "$home"/apt/lists/partial "$home"/apt/cache/archives/partial "$home/root"
touch "$home/apt/status"
echo "deb [signed-by=$keyring] $archive sid main" > "$home/apt/sources.list"
apt() {
    apt-get -qq -o Dir::State="$home/apt" -o Dir::State::lists="$home/apt/lists" -o Dir::State::status="$home/apt/status" \
        -o Dir::Cache="$home/apt/cache" -o Dir::Etc::sourcelist="$home/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User= \
        -o APT::Install-Recommends=false -o APT::Keep-Downloaded-Packages=true -o Acquire::Languages=none "$@"
}
apt update
apt -y --allow-remove-essential --download-only install mysql-server-core mysql-client-core
for package in "$home"/apt/cache/archives/*.deb; do
    case $package in */perl* | */libperl*) ;; *) dpkg -x "$package" "$home/root" ;; esac
done
loader=$(find "$home/root/" -name 'ld-linux-*.so.*' | head -n 1)
libc=$(find "$home/root/" -name libc.so.6 | head -n 1)
libraries=$(dirname "$libc"):$(dirname "$libc")/mysql/private:$home/root/usr/lib/mysql/private
for folder in "$home"/root/lib/*-linux-gnu "$home"/root/usr/lib/*-linux-gnu; do
    [ ! -d "$folder" ] || libraries=$libraries:$folder
done
run() { local program=$1; shift; "$loader" --library-path "$libraries" "$program" "$@"; }
usr=$home/root/usr
mysqld=(run "$usr/sbin/mysqld" --no-defaults --user="$(id -un)" --basedir="$usr" --datadir="$home/data" --log-error="$home/log"
    --plugin-dir="$usr/lib/mysql/plugin" --lc-messages-dir="$usr/share/mysql" --character-sets-dir="$usr/share/mysql/charsets"
    --socket="$home/s" --pid-file="$home/pid" --mysqlx=OFF --skip-networking --secure-file-priv=NULL)
sql() { run "$usr/bin/mysql" --no-defaults --socket="$home/s" -uroot -N "$@"; }

"${mysqld[@]}" --initialize-insecure
"${mysqld[@]}" &
server=$!
for _ in $(seq 300); do sql -e 'DO 0' 2>/dev/null && break; sleep 0.1; done
server=$(cat "$home/pid") || { cat "$home/log" >&2; exit 1; }
echo "MySQL $(sql -e 'SELECT VERSION()')"

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
failed=
expect() { # WHAT EXPECTED SEEN
    echo "$1: $3"
    [ "$2" = "$3" ] || { echo "  expected: $2"; failed=1; }
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
[ -z "$failed" ]
