# Sourced by every bench script. Everything lives in one temp folder on loopback; every process ends by its id.
# Knobs: BENCH_N recipients (100000), BENCH_RUNS (3), BENCH_KEEP=1 keeps the temp folder, BENCH_OUT folder of the .tsv files.
set -uo pipefail
export LC_ALL=C
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$BENCH")
N=${BENCH_N:-100000}
RUNS=${BENCH_RUNS:-3}
RESULTS=${BENCH_OUT:-$BENCH/results}
POSTERN=$ROOT/artifacts/postern/postern # what ./postern builds and runs
TOOL=$ROOT/artifacts/bin/Postern.Bench/release/postern-bench
SCHEMA=$ROOT/tests/Postern.Testing/Slapd/mail-recipient.schema
BASE=dc=example,dc=com
ADMIN=cn=admin,$BASE
PASSWORD=bench
PIDS=()

fail() { echo "bench: $*" >&2; exit 1; }
say() { echo "-- $*" >&2; }

begin() { # NAME: temp folder $T, results in NAME.tsv
  T=$(mktemp -d "/tmp/postern-bench-$1.XXXXXX") || exit 1
  chmod 755 "$T"
  mkdir -p "$RESULTS" "$T/bin"
  TSV=$RESULTS/$1.tsv
  : > "$TSV.part"
  trap end EXIT
  trap 'exit 130' INT TERM
  export TMPDIR=$T
}
end() {
  local status=$? pid
  if declare -F cleanup > /dev/null; then cleanup; fi
  for pid in "${PIDS[@]+"${PIDS[@]}"}"; do stop "$pid"; done
  if [ $status -eq 0 ]; then mv "$TSV.part" "$TSV"; fi
  if [ -n "${BENCH_KEEP:-}" ]; then say "kept: $T"; else rm -rf "$T"; fi
  exit $status
}
build() {
  say "build"
  dotnet build "$ROOT/bench/Postern.Bench" -c Release -v q -nologo -clp:ErrorsOnly < /dev/null >&2 || fail "bench tool does not build"
  if [ -z "${BENCH_PEERS_ONLY:-}" ]; then "$ROOT/postern" --version < /dev/null >&2 || fail "Postern does not build"; fi
}

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.3f", b - a }'; }
calc() { awk "BEGIN { printf \"%.${2:-2}f\", $1 }"; }
record() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" | tee -a "$TSV.part"; } # METRIC VALUE UNIT, one line a run
measure() { local what value unit; while IFS=$'\t' read -r what value unit; do record "$what" "$value" "$unit"; done; } # lines of that form
cpu() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/^.*\) /, ""); printf "%.2f", ($12 + $13) / hz }' "/proc/$1/stat"; } # user + system seconds of a process
memory() { awk -v field="$2:" '$1 == field { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; } # PID VmRSS|RssAnon|VmHWM, MiB

# Below the ephemeral range, so that no outgoing connection takes the port between two starts.
free_port() {
  local port
  while :; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    if ! (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then echo $port; return; fi
  done
}
wait_port() { # PORT PID
  local i
  for i in $(seq 3000); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; then return; fi
    kill -0 "$2" 2> /dev/null || fail "process $2 ended before port $1 was open (log in $T)"
    sleep 0.02
  done
  fail "port $1 did not open"
}
stop() { # PID: TERM, then KILL after a minute
  local i p keep=()
  kill "$1" 2> /dev/null
  for i in $(seq 3000); do kill -0 "$1" 2> /dev/null || break; sleep 0.02; done
  kill -9 "$1" 2> /dev/null
  wait "$1" 2> /dev/null
  for p in "${PIDS[@]+"${PIDS[@]}"}"; do [ "$p" = "$1" ] || keep+=("$p"); done
  PIDS=("${keep[@]+"${keep[@]}"}")
}

make_certificates() { # FOLDER: ca.pem server.pem server.key; ECDSA P-256
  mkdir -p "$1"
  (
    cd "$1" || exit 1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=bench ca" -keyout ca.key -out ca.pem
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout server.key -out server.csr
    printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' > san
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile san -out server.pem
  ) > /dev/null 2>&1 || fail "openssl could not make the certificates"
}

slapd_configure() { # FOLDER [lines of the database section]
  mkdir -p "$1/db"
  cat > "$1/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include $SCHEMA
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload syncprov
pidfile $1/slapd.pid
argsfile $1/slapd.args
loglevel 0
sizelimit unlimited
TLSCACertificateFile $T/cert/ca.pem
TLSCertificateFile $T/cert/server.pem
TLSCertificateKeyFile $T/cert/server.key
database mdb
suffix "$BASE"
rootdn "$ADMIN"
rootpw $PASSWORD
directory $1/db
maxsize 17179869184
index objectClass,entryUUID,entryCSN,mail,proxyAddresses eq
access to * by * read
${2:-}
CONF
}
slapd_start() { # FOLDER LDAP-PORT LDAPS-PORT -> SLAPD
  slapd -d 0 -f "$1/slapd.conf" -h "ldap://127.0.0.1:$2/ ldaps://127.0.0.1:$3/" > "$1/log" 2>&1 &
  SLAPD=$!
  PIDS+=("$SLAPD")
  wait_port "$2" "$SLAPD"
  wait_port "$3" "$SLAPD"
}
context_csn() { ldapsearch -LLL -x -H "ldap://127.0.0.1:$1" -D "$ADMIN" -w "$PASSWORD" -s base -b "$BASE" contextCSN 2> /dev/null | grep '^contextCSN:'; }

# The source: slapd with N generated recipients. -> SOURCE (pid), SOURCE_PORT, SOURCE_TLS_PORT; files of postern-bench in $T/org
source_start() { # [file with more LDIF]
  command -v slapd > /dev/null || fail "slapd is not installed (as root, ./test installs the peers)"
  say "source: $N recipients"
  mkdir -p "$T/org"
  "$TOOL" organization "$T/org" "$N" || fail "no organization"
  [ -z "${1:-}" ] || cat "$1" >> "$T/org/org.ldif"
  make_certificates "$T/cert"
  slapd_configure "$T/source" "${SOURCE_OVERLAY:-overlay syncprov}"
  slapadd -q -w -f "$T/source/slapd.conf" -l "$T/org/org.ldif" || fail "slapadd"
  SOURCE_PORT=$(free_port) SOURCE_TLS_PORT=$(free_port)
  slapd_start "$T/source" "$SOURCE_PORT" "$SOURCE_TLS_PORT"
  SOURCE=$SLAPD
}

# ---- Postern: a hub and an edge on loopback, in fresh folders -----------------------------------------------------------------
openldap_hub_json() {
  printf '%s' "$PASSWORD" > "$T/source.secret"
  chmod 600 "$T/source.secret"
  cat > "$T/hub.json" <<JSON
{ "site": "Default-First-Site-Name",
  "sources": [ { "name": "bench", "type": "openldap", "urls": ["ldaps://127.0.0.1:$SOURCE_TLS_PORT"], "caFile": "$T/cert/ca.pem", "baseDn": "$BASE", "bindDn": "$ADMIN",
                 "passwordFile": "$T/source.secret", "filter": "(|(proxyAddresses=*)(mail=*))", "map": { "addresses": ["proxyAddresses", "mail"], "disabled": null } } ] }
JSON
}
postern_start() { # -> EDGE HUB (pids), LDAPS_PORT LDAP_PORT SOCKETMAP_PORT
  rm -rf "$T/edge" "$T/hub"
  mkdir -p "$T/edge" "$T/hub"
  LDAPS_PORT=$(free_port) SOCKETMAP_PORT=$(free_port)
  LDAP_PORT=$(free_port)
  [ -s "$T/hub.json" ] || openldap_hub_json
  "$POSTERN" edge run --data "$T/edge" --fqdn edge.bench.test --ldaps "127.0.0.1:$LDAPS_PORT" --ldap "127.0.0.1:$LDAP_PORT" --socketmap "127.0.0.1:$SOCKETMAP_PORT" > "$T/edge.log" 2>&1 < /dev/null &
  EDGE=$!
  PIDS+=("$EDGE")
  hub_start
  wait_port "$LDAPS_PORT" "$EDGE"
  wait_port "$SOCKETMAP_PORT" "$EDGE"
  wait_control "$T/edge" "$EDGE"
  local domain
  while read -r domain; do
    "$POSTERN" domain add "$domain" --type authoritative --data "$T/hub" > "$T/verb.out" 2>&1 || { cat "$T/verb.out" >&2; fail "domain add $domain"; }
  done < "$T/org/domains"
  "$POSTERN" subscription new --file "$T/edge.xml" --data "$T/edge" --force > "$T/verb.out" 2>&1 || { cat "$T/verb.out" >&2; fail "subscription new"; }
}
hub_start() { # -> HUB
  rm -f "$T/hub/control.sock"
  "$POSTERN" hub run --data "$T/hub" --fqdn hub.bench.test --config "$T/hub.json" ${HUB_OPTIONS:-} >> "$T/hub.log" 2>&1 < /dev/null &
  HUB=$!
  PIDS+=("$HUB")
  wait_control "$T/hub" "$HUB"
}
wait_control() { # FOLDER PID
  local i
  for i in $(seq 1000); do
    [ -z "$(find "$1" -maxdepth 2 -name control.sock)" ] || return 0
    kill -0 "$2" 2> /dev/null || fail "a Postern daemon ended early (BENCH_KEEP=1 keeps its log)"
    sleep 0.02
  done
  fail "no control.sock in $1"
}
postern_import() { # subscribes and runs the first synchronization; JSON in $T/import.json
  "$POSTERN" subscription import "$T/edge.xml" --site Default-First-Site-Name --data "$T/hub" --address "127.0.0.1:$LDAPS_PORT" --output json > "$T/import.json" 2> "$T/verb.err" ||
    { cat "$T/import.json" "$T/verb.err" >&2; fail "subscription import"; }
}
postern_sync() { # one cycle; JSON in $T/sync.json
  "$POSTERN" sync start --data "$T/hub" --output json > "$T/sync.json" 2> "$T/verb.err" || { cat "$T/sync.json" "$T/verb.err" >&2; fail "sync start"; }
}
field() { "$TOOL" results "$1" | awk -v key="$2" '$1 == "recipients" && $2 == key { print $3; exit }'; } # FILE KEY of the recipients' result
probe_account() { # who may look the edge up -> PROBE PROBE_PASSWORD
  "$POSTERN" directory account new probe --role lookup --data "$T/edge" --output json > "$T/account.json" 2> "$T/verb.err" || { cat "$T/verb.err" >&2; fail "account new"; }
  PROBE=cn=probe,ou=accounts,o=edge
  PROBE_PASSWORD=$(sed -n 's/.*"password": *"\([^"]*\)".*/\1/p' "$T/account.json")
}
postern_stop() { stop "$HUB"; stop "$EDGE"; }
