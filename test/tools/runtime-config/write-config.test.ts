import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';
import { root } from '../../../tools/bootstrap/place.mjs';

/** A version that nobody has, so that no file of a developer is replaced. */
const VERSION = '0.0.0-test.1';
const FILE = path.join(root, `rollcall-runtime-config-${VERSION}.yml`);
const TARBALL = path.join(root, `rollcall-${VERSION}.tgz`);

const make = (...args: readonly string[]) =>
  execa(
    process.execPath,
    [path.join(root, 'tools/runtime-config/main.ts'), '-v', `rollcall_version=${VERSION}`, ...args],
    { reject: false },
  );

describe('npm run tool -- runtime-config', () => {
  afterEach(() => {
    for (const file of [FILE, TARBALL]) rmSync(file, { force: true });
  });

  it('writes the file of a version beside its tarball, and says which', async () => {
    const operations = 'manifests/operations/exclude-isolation-segment.yml';
    const groups = 'excluded_instance_groups=[isolated_diego_cell, other]';
    const { exitCode, stdout } = await make('-o', operations, '-v', groups);
    expect([exitCode, stdout]).to.deep.equal([0, path.basename(FILE)]);
    const text = readFileSync(FILE, 'utf8');
    expect(text).to.include(`bosh update-runtime-config --name rollcall ${stdout}`);
    expect(parse(text)).to.have.deep.nested.property('addons[0].exclude.instance_groups', [
      'isolated_diego_cell',
      'other',
    ]);
  });

  it('takes the checksum of the tarball with its address', async () => {
    const url = 'https://example.com/rollcall.tgz';
    expect((await make('--url', url)).stderr).to.match(/-test\.1\.tgz is missing, and --url needs/);
    writeFileSync(TARBALL, 'a release\n');
    expect((await make('--url', url)).exitCode).to.equal(0);
    expect(parse(readFileSync(FILE, 'utf8'))).to.have.deep.nested.property('releases[0]', {
      name: 'rollcall',
      version: VERSION,
      url,
      sha1: 'sha256:7a423edf0c29ef8ded113e9bd5407f4ce6db1ee558630bc7ce56fd3ca2273d5a',
    });
  });

  for (const [args, says] of [
    [['-o', 'no/such.yml'], /^rollcall: no\/such\.yml cannot be read \(ENOENT\)/],
    [['-v', 'interval_seconds'], /^rollcall: -v interval_seconds names no variable/],
    [['-v', 'x=[1'], /^rollcall: -v x=\[1 has a value that is not valid YAML/],
  ] as const)
    it(`writes nothing for ${args.join(' ')}`, async () => {
      const { exitCode, stderr } = await make(...args);
      expect(exitCode).to.equal(2);
      expect(stderr).to.match(says).and.not.to.include('\n');
      expect(existsSync(FILE)).to.equal(false);
    });
});
