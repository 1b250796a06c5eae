import { chmodSync, writeFileSync } from 'node:fs';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { inside } from './rollcall.ts';

/** The cell's own, whatever the machine has at /tmp. */
const SENSOR_FOLDER = '/var/vcap/data/rollcall-cell';
export const EVENT_FILE = `${SENSOR_FOLDER}/events`;

/** Takes its mount as Tracee 0.19 does (`last`), or the right one, and knows what it finds below. */
const FIND = `if [ -e /sys/fs/cgroup/cgroup.controllers ]
then type=cgroup2 name=. right=/sys/fs/cgroup
else type=cgroup name=cpuset right=/sys/fs/cgroup/cpuset
fi
case $rule in
  last) mount=$(awk -v type=$type -v name=$name '$3 == type && $2 ~ name { found = $2 } END { print found }' /proc/self/mounts) ;;
  *) mount=$right ;;
esac
ids() { find "$mount" -type d | grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){4}$' | sort -u; }
`;

/** Writes a whole list, again and again. */
const LIST = `${FIND}while :; do
  { ids; date -u '+# as of %Y-%m-%dT%H:%M:%SZ'; } >"$file.new"
  mv "$file.new" "$file"
  sleep 1
done
`;

/** Writes what it meets at its start, as Tracee does, and nothing more. */
const BURST = `${FIND}ids | while read -r id; do
  echo '{"timestamp":1764028200123456789,"processName":"tracee","containerId":"","container":{},"eventId":"2019","eventName":"existing_container","args":[{"name":"runtime","type":"string","value":"garden"},{"name":"container_id","type":"string","value":"'"$id"'"}]}'
done >"$file"
while :; do sleep 1; done
`;

export interface StandInSensor {
  readonly writes: 'list' | 'burst';
  readonly rule: 'last' | 'right';
}

/** A process of the cell with the name of Tracee, which writes EVENT_FILE. */
export async function startStandIn(
  cell: Cell,
  { writes, rule }: StandInSensor,
): Promise<() => Promise<unknown>> {
  const program = `${SENSOR_FOLDER}/tracee`;
  const setting = `rule=${rule}\nfile=${EVENT_FILE}\n`;
  writeFileSync(cell.outside(program), `#!/bin/sh\n${setting}${writes === 'list' ? LIST : BURST}`);
  chmodSync(cell.outside(program), 0o755);
  const { stdout } = await inside(cell, [
    'sh',
    '-c',
    `rm -f ${EVENT_FILE}; ${program} </dev/null >/dev/null 2>&1 & echo $!`,
  ]);
  return () => inside(cell, ['kill', '-9', stdout.trim()]);
}
