#!/usr/bin/env bash
# From a slapd source to an empty edge: Postern, slapd syncrepl (durable, and without any fsync), ldapsearch|awk|sort|postmap, the plain
# dump. All in turn, RUNS times, so that the drift of a shared machine hits all alike. Then the second cycle: no change, 1 % changed.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin first-sync
build
HUB_OPTIONS=--no-schedule # cycles by hand only: a bell would be faster than the cycle that is measured
SOURCE_OVERLAY="overlay syncprov
syncprov-sessionlog 1000000" source_start
LDAP=ldap://127.0.0.1:$SOURCE_PORT
edge_attributes=objectClass,structuralObjectClass,entryUUID,entryCSN,cn,ou,dc,o,sn,member,mail,proxyAddresses,displayName,targetAddress,msExchSafeSendersHash,msExchRequireAuthToSendTo
changed=$(grep -c '^dn::' "$T/org/change.ldif")

# Everybody reads the source over ldaps, as a careful administrator would.
dump() { LDAPTLS_CACERT="$T/cert/ca.pem" ldapsearch -LLL -o ldif-wrap=no -x -H "ldaps://127.0.0.1:$SOURCE_TLS_PORT" -D "$ADMIN" -w "$PASSWORD" -b "$BASE" -E pr=1000/noprompt '(|(proxyAddresses=*)(mail=*))' proxyAddresses mail; }

run_dump() {
  local t took
  t=$(now); dump > "$T/dump" || fail "ldapsearch"; took=$(since "$t")
  [ "$(grep -c '^dn:' "$T/dump")" = "$N" ] || fail "the dump is not complete"
  record "dump by ldapsearch" "$took" s
}
run_pipeline() {
  local t took
  mkdir -p "$T/pf"
  printf 'compatibility_level=3.6\nmeta_directory=/etc/postfix\n' > "$T/pf/main.cf"
  : > "$T/pf/master.cf"
  rm -f "$T/pf/relay.lmdb"
  t=$(now)
  dump | awk 'tolower($1) == "proxyaddresses:" && tolower(substr($2, 1, 5)) == "smtp:" { print tolower(substr($2, 6)) " OK" }' | sort -u > "$T/pf/relay" || fail "pipeline"
  postmap -c "$T/pf" "lmdb:$T/pf/relay" || fail "postmap"
  took=$(since "$t")
  [ "$(postmap -c "$T/pf" -q "$(tail -n 1 "$T/org/known")" "lmdb:$T/pf/relay")" = OK ] || fail "the map misses an address"
  record "ldapsearch, awk, sort, postmap lmdb" "$took" s
}
run_syncrepl() { # LABEL [line of the consumer's database]
  local t took port=$(free_port) tls_port=$(free_port) before=$(cpu "$SOURCE") want
  rm -rf "$T/consumer"
  slapd_configure "$T/consumer" "${2:-}
syncrepl rid=001 provider=ldaps://127.0.0.1:$SOURCE_TLS_PORT bindmethod=simple binddn=\"$ADMIN\" credentials=$PASSWORD searchbase=\"$BASE\" tls_cacert=$T/cert/ca.pem tls_reqcert=demand retry=\"1 +\" schemachecking=off type=refreshAndPersist attrs=\"$edge_attributes\""
  want=$(context_csn "$SOURCE_PORT")
  t=$(now)
  slapd_start "$T/consumer" "$port" "$tls_port"
  # The consumer stores the provider's contextCSN last.
  until [ "$(context_csn "$port")" = "$want" ]; do sleep 0.05; done
  took=$(since "$t")
  record "$1" "$took" s
  record "$1: consumer CPU" "$(cpu "$SLAPD")" s
  record "$1: source CPU" "$(calc "$(cpu "$SOURCE") - $before")" s
  record "$1: consumer RssAnon" "$(memory "$SLAPD" RssAnon)" MiB
  stop "$SLAPD"
}
cycle() { # LABEL: one `sync start`
  local t took source=$(cpu "$SOURCE") hub=$(cpu "$HUB") edge=$(cpu "$EDGE") key unit
  t=$(now); postern_sync; took=$(since "$t")
  record "$1" "$(field "$T/sync.json" seconds)" s
  record "$1: command" "$took" s
  for key in added updated deleted scanned operationsSent bytesSent; do
    case $key in bytesSent) unit=octets ;; operationsSent) unit=operations ;; *) unit=entries ;; esac
    record "$1: $key" "$(field "$T/sync.json" "$key")" $unit
  done
  record "$1: source CPU" "$(calc "$(cpu "$SOURCE") - $source")" s
  record "$1: hub CPU" "$(calc "$(cpu "$HUB") - $hub")" s
  record "$1: edge CPU" "$(calc "$(cpu "$EDGE") - $edge")" s
}
run_postern() {
  local t took before=$(cpu "$SOURCE") hub edge seconds name="Postern, durable"
  postern_start
  hub=$(cpu "$HUB") edge=$(cpu "$EDGE")
  t=$(now); postern_import; took=$(since "$t")
  seconds=$(field "$T/import.json" seconds)
  [ "$(field "$T/import.json" added)" = "$N" ] || { cat "$T/import.json" >&2; fail "the first synchronization did not add $N recipients"; }
  record "$name" "$seconds" s
  record "$name: command, with pairing and configuration" "$took" s
  record "$name: rate" "$(calc "$N / $seconds" 0)" entries/s
  record "$name: source CPU" "$(calc "$(cpu "$SOURCE") - $before")" s
  record "$name: hub CPU" "$(calc "$(cpu "$HUB") - $hub")" s
  record "$name: edge CPU" "$(calc "$(cpu "$EDGE") - $edge")" s
  record "$name: edge database" "$(du -sm "$T/edge" | cut -f 1)" MiB
  cycle "second cycle, no change"
  ldapmodify -x -H "$LDAP" -D "$ADMIN" -w "$PASSWORD" -f "$T/org/change.ldif" > "$T/modify.out" 2>&1 || { tail -3 "$T/modify.out" >&2; fail "ldapmodify"; }
  cycle "second cycle, 1 % changed"
  [ "$(field "$T/sync.json" updated)" = "$changed" ] || fail "$changed recipients were changed, the cycle says $(field "$T/sync.json" updated)"
  cycle "third cycle, no change"
  "$POSTERN" recipient lookup "changed.1@$(head -n 1 "$T/org/domains")" --data "$T/edge" > "$T/verb.out" 2>&1 || { cat "$T/verb.out" >&2; fail "the edge does not know a changed address"; }
  local daemon pid
  for daemon in hub edge; do
    [ $daemon = hub ] && pid=$HUB || pid=$EDGE
    record "$daemon: VmRSS after it all" "$(memory "$pid" VmRSS)" MiB
    record "$daemon: RssAnon after it all" "$(memory "$pid" RssAnon)" MiB
    record "$daemon: VmHWM" "$(memory "$pid" VmHWM)" MiB
  done
  postern_stop
  ldapmodify -x -H "$LDAP" -D "$ADMIN" -w "$PASSWORD" -f "$T/org/undo.ldif" > "$T/modify.out" 2>&1 || fail "ldapmodify (undo)"
}

for run in $(seq "$RUNS"); do
  say "run $run of $RUNS"
  run_dump
  run_pipeline
  [ -n "${BENCH_PEERS_ONLY:-}" ] || run_postern
  run_syncrepl "syncrepl, no fsync at all (unsafe)" dbnosync
  [ -n "${BENCH_PEERS_ONLY:-}" ] || run_postern
  [ -n "${BENCH_SKIP_SLOW:-}" ] || run_syncrepl "syncrepl, durable"
done
"$BENCH/summarize" "$TSV.part"
