import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../../tools/bootstrap/place.mjs';
import { boshProblem } from '../../../tools/release/create-release.ts';

describe('the version of bosh', () => {
  for (const said of [
    'version 7.9.1-ba8b1c5-2025-01-02T10:11:12Z\n\nSucceeded',
    'version 7.9.17',
    'version 7.10.0',
    'version v8.0.0',
  ])
    it(`is new enough: ${JSON.stringify(said)}`, () => {
      expect(boshProblem(said)).to.equal(null);
    });

  for (const [said, problem] of [
    ['version 7.9.0-x', 'bosh is 7.9.0-x, and 7.9.1 or newer is required'],
    ['version 7.8.20', 'bosh is 7.8.20'],
    ['version 6.99.99', 'bosh is 6.99.99'],
    ['version [DEV BUILD]', 'does not print its version ([DEV)'],
    ['', 'does not print its version (nothing)'],
  ] as const)
    it(`is not: ${JSON.stringify(said)}`, () => {
      expect(boshProblem(said)).to.contain(problem);
    });
});

describe('npm run release', () => {
  it('rejects an address before it runs bosh, which makes a final version only once', async () => {
    const program = path.join(root, 'tools/release/make-release.ts');
    const { exitCode, stderr } = await execa(
      process.execPath,
      [program, '--final', '--url', 'rollcall.tgz'],
      { reject: false, env: { PATH: '' } },
    );
    expect(exitCode).to.equal(2);
    expect(stderr).to.match(/^rollcall: --url rollcall\.tgz is not the address/);
  });
});
