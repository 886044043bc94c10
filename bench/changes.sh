#!/usr/bin/env bash
# What happens after the first synchronization, at an organization of N recipients: how long one change takes to be visible on the edge (and in
# a slapd consumer by syncrepl refreshAndPersist, durable), what idling costs, how long a day's changes take after an outage of the hub
# (1 % deleted, 1 % created, 5 % modified), how long a comparison of everything takes, and what memory it all needs.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin "changes${BENCH_NAME:+-$BENCH_NAME}"
build
CHANGES=${BENCH_CHANGES:-200}
IDLE=${BENCH_IDLE_SECONDS:-20}
SOURCE_OVERLAY="overlay syncprov
syncprov-sessionlog 1000000" source_start
LDAP=ldap://127.0.0.1:$SOURCE_PORT

latency_of_edge() {
  probe_account
  "$TOOL" latency "Postern" "$CHANGES" "$T/org" "$LDAP" "$ADMIN" "$PASSWORD" "ldap://127.0.0.1:$LDAP_PORT" ou=recipients,o=edge "$PROBE" "$PROBE_PASSWORD" \
    "$T/edge/private/keys/address.key" > "$T/latency" || fail "latency of Postern"
  measure < "$T/latency"
}
latency_of_syncrepl() {
  local port=$(free_port) tls_port=$(free_port)
  rm -rf "$T/consumer"
  slapd_configure "$T/consumer" "syncrepl rid=001 provider=ldaps://127.0.0.1:$SOURCE_TLS_PORT bindmethod=simple binddn=\"$ADMIN\" credentials=$PASSWORD searchbase=\"$BASE\" tls_cacert=$T/cert/ca.pem tls_reqcert=demand retry=\"1 +\" schemachecking=off type=refreshAndPersist"
  # It starts with what the source has, so that nobody waits for its first refresh.
  slapcat -f "$T/source/slapd.conf" -l "$T/source.ldif" && slapadd -q -w -f "$T/consumer/slapd.conf" -l "$T/source.ldif" || fail "copy of the source"
  slapd_start "$T/consumer" "$port" "$tls_port"
  until [ "$(context_csn "$port")" = "$(context_csn "$SOURCE_PORT")" ]; do sleep 0.05; done
  "$TOOL" latency "syncrepl refreshAndPersist" "$CHANGES" "$T/org" "$LDAP" "$ADMIN" "$PASSWORD" "ldap://127.0.0.1:$port" "$BASE" "$ADMIN" "$PASSWORD" > "$T/latency" || fail "latency of syncrepl"
  measure < "$T/latency"
  stop "$SLAPD"
}
idle() {
  local hub=$(cpu "$HUB") edge=$(cpu "$EDGE") source=$(cpu "$SOURCE")
  sleep "$IDLE"
  record "idle: hub CPU a second" "$(calc "($(cpu "$HUB") - $hub) * 1000 / $IDLE")" ms
  record "idle: edge CPU a second" "$(calc "($(cpu "$EDGE") - $edge) * 1000 / $IDLE")" ms
  record "idle: source CPU a second" "$(calc "($(cpu "$SOURCE") - $source) * 1000 / $IDLE")" ms
}
cycle() { # LABEL
  local t took hub=$(cpu "$HUB") edge=$(cpu "$EDGE") source=$(cpu "$SOURCE") key
  t=$(now); postern_sync; took=$(since "$t")
  record "$1" "$(field "$T/sync.json" seconds)" s
  record "$1: command" "$took" s
  for key in added updated deleted scanned; do record "$1: $key" "$(field "$T/sync.json" "$key")" entries; done
  record "$1: hub CPU" "$(calc "$(cpu "$HUB") - $hub")" s
  record "$1: edge CPU" "$(calc "$(cpu "$EDGE") - $edge")" s
  record "$1: source CPU" "$(calc "$(cpu "$SOURCE") - $source")" s
}
memories() { # WHEN
  record "hub: RssAnon $1" "$(memory "$HUB" RssAnon)" MiB
  record "hub: VmHWM $1" "$(memory "$HUB" VmHWM)" MiB
  record "edge: RssAnon $1" "$(memory "$EDGE" RssAnon)" MiB
}
run_postern() { # RUN
  local t changed created
  postern_start
  postern_import
  [ "$(field "$T/import.json" added)" -ge "$((N * 99 / 100))" ] || { cat "$T/import.json" >&2; fail "the first synchronization is not complete"; }
  record "first synchronization of $N" "$(field "$T/import.json" seconds)" s
  memories "after the first synchronization"
  cycle "cycle without change"
  cycle "cycle without change"
  idle
  latency_of_edge
  cycle "cycle without change, later"
  stop "$HUB"
  ldapmodify -x -H "$LDAP" -D "$ADMIN" -w "$PASSWORD" -f "$T/org/mix.$1.ldif" > "$T/modify.out" 2>&1 || { tail -3 "$T/modify.out" >&2; fail "ldapmodify"; }
  changed=$(last_of mixed) created=$(last_of mix)
  t=$(now)
  hub_start
  until [ "$(lookup_state "$changed")" = known ] && [ "$(lookup_state "$created")" = known ]; do sleep 0.02; done
  record "7 % changed while the hub was down: from its start until visible" "$(since "$t")" s
  cycle "cycle after it"
  t=$(now)
  if "$POSTERN" sync test --full --data "$T/hub" --output json > "$T/test.json" 2> "$T/verb.err"; then record "sync test --full" "$(since "$t")" s; else cat "$T/test.json" "$T/verb.err" >&2; fail "sync test --full"; fi
  memories "after it all"
  postern_stop
}
last_of() { grep -o "$1[-.][-0-9]*@[^ ]*" "$T/org/mix.$run.ldif" | tail -n 1; } # mixed|mix: the last of this run's changed or created addresses
lookup_state() { "$POSTERN" recipient lookup "$1" --data "$T/edge" --output json 2> /dev/null | sed -n 's/.*"verdict": *"\([a-zA-Z]*\)".*/\1/p'; } # ADDRESS
for run in $(seq "$RUNS"); do
  say "run $run of $RUNS"
  run_postern "$run"
  latency_of_syncrepl
done
"$BENCH/summarize" "$TSV.part"
