#!/bin/sh
# Does each cell report, with no untracked container but those that are known? For a pipeline:
#
#   expect-cells.sh N [KNOWN-HANDLES]
#
# N is the number of Linux cells. The file has the handle of a known container in each line; the rest of a line after a
# blank is a comment, such as the number of its ticket, and so is a line that begins with #.
# Exit 0: so it is; 1: something else is untracked, or not everything could be compared. Needs cf with the plugin, and jq.
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: $0 N [KNOWN-HANDLES]" >&2
  exit 1
fi
known=${2:-/dev/null}
if [ ! -r "$known" ]; then
  echo "$known cannot be read" >&2
  exit 1
fi

# It exits with 1 if anything is untracked: the answer says what.
answer=$(cf rollcall-status --expect-cells "$1" --output json) || true
if [ -z "$answer" ]; then
  echo "cf rollcall-status did not answer" >&2
  exit 1
fi

ask() {
  printf '%s\n' "$answer" | jq --raw-output --rawfile known "$known" "
    (\$known | split(\"\n\") | map(sub(\"[ \t].*\"; \"\"))) as \$handles
    | $1" || exit 1
}

# shellcheck disable=SC2016 # $handles is jq's.
new=$(ask '.untracked[]? | select(.handle | IN($handles[]) | not)
  | "\(.cell.instanceGroup)/\(.cell.index): \(.handle) is untracked (\(.reason), \(.severity))"')
if [ -n "$new" ]; then
  printf '%s\n' "$new" >&2
  exit 1
fi
# A cell names only some of its untracked containers if it has many; those that it does not name are not known.
if [ "$(ask '.complete and .summary.untracked == (.untracked | length)')" != true ]; then
  ask '.why' >&2
  exit 1
fi
ask '"\(.summary.cells) cells compared; untracked and known: \(.untracked | length)"'
