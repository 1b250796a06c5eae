import { readFileSync } from 'node:fs';
import { asByteString } from '../../src/model/ids.ts';
import type { Membership, ProcessInCgroups } from '../../src/model/process.ts';
import type { CgroupDirectory, Walk } from '../../src/model/walk.ts';
import { type Answers } from '../../src/model/questions.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { recordedParts, recording } from '../recordings.ts';
import { mountsIn, process, snapshotOf } from './cell-builder.ts';
import { parseProcCgroup } from '../../src/parse/process-files.ts';

const read = (mode: string, file: string): string =>
  readFileSync(recording(`garden/${mode}/${file}`), 'latin1');

/** A snapshot of a cell with the mounts, tree, processes and list that a real Garden had. */
export function recordedLook(mode: string, listed: readonly string[]): Snapshot {
  const table = parseMountInfo(asByteString(read(mode, 'mountinfo')));
  const processes = processesOf(mode);
  const walks = walksOf(read(mode, 'cgroup-tree.txt'));
  const isV2 = !table.mounts.some(({ fstype }) => fstype === 'cgroup');
  const primary = walks.get(isV2 ? 'v2' : 'memory');
  const cell = snapshotOf({ trees: {}, listed });
  return {
    ...cell,
    mounts: mountsIn(table, [...walks.keys()]),
    gardenProcesses: [gdnOf(processes)],
    primaryWalk: primary ?? null,
    answers: {
      ...cell.answers,
      walks: new Map([...walks].filter(([, walk]) => walk !== primary)),
      memberships: new Map(processes.map(({ pid, membership }) => [pid, membership])),
      rootImages: imagesOf([...walks.values()], listed),
    },
  };
}

/** Root mounts were not recorded. The recording's cgroups say which container a process is of. */
const imagesOf = (walks: readonly Walk[], listed: readonly string[]): Answers['rootImages'] =>
  new Map(
    walks.flatMap((walk) =>
      walk.kind !== 'read'
        ? []
        : walk.directories.flatMap(({ path, pids }) => {
            const names = path.split('/').filter((name) => listed.includes(name));
            const images = names.map((name) => ({
              name: asByteString(name),
              store: asByteString('/store'),
            }));
            return pids.map((pid) => [pid, images] as const);
          }),
    ),
  );

/**
 * The recorded trees, `path  [pid pid ]` a line. v1 trees begin with their controller's name; the
 * v2 tree is the one whose lines begin with `.` (or, in the runc recording, has a section of its
 * own for each top directory).
 */
function walksOf(text: string): Map<string, Walk> {
  const trees = new Map<string, CgroupDirectory[]>();
  const isV2 = /^\.\/? {2}\[|^\. {2}\[/m.test(text) || /^== garden$/m.test(text);
  let inode = 1;
  for (const line of text.split('\n')) {
    const match = /^(\S+) {2}\[([\d ]*)\]/.exec(line);
    if (match === null) continue;
    const [, raw = '', members = ''] = match;
    const [first = '', ...rest] = raw.replace(/^\.\/?/, '').split('/');
    const controller = isV2 ? 'v2' : first === 'systemd' ? 'name=systemd' : first;
    const full = asByteString(`/${(isV2 ? [first, ...rest] : rest).filter(Boolean).join('/')}`);
    const pids = members.split(' ').filter(Boolean).map(Number);
    const tree = trees.get(controller) ?? [];
    if (!tree.some(({ path: known }) => known === full)) {
      tree.push({ path: full, inode: inode++, pids, trouble: null });
    }
    trees.set(controller, tree);
  }
  return new Map(
    [...trees].map(([controller, tree]) => {
      if (!tree.some(({ path: known }) => known === '/')) {
        tree.push({ path: asByteString('/'), inode: inode++, pids: [1], trouble: null });
      }
      const directories = tree.toSorted((a, b) => (a.path < b.path ? -1 : 1));
      return [controller, { kind: 'read', controller, directories, unseen: [] }];
    }),
  );
}

interface RecordedProcess {
  readonly pid: number;
  readonly comm: string;
  readonly membership: Membership;
}

/**
 * A part of the recording is named `PID-COMM PID-COMM …`: the processes whose /proc/PID/cgroup it
 * is.
 */
const processesOf = (mode: string): readonly RecordedProcess[] =>
  [...recordedParts(`garden/${mode}/memberships.txt`)].flatMap(([names, text]) =>
    names.split(' ').map((name) => ({
      pid: Number.parseInt(name, 10),
      comm: name.slice(name.indexOf('-') + 1),
      membership: parseProcCgroup(asByteString(text)),
    })),
  );

function gdnOf(processes: readonly RecordedProcess[]): ProcessInCgroups {
  const gdn = processes.find(({ comm }) => comm === 'gdn');
  if (gdn === undefined) throw new Error('no gdn in the recording');
  const { pid, membership } = gdn;
  return { ...process({ pid }), membership, children: 0, depot: null, containerdSocket: null };
}
