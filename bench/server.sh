#!/usr/bin/env bash
# A Postern edge and slapd (mdb) as the edge directory: the same entries, the same client (peers/ldapload.c), both running, asked in turn.
# Knobs beyond common.sh: BENCH_SECONDS of each search and bind run (3), BENCH_ADDS entries of each add run (5000), BENCH_MILLION=1 for
# size and memory at 1,000,000 recipients (some minutes more), BENCH_ONLY="search adds bind dump" for some of the parts,
# BENCH_NO_BUILD=1 for what was built last.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
SECONDS_EACH=${BENCH_SECONDS:-3}
ADDS=${BENCH_ADDS:-5000}
ONLY=${BENCH_ONLY:-search dump bind adds}
WARM=0.5
LBURP_BATCH=250 LBURP_WINDOW=8 # what a hub does
command -v slapd > /dev/null || fail "slapd is not installed (as root, ./test installs the peers)"
begin server
[ -n "${BENCH_NO_BUILD:-}" ] || build
gcc -O2 -o "$T/bin/ldapload" "$BENCH/peers/ldapload.c" -lssl -lcrypto -lpthread || fail "gcc"
ADD_SHAPES="1x1 1x8 4x1 4x8"
LBURP_PARTS=4 # one run of LBURP is over before anything is warm with as few entries as the others add
PARTS=$((RUNS * (4 + LBURP_PARTS)))

edge_slapd_start() { # FOLDER LDIF -> SLAPD, SLAPD_PORT
  mkdir -p "$1/db"
  cat > "$1/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include $ROOT/schema/postern.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $1/slapd.pid
argsfile $1/slapd.args
loglevel 0
sizelimit unlimited
threads 16
conn_max_pending_auth 5000
TLSCACertificateFile $T/cert/ca.pem
TLSCertificateFile $T/cert/server.pem
TLSCertificateKeyFile $T/cert/server.key
database mdb
suffix "o=edge"
rootdn "cn=bench,ou=accounts,o=edge"
rootpw $PASSWORD
directory $1/db
maxsize 17179869184
index objectClass,entryUUID,posternAddressHash,posternDomainName eq
access to * by * read
CONF
  slapadd -q -w -f "$1/slapd.conf" -l "$2" || fail "slapadd"
  local plain
  plain=$(free_port) SLAPD_PORT=$(free_port)
  slapd_start "$1" "$plain" "$SLAPD_PORT"
}
edge_start() { # FOLDER LDIF -> EDGE, EDGE_PORT
  "$TOOL" edge-load "$1" "$2" "$PASSWORD" || fail "edge-load"
  EDGE_PORT=$(free_port)
  "$POSTERN" edge run --data "$1" --fqdn edge.bench.test --ldaps "127.0.0.1:$EDGE_PORT" --ldap "127.0.0.1:$(free_port)" --log-level warning > "$T/edge.log" 2>&1 < /dev/null &
  EDGE=$!
  PIDS+=("$EDGE")
  wait_port "$EDGE_PORT" "$EDGE"
}

value() { sed -n "s/.* $1=\([0-9.]*\).*/\1/p" <<< "$LINE"; }
load() { "$T/bin/ldapload" -t -D "cn=bench,ou=accounts,o=edge" -w "$PASSWORD" -b ou=recipients,o=edge -p "$PORT" "$@"; }
of() { # SERVER: the process and port of a server
  if [ "$1" = Postern ]; then PROCESS=$EDGE PORT=$EDGE_PORT; else PROCESS=$SLAPD PORT=$SLAPD_PORT; fi
}
# WHAT UNIT FIELD ARGUMENTS...: one timed run against each server, with the server's processor time of one operation (warm-up included in both).
timed() {
  local what=$1 unit=$2 server before
  shift 2
  for server in slapd Postern; do
    of $server
    before=$(cpu "$PROCESS")
    LINE=$(load -d "$SECONDS_EACH" -W $WARM "$@") || fail "$what: $LINE"
    [ "$(value result0)" = "$(value ops)" ] || fail "$what, $server: $LINE"
    record "$what|$server|$unit" "$(value ops_s)" "$unit"
    record "$what|$server|us" "$(calc "($(cpu "$PROCESS") - $before) * 1e6 / ($(value ops_s) * ($SECONDS_EACH + $WARM))" 1)" us
    record "$what|$server|median" "$(value p50_us)" us
    record "$what|$server|99th percentile" "$(value p99_us)" us
  done
}
counted() { # WHAT COUNT ARGUMENTS...: adds COUNT entries to each server
  local what=$1 count=$2 server before
  shift 2
  for server in slapd Postern; do
    of $server
    before=$(cpu "$PROCESS")
    LINE=$(load -m add "$@") || fail "$what: $LINE"
    [ "$(value result0)" = "$count" ] || fail "$what, $server: $LINE"
    record "$what|$server|adds/s" "$(value ops_s)" adds/s
    record "$what|$server|us" "$(calc "($(cpu "$PROCESS") - $before) * 1e6 / $count" 1)" us
    record "$what|$server|median" "$(value p50_us)" us
  done
}
name() { echo "${1%x*} connection$([ "${1%x*}" = 1 ] || echo s), $([ "${1#*x}" = 1 ] && echo synchronous || echo "${1#*x} deep")"; }

searches() {
  local shape hash=(-m search -A 1.1 -a posternAddressHash -X -f "$T/data/hashes")
  for shape in 1x1 4x1 16x1 1x8 4x8 16x8; do
    timed "search by hash, $(name $shape)" searches/s "${hash[@]}" -c ${shape%x*} -q ${shape#*x}
  done
  timed "search by hash, all attributes, $(name 16x8)" searches/s "${hash[@]}" -A '*' -c 16 -q 8
  timed "search by text, $(name 16x8)" searches/s -m search -b ou=configuration,o=edge -A 1.1 -a posternDomainName -f "$T/data/domains" -c 16 -q 8
  timed "search for an unknown hash, $(name 16x8)" searches/s -m search -A 1.1 -a posternAddressHash -X -f "$T/data/absent" -c 16 -q 8
}
dumps() {
  local server before what="paged dump, 1,000 a page"
  for server in slapd Postern; do
    of $server
    before=$(cpu "$PROCESS")
    LINE=$(load -m dump -g 1000 -A '*' -T '(objectClass=posternRecipient)') || fail "$what: $LINE"
    [ "$(value entries)" -ge "$N" ] || { say "$what, $server: only $(value entries) entries: $LINE"; continue; }
    record "$what|$server|entries/s" "$(value entries_s)" entries/s
    record "$what|$server|us" "$(calc "($(cpu "$PROCESS") - $before) * 1e6 / $(value entries)" 1)" us
  done
}
binds() {
  local count
  for count in 1 4 16; do timed "TLS connect, bind, unbind, $count at once" sessions/s -m bind -c $count -j 2; done
}
adds() {
  local shape before
  for shape in $ADD_SHAPES; do
    counted "add, $(name $shape)" "$ADDS" -f "$T/data/adds.$PART.ldif" -c ${shape%x*} -q ${shape#*x}
    PART=$((PART + 1))
  done
  of Postern
  before=$(cpu "$PROCESS")
  for shape in $(seq $LBURP_PARTS); do
    cat "$T/data/adds.$PART.ldif"
    PART=$((PART + 1))
  done > "$T/data/lburp.ldif"
  LINE=$("$TOOL" lburp "$EDGE_PORT" "$T/edge.pem" "$PASSWORD" "$T/data/lburp.ldif" $LBURP_BATCH $LBURP_WINDOW) || fail "lburp: $LINE"
  record "add by LBURP, 1 connection|Postern|adds/s" "$(value ops_s)" adds/s
  record "add by LBURP, 1 connection|Postern|us" "$(calc "($(cpu "$PROCESS") - $before) * 1e6 / ($ADDS * $LBURP_PARTS)" 1)" us
}
sizes() { # WHEN
  local server
  for server in slapd Postern; do
    of $server
    record "RSS, $1|$server|MiB" "$(memory "$PROCESS" VmRSS)" MiB
    record "private memory (RssAnon), $1|$server|MiB" "$(memory "$PROCESS" RssAnon)" MiB
  done
  record "files, $1|slapd|MiB" "$(du -sm "$2/db" | cut -f 1)" MiB
  record "files, $1|Postern|MiB" "$(du -sm "$3" | cut -f 1)" MiB
}

say "data: $N recipients"
mkdir -p "$T/data"
"$TOOL" edge "$T/data" "$N" "$ADDS" "$PARTS" || fail "no data"
make_certificates "$T/cert"
edge_slapd_start "$T/slapd" "$T/data/edge.ldif"
edge_start "$T/edge" "$T/data/edge.ldif"
openssl s_client -connect "127.0.0.1:$EDGE_PORT" < /dev/null 2> /dev/null | openssl x509 > "$T/edge.pem" || fail "no certificate"
PART=0
say "warm-up, which is not recorded"
for server in slapd Postern; do
  of $server
  load -m search -A 1.1 -a posternAddressHash -X -f "$T/data/hashes" -c 4 -q 2 -d 4 > "$T/warm" && load -m bind -c 4 -d 2 > "$T/warm" || fail "warm-up"
done
for run in $(seq "$RUNS"); do
  say "run $run of $RUNS"
  [[ $ONLY != *dump* ]] || dumps
  [[ $ONLY != *search* ]] || searches
  [ "$run" != 1 ] || sizes "$N recipients, after searches" "$T/slapd" "$T/edge"
  [[ $ONLY != *bind* ]] || binds
  [[ $ONLY != *adds* ]] || adds
done
stop "$SLAPD"
stop "$EDGE"
if [ -n "${BENCH_MILLION:-}" ]; then
  say "1,000,000 recipients"
  rm -rf "$T/slapd" "$T/edge" "$T/data"/*
  "$TOOL" edge "$T/data" 1000000 0 0 || fail "no data"
  edge_slapd_start "$T/slapd" "$T/data/edge.ldif"
  edge_start "$T/edge" "$T/data/edge.ldif"
  timed "search by hash, 1,000,000 recipients, $(name 16x8)" searches/s -m search -A 1.1 -a posternAddressHash -X -f "$T/data/hashes" -c 16 -q 8
  sizes "1000000 recipients, after searches" "$T/slapd" "$T/edge"
fi
"$BENCH/summarize" "$TSV.part"
