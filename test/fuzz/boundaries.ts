import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { repliesIn } from '../../src/cf-plugin/cf/cli-connection.ts';
import { CGROUP_FILES } from '../../src/model/cgroup-numbers.ts';
import { RULES } from '../../src/model/hierarchy.ts';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { MAX_WHY } from '../../src/model/garden.ts';
import { SENSOR_FORMATS, SENSOR_ID } from '../../src/model/observation.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { assumedNamespace } from '../../src/mounts/judge-mount.ts';
import * as answers from '../../src/parse/agent-answers.ts';
import { cellIdentityIn, parseAgentConfig } from '../../src/parse/agent-config.ts';
import { captureText, parseCapture } from '../../src/parse/capture-file.ts';
import { parseCgroupNumber } from '../../src/parse/cgroup-number.ts';
import { identityOf } from '../../src/parse/container-identity.ts';
import { fileServersIn } from '../../src/parse/file-servers.ts';
import * as garden from '../../src/parse/garden-answers.ts';
import * as ledgers from '../../src/parse/ledger-files.ts';
import { memoryText, parseMemory } from '../../src/parse/memory-file.ts';
import { parseMountInfo, parseMounts } from '../../src/parse/mount-table.ts';
import * as processes from '../../src/parse/process-files.ts';
import { imagesOfMount, overlaysOf } from '../../src/parse/root-images.ts';
import { sensorFact } from '../../src/parse/sensor-lines.ts';
import { MAX_INSTANT } from '../../src/parse/shape.ts';
import { shownCommand, wholeCommand } from '../../src/parse/shown-command.ts';
import { replay } from '../../src/pass/check.ts';
import { checkSettings, completePass, observeSnapshot } from '../../src/pass/complete-pass.ts';
import { checkTable } from '../../src/present/check-table.ts';
import { colors } from '../../src/present/color.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { mountsJson } from '../../src/present/mounts-json.ts';
import { mountsTable } from '../../src/present/mounts-table.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { withMounts } from '../mounts/mounted.ts';
import { STATES } from '../present/agent-state-builder.ts';
import { reportAfter, snapshotOf, type CellText } from '../reconcile/cell-builder.ts';
import { recordedParts, recording } from '../recordings.ts';
import type { Boundary } from './search.ts';
import { PLUGIN_BOUNDARIES } from './plugin-boundaries.ts';

const OF_TENANTS = 1_000_000;
const OF_OTHERS = 100_000;

const SCREEN = { colors: colors(false), columns: 100 };
const json = (value: unknown): readonly string[] => [jsonText(value)];
const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`broken: ${what}`);
};
const mustAll = <T>(what: string, things: readonly T[], test: (one: T) => boolean): void =>
  must(things.every(test), what);
const READ_BACK = 'what is written is read back equal';
const lines = (text: string): readonly string[] => text.split('\n');
/** As many lines as fit, so that a change hits one that matters. */
const cut = (text: string): string => text.slice(0, text.lastIndexOf('\n', 1500) + 1);

const filesIn = (folder: string, pattern: RegExp): string[] => {
  const at = new URL(`../fixtures/${folder}/`, import.meta.url);
  const names = readdirSync(at).filter((name) => pattern.test(name));
  return names.map((name) => readFileSync(new URL(name, at), 'latin1'));
};
const bodies = (file: string): string[] =>
  [...recordedParts(file).values()].map((part) => part.slice(part.search(/^[[{]/m)));

const G = '/system.slice/garden.service';
const CELL: CellText = {
  trees: {
    memory: `${G}: 100\n${G}/garden/a: 200\n${G}/garden/b: 300\n${G}/garden/lost: 400`,
    cpu: `${G}: 100\n${G}/garden/a: 200`,
  },
  listed: ['a', 'b', 'unowned', 'gone'],
  properties: { unowned: { 'garden.state': 'created' } },
  rootMounts: { gone: [7] },
  processes: [{ pid: 400, startedAt: '2026-01-01T00:00:10.000Z' }, { pid: 300 }],
  ancestors: { 400: [{ pid: 100, launched: { by: 'dadoo', id: 'lost', depot: null } }] },
  suspects: [{ pid: 500, cgroups: { memory: '/out' }, image: '/store/images/a' }],
  roots: { [`${G}/garden/a`]: '/store/images/a' },
};
const CELLS = [CELL, { ...CELL, at: 2000 }, { ...CELL, listed: null }].map((cell) =>
  withMounts(snapshotOf(cell)),
);
const SETTINGS = checkSettings(gracePeriodsOfCheck(2000));
const reportLines = (view: ReportView): readonly string[] =>
  lines(
    checkTable(view, {
      ...SCREEN,
      all: true,
      wide: true,
      settleMilliseconds: 2000,
    }),
  );
const REPORTS = Object.values(STATES)
  .flatMap((state) => state().report ?? [])
  .map(reportJson);

function mountLines(table: ReturnType<typeof parseMountInfo>): readonly string[] {
  const namespace = assumedNamespace(table);
  const malformed = table.malformed.slice(0, 5);
  const shown = RULES.flatMap((rule) => {
    const { mode, choices } = chooseMounts({ table, namespace, live: null, rule });
    const report = {
      source: 'x',
      rule,
      namespace,
      namespaceAssumed: true,
      mode,
      choices,
      malformed,
    };
    return [...lines(mountsTable(report, SCREEN)), ...json(mountsJson(report))];
  });
  return [...shown, ...malformed.map(({ text }) => text)];
}

const CGROUP_TEXTS = [
  'max 100000',
  '50000 100000',
  '8:0 rbps=max wbps=1048576 riops=max wiops=max',
  'populated 1\nfrozen 0',
  'FROZEN',
  '9223372036854771712',
  'max',
];

const mountTables = (): string[] =>
  [
    ...filesIn('mounts', /./),
    ...filesIn('hard-mount-tables', /mountinfo$/),
    ...['runc', 'v2-containerd'].map((mode) =>
      readFileSync(recording(`garden/${mode}/mountinfo`), 'latin1'),
    ),
  ].map(cut);

/** The first five are those that a tenant reaches. */
export const BOUNDARIES = {
  mounts: {
    goal: OF_TENANTS,
    seeds: mountTables,
    read: (text) => {
      const bytes = asByteString(text);
      const count = lines(text.replace(/\n$/, '')).length;
      const tables = [parseMountInfo(bytes), parseMounts(bytes)];
      for (const { mounts, malformed } of tables)
        must(text === '' || mounts.length + malformed.length === count, 'every line counts');
      const images = imagesOfMount(asByteString(lines(text)[0] ?? ''));
      mustAll('an image is a name', images, ({ name }) => !name.includes('/'));
      must(ledgers.namespaceMountsOf(bytes).size <= count, 'a line has one namespace at most');
      must(overlaysOf(bytes).size <= 3 * count, 'a line has three images at most');
      return [
        ...tables.flatMap(({ malformed }) => malformed.map((one) => one.text)),
        ...json(fileServersIn(text)),
      ];
    },
  },
  'cgroup files': {
    goal: OF_TENANTS,
    seeds: () => [
      ...['runc', 'v2-runc', 'throttle-v1', 'tag-ab-containerd'].flatMap((mode) =>
        [...recordedParts(`garden/${mode}/memberships.txt`).values()].slice(0, 8),
      ),
      ...CGROUP_TEXTS,
    ],
    read: (text) => {
      const membership = processes.parseProcCgroup(asByteString(text));
      mustAll('a path begins with /', Object.values(membership), (path) => path[0] === '/');
      const numbers = CGROUP_FILES.map((file) => parseCgroupNumber(file, text));
      mustAll('no number is negative', numbers, (one) => typeof one !== 'number' || one >= 0);
      processes.cgroupNamespaceOf(text, membership);
      return json([membership, numbers]);
    },
  },
  'answers of Garden': {
    goal: OF_TENANTS,
    seeds: () =>
      ['runc', 'containerd', 'v2-runc'].flatMap((m) =>
        bodies(`garden/${m === 'v2-runc' ? 'v2-containerd' : m}/exchanges.txt`),
      ),
    read: (text) => {
      const handles = garden.parseHandles(text);
      const properties = garden.parseProperties(text);
      const identity =
        properties.kind === 'answered'
          ? identityOf(asHandle(text.slice(0, 36)), properties.value)
          : null;
      const failures = [handles, properties].flatMap((one) =>
        one.kind === 'failed' ? [one.why] : [],
      );
      const isShort = (why: string): boolean => why !== '' && why.length <= MAX_WHY;
      mustAll('a failure says why, in a few words', failures, isShort);
      return [
        ...failures,
        garden.parseGardenError(text) ?? '',
        ...json([handles, properties, identity]),
      ];
    },
  },
  'files of processes': {
    goal: OF_TENANTS,
    seeds: () => [
      ...filesIn('command-lines', /./).flatMap((file) =>
        lines(file).map((line) => line.replaceAll(' ', '\0')),
      ),
      ...['stat', 'status', 'cmdline'].map((name) => readFileSync(`/proc/self/${name}`, 'latin1')),
      'containerd-shim-runc-v2\0-namespace\0garden\0-id\0a\0-address\0/run/containerd.sock\0',
      'dadoo\0exec\0/var/vcap/packages/runc/bin/runc\0/var/vcap/data/garden/depot/a/processes/b\0a\0',
      'gdn\0server\0--depot=/var/vcap/data/garden/depot/\0--containerd-socket\0/run/containerd.sock\0',
      'cpu 1 2 3\nbtime 1764000000\nprocesses 7\n',
    ],
    read: (text) => {
      const shown = shownCommand(text);
      must(shown.length <= 256, 'a command has at most 256 characters');
      const launched = ['dadoo', 'containerd-shim'].map((comm) => processes.launchedBy(comm, text));
      const facts = [
        processes.parseStat(text),
        processes.parseStatus(text),
        processes.parseSignals(text),
        processes.parseBootTime(text),
        processes.serverFlags(text),
        processes.isExiting(text),
        processes.nameInStatus(text),
      ];
      return [shown, wholeCommand(text), ...json([launched, facts])];
    },
  },
  'files of sensors': {
    goal: OF_TENANTS,
    seeds: () => [
      ...['7c9ec978', 'v0.13', 'v0.18-v0.24'].flatMap((version) =>
        lines(readFileSync(recording(`sensors/tracee-${version}.txt`), 'latin1')),
      ),
      '{"output":"x","priority":"Notice","rule":"r","output_fields":{"container.id":"8a37cb6f-385b-4dd3-732c-34d6"}}',
      '# as of 2026-01-01T00:00:00.5+01:00',
      '8a37cb6f-385b-4dd3-732c-34d6',
    ],
    read: (text) => {
      const facts = SENSOR_FORMATS.flatMap((format) =>
        [true, false].map((isKnown) => sensorFact(format, text, () => isKnown)),
      );
      for (const fact of facts) {
        if (fact === null) continue;
        must(!('id' in fact) || SENSOR_ID.test(fact.id), 'an id has the form of one');
        must(!('at' in fact) || fact.at === null || fact.at <= MAX_INSTANT, 'a time is one');
      }
      return json(facts);
    },
  },
  'mounts as shown': {
    goal: OF_OTHERS,
    seeds: mountTables,
    read: (text) =>
      [parseMountInfo, parseMounts].flatMap((parse) => mountLines(parse(asByteString(text)))),
  },
  captures: {
    goal: OF_OTHERS,
    seeds: () =>
      [CELLS, CELLS.slice(0, 1), CELLS.slice(2)].map((looks) =>
        captureText({
          schemaVersion: 3,
          rollcallVersion: '0.0.0',
          settleMilliseconds: 2000,
          looks,
          capturedAt: '2026-01-01T00:00:00.000Z',
          capturedBy: null,
        }),
      ),
    read: (text) => {
      const capture = parseCapture(text, 'x');
      const written = captureText(capture);
      must(captureText(parseCapture(written, 'x')) === written, READ_BACK);
      const checked = replay(capture.looks, capture.settleMilliseconds);
      if (checked === null) return [];
      const view = reportJson(checked.report);
      return [...reportLines(view), ...json(view)];
    },
  },
  'the configuration': {
    goal: OF_OTHERS,
    seeds: () => [
      '{}',
      JSON.stringify({
        garden: { socketPath: '/x' },
        reconcile: { intervalSeconds: 15 },
        metrics: { port: 1, tls: null },
        logging: { level: 'info' },
        sensors: [{ name: 'a', format: 'ids', path: '/a' }],
      }),
    ],
    read: (text) => {
      const parsed = parseAgentConfig(text);
      return [
        ...(parsed.ok ? json(parsed.config) : parsed.problems),
        ...json(cellIdentityIn(text)),
      ];
    },
  },
  'the memory file': {
    goal: OF_OTHERS,
    seeds: () =>
      [[CELL], [CELL, { ...CELL, at: 60_000 }], [{ ...CELL, listed: null }]].map((cells) =>
        memoryText(reportAfter(cells).memory, '2026-01-01T00:00:00.000Z'),
      ),
    read: (text) => {
      const parsed = parseMemory(text);
      if (!parsed.ok) return [parsed.why];
      const memory = parsed.value;
      const written = memoryText(memory, '');
      const again = parseMemory(written);
      must(again.ok && memoryText(again.value, '') === written, READ_BACK);
      return CELLS.slice(1).flatMap((snapshot) => {
        const { report } = completePass(observeSnapshot(snapshot, memory), SETTINGS);
        return [...reportLines(reportJson(report)), ...json(reportJson(report))];
      });
    },
  },
  'requests to the agent': {
    goal: OF_OTHERS,
    seeds: () => [
      '{"forSeconds":300}',
      '{"schemaVersion":1,"handle":"a","until":"2026-01-01T00:00:00.000Z"}',
    ],
    read: (text) => {
      const seconds = answers.parseDrillRequest(text);
      must(seconds === null || (seconds >= 1 && seconds <= 3600), 'a drill lasts an hour at most');
      return json(seconds);
    },
  },
  'answers of the agent': {
    goal: OF_OTHERS,
    seeds: () => [
      ...REPORTS.map((report) => jsonText(report)),
      ...Object.values(STATES).map((state) => jsonText(state().events)),
      '{"error":"x"}',
    ],
    read: (text) => {
      const report = answers.parseReportJson(text);
      return [
        answers.parseAgentError(text),
        ...(report.ok ? [...reportLines(report.value), ...json(report.value)] : [report.why]),
        ...json([answers.parseAgentEvents(text), answers.parseDrillAnswer(text)]),
      ];
    },
  },
  'replies of cf': {
    goal: OF_OTHERS,
    seeds: () =>
      [
        ...readFileSync(
          new URL('../cf-plugin/cf/go-vectors.json', import.meta.url),
          'utf8',
        ).matchAll(/"hex": "(\w+)"/g),
      ].map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1')),
    read: async (text) => {
      const replies = [];
      for await (const reply of repliesIn(Readable.from([Buffer.from(text, 'latin1')])))
        replies.push(reply);
      return json(replies);
    },
  },
  'the ledgers': {
    goal: OF_OTHERS,
    seeds: () => [
      '{"a":{"handle":"a","ip":"10.255.1.2","metadata":{"app_id":"x","space_id":"y","org_id":"z"}}}',
      '{"acquired_ports":{"a":[61001,61002]}}',
      'a\r\neth0',
      'Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.255.1.2\n        /32 host LOCAL\n',
      'Inter-|   Receive\n face |bytes\n  s-010255001002: 1 2 3\n    lo: 1 2 3\n',
    ],
    read: (text) => {
      const known = [ledgers.parsePortPool(text), ledgers.holderIn(text)];
      const addresses = [...ledgers.parseFibTrie(text), ...ledgers.parseHostInterfaces(text)];
      mustAll('an address has digits and dots', addresses, (one) => /^[\d.]+$/.test(one));
      return [...addresses, ...json([known, [...(ledgers.parsePolicyStore(text) ?? [])]])];
    },
  },
  ...PLUGIN_BOUNDARIES,
} as const satisfies Readonly<Record<string, Boundary>>;
export type BoundaryName = keyof typeof BOUNDARIES;
