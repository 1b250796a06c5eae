import { expect } from 'chai';
import fc from 'fast-check';
import { anyText } from '../any-text.ts';
import { logLine } from '../../src/present/log-line.ts';
import { eventOf, summaryEvent } from '../../src/present/events.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { CellIdentity } from '../../src/model/cell-identity.ts';
import type { ProcessFacts } from '../../src/model/process.ts';
import { G, reportAfter } from '../reconcile/cell-builder.ts';
import { container, LOST, processFacts } from './agent-state-builder.ts';
import type { AgentEvent, HourlySummary } from '../../src/model/agent-state.ts';

interface Line {
  readonly timestamp: string;
  readonly level: string;
  readonly source: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const AT = '2026-03-02T10:21:33.412Z';
const CELL: CellIdentity = {
  deployment: 'cf-0123456789abcdef0123',
  group: 'diego_cell',
  index: 7,
  id: '4b8a6a52-9a0f-4d6e-a5a7-2d7a1c1f0e11',
  az: 'az-a',
  ip: '10.0.16.27',
};
const CONTROLLERS_OF_V1 = [
  'blkio',
  'cpu',
  'cpuacct',
  'cpuset',
  'devices',
  'freezer',
  'hugetlb',
  'memory',
  'net_cls',
  'net_prio',
  'perf_event',
  'pids',
];
const HOUR: HourlySummary = {
  from: '2026-03-02T08:10:00.000Z',
  to: '2026-03-02T09:10:00.000Z',
  passes: 241,
  compared: 241,
  failed: 0,
  longestGapSeconds: 15.3,
  containers: 60,
  findings: 3,
};
const bytes = (text: string): number => new TextEncoder().encode(text).length;
const parsed = (line: string): Line => JSON.parse(line) as Line;
const record = (data: AgentEvent['data']): AgentEvent => ({
  at: AT,
  level: 'error',
  message: 'rollcall.container.untracked',
  sentence: '',
  data,
});

describe('a line of the log', () => {
  it("is lager's version 3 with nanoseconds", () => {
    const line = logLine(
      {
        at: AT,
        level: 'info',
        message: 'rollcall.started',
        handle: LOST.handle,
        reason: 'unowned',
        sentence: 'It began.',
        data: { a: 1 },
      },
      null,
    );
    expect(line).to.equal(
      '{"timestamp":"2026-03-02T10:21:33.412000000Z","level":"info","source":"rollcall",' +
        `"message":"rollcall.started","data":{"handle":"${LOST.handle}","reason":"unowned",` +
        '"sentence":"It began.","a":1}}',
    );
  });

  for (const [at, timestamp] of [
    ['2026-03-02T10:21:33Z', '2026-03-02T10:21:33.000000000Z'],
    ['2026-03-02T10:21:33.5Z', '2026-03-02T10:21:33.500000000Z'],
    ['2026-03-02T10:21:33.123456789Z', '2026-03-02T10:21:33.123456789Z'],
  ] as const) {
    it(`shows ${at} with nine digits`, () => {
      expect(parsed(logLine({ ...record({}), at }, null)).timestamp).to.equal(timestamp);
    });
  }

  it('has at most 900 bytes with its newline, is JSON, and keeps who and when, whatever the data', () => {
    const hostile = fc.oneof(
      anyText({ maxLength: 400 }),
      fc.constantFrom(
        '\u001b[2J'.repeat(99),
        '\u202e'.repeat(300),
        '😀'.repeat(200),
        '"\\'.repeat(500),
      ),
    );
    const data = fc.oneof(
      fc.dictionary(fc.string(), fc.oneof(hostile, fc.jsonValue({ maxDepth: 7 }))),
      fc.dictionary(hostile, hostile, { minKeys: 20, maxKeys: 80 }),
      fc.record({
        handle: hostile,
        sentence: hostile,
        processes: fc.array(fc.record({ pid: fc.nat(), command: hostile }), { maxLength: 40 }),
        cgroups: fc.dictionary(fc.string(), hostile, { maxKeys: 20 }),
      }),
    );
    const cells = hostile.map((name) => ({ ...CELL, deployment: name, group: name, id: name }));
    fc.assert(
      fc.property(data, hostile, cells, (value, message, cell) => {
        const line = logLine({ ...record(value), message: message as AgentEvent['message'] }, cell);
        expect(bytes(`${line}\n`)).to.be.at.most(900);
        expect(line).not.to.match(/[\p{Cc}\p{Cf}]/u);
        expect(parsed(line)).to.include({
          timestamp: '2026-03-02T10:21:33.412000000Z',
          level: 'error',
        });
        expect(line.isWellFormed()).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is left unchanged if it fits', () => {
    const data = { handle: 'h', processes: [{ pid: 1, command: 'x'.repeat(128) }] };
    expect(parsed(logLine(record(data), null)).data).to.deep.equal({ sentence: '', ...data });
  });

  it('drops long commands first, then processes, then long texts, and says that it did', () => {
    const processes = (count: number, length: number) =>
      Array.from({ length: count }, (_, pid) => ({ pid, command: 'c'.repeat(length) }));
    const shown = (data: AgentEvent['data']) => parsed(logLine(record(data), null)).data;

    const commands = shown({ handle: 'h', processes: processes(5, 200), path: 'p'.repeat(200) });
    expect(commands['processes']).to.have.length(5);
    expect(commands).to.include({ path: 'p'.repeat(200), shortened: true });

    const few = shown({ handle: 'h', processes: processes(5, 200), path: 'p'.repeat(600) });
    expect(few['processes']).to.have.length.within(1, 3);
    expect(few['path']).to.equal('p'.repeat(600));

    const short = shown({ handle: 'h', processes: processes(5, 200), path: 'p'.repeat(5000) });
    expect(short['processes']).to.have.length(1);
    expect(short['path']).to.equal(`${'p'.repeat(159)}…`);
  });

  it('names its cell whole, and keeps handle and app whole, while sentence and paths are cut', () => {
    const value = {
      ...record({
        app_id: 'a'.repeat(36),
        cgroups: { memory: 'p'.repeat(500) },
        processes: [{ pid: 1, command: 'c'.repeat(128) }],
      }),
      handle: LOST.handle,
      sentence: 's'.repeat(500),
    };
    const { data } = parsed(logLine(value, CELL));
    expect(data['cell']).to.deep.equal(CELL);
    expect(data).to.include({ handle: LOST.handle, app_id: 'a'.repeat(36), shortened: true });
    expect(data['sentence']).to.have.length.within(80, 300);
    expect(data['processes']).to.have.length(1);
    const names = {
      app_name: '"'.repeat(200),
      space_name: '間'.repeat(200),
      org_name: '"'.repeat(99),
    };
    const named = parsed(logLine({ ...value, data: { ...value.data, ...names } }, CELL));
    expect(named.data['cell']).to.include({ id: CELL.id });
  });

  it('keeps reason, severity and the id of the cell whatever the handle and the names are', () => {
    const hostile = '\u202e'.repeat(64);
    const names = { app_name: hostile, space_name: hostile, org_name: hostile };
    const value = {
      ...record({ severity: 'critical', ...names }),
      handle: hostile,
      reason: 'unowned',
    };
    const cell = { ...CELL, deployment: hostile, group: hostile };
    const { data } = parsed(logLine(value as AgentEvent, cell));
    expect(data).to.include({ reason: 'unowned', severity: 'critical', shortened: true });
    expect(data['cell']).to.include({ id: CELL.id });
  });

  it('has the link to the runbook whole or not at all', () => {
    const link = `https://wiki.example.com/${'r'.repeat(100)}#unowned`;
    const shown = (sentence: string) =>
      parsed(logLine(record({ runbook_url: link, handle: 'h', sentence }), null)).data;
    expect(shown('s'.repeat(2000))).to.include({ runbook_url: link, shortened: true });
    // Escaped on output, which takes six times as long.
    expect(shown('\u202e'.repeat(2000))).to.include({ handle: 'h', shortened: true });
    const long = `${link}${'x'.repeat(900)}`;
    const tooLong = parsed(
      logLine(record({ runbook_url: long, handle: 'h', sentence: 's' }), null),
    );
    expect(tooLong.data).not.to.have.property('runbook_url');
  });

  it('of a lost container says what to do first, beside its identifiers and a process', () => {
    const [known] = reportAfter([
      { trees: { memory: `${G}: 100\n${G}/garden/h: 300` }, listed: [] },
    ]).memory.containers.values();
    if (known === undefined) throw new Error('nothing is remembered');
    const identity = { kind: 'app-instance', app: LOST.app } as const;
    const { processes, cgroups, pids } = LOST;
    const remembered = { ...known, identity, evidence: { processes, cgroups, pids } };
    const event = eventOf({ kind: 'untracked', container: LOST, remembered }, AT);
    const { data } = parsed(logLine(event, null));
    expect(data['step']).to.match(/^Find out whose container it is\. sudo .* explain /);
    expect(data['processes']).to.have.length.at.least(1);
    expect(data).to.include({ handle: LOST.handle, app_id: LOST.app?.id });
  });

  it('has the first step whole, and drops the urgency and cuts the sentence for it', () => {
    const step = `Find out whose container it is. ${'x'.repeat(100)}`;
    const urgency = 'u'.repeat(80);
    const shown = (sentence: string) =>
      parsed(logLine(record({ urgency, step, handle: 'h', sentence }), null)).data;
    expect(shown('s'.repeat(300))).to.include({ step, urgency });
    const sentence = 's'.repeat(540);
    expect(shown(sentence))
      .to.include({ sentence, step, shortened: true })
      .and.not.to.have.property('urgency');
    expect(shown('s'.repeat(700))).to.include({ step, sentence: `${'s'.repeat(159)}…` });
  });

  it('drops a step for which there is no room at all, because half a command does another thing', () => {
    const step = 'x'.repeat(1000);
    const { data } = parsed(logLine(record({ step, handle: 'h', sentence: 's' }), null));
    expect(data).to.include({ handle: 'h', sentence: 's', shortened: true });
    expect(data).not.to.have.property('step');
  });

  it('never cuts a character in two', () => {
    const line = logLine(record({ text: '😀'.repeat(600) }), null);
    expect(parsed(line).data['text']).to.match(/^(😀)+…$/u);
  });

  it('of a lost container on a v1 cell contains app, first step, a process, and paths where there is room', () => {
    const path = asByteString(`/system.slice/garden.service/garden/${LOST.handle}`);
    const cgroups = Object.fromEntries(CONTROLLERS_OF_V1.map((name) => [name, path]));
    const processes: readonly ProcessFacts[] = [0, 1, 2, 3, 4].map((n) =>
      processFacts(4_000_000 + n, `/home/vcap/app/bin/worker --number ${n} ${'x'.repeat(200)}`),
    );
    const tree = `${G}: 100\n${G}/garden/h: 300`;
    const [known] = reportAfter([
      { trees: { memory: tree }, listed: [] },
    ]).memory.containers.values();
    if (known === undefined) throw new Error('nothing is remembered');
    const identity = { kind: 'app-instance', app: container(4).app } as const;
    const remembered = { ...known, identity, evidence: { processes, cgroups, pids: 5 } };
    const lost = { ...LOST, cgroups, processes };
    const event = eventOf({ kind: 'untracked', container: lost, remembered }, AT);
    const shown = (cell: CellIdentity | null) => {
      const { data } = parsed(logLine(event, cell));
      expect(data).to.include({
        app_id: LOST.app?.id,
        step:
          'Find out whose container it is. ' +
          `sudo /var/vcap/jobs/rollcall/bin/rollcall explain ${LOST.handle}`,
      });
      expect(data['processes']).to.have.length.at.least(1);
      expect(data['sentence']).to.match(
        /^7 processes run in this container, but Garden does not list it/,
      );
      return data;
    };
    expect(Object.values(shown(null)['cgroups'] as object)).to.deep.equal([path]);
    expect(shown(CELL)['cell']).to.deep.equal(CELL);
  });

  it('keeps the numbers of an hour however long the names of the cell are', () => {
    const name = 'ü'.repeat(255);
    const cell = { deployment: name, group: name, index: 7, id: name, az: name, ip: name };
    const line = logLine(summaryEvent(HOUR), cell);
    expect(bytes(`${line}\n`)).to.be.at.most(900);
    const { data } = parsed(line);
    expect(data).to.include({ passes: 241, compared: 241, longestGapSeconds: 15.3, findings: 3 });
    expect(data['cell']).to.include({ index: 7 });
  });
});
