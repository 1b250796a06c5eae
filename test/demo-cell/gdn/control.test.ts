import { join } from 'node:path';
import { expect } from 'chai';
import { listen } from '../../../src/demo-cell/garden/api.ts';
import type { GardenState } from '../../../src/demo-cell/garden/state.ts';
import { control, controlServer, type ControlRequest } from '../../../src/demo-cell/gdn/control.ts';
import type { ContainerRuntime } from '../../../src/demo-cell/gdn/runtime.ts';
import { recordOf, type ContainerRecord } from '../../../src/demo-cell/cgroups/container-spec.ts';
import { failureOf } from '../../failure-of.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { app, gardenWith } from '../garden/exchanges.ts';

const NEW = recordOf({ handle: 'new', kind: 'app' });

interface Controlled {
  readonly order: (order: ControlRequest, deadlineMilliseconds?: number) => Promise<void>;
  readonly state: GardenState;
  readonly records: ReadonlyMap<string, ContainerRecord>;
  /** What the runtime was asked for, in order. */
  readonly done: readonly string[];
  readonly networkPlugin: { readonly mode: string };
}

/** The control socket of a gdn whose runtime only notes what it does, and fails to create `bad`. */
const controlled = async (use: (gdn: Controlled) => Promise<void>): Promise<void> => {
  const folder = temporaryFolder();
  const done: string[] = [];
  const runtime = {
    networkPlugin: { mode: 'works' },
    makeEarlyDirectories: ({ handle }: ContainerRecord) => void done.push(`early ${handle}`),
    create: ({ handle }: ContainerRecord) => {
      done.push(`create ${handle}`);
      return handle === 'bad' ? Promise.reject(new Error('no space')) : Promise.resolve();
    },
    destroy: ({ handle }: ContainerRecord) => Promise.resolve(void done.push(`destroy ${handle}`)),
    fillPool: () => new Promise<void>(() => undefined),
  };
  const state = gardenWith([app('old')]);
  const records = new Map<string, ContainerRecord>();
  const parts = { state, records, runtime: runtime as unknown as ContainerRuntime };
  const server = controlServer(parts);
  const socketPath = join(folder, 's');
  await listen(server, socketPath);
  const order: Controlled['order'] = (one, deadline) => control(socketPath, one, deadline);
  try {
    await use({ order, state, records, done, networkPlugin: runtime.networkPlugin });
  } finally {
    server.close();
    server.closeAllConnections();
  }
};

describe('what the driver asks of gdn', () => {
  it('undoes a creation that fails, and says why; a handle in use changes nothing', () =>
    controlled(async ({ order, state, records, done }) => {
      const bad = order({ do: 'create', record: { ...NEW, handle: 'bad' } });
      expect(await failureOf(bad)).to.deep.equal([
        'DEMO_FAILED',
        "the cell's gdn, POST /create: 500 no space",
      ]);
      expect(done.at(-1)).to.equal('destroy bad');
      const again = order({ do: 'create', record: { ...NEW, handle: 'old' } });
      expect((await failureOf(again))[1]).to.match(/500 Handle 'old' already in use$/);
      expect([...state.containers.keys(), ...records.keys()]).to.deep.equal(['old']);
      expect(done).to.have.length(3);
    }));

  it('fails after its deadline, and where nobody listens', () =>
    controlled(async ({ order }) => {
      const [code, message] = await failureOf(order({ do: 'fill-pool', count: 1 }, 50));
      expect([code, message]).to.deep.equal([
        'DEMO_FAILED',
        "the cell's gdn, POST /fill-pool: 0 no answer within 50 ms",
      ]);
      expect((await failureOf(control('/nowhere/s', { do: 'ping' })))[1]).to.match(/ENOENT/);
    }));
});
