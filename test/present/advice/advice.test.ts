import { expect } from 'chai';
import type { CellIdentity } from '../../../src/model/cell-identity.ts';
import type { FileServer, WaitEvidence } from '../../../src/model/destroy.ts';
import type { DestroyRetry, Difference } from '../../../src/model/finding.ts';
import { REASONS, SEVERITIES, severitiesOf } from '../../../src/model/finding.ts';
import { CONTAINER_KINDS } from '../../../src/model/garden.ts';
import { asByteString, asHandle } from '../../../src/model/ids.ts';
import type { ContainerReport } from '../../../src/model/report.ts';
import type { AdviceView } from '../../../src/model/report-view.ts';
import { TYPED_ON_CELL } from '../../../src/model/typed-as.ts';
import { adviceOn, adviceWithoutContainer } from '../../../src/present/advice/advice.ts';
import { MAX_STEPS } from '../../../src/present/advice/step.ts';
import { colors } from '../../../src/present/color.ts';
import { documentText } from '../../../src/present/document/terminal.ts';
import { explainDocument } from '../../../src/present/explain-document.ts';
import { advised, adviceText, commandsOf } from '../advised.ts';
import { container, explained, LOST, NOW, UNOWNED } from '../agent-state-builder.ts';

const NO_EVIDENCE = {
  at: '2026-03-02T10:00:00.000Z',
  omitted: 0,
  hasWorked: false,
  isCut: false,
  mounts: null,
};

const noCgroup = (change: Partial<Difference<'no-cgroup'>>): Difference<'no-cgroup'> => ({
  kind: 'no-cgroup',
  rootMountPids: [],
  onlyPeas: false,
  destroy: null,
  retry: 'rep',
  stopsRep: 'destroy',
  ...change,
});

const RETRIES: readonly DestroyRetry[] = [
  'rep',
  'health-check',
  'at-start',
  'nobody',
  'perhaps',
  'hanging',
  'perhaps-hanging',
  'unknown',
];

const waitingFor = (server: FileServer): WaitEvidence => ({
  processes: [{ pid: 77, comm: 'cat', state: 'D', wchan: 'rpc_wait_bit_killable' }],
  servers: [server],
  mounts: null,
});

/** Evidence of each kind, so that each case of each reason is among them. */
const DIFFERENCES: readonly Difference[] = [
  ...(['garden-directory', 'name'] as const).map((basis) => ({
    kind: 'unknown-to-garden' as const,
    basis,
    left: null,
    runtime: null,
  })),
  ...(['never', 'newer', 'older', 'none'] as const).map((rep) => ({
    kind: 'unowned' as const,
    rep,
    left: null,
    milliseconds: 180_000,
  })),
  ...RETRIES.map((retry) => noCgroup({ retry })),
  noCgroup({ rootMountPids: null }),
  noCgroup({ rootMountPids: [77] }),
  noCgroup({ stopsRep: null }),
  { kind: 'stuck', processes: 1, exiting: 0, wait: null },
  { kind: 'stuck', processes: 1, exiting: 0, wait: waitingFor({ kind: 'nfs', minor: 52 }) },
  { kind: 'stuck', processes: 1, exiting: 0, wait: waitingFor({ kind: 'fuse', connection: 57 }) },
  {
    kind: 'escaped',
    processes: [{ pid: 77, cgroup: asByteString('/'), kept: [], byGlance: false, enteredBy: null }],
  },
  { kind: 'limit-lost', exceeded: [] },
  { kind: 'partial', missing: ['cpu'], pids: null },
  { kind: 'partial', missing: ['cpu'], pids: [77] },
];

const findingWith = (
  explanation: ContainerReport['explanation'],
  change: Partial<ContainerReport> = {},
): ContainerReport =>
  container(0, {
    status: 'untracked',
    reason: explanation.kind === 'drill' ? 'unknown-to-garden' : LOST.reason,
    severity: 'critical',
    explanation,
    ...change,
  });

/** Every finding that there can be, by evidence, kind and severity. */
const everyFinding = (): readonly ContainerReport[] => [
  ...DIFFERENCES.flatMap((explanation) =>
    CONTAINER_KINDS.flatMap((kind) =>
      severitiesOf(explanation.kind).map((severity) =>
        findingWith(explanation, { kind, severity, reason: explanation.kind }),
      ),
    ),
  ),
  ...REASONS.flatMap((reason) =>
    CONTAINER_KINDS.flatMap((kind) =>
      severitiesOf(reason).map((severity) =>
        findingWith({ kind: 'intermittent' }, { kind, severity, reason }),
      ),
    ),
  ),
];

/** What is advised about them, and where only the reason is known. */
const everyAdvice = (): readonly AdviceView[] => [
  ...everyFinding().map(advised),
  ...REASONS.flatMap((reason) =>
    SEVERITIES.map((severity) => adviceWithoutContainer(reason, severity)),
  ),
];

describe('the advice about a finding', () => {
  it('has at least one and at most six steps, each a sentence, and numbers only of steps', () => {
    for (const advice of everyAdvice()) {
      const { urgency, steps } = advice;
      expect(urgency).to.match(/^\p{Lu}.*\.$/u);
      expect(steps).to.have.length.within(1, MAX_STEPS);
      for (const { action, result } of steps) {
        expect(action).to.match(/^\p{Lu}.*\.$/u);
        for (const [, number] of (result ?? '').matchAll(/step (\S*?)[.:]/g))
          expect(Number(number), `${result}`).to.be.within(1, steps.length);
      }
    }
  });

  it('is tried here with evidence of every reason', () => {
    expect(new Set(DIFFERENCES.map(({ kind }) => kind))).to.deep.equal(new Set(REASONS));
  });

  it('is all of it on the first screen of explain, which has 80 × 24', () => {
    const screen = { colors: colors(false), columns: 80, typedAs: TYPED_ON_CELL };
    for (const finding of everyFinding()) {
      const shown = explainDocument(
        explained(finding, { bosh: CELL, otherFindings: ['23d64653', '867de648'] }),
        {
          takenAt: NOW,
          silentAgent: null,
          all: true,
        },
      );
      const text = documentText(shown, screen);
      const first = text.split('\n\n').at(0) ?? '';
      // The command that was typed has a line, too.
      expect(first.split('\n'), first).to.have.length.at.most(23);
    }
  });

  it('says first how urgent it is', () => {
    for (const { urgency } of everyAdvice())
      expect(urgency).to.match(/^(Urgent|Not urgent|Not known yet)\b/);
  });

  it('restarts neither Garden nor rep, and kills nothing of an app', () => {
    for (const { steps } of everyAdvice())
      for (const { action, command, result } of steps) {
        const text = [action, command, result].join('\n');
        expect(text).not.to.match(/restart.{0,10} (Garden|gdn)|monit/i);
        expect(text.replaceAll('Do not restart rep', '')).not.to.match(/restart.{0,5} rep\b/i);
      }
  });

  it('takes the evidence before it recreates the cell of what nobody recognises', () => {
    for (const advice of everyAdvice()) {
      const capture = commandsOf(advice).findIndex((one) => one.includes(' capture '));
      const recreate = commandsOf(advice).findIndex((one) => one.startsWith('bosh '));
      if (capture >= 0 && recreate >= 0) expect(capture).to.be.lessThan(recreate);
    }
    expect(commandsOf(advised(LOST)).some((one) => one.includes(' capture '))).to.equal(true);
  });

  it('is null for what is tracked, pending or undecided', () => {
    const reader = { cell: null, explained: null };
    expect(adviceOn(container(0), reader)).to.equal(null);
    expect(adviceOn({ ...LOST, status: 'pending' }, reader)).to.equal(null);
    const undecided = findingWith({ kind: 'undecided', why: 'it hides itself' });
    expect(adviceOn(undecided, reader)).to.equal(null);
  });
});

const CELL: CellIdentity = {
  deployment: 'cf-0a1b',
  group: 'diego_cell',
  index: 3,
  id: '4b8a6a52',
  az: null,
  ip: null,
};

describe('the commands of an advice', () => {
  it('have the handle, the app and the cell filled in', () => {
    const advice = adviceOn(LOST, { cell: CELL, explained: null });
    expect(advice?.steps.map(({ command }) => command)).to.deep.equal([
      `sudo /var/vcap/jobs/rollcall/bin/rollcall explain ${LOST.handle}`,
      `sudo /var/vcap/jobs/rollcall/bin/rollcall capture --settle 30s /tmp/${LOST.handle}.json.gz`,
      'sudo /var/vcap/jobs/rollcall/bin/rollcall runbook not-recognised',
      'cf target -o payments -s production && cf app invoice-renderer',
      'bosh -d cf-0a1b recreate diego_cell/3',
    ]);
  });

  it('have a word in capitals in place of what is more than a name', () => {
    const hostile = '$(reboot)';
    const app = LOST.app && {
      ...LOST.app,
      name: hostile,
      spaceName: hostile,
      organizationName: hostile,
    };
    const cell = { ...CELL, deployment: hostile, group: hostile };
    const advice = adviceOn({ ...LOST, handle: asHandle(hostile), app }, { cell, explained: null });
    expect(advice && adviceText(advice)).not.to.contain('reboot');
    expect(advice && commandsOf(advice)).to.include.members([
      'sudo /var/vcap/jobs/rollcall/bin/rollcall explain HANDLE',
      'cf target -o ORG -s SPACE && cf app APP',
      'bosh -d DEPLOYMENT recreate diego_cell/INDEX',
    ]);
  });

  it('name the processes that the finding names', () => {
    const held = { ...NO_EVIDENCE, processes: [], pipesRead: true };
    const hangs = findingWith(noCgroup({ retry: 'hanging', destroy: held }), {
      reason: 'no-cgroup',
      severity: 'warning',
    });
    expect(commandsOf(advised(hangs))).to.include('sudo kill PID');
    const used = findingWith(noCgroup({ rootMountPids: [7, 8] }), { reason: 'no-cgroup' });
    expect(commandsOf(advised(used))).to.include.members([
      'ps -ww -o pid,ppid,user,lstart,args -p 7,8',
      'sudo kill 7 8',
    ]);
    const partial = findingWith(
      { kind: 'partial', missing: ['cpu'], pids: [7, 8] },
      { reason: 'partial', severity: 'warning' },
    );
    expect(commandsOf(advised(partial))[0]).to.equal('ps -ww -o pid,ppid,user,lstart,args -p 7,8');
  });
});

describe('the steps of an unowned container', () => {
  it('lead from whose it is past the evidence to its removal', () => {
    const { urgency, steps } = advised({ ...UNOWNED, kind: 'app-instance' });
    expect(urgency).to.equal(
      'Urgent: this may be an attack, or a worker that runs twice. Diego never removes the container.',
    );
    expect(steps.map(({ action, result }) => `${action} ${result}`)).to.deep.equal([
      'Find out whose container it is. ' +
        'You know the app, and only it, garden-init, ' +
        'and Envoy and health checks in its peas run → step 4.',
      'Save the evidence; leave the container as it is. Note the SHA-256.',
      'Copy the file off the cell, then isolate the cell. ' +
        'Do not recreate the cell. ' +
        'The runbook has the commands. ' +
        'Your security team decides what follows.',
      'Where you use cf, check that all instances run. Fewer → get them to run.',
      'Delete the container through Garden, or recreate the cell if it has many like this: ' +
        'at once if the app is a worker (it runs twice), otherwise when convenient. ' +
        'The runbook has both commands.',
    ]);
  });
});
