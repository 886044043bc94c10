#!/usr/bin/env bash
# Installs the test peers (as root, by apt), builds, runs every test project. The last line is "N passed, N failed, N skipped".
#   ./test [arguments for dotnet test, e.g. --filter Subscription]
# Without root nothing is installed: tests that miss a peer are skipped, or fail where CI=true.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
exec </dev/null
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# A build node that outlives the build would keep the pipe of whoever reads our output open.
export MSBUILDDISABLENODEREUSE=1

PEERS=(slapd ldap-utils postfix postfix-lmdb postfix-ldap openssl ca-certificates)
APT_ATTEMPTS=3
POLICY=/usr/sbin/policy-rc.d
results=$(mktemp -d) || exit 1
policy_written= policy_saved=

restore_policy() {
  [ -z "$policy_written" ] || rm -f "$POLICY"
  [ -z "$policy_saved" ] || mv "$policy_saved" "$POLICY"
  policy_written='' policy_saved=''
}
trap 'restore_policy; rm -rf "$results"' EXIT
trap 'exit 130' INT TERM

# Debian starts a service right after installing it, unless this policy says no (invoke-rc.d: 101 = forbidden by policy).
forbid_services() {
  if [ -e "$POLICY" ]; then
    "$POLICY" slapd start >/dev/null 2>&1
    [ $? -ne 101 ] || return 0
    policy_saved="$POLICY.before-postern-test"
    mv "$POLICY" "$policy_saved"
  fi
  printf '#!/bin/sh\nexit 101\n' > "$POLICY" && chmod 755 "$POLICY" && policy_written=1
}

missing_peers() {
  local peer
  for peer in "${PEERS[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$peer" 2>/dev/null)" = installed ] || printf '%s ' "$peer"
  done
}

install_peers() {
  local missing attempt log="$results/apt.log"
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "== peers: no apt here; wanted are: ${PEERS[*]}"
    return
  fi
  missing=$(missing_peers)
  [ -n "$missing" ] || return
  if [ "$(id -u)" -ne 0 ]; then
    echo "== peers: not root, so these stay missing and their tests are skipped: $missing"
    return
  fi
  echo "== peers: installing $missing"
  forbid_services
  printf '%s\n' 'postfix postfix/main_mailer_type select No configuration' 'slapd slapd/no_configuration boolean true' | debconf-set-selections
  for attempt in $(seq "$APT_ATTEMPTS"); do
    # shellcheck disable=SC2086 # a list of names
    if { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install $missing; } > "$log" 2>&1; then
      break
    fi
    echo "== peers: attempt $attempt of $APT_ATTEMPTS failed:"
    tail -5 "$log"
  done
  restore_policy
  missing=$(missing_peers)
  [ -z "$missing" ] || echo "== peers: still missing: $missing"
}

# attribute NAME of the <Counters> element of a trx file
counter() { sed -n "s/.*<Counters [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

passed=0 failed=0 skipped=0 broken=0

run_project() { # name, arguments of dotnet test
  local name=$1 dll="artifacts/bin/$1/release/$1.dll" trx="$results/$1.trx" total executed ok status start=$SECONDS
  shift
  dotnet test "$dll" --logger "trx;LogFileName=$trx" --results-directory "$results" --blame-hang-timeout 10min --blame-hang-dump-type none "$@" > "$results/log" 2>&1
  status=$?
  if [ ! -s "$trx" ]; then
    # No result file: a filter that fits nothing here, or a test host that died.
    if [ $status -ne 0 ]; then
      broken=$((broken + 1))
      echo "== $name: the run broke off"
      cat "$results/log"
    fi
    return
  fi
  total=$(counter total "$trx") executed=$(counter executed "$trx") ok=$(counter passed "$trx")
  passed=$((passed + ok)) failed=$((failed + executed - ok)) skipped=$((skipped + total - executed))
  echo "== $name: $ok passed, $((executed - ok)) failed, $((total - executed)) skipped, $((SECONDS - start)) s"
  if [ $status -ne 0 ]; then
    # A host that died after some tests leaves a result file without a failure.
    [ "$executed" -ne "$ok" ] || broken=$((broken + 1))
    cat "$results/log"
  fi
}

finish() {
  failed=$((failed + broken))
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

install_peers
echo "== build"
if ! dotnet build Postern.slnx -c Release -v q -clp:NoSummary > "$results/build.log" 2>&1; then
  cat "$results/build.log"
  echo "== the build failed"
  broken=1
  finish
fi
for project in */*.Tests/*.Tests.csproj; do
  run_project "$(basename "$project" .csproj)" "$@"
done
finish
