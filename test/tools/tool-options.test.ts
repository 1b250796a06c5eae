import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../tools/bootstrap/place.mjs';

/** Programs with options of their own; none of them may begin with its work here. */
const PROGRAMS: readonly (readonly [program: string, options: string])[] = [
  ['generate.ts', '--check, --runbook-url'],
  ['rule-comparison/main.ts', '--from'],
  ['release/blobs.ts', '--accept'],
  ['release/make-release.ts', '--final, --url'],
  ['runtime-config/main.ts', '--ops, --var, --url'],
  ['tile/main.ts', '--ops, --var, --tarball'],
  ['executables/main.ts', '--here'],
  ['plugin/main.ts', '--script'],
  ['mini-bosh/main.ts', '--v2'],
  ['../src/demo-cell/main.ts', '--v1, --v2, --keep, --color'],
];

describe('an unknown option', () => {
  for (const [program, options] of PROGRAMS)
    it(`is refused by ${program} in one line that names the others`, async () => {
      const file = path.join(root, 'tools', program);
      const ran = await execa(process.execPath, [file, '--no-such'], { reject: false });
      expect([ran.exitCode, ran.stdout]).to.deep.equal([2, '']);
      expect(ran.stderr)
        .to.match(/^rollcall: .*--no-such.*$/)
        .and.include(options);
    });
});

describe('the demo', () => {
  it('has one kind of cgroups', async () => {
    const file = path.join(root, 'src/demo-cell/main.ts');
    const ran = await execa(process.execPath, [file, '--v1', '--v2'], { reject: false });
    expect([ran.exitCode, ran.stdout]).to.deep.equal([2, '']);
    expect(ran.stderr).to.equal('rollcall: The demo takes --v1 or --v2, not both.');
  });
});
