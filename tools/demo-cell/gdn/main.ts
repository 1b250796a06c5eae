import { existsSync, mkdirSync } from 'node:fs';
import { execa } from 'execa';
import { gardenApi, listen } from '../garden/api.ts';
import type { GardenState } from '../garden/state.ts';
import {
  BOX_HOME,
  CONTROL_SOCKET,
  GARDEN_HOME,
  GARDEN_SOCKET,
  has,
  type GdnConfiguration,
  parseOwn,
} from './config.ts';
import { ContainerRuntime } from './runtime.ts';
import { controlServer } from './control.ts';
import { containersAtStart } from './records.ts';
import { installPrograms, NOTHING, ONLY_CELL_ENVIRONMENT } from './programs.ts';

async function makeHome(): Promise<void> {
  for (const directory of [GARDEN_HOME, BOX_HOME]) mkdirSync(directory, { recursive: true });
  installPrograms();
  if (existsSync(NOTHING)) return; // gdn was here before and was killed
  await execa('mkfifo', [NOTHING], ONLY_CELL_ENVIRONMENT);
}

// The cell's Garden: the embedded API with a runtime that makes real cgroups and processes. `GardenProcess` starts this file in
// the cell; its one argument is the configuration. On Linux the title of node becomes the name of the process.
process.title = 'gdn';
const isConfiguration = has<GdnConfiguration>('shape', 'hierarchies');
const runtime = new ContainerRuntime(parseOwn(process.argv[2] ?? '', isConfiguration));
await makeHome();
runtime.prepare();
const state: GardenState = {
  containers: containersAtStart(),
  fault: { kind: 'none' },
  faultOn: 'all',
};
await listen(
  gardenApi(state, (handle) => runtime.destroy(handle)),
  GARDEN_SOCKET,
);
await listen(controlServer(state, runtime), CONTROL_SOCKET);
