import path from 'node:path';
import { mock } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { expect } from 'chai';
import { Agent } from '../../src/agent/agent.ts';
import type { AgentConfig } from '../../src/model/agent-config.ts';
import type { AgentEvent } from '../../src/model/agent-state.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { FileReading, SensorReading } from '../../src/model/observation.ts';
import type { Report } from '../../src/model/report.ts';
import { CAPTURE_SCHEMA_VERSION, type Moment, type Snapshot } from '../../src/model/snapshot.ts';
import { parseAgentConfig } from '../../src/parse/agent-config.ts';
import { captureText, parseCapture } from '../../src/parse/capture-file.ts';
import { completePass, observeSnapshot, type PassSettings } from '../../src/pass/complete-pass.ts';
import { expectLogLine } from '../json-schemas.ts';
import { logLine } from '../../src/present/log-line.ts';
import { eventOf } from '../../src/present/events.ts';
import { gracePeriodsOfAgent } from '../../src/reconcile/difference.ts';
import { transitionsOf } from '../../src/reconcile/transitions.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';
import { MadeCell } from '../invariants/made-cell.ts';
import { madeProbe, steadyProbe } from '../invariants/made-probe.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const INTERVAL = 15_000;
const PASSES = 240;

/** What happens in the hour, by minute. */
const STEPS: Readonly<Record<number, readonly string[]>> = {
  0: ['create a', 'create b', 'create c'],
  5: ['create lost', 'unlist lost'],
  8: ['create other', 'unlist other'],
  12: ['create back', 'unlist back'],
  20: ['destroy lost'],
  35: ['relist back'],
  40: ['destroy back'],
  45: ['garden-fails'],
  48: ['garden-answers'],
  50: ['destroy other'],
};
const momentOf = (pass: number): Moment => {
  const cell = new MadeCell('v1');
  cell.kernel.now += pass * INTERVAL;
  return madeProbe(cell).now();
};
const minuteOf = (pass: number): number => (pass * INTERVAL) / 60_000;

/** The sensor's list, which never has `c`; from the 25th to the 32nd minute there is no file. */
function readingAt(pass: number): SensorReading {
  const { wall, monotonicMilliseconds } = momentOf(pass);
  const time = { wall: Date.parse(wall), monotonic: monotonicMilliseconds };
  const isAbsent = minuteOf(pass) >= 25 && minuteOf(pass) < 32;
  const reading: FileReading = isAbsent
    ? { kind: 'absent', isDirectoryMissing: false }
    : {
        kind: 'read',
        place: { device: 1, inode: 100 + pass, offset: 30 },
        isAnew: true,
        isWhole: true,
        isAtEnd: true,
        hasGap: false,
        lines: 3,
        facts: [
          { kind: 'as-of', at: time.wall },
          { kind: 'named', id: 'a' },
          { kind: 'named', id: 'b' },
        ],
        writtenAt: time.wall,
      };
  return { reading, time };
}

/** Reads the cell of that hour, in which each pass is an interval after the one before. */
function probeOf(passes: () => number): CellProbe {
  const cell = new MadeCell('v1');
  const probe = steadyProbe(madeProbe(cell));
  const began = cell.kernel.now;
  return {
    ...probe,
    now: () => {
      cell.kernel.now = began + passes() * INTERVAL;
      return probe.now();
    },
    startsPass: (mustRead, known) => {
      for (const step of STEPS[minuteOf(passes())] ?? []) cell.do(step);
      probe.startsPass(mustRead, known);
    },
    answer: async (questions) => ({
      ...(await probe.answer({ ...questions, sensorFiles: [] })),
      sensorFiles: new Map(questions.sensorFiles.map(({ name }) => [name, readingAt(passes())])),
    }),
  };
}

const CONFIG = {
  reconcile: { intervalSeconds: INTERVAL / 1000, gracePeriodSeconds: 30 },
  sensors: [{ name: 'edr', format: 'ids', path: '/events', graceSeconds: 60 }],
};

function configOf(memoryPath: string): AgentConfig {
  const parsed = parseAgentConfig(JSON.stringify({ ...CONFIG, memory: { path: memoryPath } }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.config;
}

/** Runs an agent for an hour of its clock, and records what it read and logged. */
const recordHour = async (): Promise<{ events: AgentEvent[]; snapshots: Snapshot[] }> => {
  const events: AgentEvent[] = [];
  const snapshots: Snapshot[] = [];
  const agent = new Agent({
    config: configOf(path.join(temporaryFolder(), 'memory.json')),
    version: 'test',
    probe: probeOf(() => snapshots.length),
    chance: () => 1,
    verifyPasses: 1,
    log: (event) => events.push(event),
    passEnded: (made) => {
      if (made !== null) snapshots.push(made.completed.snapshot);
    },
  });
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const done = agent.run();
    while (snapshots.length < PASSES) {
      await tick();
      mock.timers.tick(INTERVAL);
    }
    agent.stop();
    await done;
  } finally {
    mock.timers.reset();
  }
  return { events, snapshots };
};

/** The events of the same hour, from nothing but what was read and the settings. */
function replayed(snapshots: readonly Snapshot[], settings: PassSettings): readonly AgentEvent[] {
  const events: AgentEvent[] = [];
  let memoryBefore = EMPTY_MEMORY;
  let reportBefore: Report | null = null;
  for (const snapshot of snapshots) {
    const { report, memory } = completePass(observeSnapshot(snapshot, memoryBefore), settings);
    const transitions = transitionsOf({ memoryBefore, memory, reportBefore, report });
    events.push(...transitions.map((one) => eventOf(one, snapshot.listedAt)));
    memoryBefore = memory;
    reportBefore = report;
  }
  return events;
}

/** No pass causes these. */
const OF_THE_PROCESS: ReadonlySet<string> = new Set([
  'rollcall.started',
  'rollcall.stopping',
  'rollcall.summary',
]);

describe('an hour of the agent', () => {
  it('replays to the same events from its snapshots and settings, and no pass differs from a full one', async () => {
    const { events, snapshots } = await recordHour();
    const saved = captureText({
      schemaVersion: CAPTURE_SCHEMA_VERSION,
      rollcallVersion: 'test',
      capturedAt: momentOf(PASSES).wall,
      capturedBy: null,
      settleMilliseconds: 0,
      passes: snapshots,
      agent: null,
    });
    const { passes } = parseCapture(saved, 'hour');
    const logged = events.filter(({ message }) => !OF_THE_PROCESS.has(message));
    const { sensors, garden } = configOf('/none');
    const settings = {
      gracePeriods: gracePeriodsOfAgent(30_000, INTERVAL),
      sensors,
      gardenSocket: garden.socketPath,
    };
    for (const event of events) expectLogLine(logLine(event, null));
    expect(replayed(passes, settings)).to.deep.equal(logged);
    expect([
      ...new Set(logged.map(({ message }) => message.replace('rollcall.', ''))),
    ]).to.deep.equal([
      'mounts.chosen',
      'sensor.unseen',
      'container.untracked',
      'container.gone',
      'sensor.silent',
      'sensor.available',
      'container.recovered',
      'garden.unavailable',
      'garden.available',
    ]);
  });
});
