import { dirname } from 'node:path';
import { MEMORY } from './running-agent.ts';

/** Who runs the agent on a cell: vcap, without capabilities. */
export const VCAP = 1234;
/** The container whose finding the file names. */
export const LOST = 'ffffffff-0000-4000-8000-000f';
const FOLDER = dirname(MEMORY);

/** What happened to the memory file, or its folder, before an agent starts. */
export interface MemoryFolder {
  /** Shell commands of root, in the folder. */
  readonly made: string;
  /** So that the next agent finds the usual folder. */
  readonly undone?: string;
  /** What the agent logs about it, in order. */
  readonly logs: readonly string[];
  /** Whether the agent knows what was reported before. */
  readonly knows: boolean;
  /** Where the file is then that was there before, whole; null if the agent may replace it. */
  readonly keeps: string | null;
}

const SET_ASIDE = `${MEMORY}.set-aside`;
const isUnusable = (made: string): MemoryFolder => ({
  made,
  logs: ['memory.set-aside'],
  knows: false,
  keeps: SET_ASIDE,
});
const isUnwritable = (made: string, undone: string): MemoryFolder => ({
  made,
  undone,
  logs: ['memory.not-written'],
  knows: true,
  keeps: MEMORY,
});
const isReplaced = { logs: [], keeps: null };
const UMOUNT = `cd / && umount -l ${FOLDER}`;
const FULL = `cp -p memory.json ../kept &&
  mount -t tmpfs -o size=64k,mode=700,uid=${VCAP} tmpfs ${FOLDER} &&
  cp -p ../kept ${MEMORY} && ! dd if=/dev/zero of=${FOLDER}/filler bs=4k 2>/dev/null`;

export const MEMORY_FOLDERS: Readonly<Record<string, MemoryFolder>> = {
  'as the last agent left it': { ...isReplaced, made: '', knows: true },
  'with what a killed agent left': {
    ...isReplaced,
    made: 'echo half >memory.json.new; chmod 0 memory.json.new',
    knows: true,
  },
  'on a full disk': isUnwritable(FULL, UMOUNT),
  'read only': isUnwritable(
    `mount --bind ${FOLDER} ${FOLDER} && mount -o remount,ro,bind ${FOLDER}`,
    UMOUNT,
  ),
  "root's": isUnwritable('chown 0:0 . && chmod 755 .', `chown ${VCAP}:${VCAP} .`),
  "with root's file": isUnusable('chown 0:0 memory.json && chmod 600 memory.json'),
  'with half a file': isUnusable('truncate -s 200 memory.json'),
  'with the file of a later version': isUnusable(
    `sed -i 's/"schemaVersion":1/"schemaVersion":9/' memory.json`,
  ),
  'with a folder in place of the file': isUnusable(
    'mkdir folder && mv memory.json folder/ && mv folder memory.json',
  ),
  // After a boot nothing runs that ran before, so the finding ends and begins again.
  'with the file of another boot': {
    made: `sed -i 's/"bootId":"[^"]*"/"bootId":"another"/' memory.json`,
    logs: [`container.gone ${LOST} unknown-to-garden`],
    knows: false,
    keeps: null,
  },
  'without a file': { ...isReplaced, made: 'rm memory.json', knows: false },
  "both of root's": {
    ...isUnwritable(
      'chown 0:0 . memory.json && chmod 755 . && chmod 600 memory.json',
      `chown -R ${VCAP}:${VCAP} .`,
    ),
    logs: ['memory.set-aside', 'memory.not-written', 'memory.not-written'],
    knows: false,
  },
  'with the file of a later version, beside a folder that was set aside': {
    made: `mkdir memory.json.set-aside &&
      touch memory.json.set-aside/it &&
      sed -i 's/"schemaVersion":1/"schemaVersion":9/' memory.json`,
    logs: ['memory.set-aside', 'memory.not-written', 'memory.not-written'],
    knows: false,
    keeps: MEMORY,
  },
};
