import { expect } from 'chai';
import type { CgroupMode } from '../../src/model/hierarchy.ts';
import { asByteString, asHandle, type Handle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type {
  FileReading,
  RememberedObservation,
  SensorFact,
  SensorFormat,
  SensorObservation,
} from '../../src/model/observation.ts';
import { readAgain as memoryAgain } from '../parse/memory-again.ts';
import { sensorFact } from '../../src/parse/sensor-lines.ts';
import { judgeSensor, unnamed, type Judged } from '../../src/sensors/judge-observation.ts';
import type { Writer } from '../../src/sensors/formats.ts';
import { evidenceAfter, rememberedFor } from '../../src/sensors/sensor-evidence.ts';
import { falcoLine, traceeLine, TRACEE_VERSIONS, type TraceeVersion } from './event-lines.ts';

/*
 * Passes of an agent over one sensor, as steps, each after a `;`:
 * `tracee`, `falco` or `ids`: the format, first of all; `hybrid`: cpuset is in version 1;
 * `0-59@50`: these containers have run since 50 s after boot; `1 ends`: one does not any more;
 * `writer 200#25000`: its process, which started at that tick, `writer -`: it does not run;
 * `restart`: of the agent; `110 existing 0-39, process x`: a pass at 110 s, and what is new in the file.
 * A number is the handle of an app instance, H and J are two more, and T is one of a task.
 */

const GRACE = 60;
const BOOTED = Date.UTC(2026, 0, 1);
const wallAt = (seconds: number): number => BOOTED + seconds * 1000;

const OTHERS: Readonly<Record<string, string>> = {
  H: '8a37cb6f-385b-4dd3-732c-34d6',
  J: '9b48dc70-385b-4dd3-732c-34d6',
  T: '5f3b1c1e-6a2d-4e5f-9a1b-0c2d3e4f5a6b',
};
const FIRST = '8a37cb6f-385b-4dd3-732c-';
const handleOf = (number: number): Handle => asHandle(FIRST + number.toString(16).padStart(4, '0'));

/** The handles and ids of a text: `0-39`, `7`, `H`, or any other word; `0*60` is 60 times the same. */
const idsIn = (text: string): readonly string[] =>
  text.split(' ').flatMap((word) => {
    const [ids = '', times = '1'] = word.split('*');
    const [first = NaN, last = first] = ids.split('-').map(Number);
    const count = Number.isNaN(first) ? 0 : last - first + 1;
    const numbered = Array.from({ length: count }, (_, at) => handleOf(first + at));
    const all = count > 0 ? numbered : [OTHERS[ids] ?? ids];
    return all.flatMap((id) => Array.from({ length: Number(times) }, () => id));
  });

/** The same handles in words. */
function wordsOf(handles: readonly string[]): string {
  const runs: [number, number][] = [];
  for (const handle of handles) {
    const number = Number.parseInt(handle.slice(FIRST.length), 16);
    const run = runs.at(-1);
    if (run?.[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
}

const CLOSED = { errno: 'EACCES', mode: 0o700, uid: 0, gid: 0 } as const;
/** In place of a file that can be read. */
const FAILED: Readonly<Record<string, Exclude<FileReading, { readonly kind: 'read' }>>> = {
  absent: { kind: 'absent', isDirectoryMissing: true },
  closed: { kind: 'unreadable', what: '/var/log/tracee', ...CLOSED },
};

/** A line of each kind about an id; the version of Tracee may follow a dot, a time in seconds an `@`. */
const LINES: Readonly<
  Record<string, (id: string, version?: TraceeVersion, at?: string) => string>
> = {
  existing: (id, version = 'v0.18-v0.24') => traceeLine(version, 'existing', { id }),
  created: (id, version = '7c9ec978', at = '0') =>
    traceeLine(version, 'created', { id, at: wallAt(Number(at)) }),
  process: (id, version = '7c9ec978') => traceeLine(version, 'process', { id }),
  falco: (id) => falcoLine(id),
  list: (id) => id,
  nothing: () => '{}',
};

function linesOf(part: string, at: number): readonly string[] {
  const [kind = '', ...words] = part.split(' ');
  const [name = '', ...numbers] = kind.split('.');
  const version = TRACEE_VERSIONS.find((one) => one === numbers.join('.'));
  const [ids = '', created] = words.join(' ').split('@');
  const line = LINES[name] ?? expect.fail(`a pass has no part "${part}"`);
  return [
    ...idsIn(ids).map((id) => line(id, version, created)),
    ...(name === 'list' ? [`# as of ${new Date(wallAt(at)).toISOString()}`] : []),
  ];
}

const FLAGS: ReadonlySet<string> = new Set(['anew', 'part', 'unended', 'gap', 'uncompared']);

export function told(story: string) {
  const steps = story.split('; ');
  const [first = ''] = steps;
  const format: SensorFormat = first === 'falco' || first === 'ids' ? first : 'tracee';
  const sensor = { name: 'tracee', format, path: '/events', graceSeconds: GRACE };
  const running = new Map<Handle, number>();
  let mode: CgroupMode = 'v2';
  let writer: Writer | null = { pid: 100, startTicks: 10_000 };
  let remembered: RememberedObservation | undefined;
  let last: Judged | null = null;
  let [hasRead, written] = [false, 0];

  const readingOf = (at: number, parts: readonly string[]): FileReading => {
    const [failed] = parts.flatMap((part) => FAILED[part] ?? []);
    if (failed !== undefined) return failed;
    const lines = parts.filter((part) => !FLAGS.has(part)).flatMap((part) => linesOf(part, at));
    const isKnown = (id: string): boolean => remembered?.ids.has(id) === true;
    const isAnew = parts.includes('anew') || !hasRead;
    hasRead = true;
    if (lines.length > 0) written = wallAt(at);
    return {
      kind: 'read',
      place: { device: 1, inode: 1, offset: 1 },
      isAnew,
      isWhole: !parts.includes('part'),
      isAtEnd: !parts.includes('unended'),
      hasGap: parts.includes('gap'),
      lines: lines.length,
      facts: lines.flatMap((line): SensorFact[] => {
        const fact = sensorFact(format, line, isKnown);
        return fact === null ? [] : [fact];
      }),
      writtenAt: written,
    };
  };

  const passAt = (at: number, parts: readonly string[]): Judged => {
    const was = rememberedFor(sensor, remembered);
    const time = { wall: wallAt(at), monotonic: at * 1000 };
    const reading = readingOf(at, parts);
    const isWriterAlive =
      writer !== null &&
      was?.process?.pid === writer.pid &&
      was.process.startTicks === writer.startTicks;
    const run = evidenceAfter(was, { sensor, reading, writer, isWriterAlive, time });
    const containers = [...running.keys()].map((handle) => ({
      handle,
      // A kernel may have cpuset in a hierarchy of version 1 that the cell does not show.
      membership: { cpuset: asByteString('/'), v2: asByteString(`/garden/${handle}`) },
    }));
    const asked = new Set(unnamed(run, containers));
    const starts = [...running].filter(([handle]) => asked.has(handle));
    const isCompared = !parts.includes('uncompared');
    const judged = judgeSensor(run, {
      mode,
      sensor,
      reading,
      containers: isCompared ? containers : null,
      starts: new Map(starts.map(([handle, seconds]) => [handle, seconds * 100])),
      writer,
      last: last?.observation ?? null,
      time,
    });
    const { sees, seen, unseen, expectedUnseen, undecided } = judged.observation;
    const marks = [...sees.values()];
    if (isCompared)
      expect(
        ['yes', 'no', 'unknown'].map((mark) => marks.filter((one) => one === mark).length),
      ).to.deep.equal([seen, unseen.length + expectedUnseen, undecided]);
    return judged;
  };

  for (const step of steps) {
    const [word = '', more = ''] = step.split(' ');
    const [ids = '', at] = word.split('@');
    if (step === format) continue;
    if (step === 'hybrid') mode = 'hybrid';
    else if (step === 'restart') remembered = readAgain(remembered);
    else if (more === 'ends') for (const id of idsIn(ids)) running.delete(asHandle(id));
    else if (at !== undefined) for (const id of idsIn(ids)) running.set(asHandle(id), Number(at));
    else if (word === 'writer') {
      const [pid = 0, startTicks = 0] = more.split('#').map(Number);
      writer = more === '-' ? null : { pid, startTicks };
    } else {
      const parts = step.slice(word.length + 1).split(', ');
      last = passAt(Number(word), parts[0] === '' ? [] : parts);
      ({ remembered } = last);
    }
  }
  return last ?? expect.fail('no pass was told');
}

/** As a restarted agent reads it. */
function readAgain(one: RememberedObservation | undefined): RememberedObservation | undefined {
  if (one === undefined) return one;
  const memory = { ...EMPTY_MEMORY, observations: new Map([['tracee', one]]) };
  return memoryAgain(memory).observations.get('tracee');
}

/** What the last pass shows: `fresh: 40 seen, unseen 40-59`, and what else is not as usual. */
export function shownOf(one: SensorObservation): string {
  const strange = one.unknownIds.join(' ');
  const more = one.unknownIdsOmitted > 0 ? ` and ${one.unknownIdsOmitted} more` : '';
  const parts = [
    `${one.seen} seen`,
    one.unseen.length > 0 ? `unseen ${wordsOf(one.unseen)}` : '',
    one.expectedUnseen > 0 ? `${one.expectedUnseen} expected` : '',
    one.undecided > 0 ? `${one.undecided} undecided` : '',
    strange === '' ? '' : `strange ${strange}${more}`,
    one.life === 'runs' ? '' : one.life,
    one.isUp ? '' : 'down',
    one.isSilent ? 'silent' : '',
  ];
  return `${one.state}: ${parts.filter((part) => part !== '').join(', ')}`;
}
