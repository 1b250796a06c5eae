#!/bin/sh
# Does a finding of this cell arrive? For a pipeline, after a deploy:
#
#   drill-cell.sh DEPLOYMENT GROUP/INDEX [PROMETHEUS]
#
# Raises a drill on the cell, waits until it is scraped, and looks for it in the Prometheus with this address, or in
# Log Cache (`cf rollcall-status`) if none is given. Ends the drill, whatever happens.
# Exit 0: it arrived; 1: it did not. Needs bosh, and curl or cf; curl takes credentials from ~/.curlrc.
# DRILL_SECONDS is the longest that all of this waits: 300 by default, at most 3600.
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo "usage: $0 DEPLOYMENT GROUP/INDEX [PROMETHEUS]" >&2
  exit 1
fi
deployment=$1
cell=$2
prometheus=${3-}
seconds=${DRILL_SECONDS:-300}
rollcall='sudo /var/vcap/jobs/rollcall/bin/rollcall'
said=$(mktemp)
running=

end_drill() {
  trap '' HUP INT TERM
  if [ -n "$running" ]; then kill "$running" 2>/dev/null || true; fi
  bosh -n -d "$deployment" ssh "$cell" -c "$rollcall drill --undo" >/dev/null 2>&1 ||
    echo "the drill could not be ended; it ends by itself" >&2
  rm -f "$said"
}
trap end_drill EXIT
trap 'exit 1' HUP INT TERM

end=$(($(date +%s) + seconds))
# In the background, so that a signal ends the wait at once.
bosh -n -d "$deployment" ssh "$cell" -c "$rollcall drill --for ${seconds}s --wait" >"$said" 2>&1 &
running=$!
scraped=yes
wait "$running" || scraped=no
running=
handle=$(grep -o 'drill-[0-9a-f]\{8\}' "$said" | head -n 1) || true
if [ "$scraped" = no ] || [ -z "$handle" ]; then
  cat "$said" >&2
  echo "$cell: the drill was not scraped" >&2
  exit 1
fi

# Its name differs by the way to Prometheus (docs/metrics.md).
query="{__name__=~\".*rollcall_untracked_since_timestamp_seconds\", handle=\"$handle\"}"

find_drill() {
  if [ -n "$prometheus" ]; then
    curl --silent --show-error --fail --max-time 10 --get --data-urlencode "query=$query" "$prometheus/api/v1/query"
  else
    # It exits with 1 for each untracked container, also for a drill.
    cf rollcall-status --cell "${cell#*/}" --output json || true
  fi | grep -q "\"$handle\""
}

until find_drill; do
  if [ "$(date +%s)" -ge "$end" ]; then
    echo "$cell: $handle was scraped, but has not arrived in ${prometheus:-Log Cache}" >&2
    exit 1
  fi
  sleep 2
done
echo "$cell: $handle arrived in ${prometheus:-Log Cache}"
