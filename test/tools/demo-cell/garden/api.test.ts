import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { gardenApi, listen } from '../../../../tools/demo-cell/garden/api.ts';
import { createContainer } from '../../../../tools/demo-cell/garden/state.ts';
import { codeOf } from '../../../failure-of.ts';
import { temporaryFolder } from '../../../temporary-folder.ts';
import { app, ask, gardenWith, served } from './exchanges.ts';
import { atEndOfTest } from '../../../at-end-of-test.ts';

const handlesOf = async (socketPath: string, query = ''): Promise<string[]> => {
  const { body } = await ask(socketPath, 'GET', `/containers${query}`);
  return (JSON.parse(body) as { Handles: string[] }).Handles;
};
const nothing = () => Promise.resolve();

describe('a creation', () => {
  const spec = { handle: 'new', properties: { 'executor:owner': 'executor' } };

  it('lists the handle with its properties before anything runs, and calls it created at the end', async () => {
    const state = gardenWith([]);
    const { promise, resolve } = Promise.withResolvers<string>();
    const socketPath = await served(state);
    const creation = createContainer(state, spec, { start: () => promise, remove: nothing });
    expect(await handlesOf(socketPath, '?garden.state=all')).to.deep.equal(['new']);
    expect(await handlesOf(socketPath)).to.deep.equal([]);
    const properties = await ask(socketPath, 'GET', '/containers/new/properties');
    expect(properties.body).to.equal('{"executor:owner":"executor"}\n');
    resolve('10.255.0.7');
    await creation;
    expect(await handlesOf(socketPath)).to.deep.equal(['new']);
    expect(state.containers.get('new')?.properties).to.include({
      'garden.network.container-ip': '10.255.0.7',
    });
  });

  it('that fails is undone, or stays listed where that fails too', async () => {
    const start = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    for (const [remove, left] of [
      [nothing, []],
      [start, ['new']],
    ] as const) {
      const state = gardenWith([]);
      expect(await codeOf(createContainer(state, spec, { start, remove }))).to.equal('ENOSPC');
      expect([...state.containers.keys()]).to.deep.equal(left);
    }
  });
});

describe('gardenApi', () => {
  it('matches a property that a container does not have with an empty filter', async () => {
    const socketPath = await served(gardenWith([app('a')]));
    for (const filter of ['no-such-key=', 'no-such-key', 'constructor='])
      expect(await handlesOf(socketPath, `?${filter}`), filter).to.deep.equal(['a']);
    expect(await handlesOf(socketPath, '?no-such-key=x')).to.deep.equal([]);
  });

  for (const [target, status] of [
    ['/containers/a/info', 404],
    ['/containers/%zz/properties', 404],
    ['/containers/a/properties/', 404],
    ['//ping', 404],
    ['/ping/', 404],
    ['/containers/../properties', 200],
    ['/containers/a%2Finfo/properties', 200],
  ] as const) {
    it(`answers ${status} to ${target}`, async () => {
      const socketPath = await served(gardenWith([app('a')]));
      expect((await ask(socketPath, 'GET', target)).status).to.equal(status);
    });
  }

  it('takes over a stale socket and lets every user connect', async () => {
    const socketPath = await served(gardenWith([app('first')]));
    const second = gardenApi(gardenWith([app('second')]), nothing);
    atEndOfTest(() => {
      second.close();
      second.closeAllConnections();
    });
    await listen(second, socketPath);
    expect(await handlesOf(socketPath)).to.deep.equal(['second']);
    expect(statSync(socketPath).mode & 0o777).to.equal(0o777);
  });

  it('does not remove a file that is not a socket', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'precious');
    writeFileSync(path, 'x');
    expect(await codeOf(listen(gardenApi(gardenWith([]), nothing), path))).to.equal('EADDRINUSE');
    expect(existsSync(path)).to.equal(true);
  });
});
