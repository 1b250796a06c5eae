import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { gardenApi, listen } from '../../../src/demo-cell/garden/api.ts';
import type {
  CreateSpec,
  GardenContainer,
  GardenHooks,
} from '../../../src/demo-cell/garden/state.ts';
import { inTemporaryFolder } from '../../temporary-folder.ts';
import { ask, gardenWith, serving } from './exchanges.ts';

const app = (handle: string): GardenContainer => ({
  handle,
  properties: { 'executor:owner': 'executor' },
  created: true,
});

const bodyOf = async (
  socketPath: string,
  method: string,
  target: string,
  body?: string,
): Promise<string | null> => (await ask(socketPath, method, target, body)).response?.body ?? null;

const handlesOf = async (socketPath: string, query = ''): Promise<string[]> => {
  const body = await bodyOf(socketPath, 'GET', `/containers${query}`);
  return (JSON.parse(body ?? '') as { Handles: string[] }).Handles;
};

/** Hooks that stop in the middle until the test lets them go on. */
function stopping() {
  const reached = Promise.withResolvers<CreateSpec | string>();
  const released = Promise.withResolvers<void>();
  const hooks: GardenHooks = {
    create: (spec) => {
      reached.resolve(spec);
      return released.promise;
    },
    destroy: (handle) => {
      reached.resolve(handle);
      return released.promise;
    },
  };
  return { hooks, reached: reached.promise, released };
}

describe('gardenApi: a creation', () => {
  const request = JSON.stringify({
    handle: 'new',
    privileged: true,
    properties: { 'executor:owner': 'executor' },
    env: ['A=b'],
  });

  it('lists the handle with its properties before anything runs, and calls it created at the end', async () => {
    const state = gardenWith([]);
    const { hooks, reached, released } = stopping();
    await serving(
      state,
      async (socketPath) => {
        const creation = bodyOf(socketPath, 'POST', '/containers', request);
        expect(await reached).to.deep.equal({
          handle: 'new',
          privileged: true,
          properties: { 'executor:owner': 'executor' },
          env: ['A=b'],
        });
        expect(await handlesOf(socketPath, '?garden.state=all')).to.deep.equal(['new']);
        expect(await handlesOf(socketPath)).to.deep.equal([]);
        const properties = await bodyOf(socketPath, 'GET', '/containers/new/properties');
        expect(properties).to.equal('{"executor:owner":"executor"}\n');
        expect((await ask(socketPath, 'GET', '/containers/new/info')).response?.status).to.equal(
          500,
        );
        released.resolve();
        expect(await creation).to.equal('{"Handle":"new"}\n');
        expect(await handlesOf(socketPath)).to.deep.equal(['new']);
        expect((await ask(socketPath, 'GET', '/containers/new/info')).response?.status).to.equal(
          200,
        );
      },
      hooks,
    );
  });

  it('that fails is undone', async () => {
    const state = gardenWith([]);
    const destroyed: string[] = [];
    const hooks: GardenHooks = {
      create: () => Promise.reject(new Error('no space left on device')),
      destroy: (handle) => {
        destroyed.push(handle);
        return Promise.resolve();
      },
    };
    await serving(
      state,
      async (socketPath) => {
        const body = await bodyOf(socketPath, 'POST', '/containers', request);
        expect(body).to.include('"Message":"no space left on device"');
        expect(await handlesOf(socketPath, '?garden.state=all')).to.deep.equal([]);
      },
      hooks,
    );
    expect(destroyed).to.deep.equal(['new']);
  });

  it('without a handle is given one', async () => {
    await serving(gardenWith([]), async (socketPath) => {
      const body = await bodyOf(socketPath, 'POST', '/containers', '{}');
      expect(body).to.match(/^\{"Handle":"[0-9a-f-]{36}"\}\n$/);
    });
  });
});

describe('gardenApi: a destruction', () => {
  it('keeps the handle listed until its processes are gone', async () => {
    const { hooks, reached, released } = stopping();
    await serving(
      gardenWith([app('old')]),
      async (socketPath) => {
        const destruction = bodyOf(socketPath, 'DELETE', '/containers/old');
        expect(await reached).to.equal('old');
        expect(await handlesOf(socketPath)).to.deep.equal(['old']);
        released.resolve();
        expect(await destruction).to.equal('{}\n');
        expect(await handlesOf(socketPath, '?garden.state=all')).to.deep.equal([]);
      },
      hooks,
    );
  });

  it('that failed can be tried again', async () => {
    let attempts = 0;
    const hooks: GardenHooks = {
      create: () => Promise.resolve(),
      destroy: () => {
        attempts += 1;
        return attempts === 1 ? Promise.reject(new Error('down')) : Promise.resolve();
      },
    };
    await serving(
      gardenWith([app('old')]),
      async (socketPath) => {
        const { response } = await ask(socketPath, 'DELETE', '/containers/old');
        expect(response?.status).to.equal(500);
        expect(await bodyOf(socketPath, 'DELETE', '/containers/old')).to.equal('{}\n');
      },
      hooks,
    );
  });
});

describe('gardenApi: properties', () => {
  it('are set, read and removed, also under names with slashes', async () => {
    await serving(gardenWith([app('a')]), async (socketPath) => {
      const path = '/containers/a/properties/k%2Fx+y';
      expect(await bodyOf(socketPath, 'PUT', path, '{"value":"<v>"}')).to.equal('{}\n');
      expect(await bodyOf(socketPath, 'GET', path)).to.equal('{"value":"\\u003cv\\u003e"}\n');
      expect(await handlesOf(socketPath, '?k%2Fx%20y=%3Cv%3E')).to.deep.equal(['a']);
      expect(await bodyOf(socketPath, 'DELETE', path)).to.equal('{}\n');
      const { response } = await ask(socketPath, 'GET', path);
      expect(response?.status).to.equal(500);
    });
  });

  it('that a container does not have match an empty filter', async () => {
    await serving(gardenWith([app('a')]), async (socketPath) => {
      expect(await handlesOf(socketPath, '?no-such-key=')).to.deep.equal(['a']);
      expect(await handlesOf(socketPath, '?no-such-key')).to.deep.equal(['a']);
      expect(await handlesOf(socketPath, '?no-such-key=x')).to.deep.equal([]);
    });
  });

  it('with the names of Object.prototype are no properties', async () => {
    await serving(gardenWith([app('a')]), async (socketPath) => {
      expect(await handlesOf(socketPath, '?constructor=')).to.deep.equal(['a']);
      const { response } = await ask(socketPath, 'GET', '/containers/a/properties/constructor');
      expect(response?.status).to.equal(500);
    });
  });
});

describe('gardenApi: an odd request', () => {
  const cases: [method: string, target: string, status: number | null][] = [
    ['GET', '/containers/bulk_metrics', null],
    ['GET', '/containers/%zz/properties', 400],
    ['GET', '/containers/a', 405],
    ['GET', '/containers/a/properties/', 404],
    ['GET', '//ping', 404],
    ['GET', '/ping/', 404],
    ['POST', '/containers/a/processes', 500],
    ['GET', '/containers/../properties', 200],
    ['GET', '/containers/a%2Finfo/properties', 200],
  ];
  for (const [method, target, status] of cases) {
    it(`${method} ${target}: ${status ?? 'the connection is closed'}`, async () => {
      await serving(gardenWith([app('a')]), async (socketPath) => {
        const { response } = await ask(socketPath, method, target);
        expect(response?.status ?? null).to.equal(status);
      });
    });
  }

  it('never makes a path: a handle of dots and slashes stays a key', async () => {
    await serving(gardenWith([]), async (socketPath) => {
      const handle = '../../escaped';
      await ask(socketPath, 'POST', '/containers', JSON.stringify({ handle }));
      expect(await handlesOf(socketPath)).to.deep.equal([handle]);
      expect(readdirSync(dirname(socketPath))).to.deep.equal(['garden.sock']);
    });
  });
});

describe('gardenApi: listen', () => {
  it('takes over a stale socket and lets every user connect', async () => {
    await serving(gardenWith([app('first')]), async (socketPath) => {
      const second = gardenApi(gardenWith([app('second')]));
      try {
        await listen(second, socketPath);
        expect(await handlesOf(socketPath)).to.deep.equal(['second']);
        expect(statSync(socketPath).mode & 0o777).to.equal(0o777);
      } finally {
        second.close();
        second.closeAllConnections();
      }
    });
  });

  it('does not remove a file that is not a socket', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'precious');
      writeFileSync(path, 'x');
      const server = gardenApi(gardenWith([]));
      const failed = await listen(server, path).then(
        () => null,
        (error: NodeJS.ErrnoException) => error.code,
      );
      expect(failed).to.equal('EADDRINUSE');
      expect(existsSync(path)).to.equal(true);
    });
  });
});
