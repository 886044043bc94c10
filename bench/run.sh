#!/usr/bin/env bash
# Every measurement, one after another, then bench/RESULTS.md. `bench/run.sh server` runs one, and takes the others' last results.
# Nothing else should run meanwhile. Knobs: see common.sh.
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
[ $# -gt 0 ] || set -- first-sync changes samba postfix server certificates
for name in "$@"; do
  "./$name.sh" || exit 1
done
{
  echo "# Measurements"
  echo
  echo "Made by \`bench/run.sh\`; one script each beside it. Not edited by hand."
  echo
  ./summarize results/*.tsv
} > RESULTS.md
