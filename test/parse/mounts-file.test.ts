import { expect } from 'chai';
import fc from 'fast-check';
import { asByteString } from '../../src/model/ids.ts';
import { parseMounts } from '../../src/parse/mounts-file.ts';
import { anyBytes } from './table-arbitraries.ts';

const parse = (text: string) => parseMounts(asByteString(text));

describe('parseMounts', () => {
  it('reads what the format has, and nothing that it has not', () => {
    expect(
      parse('cgroup /sys/fs/cgroup/cpu\\040x cgroup rw,relatime,cpu 0 0\n').mounts,
    ).to.deep.equal([
      {
        line: 1,
        id: null,
        parentId: null,
        device: null,
        root: null,
        mountPoint: '/sys/fs/cgroup/cpu x',
        fstype: 'cgroup',
        source: 'cgroup',
        superOptions: ['rw', 'relatime', 'cpu'],
      },
    ]);
  });

  it('reads an empty source and bare spaces in options', () => {
    const { mounts, malformed } = parse(
      ' /a cgroup rw,pids 0 0\nC: /b 9p rw,path=C:\\Program Files 0 0\n',
    );
    expect(malformed).to.deep.equal([]);
    expect(mounts.map(({ source, superOptions }) => [source, superOptions])).to.deep.equal([
      ['', ['rw', 'pids']],
      ['C:', ['rw', 'path=C:\\Program Files']],
    ]);
  });

  const bad: readonly (readonly [string, string])[] = [
    ['a line of mountinfo', '36 35 98:0 / /a rw - ext3 /dev/root rw'],
    ['an empty line', ''],
    ['a line without its numbers', 'cgroup /sys/fs/cgroup cgroup rw'],
    ['a line cut in its numbers', 'cgroup /sys/fs/cgroup cgroup rw 0'],
    ['no options', 'cgroup /sys/fs/cgroup cgroup 0 0'],
    ['empty options', 'cgroup /sys/fs/cgroup cgroup  0 0'],
    ['an empty mount point', 'cgroup  cgroup rw 0 0'],
    ['what mount(8) prints', 'cgroup on /sys/fs/cgroup type cgroup (rw,cpu)'],
  ];
  for (const [title, line] of bad) {
    it(`refuses ${title}`, () => {
      const { mounts, malformed } = parse(`cgroup /a cgroup rw 0 0\n${line}\n`);
      expect(mounts).to.have.length(1);
      expect(malformed.map((one) => one.line)).to.deep.equal([2]);
    });
  }

  it('never fails, and accounts for every line of any bytes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const { mounts, malformed } = parseMounts(bytes);
        const lines = bytes.split('\n').length - (bytes === '' || bytes.endsWith('\n') ? 1 : 0);
        expect(mounts.length + malformed.length).to.equal(lines);
      }),
    );
  });
});
