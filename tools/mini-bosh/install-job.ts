import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderJob, unableToRender, type Properties } from '../bosh/render-job.ts';
import type { StagedJob } from '../release/stage-release.ts';
import { expected } from './expected.ts';
import { makeLinked } from './install-package.ts';
import {
  dataDirectory,
  INSTALLED_JOBS,
  jobDirectory,
  logDirectory,
  runDirectory,
} from './places.ts';
import type { Vm } from './vm.ts';

/**
 * Renders a job and installs it, with owner and mode as bosh-agent gives them (applier/jobs/owner_fix.go, models/job.go).
 * @returns the text of its monit file
 */
export async function installJob(
  vm: Vm,
  staged: StagedJob,
  properties: Properties,
): Promise<string> {
  const { name } = staged;
  const rendered = await renderJob({ jobDir: staged.folder, properties, spec: INSTANCE });
  if (!rendered.ok) expected(false, unableToRender(name, rendered.errors));
  const home = `${INSTALLED_JOBS}/${name}/1`;
  await makeLinked(vm, home, jobDirectory(name));
  for (const [path, text] of rendered.files) {
    if (path !== 'monit') writeForVcap(vm, home, path, text);
  }
  for (const directory of [dataDirectory(name), runDirectory(name), logDirectory(name)]) {
    give(vm, directory, 0o770);
  }
  return rendered.files.get('monit') ?? '';
}

const INSTANCE: Properties = { name: 'diego_cell' };

function writeForVcap(vm: Vm, home: string, path: string, text: string): void {
  const place = join(home, path);
  vm.write(place, text);
  own(vm, place, path.startsWith('bin/') ? 0o750 : 0o640);
  for (let above = dirname(place); above.length >= home.length; above = dirname(above)) {
    own(vm, above, 0o750);
  }
}

function give(vm: Vm, directory: string, mode: number): void {
  mkdirSync(vm.path(directory), { recursive: true });
  own(vm, directory, mode);
}

function own(vm: Vm, path: string, mode: number): void {
  chownSync(vm.path(path), 0, vm.vcap.gid);
  chmodSync(vm.path(path), mode);
}
