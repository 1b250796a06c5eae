import { expect } from 'chai';
import { execaSync } from 'execa';
import fc from 'fast-check';
import { anyText } from '../any-text.ts';
import type { AgentState } from '../../src/model/agent-state.ts';
import { WARNING_REASONS } from '../../src/model/cell-warning.ts';
import { UNTRACKED_KINDS } from '../../src/model/finding.ts';
import { asHandle } from '../../src/model/ids.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import { METRICS, metricsText, type Metric } from '../../src/present/metrics.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { withDrill } from '../../src/reconcile/container-report.ts';
import { skip } from '../skip.ts';
import {
  container,
  containers,
  EMPTY,
  LOST,
  PENDING,
  report,
  state,
  STATES,
  UNOWNED,
} from './agent-state-builder.ts';
import { samplesOf, type Sample } from './metrics-samples.ts';

const FINDING = 'rollcall_untracked_since_timestamp_seconds';
const findingsOf = (shown: AgentState): readonly Sample[] =>
  samplesOf(metricsText(shown)).filter(({ name }) => name === FINDING);
const valueOf = (shown: AgentState, name: string, labels: Sample['labels'] = {}): number => {
  const found = samplesOf(metricsText(shown)).filter(
    (one) =>
      one.name === name &&
      Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  expect(found, name).to.have.length(1);
  return found[0]?.value ?? Number.NaN;
};

const lost = (handle: string, change: Partial<ContainerReport> = {}): ContainerReport => ({
  ...LOST,
  handle: asHandle(handle),
  ...change,
});
const broken = (...findings: readonly ContainerReport[]): AgentState =>
  state({ report: report([container(0), ...findings]) });

const EVERY_SERIES = [
  'rollcall_build_info cgroup_mode interval_seconds source_id version',
  ...WARNING_REASONS.map((reason) => `rollcall_cell_warning reason=${reason}`).toSorted(),
  'rollcall_containers source_id=rollcall-heartbeat status=pending',
  'rollcall_containers source_id=rollcall-heartbeat status=tracked',
  'rollcall_containers source_id=rollcall-heartbeat status=untracked',
  'rollcall_could_not_tell source_id=rollcall-heartbeat',
  'rollcall_garden_listed',
  'rollcall_garden_up source_id=rollcall-heartbeat',
  'rollcall_last_reconcile_timestamp_seconds source_id=rollcall-heartbeat',
  'rollcall_leftovers ledger=cgroup',
  'rollcall_mounts_changed_total',
  'rollcall_reconcile_duration_seconds',
  'rollcall_reconciles_total result=failed',
  'rollcall_reconciles_total result=ok',
  'rollcall_unaccounted_memory_bytes',
  'rollcall_unaccounted_pids',
  'rollcall_undecided',
  ...UNTRACKED_KINDS.map(
    ([reason, severity]) => `rollcall_untracked reason=${reason} severity=${severity}`,
  ).toSorted(),
  'rollcall_untracked_omitted',
];

const seriesName = ({ name, labels }: Sample): string =>
  [
    name,
    ...Object.keys(labels)
      .toSorted()
      .map((key) => (name === 'rollcall_build_info' ? key : `${key}=${labels[key] ?? ''}`)),
  ].join(' ');

describe('the metrics', () => {
  for (const [what, make] of Object.entries(STATES)) {
    it(`are the same series beside the findings: ${what}`, () => {
      const samples = samplesOf(metricsText(make())).filter(({ name }) => name !== FINDING);
      expect(samples.map(seriesName).toSorted()).to.deep.equal(EVERY_SERIES);
    });

    it(`pass promtool without a remark: ${what}`, function () {
      const promtool = execaSync('promtool', ['check', 'metrics'], {
        input: metricsText(make()),
        reject: false,
      });
      if (promtool.failed && promtool.code === 'ENOENT')
        skip(this, 'no promtool (Debian: prometheus)');
      expect(`${promtool.stdout}${promtool.stderr}`).to.equal('');
      expect(promtool.exitCode).to.equal(0);
    });
  }

  it('explain and type every family once, before its samples', () => {
    const lines = metricsText(broken(LOST)).split('\n');
    const families = new Set(samplesOf(metricsText(broken(LOST))).map(({ name }) => name));
    expect(lines.filter((line) => line.startsWith('# HELP '))).to.have.length(families.size);
    for (const name of families) {
      const help = lines.findIndex((line) => line.startsWith(`# HELP ${name} `));
      expect(lines[help + 1]).to.match(new RegExp(`^# TYPE ${name} (gauge|counter)$`));
      expect(lines[help + 2]?.startsWith(name)).to.equal(true);
    }
  });

  it('say how often the agent makes a pass, so that a reader can recognise a stale value', () => {
    const every = state({ intervalSeconds: 60 });
    expect(valueOf(every, 'rollcall_build_info', { interval_seconds: '60' })).to.equal(1);
  });

  it('count containers without their limits as a warning of the cell, not as untracked', () => {
    const shown = STATES.everything();
    const labels = { reason: 'limit-lost', severity: 'warning' };
    expect(valueOf(shown, 'rollcall_untracked', labels)).to.equal(2);
    // Two findings and a drill, none of them with this reason.
    expect(valueOf(shown, 'rollcall_containers', { status: 'untracked' })).to.equal(3);
    expect(valueOf(shown, 'rollcall_untracked_omitted')).to.equal(0);
  });

  it('show what lost containers hold, but no memory if the kernel does not report it', () => {
    const holding = (memoryBytes: number | null): AgentState =>
      state({ report: { ...report([LOST]), unaccounted: { memoryBytes, pids: 7 } } });
    expect(valueOf(holding(4096), 'rollcall_unaccounted_memory_bytes')).to.equal(4096);
    expect(valueOf(holding(4096), 'rollcall_unaccounted_pids')).to.equal(7);
    expect(metricsText(holding(null))).not.to.contain('rollcall_unaccounted_memory_bytes');
  });

  it('count containers and findings', () => {
    const shown = state({ report: report(containers(60, LOST, UNOWNED, EMPTY, PENDING)) });
    expect(valueOf(shown, 'rollcall_containers', { status: 'untracked' })).to.equal(3);
    expect(valueOf(shown, 'rollcall_containers', { status: 'pending' })).to.equal(1);
    const unowned = { reason: 'unowned', severity: 'critical' };
    expect(valueOf(shown, 'rollcall_untracked', unowned)).to.equal(1);
    expect(
      valueOf(shown, 'rollcall_untracked', { reason: 'no-cgroup', severity: 'critical' }),
    ).to.equal(0);
    expect(valueOf(shown, 'rollcall_reconciles_total', { result: 'failed' })).to.equal(16);
    expect(valueOf(shown, 'rollcall_garden_up')).to.equal(1);
    expect(valueOf(shown, 'rollcall_could_not_tell')).to.equal(0);
  });

  it('keep the last known state while nothing can be compared', () => {
    const known = state({ report: report(containers(60, LOST, UNOWNED)) });
    const why = 'gone';
    const unknown = state({
      report: report(containers(60, LOST, UNOWNED), {
        verdict: 'unknown',
        unknownCause: { kind: 'garden-unavailable', why },
        garden: { state: 'unavailable', since: '2026-03-02T10:18:33.000Z', why },
      }),
    });
    expect(valueOf(unknown, 'rollcall_could_not_tell')).to.equal(1);
    expect(valueOf(unknown, 'rollcall_garden_up')).to.equal(0);
    for (const name of ['rollcall_garden_listed', 'rollcall_untracked_omitted']) {
      expect(valueOf(unknown, name)).to.equal(valueOf(known, name));
    }
    for (const { report: one } of [known, unknown]) {
      const listed = one === null ? null : reportJson(one).summary.listed;
      expect(listed, 'the summary of the report').to.equal(
        valueOf(known, 'rollcall_garden_listed'),
      );
    }
    expect(valueOf(unknown, 'rollcall_containers', { status: 'untracked' })).to.equal(2);
    expect(findingsOf(unknown)).to.deep.equal(findingsOf(known));
  });

  it('say before the first pass that nothing is known', () => {
    const first = state({ reconciles: { ok: 0, failed: 0 }, lastReconcileSeconds: 0 });
    expect(valueOf(first, 'rollcall_could_not_tell')).to.equal(1);
    expect(
      valueOf(first, 'rollcall_build_info', { cgroup_mode: 'unknown', interval_seconds: '15' }),
    ).to.equal(1);
    expect(valueOf(first, 'rollcall_last_reconcile_timestamp_seconds')).to.equal(0);
  });

  it('name a finding with source_id, and its app and space if they are known', () => {
    const about = 'reason="unknown-to-garden",severity="critical",source_id="rollcall-findings"';
    const app = `app_id="${LOST.app?.id}",space_id="${LOST.app?.spaceId}"`;
    const since = Math.floor(Date.parse(LOST.since ?? '') / 1000);
    expect(metricsText(broken(lost('h1'), lost('h2', { app: null })))).to.contain(
      `\n${FINDING}{handle="h1",${app},${about}} ${since}\n${FINDING}{handle="h2",${about}} ${since}\n`,
    );
    expect(metricsText(state({ report: report(containers(60)) }))).not.to.contain(
      'rollcall-findings',
    );
  });

  it('show the worst and then the oldest twenty findings, and count the rest', () => {
    const warning = lost('old-warning', {
      severity: 'warning',
      reason: 'partial',
      since: '2026-01-01T00:00:00.000Z',
    });
    const young = lost('young', { since: '2026-03-02T00:00:00.000Z' });
    const old = Array.from({ length: 19 }, (_, n) =>
      lost(`old-${n + 10}`, { since: '2026-03-01T00:00:00.000Z' }),
    );
    const handles = ({ labels }: Sample) => labels['handle'];
    const twenty = broken(young, PENDING, ...old);
    const shown = [...old.map(({ handle }) => handle), 'young'];
    expect(findingsOf(twenty).map(handles)).to.deep.equal(shown);
    expect(valueOf(twenty, 'rollcall_untracked_omitted')).to.equal(0);
    const twentyOne = broken(warning, young, PENDING, ...old);
    expect(findingsOf(twentyOne).map(handles)).to.deep.equal(shown);
    expect(valueOf(twentyOne, 'rollcall_untracked_omitted')).to.equal(1);
  });

  it('never leave out a drill, and mark it as one', () => {
    const many = Array.from({ length: 40 }, (_, n) => lost(`h${n}`));
    const drill = {
      handle: 'drill-1',
      since: '2026-03-02T10:21:00.000Z',
      until: '2026-03-02T10:26:00.000Z',
    };
    const drilling = state({ report: withDrill(report(many), drill) });
    const findings = findingsOf(drilling);
    expect(findings).to.have.length(20);
    expect(metricsText(drilling).match(/.*drill=.*/g)).to.deep.equal([
      `${FINDING}{handle="drill-1",reason="unknown-to-garden",severity="critical",drill="true",source_id="rollcall-findings"} 1772446860`,
    ]);
    expect(valueOf(drilling, 'rollcall_untracked_omitted')).to.equal(21);
    expect(metricsText(broken(LOST))).not.to.contain('drill=');
  });

  it('do not repeat a series if two long handles begin alike', () => {
    const alike = 'h'.repeat(150);
    const findings = findingsOf(
      broken(lost(`${alike}a`), lost(`${alike}b`), lost('x\ny'), lost('x\\ny')),
    );
    const handles = findings.map(({ labels }) => labels['handle']);
    expect(new Set(handles).size).to.equal(4);
    for (const handle of handles) expect(handle?.length).to.be.at.most(128);
  });

  it('contain any text in a label, bounded, on one line, and without control characters', () => {
    const hostile = fc.oneof(
      anyText({ maxLength: 300 }),
      fc.constantFrom(
        '"} 1\nrollcall_containers{status="tracked"} 0',
        '\\',
        '\u001b[2J',
        'a\u2028b',
        '\ud800',
      ),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, (handle, id, version) => {
        const app = LOST.app === null ? null : { ...LOST.app, id };
        const shown = { ...broken(lost(handle, { app })), version };
        const text = metricsText(shown);
        expect(samplesOf(text)).to.have.length(EVERY_SERIES.length + 1);
        expect(text.replaceAll('\n', '')).not.to.match(/[\p{Cc}\p{Cf}]/u);
        expect(text.isWellFormed()).to.equal(true);
        for (const { labels } of samplesOf(text)) {
          for (const value of Object.values(labels)) expect(value.length).to.be.at.most(128);
        }
      }),
    );
  });
});

describe('the table of metrics', () => {
  it('lists exactly the labels and values that exist', () => {
    const table = new Map<string, Metric>(METRICS.map((metric) => [metric.name, metric]));
    for (const make of Object.values(STATES)) {
      for (const { name, labels } of samplesOf(metricsText(make()))) {
        const known = new Map(table.get(name)?.labels.map((label) => [label.name, label.values]));
        for (const [label, value] of Object.entries(labels)) {
          const values = known.get(label);
          expect(values, `${name}{${label}}`).not.to.equal(undefined);
          if (typeof values !== 'string') expect(values).to.include(value);
        }
      }
    }
  });

  it('has names that no exporter on the way misinterprets', () => {
    for (const { name, type, labels } of METRICS as readonly Metric[]) {
      expect(name).to.match(/^rollcall(_[a-z]+)+$/);
      expect(name).not.to.match(/_(cpu|memory|disk|memory_quota|disk_quota|delta)$/);
      expect(name.endsWith('_total')).to.equal(type === 'counter');
      for (const label of labels) {
        expect(label.name.length).to.be.at.most(32);
        expect(['unit', 'deployment', 'job', 'index', 'ip', 'origin']).not.to.include(label.name);
      }
    }
  });
});
