import { expect } from 'chai';
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
  readonly scraped: number;
  /** Seconds before NOW at which its last reconcile ended. */
  readonly reconciled: number;
  readonly containers: readonly ContainerReport[];
  readonly report: Partial<Report>;
  /** Whether Log Cache has the series of its findings. */
  readonly isNamed: boolean;
  /** Whether rollcall runs there. */
  readonly isCovered: boolean;
  /** Seconds before NOW at which its rep sent last; null: it has none. */
  readonly repSent: number | null;
  /** The origin of rep's metrics; `rep_windows` on a Windows cell. */
  readonly repOrigin: string;
  /** Lines of /metrics that other agents would have, too. */
  readonly more: string;
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
  scraped: 6,
  reconciled: 9,
  containers: built.containers(20),
  report: {},
  isNamed: true,
  isCovered: true,
  repSent: 20,
  repOrigin: 'rep',
  more: '',
  ...change,
});

export const fleet = (count: number, change: Partial<StandInCell> = {}): StandInCell[] =>
  Array.from({ length: count }, (_, index) => cell(index, change));

const { EMPTY, LOST, PENDING, UNOWNED } = built;
const FINDINGS: Readonly<Record<string, ContainerReport>> = {
  EMPTY,
  LOST,
  PENDING,
  UNOWNED,
};

/** How a cell differs from a healthy one, each part a word. */
const PARTS: Readonly<Record<string, (text: string) => Partial<StandInCell>>> = {
  /** Seconds before NOW of its last sample, and of its last pass. */
  age: (text) => {
    const [scraped = 0, reconciled = scraped] = text.split('/').map(Number);
    return { scraped, reconciled };
  },
  every: (text) => ({ scrapedEvery: Number(text) }),
  interval: (text) => ({ intervalSeconds: Number(text) }),
  /** How many containers, and the findings among them: `20+LOST`. */
  holds: (text) => {
    const [count, ...names] = text.split('+');
    return {
      containers: built.containers(
        Number(count),
        ...names.map((one) => FINDINGS[one] ?? expect.fail(one)),
      ),
    };
  },
  unnamed: () => ({ isNamed: false }),
  'rep-sent': (text) => ({ repSent: text === 'never' ? null : Number(text) }),
  uncovered: () => ({ isCovered: false }),
  windows: () => ({ isCovered: false, repOrigin: 'rep_windows', job: 'windows_cell' }),
  hidden: () => ({
    report: { verdict: 'unknown', unknownCause: { kind: 'processes-hidden', by: null } },
  }),
  deployment: (deployment) => ({ deployment }),
  job: (job) => ({ job }),
  ip: (ip) => ({ ip }),
  version: (version) => ({ version }),
  leftovers: (text) => ({ more: labelled('rollcall_leftovers', 'ledger', text) }),
  warnings: (text) => ({ more: labelled('rollcall_cell_warning', 'reason', text) }),
  /** How many it sees, misses and is expected to miss: `falco:57/3/1`; `tracee:down`, `ids:silent`. */
  sensor: (text) => {
    const [sensor = '', ...words] = text.split(/[:/]/);
    const of = (name: string, value: number | string, more = ''): string =>
      `rollcall_sensor_${name}{sensor="${sensor}"${more}} ${value}\n`;
    const counts = ['seen', 'unseen', 'expected_unseen'].flatMap((state, index) =>
      /^\d/.test(words[index] ?? '')
        ? [of('containers', words[index] ?? '', `,state="${state}"`)]
        : [],
    );
    const flags = [
      of('up', words.includes('down') ? 0 : 1),
      of('silent', words.includes('silent') ? 1 : 0),
    ];
    return { more: [...flags, ...counts].join('') };
  },
};

/** A series for each `LABEL:VALUE`, after commas. */
const labelled = (name: string, label: string, text: string): string =>
  text.replaceAll(/([^,:]+):(\d+),?/g, `${name}{${label}="$1"} $2\n`);

/** The change of a cell: `age=96/100 holds=20+LOST`. */
export function changeOf(text: string): Partial<StandInCell> {
  const changes = text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const [name = '', value = ''] = word.split('=');
      return (PARTS[name] ?? expect.fail(name))(value);
    });
  const fields = changes.flatMap((one) => Object.entries(one));
  return { ...Object.fromEntries(fields), more: changes.map(({ more = '' }) => more).join('') };
}

/** Cells by their numbers: `0-2; 3 uncovered`. */
const cellsIn = (text: string): StandInCell[] =>
  text.split(/\s*;\s*/).flatMap((one) => {
    const [, first, last = first, change = ''] = /^(\d+)(?:-(\d+))?(.*)$/.exec(one) ?? [];
    const numbers = Array.from({ length: Number(last) + 1 }, (_, number) => number);
    return numbers.slice(Number(first)).map((number) => cell(number, changeOf(change)));
  });

export const seriesIn = (text: string): Series[] => cellsIn(text).flatMap(seriesOf);

/** Cells as they are: each is scraped at another moment, and their reps send at others. */
export const spreadFleet = (count: number): StandInCell[] =>
  fleet(count).map((one, index) => ({
    ...one,
    scraped: 2 + ((index * 0.37) % 15),
    reconciled: 4 + ((index * 0.37) % 15),
    repSent: (index * 0.61) % 60,
  }));

const NO_REPORT = built.report([]);

/** The series of a cell: what its agent exposes, with the labels added on the way. */
export function seriesOf(one: StandInCell): Series[] {
  return [...(one.isCovered ? exposedSeries(one) : []), ...repSeries(one)];
}

function repSeries({ repSent, repOrigin, deployment, job, index, ip }: StandInCell): Series[] {
  if (repSent === null) return [];
  const labels = { source_id: 'rep', origin: repOrigin, deployment, job, index, ip };
  return [
    {
      name: 'CapacityTotalMemory',
      labels: { ...labels, instance_id: index },
      value: '64000',
      age: repSent,
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
      lastReconcileSeconds: NOW - one.reconciled,
      report: {
        ...NO_REPORT,
        garden: { state: 'known', listed },
        containers: one.containers,
        ...one.report,
      },
    }),
  );
  return `${exposed}${one.more}`
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .filter((line) => one.isNamed || !line.startsWith('rollcall_untracked_since'))
    .map((line) => seriesOfLine(line, one));
}

function seriesOfLine(
  line: string,
  { deployment, job, index, ip, scraped, scrapedEvery }: StandInCell,
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
    age: scraped,
    every: scrapedEvery,
  };
}
