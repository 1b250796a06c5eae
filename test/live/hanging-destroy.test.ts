import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { kill } from '../../tools/demo-cell/cgroups/processes.ts';
import { waitFor } from '../wait-for.ts';
import {
  ancestryOf,
  asVcap,
  cellFor,
  handlesOf,
  needsReadableProgram,
  processesNamed,
} from './cells.ts';
import { clockAhead } from './movable-clock.ts';
import { check, containerOf, SHORT } from './rollcall.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const VCAP = 2000;

/**
 * What a check says of the container. The clocks of the check are six minutes ahead, so that
 * whatever hangs has hung for long.
 */
async function sentenceOfA(cell: Cell, wrapper: readonly string[] = []): Promise<string> {
  const { report } = await check(cell, SHORT, { wrapper, env: clockAhead(6) });
  return containerOf(report, A).sentence;
}

async function warningOf(cell: Cell): Promise<string> {
  const { report } = await check(cell, SHORT, { env: clockAhead(6) });
  return report.cell.warnings.map(({ sentence }) => sentence).join('\n');
}

/** The one process of the cell with this name, as a pid of the machine. */
async function processNamed(cell: Cell, name: string): Promise<number> {
  let pids: readonly number[] = [];
  await waitFor(`a process called ${name}`, () => {
    pids = processesNamed(name, cell.rootPid);
    return pids.length === 1;
  });
  return pids[0] ?? 0;
}

const pidInCell = (pid: number): number => ancestryOf(pid).namespacePids[1] ?? 0;

const outcomeOf = (request: Promise<void>): Promise<string> => request.then(() => 'done', String);

describe('a container of gdn in runc mode', () => {
  it('is not said to hang in the runc that watches it, when its processes are gone', async function () {
    const cell = await cellFor(this, { runtime: 'runc' }, A);
    await cell.kill(A);
    const watcher = await processNamed(cell, 'runc');
    const sentence = await sentenceOfA(cell);
    expect(sentence).to.contain(`runc events (process ${pidInCell(watcher)}, started 6 min ago)`);
    expect(sentence).not.to.match(/hang|wait/);
  });

  it('is not said to wait for that runc, when its creation hangs in the network plugin', async function () {
    const cell = await cellFor(this, { runtime: 'runc' });
    await cell.setNetworkPlugin('hangs');
    const creation = outcomeOf(cell.create({ handle: A, kind: 'app' }));
    const plugin = await processNamed(cell, 'network-plugin');
    await processNamed(cell, 'runc');
    expect(await warningOf(cell)).to.equal(
      `Garden has been creating 1 container for 6 min: ${A}. ` +
        'Only the init process (garden-init) of this container runs. ' +
        `gdn waits for network-plugin (process ${pidInCell(plugin)}, started 6 min ago).`,
    );
    await cell.setNetworkPlugin('works');
    kill(plugin);
    expect(await creation).to.contain('exit status 1');
  });
});

describe('an external networker that hangs in a process of its own', () => {
  const text = (name: string, pid: number): string =>
    `${name} (process ${pidInCell(pid)}, started 6 min ago)`;

  it('is named with that process, which keeps gdn waiting when the networker is killed', async function () {
    const cell = await cellFor(this, {}, A);
    await cell.setNetworkPlugin('hangs-with-child');
    const destroy = outcomeOf(cell.destroy(A));
    const networker = await processNamed(cell, 'networker');
    const child = await processNamed(cell, 'sleep');
    expect(await sentenceOfA(cell)).to.contain(
      `gdn waits for ${text('networker', networker)}, with ${text('sleep', child)} below it. ` +
        'So the destroy hangs, and no other attempt begins.',
    );

    kill(networker);
    await waitFor('its end', () => processesNamed('networker', cell.rootPid).length === 0);
    expect(await outcomeOf(cell.destroy(A))).to.contain('already being destroyed');
    const sentence = await sentenceOfA(cell);
    expect(sentence).to.contain(
      `${text('sleep', child)} is not below gdn, and holds a pipe that gdn reads.`,
    );
    expect(sentence).not.to.contain('rep retries');
    expect(sentence).not.to.contain('Nobody');

    await cell.setNetworkPlugin('works');
    kill(child);
    expect(await destroy).to.contain('exit status 1');
    await cell.destroy(A);
    expect(await handlesOf(cell)).to.deep.equal([]);
  });

  it('is told to vcap as far as vcap can see it', async function () {
    needsReadableProgram(this);
    const cell = await cellFor(this);
    await cell.setNetworkPlugin('hangs-with-child');
    const creation = outcomeOf(cell.create({ handle: A, kind: 'app' }));
    const networker = await processNamed(cell, 'networker');
    const child = await processNamed(cell, 'sleep');
    kill(networker);
    await waitFor('its end', () => processesNamed('networker', cell.rootPid).length === 0);
    const { report } = await check(cell, SHORT, { wrapper: asVcap(VCAP), env: clockAhead(6) });
    expect(report.cell.warnings[0]?.sentence).to.contain(
      'Only root can see whether another process holds a pipe that gdn reads.',
    );
    expect(await warningOf(cell)).to.contain(
      `${text('sleep', child)} is not below gdn, and holds a pipe that gdn reads.`,
    );
    await cell.setNetworkPlugin('works');
    kill(child);
    expect(await creation).to.contain('exit status 1');
  });
});
