import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../bootstrap/place.mjs';
import { bundleFor } from '../bundle.ts';
import { renderJob, type Properties } from '../release/render-job.ts';
import { freePort } from '../free-port.ts';
import {
  type Staged,
  type StagedRelease,
  stageRelease,
  unpackRelease,
} from '../release/stage-release.ts';
import { installBpm } from './bpm.ts';
import { bpmProcess, type BpmProcess } from './bpm-config.ts';
import { canLimit } from './confinement.ts';
import { RollcallJob } from './rollcall-job.ts';
import { TRACEE_FILE } from './other-jobs.ts';
import {
  dataDirectory,
  expected,
  INSTALLED_JOBS,
  jobDirectory,
  logDirectory,
  MINI_BOSH,
  runDirectory,
  type Vm,
} from './vm.ts';
import { isInPath } from '../demo-cell/cell/requirements.ts';
import { inTemporaryFolder, packageVersion } from '../artifact.ts';
import { copyRelease, createRelease, needBosh } from '../release/create-release.ts';

/** Takes the place of the Director's digests; nothing reads it. */
const VERSION = '1';
const INSTANCE: Properties = { name: 'diego_cell' };
/** How many lines of a failed script are shown: its last commands by bash -x, and their output. */
const MAX_LINES = 8;

/** A VM with the release installed and nothing of it started. */
export interface Installed {
  readonly job: RollcallJob;
  readonly renderErrand: (properties: Properties) => Promise<void>;
}

/** Uploads, compiles and renders, as before `monit start`. The release must have been built. */
export async function installRelease(vm: Vm): Promise<Installed> {
  const release = await uploadedRelease(vm.path(`${MINI_BOSH}/release`));
  for (const staged of release.packages) await installPackage(vm, staged);
  const bpm = await installBpm(vm);
  const port = await freePort();
  // The runtime config sets no properties; the tests take seconds with these, and use a port of their
  // own: the VM shares the machine's network.
  await render(vm, release, 'rollcall', {
    reconcile: { interval_seconds: 1, grace_period_seconds: 2 },
    metrics: { port },
    // For a sensor that does not exist yet.
    sensors: [{ name: 'tracee', format: 'tracee', path: TRACEE_FILE, grace_seconds: 1 }],
    names: { files: true, cri: true },
  });
  await vm.must([`${jobDirectory('rollcall')}/bin/pre-start`]);
  // runc would reject limits that the VM's cgroups do not support.
  if (!canLimit(vm)) await changeBpmYml(vm, withoutLimits);
  const renderErrand = (properties: Properties): Promise<void> =>
    render(vm, release, 'rollcall-report', properties);
  await renderErrand({});
  return { job: new RollcallJob(vm, bpm, port), renderErrand };
}

const withoutLimits = (process: BpmProcess): BpmProcess => ({
  ...process,
  limits: { open_files: process.limits.open_files },
});

/** Changes the process in the job's bpm.yml. @returns a function that restores the old text */
export async function changeBpmYml(
  vm: Vm,
  change: (process: BpmProcess) => BpmProcess,
): Promise<() => void> {
  const file = `${INSTALLED_JOBS}/rollcall/${VERSION}/config/bpm.yml`;
  const text = await vm.read(file);
  vm.write(file, JSON.stringify({ processes: [change(bpmProcess(text))] }));
  return () => vm.write(file, text);
}

/**
 * Installs the program under another version, as a deploy would: in a folder of its own, to which
 * the package's link then points. The code is the same as this checkout's.
 * @returns a function that restores the link
 */
export async function changeVersion(vm: Vm, version: string): Promise<() => Promise<void>> {
  const link = '/var/vcap/packages/rollcall';
  const first = `/var/vcap/data/packages/rollcall/${VERSION}`;
  const other = `/var/vcap/data/packages/rollcall/${version}`;
  await vm.must(['cp', '-a', first, other]);
  // The cached code belongs to the other script, and V8 distinguishes scripts only by their length.
  await vm.must(['rm', '-r', `${other}/code`]);
  await bundleFor('src/cli/main.ts', vm.path(`${other}/rollcall.cjs`), {
    ROLLCALL_VERSION: version,
  });
  await vm.must(['ln', '-sfn', other, link]);
  return async () => void (await vm.must(['ln', '-sfn', first, link]));
}

/** As bosh-agent does, but without a network: a script that downloads something must fail. */
async function installPackage(vm: Vm, { name, folder }: Staged): Promise<void> {
  const compile = `/var/vcap/data/compile/${name}`;
  const target = `/var/vcap/packages/${name}`;
  await makeLinked(vm, `/var/vcap/data/packages/${name}/${VERSION}`, target);
  fs.cpSync(folder, vm.path(compile), { recursive: true });
  // The installed files must be readable for vcap, whatever the umask of the compile VM is.
  const script = ['sh', '-c', 'umask 077; exec unshare --net bash -x packaging'];
  const { exitCode, stdout, stderr } = await vm.run(script, {
    directory: compile,
    env: {
      BOSH_COMPILE_TARGET: compile,
      BOSH_INSTALL_TARGET: target,
      BOSH_PACKAGE_NAME: name,
      BOSH_PACKAGE_VERSION: VERSION,
    },
  });
  const words = `${stdout}\n${stderr}`.trim().split('\n').slice(-MAX_LINES).join(' / ');
  expected(exitCode === 0, `packages/${name}/packaging exited ${exitCode}: ${words}`);
  fs.rmSync(vm.path(compile), { recursive: true });
  const bytes = Number.parseInt(await vm.must(['du', '-sb', `${target}/`]), 10);
  expected(bytes > 10_000, `the package ${name} has installed ${bytes} bytes`);
}

/** Packages and jobs are links to one directory per version. */
async function makeLinked(vm: Vm, directory: string, link: string): Promise<void> {
  await vm.must(['mkdir', '-p', directory, dirname(link)]);
  await vm.must(['ln', '-sfn', directory, link]);
}

/**
 * Renders a job and installs it, with bosh-agent's owners and modes (applier/jobs/owner_fix.go; for its
 * directories applier/models/job.go, CreateDirectories).
 */
async function render(
  vm: Vm,
  release: StagedRelease,
  name: string,
  properties: Properties,
): Promise<void> {
  const staged = release.jobs.find((job) => job.name === name);
  expected(staged !== undefined, `the release has no job ${name}`);
  const rendered = await renderJob({ jobDir: staged.folder, properties, spec: INSTANCE });
  if (!rendered.ok) expected(false, `job ${name}: ${rendered.errors.join(' / ')}`);
  const home = `${INSTALLED_JOBS}/${name}/${VERSION}`;
  await makeLinked(vm, home, jobDirectory(name));
  for (const [path, text] of rendered.files) if (path !== 'monit') vm.write(join(home, path), text);
  const modes = 'chown -R root:vcap "$0" && chmod -R u=rwX,g=rX,o= "$0" && chmod 0750 "$0"/bin/*';
  await vm.must(['sh', '-c', modes, home]);
  const directories = [dataDirectory(name), runDirectory(name), logDirectory(name)];
  await vm.must(['install', '-d', '-o', 'root', '-g', 'vcap', '-m', '0770', ...directories]);
}

/** The release as after an upload: the unpacked tarball of bosh, or the same made without it. */
async function uploadedRelease(folder: string): Promise<StagedRelease> {
  if (!isInPath('bosh')) return stageRelease(root, folder);
  await needBosh();
  return inTemporaryFolder(async (temporary) => {
    const version = packageVersion(root);
    const tarball = join(temporary, `rollcall-${version}.tgz`);
    const copy = join(temporary, 'release');
    copyRelease(root, copy);
    await createRelease({ root: copy, version, tarball, final: false });
    return unpackRelease(tarball, folder);
  });
}
