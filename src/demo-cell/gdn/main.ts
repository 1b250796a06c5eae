import { existsSync, mkdirSync } from 'node:fs';
import { execa } from 'execa';
import type { ContainerRecord } from '../cgroups/container-spec.ts';
import { gardenApi, listen } from '../garden/api.ts';
import type { CreateSpec, GardenState } from '../garden/state.ts';
import {
  BOX_HOME,
  CONTROL_SOCKET,
  GARDEN_HOME,
  GARDEN_SOCKET,
  isGdnConfiguration,
  parseOwn,
} from './config.ts';
import { ContainerRuntime } from './runtime.ts';
import { controlServer } from './control.ts';
import { containersAtStart, readRecords } from './records.ts';
import { installPrograms, NOTHING, ONLY_CELL_ENVIRONMENT } from './programs.ts';
import { KnownFailure } from '../../model/failure.ts';

const MAX_CONTAINERS = 5_000;

/** The cell's Garden: the embedded API with a runtime that makes real cgroups and processes. */
async function runGdn(configurationText: string): Promise<void> {
  // On Linux the title of node becomes the name of the process, by which observers find gdn.
  process.title = 'gdn';
  const configuration = parseOwn(configurationText, isGdnConfiguration);
  await makeHome();
  const runtime = new ContainerRuntime(configuration);
  runtime.prepare();
  const records = new Map(readRecords().map((record) => [record.handle, record]));
  const state: GardenState = {
    containers: containersAtStart([...records.values()]),
    fault: { kind: 'none' },
    faultOn: 'all',
    maxContainers: MAX_CONTAINERS,
  };
  const api = gardenApi(state, {
    create: (spec) => {
      const record = records.get(spec.handle) ?? recordFromApi(spec);
      records.set(spec.handle, record);
      return runtime.create(record);
    },
    destroy: async (handle) => {
      const record = records.get(handle);
      if (record !== undefined) await runtime.destroy(record);
      records.delete(handle);
    },
  });
  await listen(api, GARDEN_SOCKET);
  await listen(controlServer({ state, records, runtime }), CONTROL_SOCKET);
}

async function makeHome(): Promise<void> {
  for (const directory of [GARDEN_HOME, BOX_HOME]) mkdirSync(directory, { recursive: true });
  installPrograms();
  if (existsSync(NOTHING)) return; // gdn was here before and was killed
  await execa('mkfifo', [NOTHING], ONLY_CELL_ENVIRONMENT);
}

/** A container that a client created directly through the API. */
const recordFromApi = ({ handle, privileged, properties }: CreateSpec): ContainerRecord => ({
  handle,
  privileged,
  properties,
  peas: [],
  processes: 1,
  appName: 'app',
  cheap: false,
  nested: [],
});

// `GardenProcess` starts this file in the cell; its one argument is the configuration.
const configuration = process.argv[2];
if (configuration === undefined) {
  throw new KnownFailure('USAGE', 'this is a part of the cell in a box: run npm run demo');
}
await runGdn(configuration);
