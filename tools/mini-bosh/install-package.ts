import { cpSync, rmSync } from 'node:fs';
import type { StagedPackage } from '../release/stage-release.ts';
import { expected } from './expected.ts';
import type { Vm } from './vm.ts';

export interface InstalledPackage {
  readonly name: string;
  readonly bytes: number;
  readonly seconds: number;
}

/** The Director's digest of a package stands here; nobody reads it. */
const VERSION = '1';
/** Of a script that fails: its last commands, as bash -x writes them, and what they said. */
const MAX_LINES = 8;

/**
 * Compiles a package and installs it as bosh-agent does (compiler/concrete_compiler.go), but in a network namespace without
 * any network: a script that wants to download something must fail here.
 */
export async function installPackage(vm: Vm, staged: StagedPackage): Promise<InstalledPackage> {
  const { name } = staged;
  const started = performance.now();
  const compile = `/var/vcap/data/compile/${name}`;
  const target = `/var/vcap/packages/${name}`;
  await makeLinked(vm, `/var/vcap/data/packages/${name}/${VERSION}`, target);
  cpSync(staged.folder, vm.path(compile), { recursive: true });
  const { exitCode, stdout, stderr } = await vm.run(
    ['unshare', '--net', 'bash', '-x', 'packaging'],
    {
      directory: compile,
      env: {
        BOSH_COMPILE_TARGET: compile,
        BOSH_INSTALL_TARGET: target,
        BOSH_PACKAGE_NAME: name,
        BOSH_PACKAGE_VERSION: VERSION,
      },
    },
  );
  const words = `${stdout}\n${stderr}`.trim().split('\n').slice(-MAX_LINES).join(' / ');
  expected(exitCode === 0, `packages/${name}/packaging exited ${exitCode}: ${words}`);
  rmSync(vm.path(compile), { recursive: true });
  const size = await vm.must(['du', '-sb', `${target}/`]);
  const bytes = Number.parseInt(size, 10);
  expected(bytes > 10_000, `the package ${name} has installed ${bytes} bytes`);
  return { name, bytes, seconds: (performance.now() - started) / 1000 };
}

/** Packages and jobs are links to a directory for each version. */
export async function makeLinked(vm: Vm, directory: string, link: string): Promise<void> {
  await vm.must(['mkdir', '-p', directory, link.slice(0, link.lastIndexOf('/'))]);
  await vm.must(['ln', '-sfn', directory, link]);
}
