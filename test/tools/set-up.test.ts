import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../tools/bootstrap/place.mjs';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';

/** Takes the place of npm: installs one package, in two steps with time between them. */
const NPM = `
import { mkdirSync, writeFileSync } from 'node:fs';
if (process.env.BROKEN) { console.error('E404 no such package'); process.exit(1); }
mkdirSync('node_modules/pkg', { recursive: true });
await new Promise((resolve) => setTimeout(resolve, 300));
writeFileSync('node_modules/pkg/index.js', 'export const answer = 42;');
writeFileSync('node_modules/pkg/package.json', '{"type":"module","exports":"./index.js"}');
`;
const PROGRAM = `import { answer } from 'pkg'; console.log(answer);`;

/** Ten seconds take 100 ms. */
const INTERVALS_IN_HUNDREDTHS = `data:text/javascript,${encodeURIComponent(`
  const start = globalThis.setInterval;
  globalThis.setInterval = (run, milliseconds) => start(run, milliseconds / 100);
`)}`;

/** A clone on which nothing is installed, whose program needs a package. */
function madeClone() {
  const folder = temporaryFolder();
  for (const file of ['tools/bootstrap', 'tools/bootstrap.mjs', '.npmrc'])
    cpSync(path.join(root, file), path.join(folder, file), { recursive: true });
  writeFiles(folder, {
    'package.json': '{"type":"module"}',
    'package-lock.json': '{}',
    'tools/build.ts': PROGRAM,
    'fake/npm-cli.js': NPM,
  });
  return { folder, run: runIn(folder) };
}

const runIn =
  (folder: string) =>
  (env: Readonly<Record<string, string>> = {}) =>
    execa(process.execPath, ['tools/bootstrap.mjs', 'tool', 'build'], {
      cwd: folder,
      env: { npm_execpath: path.join(folder, 'fake/npm-cli.js'), ...env },
      reject: false,
    });

describe('the set-up of a clone', () => {
  it('is safe for runs at once, and prints only the output of the program to stdout', async () => {
    const { folder, run } = madeClone();
    const all = await Promise.all([run(), run(), run(), run()]);
    for (const ran of all) expect([ran.exitCode, ran.stdout], ran.stderr).to.deep.equal([0, '42']);
    // On a busy machine one may begin when another has finished.
    expect(all.map(({ stderr }) => stderr).join('\n')).to.include('rollcall: setting up');
    expect(readdirSync(path.join(folder, '.rollcall'))).to.deep.equal([]);
  });

  it('is done once for each version of package-lock.json', async () => {
    const { folder, run } = madeClone();
    await run();
    expect((await run()).stderr).to.equal('');
    writeFileSync(path.join(folder, 'node_modules/old'), '');
    writeFileSync(path.join(folder, 'package-lock.json'), '{"new":true}');
    expect((await run()).stdout).to.equal('42');
    expect(existsSync(path.join(folder, 'node_modules/old'))).to.equal(false);
  });

  it('installs nothing again that npm itself has installed', async () => {
    const { folder, run } = madeClone();
    await run();
    const lock = (...packages: readonly (readonly [string, object])[]): string =>
      JSON.stringify({ packages: Object.fromEntries([['', {}], ...packages]) });
    const pkg = ['node_modules/pkg', { integrity: 'sha512-1' }] as const;
    const { platform: os, arch: cpu } = process;
    const here = ['node_modules/here', { integrity: 'sha512-2', optional: true, os, cpu }] as const;
    const elsewhere = ['node_modules/elsewhere', { optional: true, os: 'aix', cpu }] as const;
    writeFileSync(path.join(folder, 'package-lock.json'), lock(pkg, here, elsewhere));
    for (const [installed, isEnough] of [
      [lock(pkg, here), true],
      [lock(pkg), false],
      [lock(here), false],
      [lock(['node_modules/pkg', { integrity: 'sha512-3' }], here), false],
    ] as const) {
      rmSync(path.join(folder, 'node_modules/.rollcall-stamp'), { force: true });
      writeFileSync(path.join(folder, 'node_modules/.package-lock.json'), installed);
      const ran = await run();
      expect([ran.exitCode, ran.stdout], ran.stderr).to.deep.equal([0, '42']);
      expect(ran.stderr === '', installed).to.equal(isEnough);
    }
  });

  it('says every ten seconds that npm still installs', async () => {
    const { run } = madeClone();
    const { exitCode, stderr } = await run({ NODE_OPTIONS: `--import=${INTERVALS_IN_HUNDREDTHS}` });
    expect(exitCode, stderr).to.equal(0);
    expect(stderr).to.match(/^rollcall: setting up.*\n(?:rollcall: still installing: \d+ s\n)+/);
  });

  it('leaves what is installed if npm fails, and says so in a line', async () => {
    const { folder, run } = madeClone();
    await run();
    writeFileSync(path.join(folder, 'package-lock.json'), '{"new":true}');
    const ran = await run({ BROKEN: 'yes' });
    expect([ran.exitCode, ran.stdout]).to.deep.equal([2, '']);
    expect(ran.stderr).to.match(/^E404.*\nrollcall: npm ci failed: .*$/m);
    expect(existsSync(path.join(folder, 'node_modules/pkg/index.js'))).to.equal(true);
  });
});
