#!/usr/bin/env bash
# How long a change of a contact in a Samba domain (DirSync, rung by change notification) takes to be visible on the edge.
# Knobs besides those of common.sh: BENCH_SAMBA_N contacts (2000), BENCH_CHANGES (200). Needs root.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin samba
build
CONTACTS=${BENCH_SAMBA_N:-2000}
CHANGES=${BENCH_CHANGES:-200}
[ "$(id -u)" -eq 0 ] || fail "Samba wants root"

mkdir -p "$T/org"
mkfifo "$T/samba.in"
"$TOOL" samba "$T/org" "$CONTACTS" < "$T/samba.in" > "$T/samba.log" 2>&1 &
SAMBA=$!
PIDS+=("$SAMBA")
exec 8> "$T/samba.in" # its input ends with this descriptor
say "domain: $CONTACTS contacts"
until [ -s "$T/org/domain" ]; do kill -0 "$SAMBA" 2> /dev/null || { cat "$T/samba.log" >&2; fail "no domain"; }; sleep 0.1; done
{ read -r URL; read -r UNIT; read -r ACCOUNT; read -r ACCOUNT_PASSWORD; read -r CA; } < "$T/org/domain"
printf '%s' "$ACCOUNT_PASSWORD" > "$T/source.secret"
chmod 600 "$T/source.secret"
cat > "$T/hub.json" <<JSON
{ "site": "Default-First-Site-Name",
  "sources": [ { "name": "bench", "type": "activeDirectory", "urls": ["$URL"], "caFile": "$CA", "baseDn": "$UNIT", "bindDn": "$ACCOUNT", "passwordFile": "$T/source.secret" } ] }
JSON
for run in $(seq "$RUNS"); do
  say "run $run of $RUNS"
  postern_start
  postern_import
  [ "$(field "$T/import.json" added)" -eq "$CONTACTS" ] || { cat "$T/import.json" >&2; fail "the first synchronization is not complete"; }
  probe_account
  BENCH_CA=$CA "$TOOL" latency "Postern, Samba AD" "$CHANGES" "$T/org" "$URL" "$ACCOUNT" "$ACCOUNT_PASSWORD" "ldap://127.0.0.1:$LDAP_PORT" ou=recipients,o=edge "$PROBE" "$PROBE_PASSWORD" \
    "$T/edge/private/keys/address.key" > "$T/latency" || fail "latency"
  measure < "$T/latency"
  postern_stop
done
exec 8>&-
wait "$SAMBA"
"$BENCH/summarize" "$TSV.part"
