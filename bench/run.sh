#!/usr/bin/env bash
# Every measurement, one after another, then bench/RESULTS.md. Nothing else should run meanwhile. Knobs: see common.sh.
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
for script in ./first-sync.sh ./postfix.sh; do
  "$script" || exit 1
done
{
  echo "# Measurements"
  echo
  echo "Made by \`bench/run.sh\`; one script each beside it. Not edited by hand."
  echo
  ./summarize results/*.tsv
} > RESULTS.md
