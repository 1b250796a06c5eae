import { expect } from 'chai';
import fc from 'fast-check';
import { asByteString, asDevice } from '../../src/model/ids.ts';
import type { Mount } from '../../src/model/mount.ts';
import { parseMountInfo, parseMounts } from '../../src/parse/mount-table.ts';

const parse = (text: string) => parseMountInfo(asByteString(text));

/** The only mount of a text of one good line. */
function only(text: string): Mount {
  const { mounts, malformed } = parse(text);
  expect(malformed).to.deep.equal([]);
  expect(mounts).to.have.length(1);
  const [mount] = mounts;
  if (mount === undefined) throw new Error('no mount');
  return mount;
}

const byte = fc.oneof(
  fc.constantFrom(...'ab/ \\\t\n#-:"'.split('')),
  fc.integer({ min: 1, max: 255 }).map((n) => String.fromCharCode(n)),
);
const word = (minLength: number) =>
  fc.array(byte, { minLength, maxLength: 12 }).map((bytes) => bytes.join(''));
const number = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** A mount with every field that the kernel prints escaped holding any byte but NUL. */
const anyMount: fc.Arbitrary<Omit<Mount, 'line' | 'optionalFields'>> = fc.record({
  id: number,
  parentId: number,
  device: fc.tuple(number, number).map(([major, minor]) => asDevice(`${major}:${minor}`)),
  root: word(1).map(asByteString),
  mountPoint: word(1).map(asByteString),
  fstype: word(1),
  source: word(0).map(asByteString),
  superOptions: fc.array(
    word(1).filter((option) => !/[,"]/.test(option)),
    { minLength: 1, maxLength: 4 },
  ),
});

/** As the kernel escapes a field. */
const escapeField = (field: string): string =>
  field.replace(
    /[ \t\n\\#]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );

describe('parseMountInfo', () => {
  it('reads every field', () => {
    const line = '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n';
    expect(only(line)).to.deep.equal({
      line: 1,
      id: 36,
      parentId: 35,
      device: '98:0',
      root: '/mnt1',
      mountPoint: '/mnt2',
      optionalFields: 1,
      fstype: 'ext3',
      source: '/dev/root',
      superOptions: ['rw', 'errors=continue'],
    });
  });

  const good = [
    {
      title: 'no optional field',
      line: '1 0 0:1 / /a rw - cgroup c rw,pids',
      fields: { optionalFields: 0, fstype: 'cgroup', source: 'c' },
    },
    {
      title: 'four optional fields',
      line: '1 0 0:1 / /a rw shared:1 master:2 propagate_from:3 unbindable - cgroup c rw',
      fields: { optionalFields: 4, fstype: 'cgroup' },
    },
    {
      title: 'an unknown optional field',
      line: '1 0 0:1 / /a rw new:1 - cgroup c rw',
      fields: { fstype: 'cgroup' },
    },
    {
      title: 'an empty source',
      line: '1 0 0:1 / /a rw - cgroup  rw,memory',
      fields: { source: '', superOptions: ['rw', 'memory'] },
    },
    {
      title: 'a source like the separator',
      line: '1 0 0:1 / /a rw - cgroup - rw,memory',
      fields: { source: '-', superOptions: ['rw', 'memory'] },
    },
    {
      title: 'a mount point like the separator',
      line: '1 0 0:1 / - rw - cgroup c rw',
      fields: { mountPoint: '-', fstype: 'cgroup' },
    },
    {
      title: 'bare spaces in super options',
      line: String.raw`1 0 0:1 / /a rw - 9p C:\134 rw,path=C:\Program Files\x;uid=0`,
      fields: { source: 'C:\\', superOptions: ['rw', 'path=C:\\Program Files\\x;uid=0'] },
    },
    {
      title: 'a space, once',
      line: String.raw`1 0 0:1 / /a\040b rw - cgroup c rw`,
      fields: { mountPoint: '/a b' },
    },
    {
      title: 'an escaped backslash before digits',
      line: String.raw`1 0 0:1 / /a\134040b rw - cgroup c rw`,
      fields: { mountPoint: '/a\\040b' },
    },
    {
      title: 'tab, newline and #',
      line: String.raw`1 0 0:1 / /\011\012\043 rw - cgroup c rw`,
      fields: { mountPoint: '/\t\n#' },
    },
    {
      title: 'two escaped backslashes',
      line: String.raw`1 0 0:1 / /\134\134 rw - cgroup c rw`,
      fields: { mountPoint: '/\\\\' },
    },
    {
      title: 'the highest byte, and one beyond',
      line: String.raw`1 0 0:1 / /\377\400 rw - cgroup c rw`,
      fields: { mountPoint: '/ÿ\\400' },
    },
    {
      title: 'an escape that is too short, or not octal',
      line: String.raw`1 0 0:1 / /\04\089 rw - cgroup c rw`,
      fields: { mountPoint: '/\\04\\089' },
    },
    {
      title: 'a digit after an escape, and a bare backslash',
      line: String.raw`1 0 0:1 / /\0401\ rw - cgroup c rw`,
      fields: { mountPoint: '/ 1\\' },
    },
    {
      title: 'an escape in the source and the type',
      line: String.raw`1 0 0:1 / /a rw - fuse.a\040b x\040y rw`,
      fields: { fstype: 'fuse.a b', source: 'x y' },
    },
    {
      title: 'an escaped comma in an option',
      line: String.raw`1 0 0:1 / /a rw - cgroup c rw,release_agent=/a\054b`,
      fields: { superOptions: ['rw', 'release_agent=/a,b'] },
    },
    {
      title: 'a comma in quotes',
      line: '1 0 0:1 / /a rw - tmpfs t rw,context="u:r:t:s0:c1,c2",mode=755',
      fields: { superOptions: ['rw', 'context="u:r:t:s0:c1,c2"', 'mode=755'] },
    },
    {
      title: 'a comma in quotes, twice, and at the end',
      line: '1 0 0:1 / /a rw - tmpfs t a="1,2",b="3,4",c="5,6"',
      fields: { superOptions: ['a="1,2"', 'b="3,4"', 'c="5,6"'] },
    },
    {
      title: 'nothing in quotes',
      line: '1 0 0:1 / /a rw - tmpfs t a="",b="1"',
      fields: { superOptions: ['a=""', 'b="1"'] },
    },
    {
      title: 'an empty last option',
      line: '1 0 0:1 / /a rw - tmpfs t rw,',
      fields: { superOptions: ['rw', ''] },
    },
    {
      title: 'a quote in a name',
      line: '1 0 0:1 / /a rw - overlay o rw,lowerdir="/x,upperdir=/y',
      fields: { superOptions: ['rw', 'lowerdir="/x', 'upperdir=/y'] },
    },
    {
      title: 'a root that is no path',
      line: '1 0 0:4 net:[4026532008] /run/netns/x rw - nsfs nsfs rw',
      fields: { root: 'net:[4026532008]' },
    },
    {
      title: 'a relative mount point',
      line: '1 0 0:1 / some/where rw - cgroup c rw',
      fields: { mountPoint: 'some/where' },
    },
    {
      title: 'bytes that are not UTF-8',
      line: '1 0 0:1 / /ÿþé rw - cgroup c rw',
      fields: { mountPoint: '/ÿþé' },
    },
    {
      title: 'a parent that is itself',
      line: '1 1 0:1 / / rw - rootfs rootfs rw',
      fields: { id: 1, parentId: 1 },
    },
  ];
  for (const { title, line, fields } of good) {
    it(`reads ${title}`, () => {
      const read = only(`${line}\n`);
      for (const [field, value] of Object.entries(fields)) {
        expect(read).to.have.deep.property(field, value);
      }
    });
  }

  const bad = [
    { title: 'nothing', text: '', problem: 'too few fields' },
    { title: 'five fields short', text: '36 35 98:0 /', problem: 'too few fields' },
    {
      title: 'a line cut after its mount point',
      text: '36 35 98:0 / /sys/fs/cgroup/mem',
      problem: 'too few fields',
    },
    {
      title: 'no separator',
      text: '36 35 98:0 / /a rw shared:1 ext3 /dev/root rw',
      problem: 'no " - "',
    },
    {
      title: 'a separator glued to its neighbour',
      text: '36 35 98:0 / /a rw shared:1- ext3 /dev/root rw',
      problem: 'no " - "',
    },
    {
      title: 'a line that ends in the separator',
      text: '36 35 98:0 / /a rw shared:1 -',
      problem: 'no " - "',
    },
    {
      title: 'a line that ends in the separator and a space',
      text: '36 35 98:0 / /a rw shared:1 - ',
      problem: 'after " - "',
    },
    {
      title: 'a line cut after its type',
      text: '36 35 98:0 / /a rw - cgroup',
      problem: 'after " - "',
    },
    {
      title: 'a line cut after its source',
      text: '36 35 98:0 / /a rw - cgroup cgroup',
      problem: 'after " - "',
    },
    {
      title: 'no super options',
      text: '36 35 98:0 / /a rw - cgroup cgroup ',
      problem: 'no super block options',
    },
    { title: 'no type', text: '36 35 98:0 / /a rw -  cgroup rw', problem: 'type is empty' },
    {
      title: 'an id that is not a number',
      text: 'x 35 98:0 / /a rw - ext3 /dev/root rw',
      problem: 'mount id is not a number',
    },
    {
      title: 'a negative id',
      text: '-1 35 98:0 / /a rw - ext3 /dev/root rw',
      problem: 'mount id is not a number',
    },
    {
      title: 'an id beyond every number',
      text: `${'9'.repeat(30)} 35 98:0 / /a rw - ext3 /dev/root rw`,
      problem: 'mount id is not a number',
    },
    {
      title: 'an empty parent',
      text: '36  98:0 / /a rw - ext3 /dev/root rw',
      problem: "parent's mount id",
    },
    {
      title: 'a parent that is not a number',
      text: '36 0x1 98:0 / /a rw - ext3 /dev/root rw',
      problem: "parent's mount id",
    },
    {
      title: 'a device without a minor',
      text: '36 35 98 / /a rw - ext3 /dev/root rw',
      problem: 'major:minor',
    },
    {
      title: 'an empty root',
      text: '36 35 98:0  /a rw - ext3 /dev/root rw',
      problem: 'root is empty',
    },
    {
      title: 'an empty mount point',
      text: '36 35 98:0 /  rw - ext3 /dev/root rw',
      problem: 'mount point is empty',
    },
    {
      title: 'a line of /proc/mounts',
      text: 'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0',
      problem: 'too few',
    },
    { title: 'binary', text: '\x7fELF\x02\x01\x01\0\0\0', problem: 'too few fields' },
  ];
  for (const { title, text: line, problem } of bad) {
    it(`refuses ${title}, and only that line`, () => {
      const whole = '1 0 8:1 / / rw - ext4 /dev/sda1 rw';
      const { mounts, malformed } = parse(`${whole}\n${line}\n${whole}\n`);
      expect(mounts.map((mount) => mount.line)).to.deep.equal([1, 3]);
      expect(malformed).to.have.length(1);
      expect(malformed[0]?.line).to.equal(2);
      expect(malformed[0]?.problem).to.contain(problem);
    });
  }

  it('accepts a complete last line without a newline, and reports one that is cut', () => {
    const whole = '1 0 8:1 / / rw - ext4 /dev/sda1 rw';
    expect(parse(`${whole}\n${whole}`).mounts).to.have.length(2);
    const { mounts, malformed } = parse(`${whole}\n${whole.slice(0, 20)}`);
    expect(mounts).to.have.length(1);
    expect(malformed.map(({ line }) => line)).to.deep.equal([2]);
  });

  it('finds no line in an empty text', () => {
    const nothing = { mounts: [], malformed: [], longLine: null };
    expect(parse('')).to.deep.equal({ format: 'mountinfo', ...nothing });
    expect(parseMounts(asByteString(''))).to.deep.equal({ format: 'mounts', ...nothing });
  });

  it('quotes a malformed line in at most 120 characters that do not control a terminal', () => {
    const [line] = parse(`\x1b[2J\x9b31m\xe2\x80\xae${'x'.repeat(90_000)}\n`).malformed;
    expect(line?.text.length).to.be.at.most(120);
    expect(line?.text).not.to.match(/[\x00-\x1f\x7f-\x9f\u202e]/);
  });

  it('reads lines of any length: an overlay of many layers was longer than the buffers of other parsers', () => {
    for (const [length, longLine] of [
      [6_000, null],
      [80_000, 1],
    ] as const) {
      const layers = `lowerdir=${'/layer'.repeat(length / 6)}`;
      const { mounts, longLine: found } = parse(
        `1 0 0:1 / /a rw - overlay o rw,${layers}\n2 1 0:2 / /sys/fs/cgroup rw - cgroup2 c rw\n`,
      );
      expect(mounts.map(({ superOptions }) => superOptions)).to.deep.equal([
        ['rw', layers],
        ['rw'],
      ]);
      expect(found).to.equal(longLine);
    }
  });

  it('reads back any mount as the kernel prints it', () => {
    const fields = fc.constantFrom('', 'shared:1 ', 'shared:1 master:22 ');
    fc.assert(
      fc.property(fc.array(fc.tuple(anyMount, fields), { maxLength: 8 }), (rows) => {
        const lines = rows.map(([mount, optional]) => {
          const { id, parentId, device, root, mountPoint, fstype, source, superOptions } = mount;
          const at = `${escapeField(root ?? '')} ${escapeField(mountPoint)}`;
          const from = `${escapeField(fstype)} ${escapeField(source)}`;
          const options = superOptions.map(escapeField).join(',');
          return `${id} ${parentId} ${device} ${at} rw ${optional}- ${from} ${options}\n`;
        });
        const { mounts, malformed } = parse(lines.join(''));
        expect(malformed).to.deep.equal([]);
        expect(mounts).to.deep.equal(
          rows.map(([mount, optional], index) => ({
            ...mount,
            line: index + 1,
            optionalFields: optional.split(' ').length - 1,
          })),
        );
      }),
    );
  });
});

describe('parseMounts', () => {
  const parseText = (text: string) => parseMounts(asByteString(text));

  it('reads what the format contains, and nothing else', () => {
    const line = 'cgroup /sys/fs/cgroup/cpu\\040x cgroup rw,relatime,cpu 0 0\n';
    const absent = { id: null, parentId: null, device: null, root: null, optionalFields: null };
    expect(parseText(line).mounts).to.deep.equal([
      {
        ...absent,
        line: 1,
        mountPoint: '/sys/fs/cgroup/cpu x',
        fstype: 'cgroup',
        source: 'cgroup',
        superOptions: ['rw', 'relatime', 'cpu'],
      },
    ]);
  });

  it('reads an empty source and bare spaces in options', () => {
    const { mounts } = parseText(' /a cgroup rw,pids 0 0\nC: /b 9p rw,path=C:\\a b 0 0\n');
    expect(mounts.map(({ source, superOptions }) => [source, ...superOptions])).to.deep.equal([
      ['', 'rw', 'pids'],
      ['C:', 'rw', 'path=C:\\a b'],
    ]);
  });

  const bad = [
    {
      title: 'a line of mountinfo',
      line: '36 35 98:0 / /a rw - ext3 /dev/root rw',
      problem: 'numbers of dump and fsck',
    },
    { title: 'an empty line', line: '', problem: 'too few fields' },
    { title: 'a line cut after its source', line: 'cgroup', problem: 'too few fields' },
    {
      title: 'a line cut after its mount point',
      line: 'cgroup /sys/fs/cgroup',
      problem: 'too few fields',
    },
    {
      title: 'a line cut after its type',
      line: 'cgroup /sys/fs/cgroup cgroup',
      problem: 'too few fields',
    },
    {
      title: 'a line without its numbers',
      line: 'cgroup /sys/fs/cgroup cgroup rw',
      problem: 'numbers of dump and fsck',
    },
    {
      title: 'a line cut in its numbers',
      line: 'cgroup /sys/fs/cgroup cgroup rw 0',
      problem: 'numbers of dump and fsck',
    },
    { title: 'no options', line: 'cgroup /sys/fs/cgroup cgroup 0 0', problem: 'no options' },
    { title: 'empty options', line: 'cgroup /sys/fs/cgroup cgroup  0 0', problem: 'no options' },
    {
      title: 'an empty mount point',
      line: 'cgroup  cgroup rw 0 0',
      problem: 'mount point is empty',
    },
    {
      title: 'an empty type',
      line: 'cgroup /sys/fs/cgroup  rw 0 0',
      problem: 'file system type is empty',
    },
    {
      title: 'what mount(8) prints',
      line: 'cgroup on /sys/fs/cgroup type cgroup (rw,cpu)',
      problem: 'numbers of dump and fsck',
    },
  ];
  for (const { title, line, problem } of bad) {
    it(`refuses ${title}`, () => {
      const { mounts, malformed } = parseText(`cgroup /a cgroup rw 0 0\n${line}\n`);
      expect(mounts).to.have.length(1);
      expect(malformed.map((one) => one.line)).to.deep.equal([2]);
      expect(malformed[0]?.problem).to.contain(problem);
    });
  }
});
