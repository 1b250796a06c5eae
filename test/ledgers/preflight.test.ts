import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { NO_ACCOUNT } from '../../src/model/ledger.ts';
import { OBSTACLE_CAUSES } from '../../src/model/preflight.ts';
import type { Report } from '../../src/model/report.ts';
import { obstaclesIn } from '../../src/ledgers/preflight.ts';
import { colors } from '../../src/present/color.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { preflightDocument, preflightJson } from '../../src/present/preflight.ts';
import { container, LOST, report, UNOWNED } from '../present/agent-state-builder.ts';

const AT = '2026-01-01T00:00:00Z';
const of = (one: Report): readonly string[] =>
  obstaclesIn(one).map(
    ({ cause, subject, isPending }) => `${cause} ${subject ?? ''}${isPending ? ' pending' : ''}`,
  );

describe('the preflight of a cell', () => {
  it('finds nothing where all containers are tracked', () => {
    const healthy = report([container(0), container(1)]);
    expect(of(healthy)).to.deep.equal([]);
    const text = documentText(preflightDocument(preflightJson([], healthy), []), {
      colors: colors(false),
      columns: 100,
    });
    expect(text).to.equal(
      'Found nothing that would hang, wait or be lost if this cell were drained or recreated.\n',
    );
  });

  it('names lost containers, a rep that does not run, and entries for which silk waits', () => {
    const lost = { ...UNOWNED, handle: asHandle('h-1') };
    const unknown = { ...LOST, handle: asHandle('h-2'), status: 'pending' } as const;
    const drill = { ...LOST, handle: asHandle('h-3'), drill: true };
    const entry = (kind: 'policy' | 'overlay', name: string, isLeftover: boolean) =>
      ({ kind, name, since: AT, isLeftover }) as const;
    const ledgers = {
      ...NO_ACCOUNT,
      alone: [entry('policy', 'gone', true), entry('overlay', 'other', true)],
    };
    const warnings = [
      { reason: 'no-rep', containers: 1 },
      { reason: 'hanging-reads', file: null },
    ] as const;
    const cell = { ...report([]).cell, warnings };
    const view = report([container(0), lost, unknown, drill], { ledgers, cell });
    expect(of(view)).to.deep.equal([
      'unowned h-1',
      'unknown-to-garden h-2 pending',
      'no-rep ',
      'policy-entry gone',
    ]);
    const shown = preflightJson(obstaclesIn(view), view);
    const text = documentText(preflightDocument(shown, view.containers), {
      colors: colors(false),
      columns: 80,
    });
    expect(text).to.match(/^lost +h-1 +\S+\/\d+$/m);
    expect(text.replaceAll(/\s+/g, ' ')).to.contain('with the VM. This may still end by itself.');
    expect(shown.items.map(({ effect, command }) => [effect, command])).to.deep.equal([
      ['waits', `jq '."gone"' /var/vcap/data/container-metadata/store.json`],
      ['lost', 'monit summary'],
      ['lost', 'rollcall explain h-1'],
      ['lost', 'rollcall explain h-2'],
    ]);
  });

  it('says of a container that it cannot judge that it is not known, and no more', () => {
    const undecided = {
      ...LOST,
      handle: asHandle('h-1'),
      status: 'pending',
      reason: null,
      explanation: { kind: 'undecided', why: 'Garden gives no properties' },
    } as const;
    const cell = report([container(0), undecided], {
      ledgers: { ...NO_ACCOUNT, unread: ['policy'] },
    });
    const view = preflightJson(obstaclesIn(cell), cell);
    expect(view.items.map(({ effect, handle }) => [effect, handle])).to.deep.equal([
      ['unknown', null],
      ['unknown', 'h-1'],
    ]);
    const text = documentText(preflightDocument(view, cell.containers), {
      colors: colors(false),
      columns: 200,
    });
    expect(text).to.include('Found nothing that would hang');
    expect(text).to.include('recreated. 2 things are not known.');
  });

  it('shows no command for a name that a shell takes for more, and bounds what it shows', () => {
    const hostile = OBSTACLE_CAUSES.map((cause) => ({
      cause,
      subject: `$(reboot)\u001b[2J`,
      isPending: false,
    }));
    const { items } = preflightJson(hostile, report([]));
    expect(items.map(({ command }) => command).join()).to.not.include('reboot');
    const many = Array.from({ length: 250 }, () => hostile.slice(0, 1)).flat();
    const view = preflightJson(many, report([]));
    expect([view.items.length, view.omitted]).to.deep.equal([100, 150]);
    const text = documentText(preflightDocument(view, []), { colors: colors(false), columns: 80 });
    expect(text).to.not.include('\u001b');
    for (const line of text.split('\n')) expect(line.length).to.be.at.most(80);
  });
});
