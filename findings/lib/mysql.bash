# Sourced by findings about MySQL, with $home, a temporary folder of their own: installs the public Debian package mysql-server-core
# (suite sid) there and starts it on a socket. `sql` runs its client, `expect` compares what was seen and sets $failed. The folder goes
# when the script ends. Needs a Debian machine with apt-get, dpkg and debian-archive-keyring.

server=
clean_up() {
    # The server is no child of ours; without its folder it would not end.
    [ -z "$server" ] || { while kill "$server" 2>/dev/null; do sleep 0.2; done; }
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

failed=
expect() { # WHAT EXPECTED SEEN
    echo "$1: $3"
    [ "$2" = "$3" ] || { echo "  expected: $2"; failed=1; }
}
