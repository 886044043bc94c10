#!/usr/bin/env bash
# What an administrator waits for: dates and status of all certificates of a node beside a loop of openssl, a PKCS #12 file converted for CAPI1
# beside the two commands of openssl that do it by way of a clear key on disk, a certificate imported.
# Knobs besides those of common.sh: BENCH_CERTIFICATES in the store (200), BENCH_TIMES each (9).
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
begin certificates
say "build"
"$ROOT/postern" --version < /dev/null >&2 || fail "Postern does not build"
CERTIFICATES=${BENCH_CERTIFICATES:-200}
TIMES=${BENCH_TIMES:-9}
export POSTERN_DATA=$T/data

timed() { # METRIC COMMAND...
  local metric=$1 start
  shift
  start=$(now)
  "$@" > "$T/out" 2>&1 || { cat "$T/out" >&2; fail "$metric: $*"; }
  record "$metric" "$(since "$start")" s
}
dates() { # what a cron job does
  local file
  for file in "$POSTERN_DATA"/certificates/*/certificate.pem; do
    openssl x509 -in "$file" -noout -subject -enddate -checkend 2592000 || return
  done
}
roundtrip() {
  openssl pkcs12 -in "$T/mail.pfx" -passin file:"$T/password" -nodes -out "$T/mail.pem" && openssl pkcs12 -export -in "$T/mail.pem" -passout file:"$T/password" -out "$T/openssl.pfx"
}

printf 'a password\n' > "$T/password"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/mail.key" -out "$T/mail.crt" -subj /CN=mail.example.com -addext subjectAltName=DNS:mail.example.com -days 90 2> /dev/null
openssl pkcs12 -export -inkey "$T/mail.key" -in "$T/mail.crt" -CSP 'Microsoft Software Key Storage Provider' -passout file:"$T/password" -out "$T/mail.pfx" || fail "no PKCS #12 file"
say "$CERTIFICATES certificates"
for i in $(seq "$CERTIFICATES"); do
  "$POSTERN" certificate new --domain "mail$i.example.com" > /dev/null || fail "no certificate"
done
for run in $(seq "$TIMES"); do
  say "run $run of $TIMES"
  timed "dates and status of $CERTIFICATES certificates, Postern" "$POSTERN" certificate list
  timed "dates of $CERTIFICATES certificates, openssl x509 in a loop" dates
  rm -f "$T/capi.pfx"
  timed "PKCS #12 for CAPI1, Postern, the key in memory only" "$POSTERN" certificate convert "$T/mail.pfx" "$T/capi.pfx" --provider capi --passphrase-file "$T/password"
  timed "PKCS #12 for CAPI1, openssl twice, the key on disk" roundtrip
  timed "import of PKCS #12" "$POSTERN" certificate import "$T/mail.pfx" --passphrase-file "$T/password"
  timed "removal" "$POSTERN" certificate remove "$(openssl x509 -in "$T/mail.crt" -noout -fingerprint -sha1 | tr -d : | cut -d= -f2)" --force
done
"$BENCH/summarize" "$TSV.part"
