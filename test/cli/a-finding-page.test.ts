import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { root } from '../../tools/bootstrap/place.mjs';
import { RECORDED } from '../../tools/demo-cell/scenes.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { typed } from './rollcall.ts';

/** The part of a capture that the page quotes. */
interface Captured {
  readonly passes: readonly {
    readonly primaryWalk: {
      readonly directories: readonly {
        readonly path: string;
        readonly inode: number;
        readonly pids: readonly number[];
      }[];
    };
  }[];
}

describe('the page about the way of a finding', () => {
  const page = readFileSync(join(root, 'docs/decisions/a-finding.md'), 'utf8');

  it('quotes the cgroups of the recorded check', () => {
    const capture = JSON.parse(String(gunzipSync(readFileSync(RECORDED.broken)))) as Captured;
    const directories = capture.passes[0]?.primaryWalk.directories ?? [];
    const quoted = [...page.matchAll(/^ +(\/garden\/good\/\S+) +inode (\d+) +(.*)$/gm)];
    expect(quoted).to.have.length(2);
    for (const [, path = '', inode, processes = ''] of quoted) {
      const read = directories.find((one) => one.path.endsWith(path));
      const pids = [...processes.matchAll(/\d+/g)].map(([pid]) => Number(pid));
      expect(read, path).to.deep.include({ inode: Number(inode), pids });
    }
  });

  it('ends with the sentence that the check prints', async () => {
    const { stdout } = await typed(['check', '--json', '--capture', RECORDED.broken]);
    const [finding] = (JSON.parse(stdout) as ReportView).containers;
    const quoted = [...page.matchAll(/^ +> (.*)$/gm)].map(([, line]) => line).join(' ');
    expect(quoted).to.equal(finding?.sentence);
  });
});
