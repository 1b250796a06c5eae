import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { KnownFailure } from '../../src/model/failure.ts';
import { waitFor } from '../wait-for.ts';
import { handlesOf, lendingCells, processesNamed } from './cells.ts';

const H = 'b1c2d3e4-0f1e-4a2b-5c6d-7e8f';

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

describe('what can happen on a cell in a box', function () {
  const cellFor = lendingCells();

  it('its first process ends before Garden moves it into its cgroups: created all the same, and empty', async function () {
    const cell = await cellFor(this);
    await cell.garden.control({ do: 'fill-pool', count: 1 });
    const inPool = (): readonly number[] => processesNamed('launcher', cell.rootPid);
    await waitFor('a process of the pool', () => inPool().length > 0);
    const [waiting = 0] = inPool();
    process.kill(waiting, 'SIGKILL');
    await waitFor('the end of the process', () => !existsSync(`/proc/${waiting}`));
    await cell.create({ handle: H, kind: 'app', cheap: true });
    expect(await handlesOf(cell, 'garden.state=created')).to.deep.equal([H]);
    expect(cell.pids(H)).to.deep.equal([]);
    await cell.destroy(H);
    expect(await handlesOf(cell)).to.deep.equal([]);
  });

  it('a container cannot have a handle that no cgroup can have', async function () {
    const cell = await cellFor(this);
    for (const handle of ['', '..', 'a/b', 'a\nb', 'a'.repeat(201)]) {
      expect(await failureOf(cell.create({ handle, kind: 'other' })), handle).to.be.instanceOf(
        KnownFailure,
      );
    }
    expect(await handlesOf(cell)).to.deep.equal([]);
  });
});
