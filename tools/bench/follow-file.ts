// The cost of following one event file, in a process of its own with the agent's flags:
// `follow-file.ts FILE LINES PASSES` appends this many lines, in steps of 250, before each pass.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { setImmediate as pause } from 'node:timers/promises';
import type { FilePlace } from '../../src/model/observation.ts';
import { SensorFiles } from '../../src/probe/sensor-files.ts';

const CONTAINERS = 250;
/** The first passes see every id for the first time and fill the caches. */
const WARM_UP_PASSES = 2;

const [file = '', lines = '0', passes = '0'] = process.argv.slice(2);

const handle = (at: number): string =>
  `8a37cb6f-385b-4dd3-732c-${(at % CONTAINERS).toString(16).padStart(4, '0')}`;

/** An event in a container, as Tracee 0.24 writes it. */
const event = (at: number): string =>
  JSON.stringify({
    timestamp: 1_764_028_200_123_456,
    threadStartTime: 1_764_028_100_123_456,
    processorId: at % 8,
    processId: at,
    cgroupId: 4242,
    threadId: at,
    parentProcessId: 1,
    hostProcessId: 30_000 + at,
    userId: 2000,
    mountNamespace: 4_026_532_600,
    pidNamespace: 4_026_532_603,
    processName: 'ruby',
    executable: { path: '/home/vcap/deps/0/vendor/ruby/bin/ruby' },
    hostName: handle(at),
    containerId: handle(at),
    container: { id: handle(at), name: '', image: '', imageDigest: '' },
    kubernetes: {},
    eventId: '257',
    eventName: 'openat',
    argsNum: 4,
    returnValue: 12,
    syscall: 'openat',
    args: [
      { name: 'dirfd', type: 'int', value: -100 },
      { name: 'pathname', type: 'const char*', value: `/home/vcap/app/config/${at}.yml` },
      { name: 'flags', type: 'int', value: 524_288 },
      { name: 'mode', type: 'mode_t', value: 0 },
    ],
  });

const kilobytes = (field: 'VmRSS' | 'VmHWM'): number =>
  Number(
    new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(
      readFileSync('/proc/self/status', 'utf8'),
    )?.[1],
  );

async function measure(): Promise<void> {
  const events = Buffer.from(
    Array.from({ length: CONTAINERS }, (_, at) => `${event(at)}\n`).join(''),
  );
  const files = new SensorFiles(pause);
  const known = new Set<string>();
  const cpuMilliseconds: number[] = [];
  let place: FilePlace | null = null;
  let bytes = 0;
  const base = kilobytes('VmRSS');
  writeFileSync(file, '');
  for (let pass = 0; pass < WARM_UP_PASSES + Number(passes); pass++) {
    for (let at = 0; at < Number(lines); at += CONTAINERS) appendFileSync(file, events);
    const before = process.cpuUsage();
    const from: number = place?.offset ?? 0;
    const reading = await files.read({
      name: 'tracee',
      path: file,
      format: 'tracee',
      place,
      known,
    });
    if (reading.kind !== 'read') throw new Error(`${file} is ${reading.kind}`);
    const { user, system } = process.cpuUsage(before);
    for (const fact of reading.facts) if ('id' in fact) known.add(fact.id);
    place = reading.place;
    if (pass >= WARM_UP_PASSES) {
      cpuMilliseconds.push((user + system) / 1000);
      bytes += reading.place.offset - from;
    }
  }
  files.close();
  process.stdout.write(
    JSON.stringify({
      cpuMilliseconds,
      bytesPerPass: bytes / Number(passes),
      peakMegabytes: (kilobytes('VmHWM') - base) / 1024,
    }),
  );
}

// A classic script, like the bundle, has no top-level `await`.
void measure();
