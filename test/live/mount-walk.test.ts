import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const MIN_READINGS = 40;
const script = fileURLToPath(new URL('mount-walk-rounds.ts', import.meta.url));

interface Found {
  readonly rounds: number;
  readonly mounts: number;
  readonly hidden: number;
  readonly disagreements: readonly string[];
}

describe('the path walk and the kernel', () => {
  before(function () {
    if (process.platform !== 'linux') skip(this, 'needs Linux');
    if (process.getuid?.() !== 0) skip(this, 'needs root to make mounts');
    try {
      execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    } catch {
      skip(this, 'needs unshare(1) and the right to make a mount namespace');
    }
  });

  it(`agree on every mount of ${MIN_READINGS} rounds of random stacks, nestings and binds`, () => {
    const folder = temporaryFolder();
    const seed = 1 + Math.floor(Math.random() * 2 ** 31);
    const text = execFileSync(
      'unshare',
      [
        '--mount',
        '--propagation',
        'private',
        process.execPath,
        script,
        realpathSync(folder),
        String(MIN_READINGS),
        String(seed),
      ],
      { encoding: 'utf8' },
    );
    const found = JSON.parse(text) as Found;
    expect(found.disagreements, `seed ${seed}`).to.deep.equal([]);
    expect(found.rounds).to.equal(MIN_READINGS);
    expect(found.mounts).to.be.greaterThan(MIN_READINGS * 3);
    expect(found.hidden).to.be.greaterThan(MIN_READINGS);
  });
});
