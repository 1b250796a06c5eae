import type { ContainerReport, Report } from '../../../src/model/report.ts';
import { metricsText } from '../../../src/present/metrics.ts';
import * as built from '../../present/agent-state-builder.ts';
import type { Series } from './log-cache.ts';

/** Unix time of the stand-in. */
export const NOW = Date.parse('2026-03-02T10:21:45.000Z') / 1000;

/** A cell as its agent, prom_scraper and the Forwarder Agent bring it to Log Cache. */
export interface StandInCell {
  readonly deployment: string;
  readonly job: string;
  readonly index: string;
  readonly ip: string;
  readonly version: string;
  readonly intervalSeconds: number;
  /** Seconds between two scrapes. */
  readonly scrapedEvery: number;
  /** Seconds before NOW at which its last sample came. */
  readonly sampleAge: number;
  /** Seconds before NOW at which its last reconcile ended. */
  readonly passAge: number;
  readonly containers: readonly ContainerReport[];
  readonly report: Partial<Report>;
  /** Whether Log Cache has the series of its findings. */
  readonly isNamed: boolean;
  /** Whether rollcall runs there. */
  readonly isCovered: boolean;
  /** Seconds before NOW at which its rep sent last; null: it has none. */
  readonly repSampleAge: number | null;
  /** The origin of rep's metrics; `rep_windows` on a Windows cell. */
  readonly repOrigin: string;
  /** Lines of /metrics that its agent exposes besides those of its state. */
  readonly moreLines: string;
}

const hex = (number: number, length: number): string => number.toString(16).padStart(length, '0');

/** The n-th cell of a foundation, with a few apps and nothing wrong. */
export const cell = (number: number, change: Partial<StandInCell> = {}): StandInCell => ({
  deployment: 'cf',
  job: 'diego_cell',
  index: `${hex((number * 2_654_435_761) % 2 ** 32, 8)}-7f6a-4f07-9a10-${hex(number, 12)}`,
  ip: `10.0.${4 + Math.floor(number / 200)}.${10 + (number % 200)}`,
  version: '0.2.0',
  intervalSeconds: 15,
  scrapedEvery: 15,
  sampleAge: 6,
  passAge: 9,
  containers: built.containers(20),
  report: {},
  isNamed: true,
  isCovered: true,
  repSampleAge: 20,
  repOrigin: 'rep',
  moreLines: '',
  ...change,
});

/** The cells of these numbers, the last one included, each with the same change. */
export const cells = (
  first: number,
  last: number,
  change: Partial<StandInCell> = {},
): StandInCell[] =>
  Array.from({ length: last - first + 1 }, (_, index) => cell(first + index, change));

/** The first cells of a foundation. */
export const fleet = (count: number, change: Partial<StandInCell> = {}): StandInCell[] =>
  cells(0, count - 1, change);

/** A Windows cell, on which rollcall is not expected. */
export const ON_WINDOWS: Partial<StandInCell> = {
  isCovered: false,
  repOrigin: 'rep_windows',
  job: 'windows_cell',
};

/** An agent that may not read the processes of others. */
export const PROCESSES_HIDDEN: Partial<StandInCell> = {
  report: { verdict: 'unknown', unknownCause: { kind: 'processes-hidden', by: null } },
};

/** How many entries each ledger of a cell has for no container: `{ address: 3 }`. */
export const leftoverLines = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([ledger, count]) => `rollcall_leftovers{ledger="${ledger}"} ${count}\n`)
    .join('');

/** A warning about the whole cell. */
export const warningLine = (reason: string): string =>
  `rollcall_cell_warning{reason="${reason}"} 1\n`;

interface StandInSensor {
  readonly isUp?: boolean;
  readonly isSilent?: boolean;
  /** How many containers it sees, misses, and is expected to miss; left out: not told. */
  readonly seen?: number;
  readonly unseen?: number;
  readonly expectedUnseen?: number;
}

/** What an agent exposes about a sensor. */
export function sensorLines(
  sensor: string,
  { isUp = true, isSilent = false, seen, unseen, expectedUnseen }: StandInSensor,
): string {
  const line = (name: string, value: number, moreLabels = ''): string =>
    `rollcall_sensor_${name}{sensor="${sensor}"${moreLabels}} ${value}\n`;
  const counts = Object.entries({ seen, unseen, expected_unseen: expectedUnseen }).map(
    ([state, count]) => (count === undefined ? '' : line('containers', count, `,state="${state}"`)),
  );
  return [line('up', isUp ? 1 : 0), line('silent', isSilent ? 1 : 0), ...counts].join('');
}

/** Cells as they are: each is scraped at another moment, and their reps send at others. */
export const spreadFleet = (count: number): StandInCell[] =>
  fleet(count).map((one, index) => ({
    ...one,
    sampleAge: 2 + ((index * 0.37) % 15),
    passAge: 4 + ((index * 0.37) % 15),
    repSampleAge: (index * 0.61) % 60,
  }));

const NO_REPORT = built.report([]);

/** The series of these cells: what each agent exposes, with the labels added on the way. */
export const seriesOf = (...all: readonly StandInCell[]): Series[] =>
  all.flatMap((one) => [...(one.isCovered ? exposedSeries(one) : []), ...repSeries(one)]);

function repSeries({ repSampleAge, repOrigin, deployment, job, index, ip }: StandInCell): Series[] {
  if (repSampleAge === null) return [];
  const labels = { source_id: 'rep', origin: repOrigin, deployment, job, index, ip };
  return [
    {
      name: 'CapacityTotalMemory',
      labels: { ...labels, instance_id: index },
      value: '64000',
      age: repSampleAge,
      every: 60,
    },
  ];
}

function exposedSeries(one: StandInCell): Series[] {
  const listed = one.containers.filter(({ reason }) => reason !== 'unknown-to-garden').length;
  const exposed = metricsText(
    built.state({
      version: one.version,
      intervalSeconds: one.intervalSeconds,
      lastReconcileSeconds: NOW - one.passAge,
      report: {
        ...NO_REPORT,
        garden: { state: 'known', listed },
        containers: one.containers,
        ...one.report,
      },
    }),
  );
  return `${exposed}${one.moreLines}`
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .filter((line) => one.isNamed || !line.startsWith('rollcall_untracked_since'))
    .map((line) => seriesOfLine(line, one));
}

function seriesOfLine(
  line: string,
  { deployment, job, index, ip, sampleAge, scrapedEvery }: StandInCell,
): Series {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const own = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', text = '']): [string, string] => [
      label,
      text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
    ],
  );
  return {
    name,
    // A label of the exporter's own wins over what is put on.
    labels: {
      source_id: 'rollcall',
      origin: 'rollcall',
      deployment,
      job,
      index,
      ip,
      ...Object.fromEntries(own),
      instance_id: index,
    },
    value,
    age: sampleAge,
    every: scrapedEvery,
  };
}
