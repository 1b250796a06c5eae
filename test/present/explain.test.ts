import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import { colors } from '../../src/present/color.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import type { Explained } from '../../src/present/explain.ts';
import { explainDocument } from '../../src/present/explain-document.ts';
import { adviceOn } from '../../src/present/advice/advice.ts';
import { advised, commandsOf } from './advised.ts';
import {
  container,
  EMPTY,
  explained,
  LOST,
  NOW,
  processFacts,
  UNOWNED,
} from './agent-state-builder.ts';

const GUID = '81eb59a1-dcbe-41c3-78a9-cdd4c2ce4da6';
const ONLY_GUIDS = {
  id: GUID,
  name: null,
  spaceId: 'space-1',
  spaceName: null,
  organizationId: 'org-1',
  organizationName: null,
  index: null,
  processType: null,
};

const shown = (
  one: ContainerReport,
  change: Partial<Explained> = {},
  { columns = 200, all = false } = {},
): string =>
  documentText(explainDocument(explained(one, change), { takenAt: NOW, silentAgent: null, all }), {
    colors: colors(false),
    columns,
  });
/** The verdict and the steps. */
const firstOf = (text: string): string => text.split('\n\n').at(0) ?? '';
const whoseIn = (text: string): string => /^whose +(.*)$/m.exec(text)?.[1] ?? '';
const commandsIn = (text: string): readonly string[] =>
  firstOf(text)
    .split('\n')
    .flatMap((line) => /^ {2,3}(\S.*)/.exec(line)?.[1] ?? []);

describe('explain', () => {
  it('says whose a container is, and who says so', () => {
    const [known] = [container(0)];
    expect(whoseIn(shown(known))).to.match(
      /^\S+\/\d+ \(.*\), space .*, org .*, according to Garden$/,
    );
    expect(whoseIn(shown({ ...container(0), appSource: 'memory' }))).to.match(
      /, according to Garden in an earlier pass$/,
    );
    const byPolicy = { ...LOST, app: ONLY_GUIDS, appSource: 'policy-store' } as const;
    expect(whoseIn(shown(byPolicy))).to.equal(
      `app (${GUID}), space space-1, org org-1, according to silk's policy store, ` +
        'which has no names',
    );
    const nobodys = { ...LOST, app: null, kind: 'app-instance' } as const;
    expect(whoseIn(shown(nobodys))).to.equal('not known: nothing here names its app');
  });

  it('begins with what is wrong and what to do', () => {
    const text = firstOf(shown(LOST));
    expect(text).to.match(
      /^untracked, unknown-to-garden, critical: 23d64653-5079-4858-b990-e374\n\d+ processes run in/,
    );
    expect(text).to.match(/\n→ Urgent: .*\n1\. Read below whose container it is/);
  });

  it('ends with where the steps are, because a small terminal shows the end alone', () => {
    expect(shown(LOST)).to.match(/\n\nWhat to do stands at the top, in 5 steps\.\n$/);
    expect(shown(container(0))).to.not.contain('What to do');
  });

  it('leaves out what decides nothing by itself, and names the command that shows it', () => {
    const evidence = /^(?:HIERARCHY|LEDGER|PROPERTY|Events|Properties|Garden has no) /m;
    expect(shown(LOST)).to.not.match(evidence);
    expect(shown(LOST)).to.contain(
      `Read more:\n  rollcall explain ${LOST.handle} --all\n  rollcall runbook unknown-to-garden\n`,
    );
    const absent = /^(?:peas|privileged|throttled) /m;
    expect(shown(LOST)).to.not.match(absent);
    expect(shown(LOST, {}, { all: true }))
      .to.match(absent)
      .and.match(evidence)
      .and.not.contain('--all');
  });

  it('shows what runs in each pea, where an intruder may be', () => {
    const peaProcesses = [
      {
        pea: 'h-1-envoy',
        pids: 7,
        processes: [processFacts(301, 'envoy'), processFacts(666, 'sleep')],
      },
    ];
    const text = shown({ ...LOST, peaProcesses });
    expect(text).to.match(
      /^Pea h-1-envoy, 7 processes, 2 of them shown:\n.*\n *301 .* envoy\n *666 .* sleep$/m,
    );
    const onlyPeas = { ...LOST, pids: 0, processes: [processFacts(301, 'envoy')], peaProcesses };
    expect(shown(onlyPeas).match(/^ *301 /gm)).to.have.length(1);
  });

  it('names the other findings of the cell before it advises to recreate the cell', () => {
    const otherFindings = ['h-2', 'h-3', 'h-4', 'h-5'];
    expect(shown(LOST, { otherFindings })).to.contain(
      'First explain the other findings here (one capture has all): h-2, h-3, h-4 and 1 more. ',
    );
    expect(shown(LOST, { otherFindings: ['h-2'] })).to.contain(
      'First explain the other finding here (one capture has all): h-2. ',
    );
    expect(shown(LOST)).not.to.contain('First explain');
  });

  it('shows commands that find out more, with the handle in them', () => {
    const lost = { ...LOST, app: null, kind: 'app-instance', handle: asHandle('h-1') } as const;
    expect(commandsIn(shown(lost))).to.deep.equal([
      'zgrep -l h-1 /var/vcap/sys/log/rep/rep.stdout.log*',
      'rollcall capture --settle 30s /tmp/h-1.json.gz',
      'rollcall runbook not-recognised',
      'cf target -o ORG -s SPACE && cf app APP',
      'bosh -d DEPLOYMENT recreate diego_cell/INDEX',
    ]);
    const byPolicy = { ...lost, app: ONLY_GUIDS, appSource: 'policy-store' } as const;
    expect(commandsIn(shown(byPolicy))[0]).to.equal(
      `cf curl '/v3/apps/${GUID}?include=space.organization'`,
    );
    expect(commandsIn(shown(container(0)))).to.deep.equal([]);
  });

  it('breaks neither the time of a process nor its age on a narrow terminal', () => {
    for (const columns of [80, 120])
      expect(shown(LOST, {}, { columns })).to.match(/^48244 .* 2026-03-02T05:09:33Z \(5 h ago\) /m);
  });

  it('says of a pending one what that means, and when to look again', () => {
    const pending = { ...LOST, status: 'pending', handle: asHandle('h-1') } as const;
    const text = shown(pending);
    expect(text).to.contain('→ Pending: this may end by itself, so no alert fires');
    expect(text).to.contain('Look again in 30 s; this command waits for that long:');
    expect(commandsIn(text)).to.include('rollcall explain h-1 --settle 30s');
    const hostile = { ...pending, handle: asHandle('h; reboot') };
    expect(commandsIn(shown(hostile)).join()).not.to.contain('explain');
    const undecided = {
      ...pending,
      reason: null,
      severity: null,
      explanation: { kind: 'undecided', why: 'the container hides itself' },
    } as const;
    expect(shown(undecided)).to.contain('Look again in a minute.');
    expect(commandsIn(shown(undecided))).to.deep.equal(['rollcall explain h-1']);
  });

  describe("with rep's log", () => {
    const lost = { ...LOST, kind: 'app-instance', app: null } as const;
    const KEPT = { at: '2026-03-02T10:06:05Z', message: 'rep.kept\u001b[2J' };
    const shownWith = (log: Partial<NonNullable<Explained['repLog']>>): string =>
      shown(
        lost,
        { repLog: { appId: null, explanation: null, lines: [], since: null, ...log } },
        { all: true },
      );

    it('says whose container it is, where nothing else names an app, and what rep did', () => {
      const read = shownWith({ appId: GUID, lines: [KEPT] });
      expect(read).to.contain(`app ${GUID}, according to rep's log`);
      expect(commandsIn(read)[0]).to.equal(`cf curl '/v3/apps/${GUID}?include=space.organization'`);
      expect(read).to.contain(
        "rep's log, newest first:\n  2026-03-02T10:06:05Z rep.kept\\u{1b}[2J",
      );
      expect(read).to.not.contain('why it is left');
    });

    it('begins with the line that says why it is left', () => {
      const explanation = {
        at: '2026-03-02T10:06:01Z',
        message: 'rep.container-not-found-in-garden',
      };
      expect(shownWith({ explanation, lines: [KEPT] })).to.contain(
        "rep's log says why the container is left:\n" +
          '  2026-03-02T10:06:01Z rep.container-not-found-in-garden\n\n',
      );
    });

    it('says since when the log is kept, if it does not name it', () => {
      const silent = shownWith({ since: '2026-03-01T00:00:00Z' });
      expect(whoseIn(silent)).to.match(/^not known/);
      expect(commandsIn(silent).join()).not.to.contain('grep');
      expect(silent).to.match(
        /still on this cell, since 2026-03-01T00:00:00Z \(.+ ago\), does not name the container\. Diego may have created it before that\./,
      );
    });

    it('gives the command that searches it, if it could not be read', () => {
      expect(commandsIn(shown(lost)).join()).to.contain(
        `zgrep -l ${LOST.handle} /var/vcap/sys/log/rep/rep.stdout.log*`,
      );
    });
  });

  it('puts no handle or guid into a command that a shell takes for more', () => {
    const handle = asHandle("x'; reboot");
    const app = { ...ONLY_GUIDS, id: "'; reboot; '" };
    const text = shown({ ...LOST, kind: 'app-instance', handle, app, appSource: 'policy-store' });
    expect(commandsIn(text)[0]).to.equal('rollcall capture --settle 30s /tmp/HANDLE.json.gz');
    expect(commandsIn(text).join()).not.to.contain('reboot');
    expect(commandsOf(advised({ ...EMPTY, handle })).join()).to.not.match(/curl|reboot/);
  });

  it('never sends to explain, as everything else does', () => {
    for (const one of [LOST, UNOWNED]) {
      expect(advised(one).steps[0]?.command).to.match(
        new RegExp(`/rollcall explain ${one.handle}$`),
      );
      const inExplain = adviceOn(one, {
        cell: null,
        explained: { command: null, otherFindings: [] },
      });
      expect(inExplain?.steps[0]?.action).to.equal(
        'Read below whose container it is, and what runs in it.',
      );
    }
    expect(firstOf(shown(LOST))).to.not.contain('rollcall explain');
  });

  it('shows no DELETE for an app or a task that may still serve', () => {
    const running = { ...UNOWNED, kind: 'app-instance', severity: 'critical' } as const;
    const commands = commandsOf(advised(running));
    expect(commands.join()).not.to.contain('DELETE');
    expect(commands.at(-1)).to.match(/ runbook recognised$/);
    const left = { ...running, severity: 'warning' } as const;
    expect(commandsOf(advised(left)).at(-1)).to.contain(
      `-X DELETE http://garden/containers/${left.handle}`,
    );
  });
});
