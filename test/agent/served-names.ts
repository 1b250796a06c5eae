import { join } from 'node:path';
import { CriCalls } from '../../src/agent/cri/cri-calls.ts';
import { serveCri } from '../../src/agent/cri-socket.ts';
import type { ContainerName, Names } from '../../src/model/names.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { CriClient } from '../cri-client.ts';
import { namesOf } from '../names/named-containers.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** The names' socket of an agent that knows these containers, and what else happens to it. */
export async function servedNames(...containers: readonly ContainerName[]) {
  const folder = join(temporaryFolder(), 'cri');
  const path = join(folder, 'cri.sock');
  let names: Names = namesOf(...containers);
  const later: ContainerName[] = [];
  const asked: number[] = [];
  const misnamed: string[] = [];
  const results: string[] = [];
  const errors: (string | null)[] = [];
  const calls: CriCalls = new CriCalls(
    {
      names: () => names,
      refresh: async () => {
        asked.push(Date.now());
        await Promise.resolve();
        names = namesOf(...names.containers, ...later.splice(0));
        calls.namesChanged();
      },
      misnamed: (id) => misnamed.push(id),
    },
    '0.2.0',
  );
  const server = await serveCri({
    socketPath: path,
    calls,
    onRequest: (method, result) => results.push(`${method} ${result}`),
    onChange: (error) => errors.push(error),
    retryMilliseconds: 20,
  });
  atEndOfTest(() => server.close());
  const gardenLists = (one: ContainerName): unknown => later.push(one);
  return {
    folder,
    path,
    client: new CriClient(path),
    calls,
    asked,
    misnamed,
    results,
    errors,
    server,
    gardenLists,
  };
}
