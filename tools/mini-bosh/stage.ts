import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Properties } from '../bosh/render-job.ts';
import { freePort } from '../local-server.ts';
import type { StagedRelease } from '../release/stage-release.ts';
import { installBpm } from './install-bpm.ts';
import { expected } from './expected.ts';
import { installJob } from './install-job.ts';
import { installPackage } from './install-package.ts';
import { INSTALLED_JOBS, MINI_BOSH } from './places.ts';
import { releaseOnVm } from './release-on-vm.ts';
import { RollcallJob } from './rollcall-job.ts';
import { propertiesOf } from './runtime-config.ts';
import type { Vm } from './vm.ts';

/** Where the steps write what they see, a line each. */
export type Say = (line: string) => void;

/** A VM with the release on it, and nothing of it started. */
export interface Stage {
  readonly vm: Vm;
  readonly job: RollcallJob;
  readonly say: Say;
  /** Renders the errand again, with these properties. */
  readonly renderErrand: (properties: Properties) => Promise<void>;
}

const RELEASE = `${MINI_BOSH}/release`;

/**
 * Does what the Director and its agents do up to `monit start`: unpacks, compiles, renders. The release must have been built.
 * @param root the top of the release
 */
export async function setStage(vm: Vm, root: string, say: Say): Promise<Stage> {
  const release = await releaseOnVm(root, vm.path(RELEASE), say);
  for (const staged of release.packages) {
    const { name, bytes, seconds } = await installPackage(vm, staged);
    const size = `${(bytes / 1e6).toFixed(1)} MB`;
    say(`package ${name}: ${size} in ${seconds.toFixed(1)} s, without any network`);
  }
  const bpm = await installBpm(vm);
  const port = await freePort();
  const config = readFileSync(join(root, 'manifests/runtime-config.yml'), 'utf8');
  const given = propertiesOf(config, 'rollcall');
  const monitText = await render(vm, release, 'rollcall', {
    ...given,
    // So that the story takes seconds, on a port that nobody has: the VM shares the machine's network.
    reconcile: { interval_seconds: 1, grace_period_seconds: 1 },
    metrics: { ...recordOf(given['metrics']), port },
  });
  const renderErrand = async (properties: Properties): Promise<void> => {
    await render(vm, release, 'rollcall-report', properties);
  };
  await renderErrand(propertiesOf(config, 'rollcall-report'));
  await sayFiles(vm, say);
  say(`started by ${bpm.name}, with runc and tini of this machine`);
  return { vm, say, job: new RollcallJob(vm, bpm, monitText, port), renderErrand };
}

const recordOf = (value: unknown): object =>
  typeof value === 'object' && value !== null ? value : {};

function render(vm: Vm, release: StagedRelease, job: string, properties: Properties) {
  const staged = release.jobs.find(({ name }) => name === job);
  expected(staged !== undefined, `the release has no job ${job}`);
  return installJob(vm, staged, properties);
}

async function sayFiles(vm: Vm, say: Say): Promise<void> {
  const find = ['find', '.', '-type', 'f', '-printf', '%m %u:%g %P\n'];
  const files = await vm.must(find, { directory: INSTALLED_JOBS });
  for (const line of files.trimEnd().split('\n').toSorted()) say(`rendered ${line}`);
}
