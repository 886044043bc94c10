#!/usr/bin/env bash
# A private Postfix asks about recipients: our socketmap against an lmdb file, a C socketmap server and Postfix's ldap: table on slapd.
# RCPT TO of known and of unknown recipients a second (20 sessions, no message), messages relayed a second. Needs root.
# Knobs beyond common.sh: BENCH_SECONDS of each RCPT run (5), BENCH_MESSAGES of each relay run (3000).
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
SECONDS_EACH=${BENCH_SECONDS:-5}
MESSAGES=${BENCH_MESSAGES:-3000}
SESSIONS=20
MESSAGE_OCTETS=10240
[ "$(id -u)" -eq 0 ] || fail "Postfix's master runs as root only"
begin postfix
build
gcc -O2 -o "$T/bin/rcptload" "$BENCH/peers/rcptload.c" && gcc -O2 -o "$T/bin/socketmapd" "$BENCH/peers/socketmapd.c" || fail "gcc"

# smtp-source -N puts a number before its one recipient: those addresses must be known too.
for i in $(seq 0 $((MESSAGES + 50))); do
  printf '\ndn: cn=load%d,ou=Contacts,ou=People,%s\nobjectClass: organizationalRole\nobjectClass: mailRecipient\ncn: load%d\nproxyAddresses: SMTP:%dload@example.com\n' "$i" "$BASE" "$i" "$i"
  echo "${i}load@example.com" >&3
done > "$T/load.ldif" 3> "$T/load"
source_start "$T/load.ldif"

PF=$T/pf
mkdir -p "$PF"/{etc,queue,data,log}
chown postfix "$PF/data"
SMTP_PORT=$(free_port) SINK_PORT=$(free_port) C_PORT=$(free_port)
cat > "$PF/etc/ldap.cf" <<CONF
server_host = ldap://127.0.0.1:$SOURCE_PORT
version = 3
search_base = $BASE
query_filter = (proxyAddresses=smtp:%s)
result_attribute = cn
bind = yes
bind_dn = $ADMIN
bind_pw = $PASSWORD
CONF
# meta_directory: dynamicmaps.cf is there. No error sleeps and limits, or smtpd slows down after ten unknown recipients.
cat > "$PF/etc/main.cf" <<CONF
compatibility_level = 3.6
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
queue_directory = $PF/queue
data_directory = $PF/data
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = $PF
maillog_file = $PF/log/mail.log
multi_instance_name = postfix-bench
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = gateway.bench.test
mydestination =
local_transport = error:none
alias_maps =
alias_database =
local_recipient_maps =
mynetworks =
relay_domains = $(paste -s -d ' ' "$T/org/domains")
relay_transport = relay:[127.0.0.1]:$SINK_PORT
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtp_tls_security_level = none
smtpd_tls_security_level = none
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000000
smtpd_hard_error_limit = 1000000
smtpd_client_event_limit_exceptions = static:all
relay_destination_concurrency_limit = $SESSIONS
in_flow_delay = 0
lmdb_map_size = 268435456
CONF
cat > "$PF/etc/master.cf" <<CONF
127.0.0.1:$SMTP_PORT inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
CONF

sed 's/$/ OK/' "$T/org/known" "$T/load" | sort -u > "$T/relay"
postmap -c "$PF/etc" "lmdb:$T/relay" || fail "postmap"
cat "$T/org/known" "$T/load" > "$T/known"
"$T/bin/socketmapd" "$C_PORT" "$T/known" & PIDS+=($!)
wait_port "$C_PORT" $!
maps=("lmdb file|lmdb:$T/relay" "socketmap, C server|socketmap:inet:127.0.0.1:$C_PORT:recipients" "ldap: on slapd|ldap:$PF/etc/ldap.cf")
if [ -z "${BENCH_PEERS_ONLY:-}" ]; then
  say "edge: first synchronization"
  postern_start
  postern_import
  maps=("socketmap, Postern|socketmap:inet:127.0.0.1:$SOCKETMAP_PORT:recipients" "${maps[@]}")
fi

cleanup() { [ -z "${MASTER:-}" ] || postfix -c "$PF/etc" stop > /dev/null 2>&1; }
postfix_start() { # relay_recipient_maps
  postconf -c "$PF/etc" -e "relay_recipient_maps = $1" && postfix -c "$PF/etc" start > /dev/null 2>&1 || { tail -5 "$PF/log/mail.log" >&2; fail "Postfix does not start"; }
  MASTER=$(tr -d ' ' < "$PF/queue/pid/master.pid")
  wait_port "$SMTP_PORT" "$MASTER"
}
postfix_stop() {
  local i
  postfix -c "$PF/etc" stop > /dev/null 2>&1
  for i in $(seq 500); do kill -0 "$MASTER" 2> /dev/null || break; sleep 0.02; done
  MASTER=
}
word() { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" "$T/load.out"; }
rcpt() { # METRIC FILE ANSWERS: every answer must be of this class
  local edge
  [ -z "${EDGE:-}" ] || edge=$(cpu "$EDGE")
  "$T/bin/rcptload" "$SMTP_PORT" "$2" "$SESSIONS" "$SECONDS_EACH" > "$T/load.out" || fail "rcptload"
  [ "$(word "$3")" -gt 0 ] && [ "$(($(word c2xx) + $(word c4xx) + $(word c5xx)))" = "$(word "$3")" ] || { tail -3 "$PF/log/mail.log" >&2; fail "$1: unexpected answers: $(cat "$T/load.out")"; }
  record "$1" "$(word rcpt_s)" RCPT/s
  record "$1: median" "$(word p50_us)" us
  record "$1: 99th percentile" "$(word p99_us)" us
  case $1 in *Postern*) record "$1: edge CPU an answer" "$(calc "($(cpu "$EDGE") - $edge) * 1000000 / ($(word rcpt_s) * ($SECONDS_EACH + 1))" 1)" us ;; esac
}
relay() { # METRIC
  local t sink took
  smtp-sink -u nobody -c -M "$MESSAGES" "127.0.0.1:$SINK_PORT" 512 > "$T/sink.out" 2>&1 & sink=$!
  PIDS+=("$sink")
  wait_port "$SINK_PORT" "$sink"
  t=$(now)
  smtp-source -s "$SESSIONS" -m "$MESSAGES" -l "$MESSAGE_OCTETS" -N -f sender@load.example -t load@example.com "127.0.0.1:$SMTP_PORT" || { tail -5 "$PF/log/mail.log" >&2; fail "smtp-source"; }
  # The sink ends by itself after MESSAGES messages.
  timeout 120 tail --pid="$sink" -s 0.02 -f /dev/null || fail "the sink did not get $MESSAGES messages"
  took=$(since "$t")
  record "$1" "$(calc "$MESSAGES / $took" 0)" msg/s
}

for run in $(seq "$RUNS"); do
  for map in "${maps[@]}"; do
    say "run $run of $RUNS: ${map%%|*}"
    postfix_start "${map#*|}"
    relay "relayed, ${map%%|*}"
    rcpt "RCPT unknown (550), ${map%%|*}" "$T/org/absent" c5xx
    rcpt "RCPT known, ${map%%|*}" "$T/org/known" c2xx
    postfix_stop
  done
done
[ -z "${EDGE:-}" ] || { record "edge: VmRSS" "$(memory "$EDGE" VmRSS)" MiB; record "edge: RssAnon" "$(memory "$EDGE" RssAnon)" MiB; }
"$BENCH/summarize" "$TSV.part"
