import { expect } from 'chai';
import fc from 'fast-check';
import { asByteString, asDevice } from '../../src/model/ids.ts';
import type { Mount } from '../../src/model/mount.ts';
import { parseMountInfo, parseMounts } from '../../src/parse/mount-table.ts';
import { rowsOf } from '../rows.ts';

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

  const good = String.raw`
no optional field | 1 0 0:1 / /a rw - cgroup c rw,pids | {"optionalFields": 0, "fstype": "cgroup", "source": "c"}
four optional fields | 1 0 0:1 / /a rw shared:1 master:2 propagate_from:3 unbindable - cgroup c rw | {"optionalFields": 4, "fstype": "cgroup"}
an unknown optional field | 1 0 0:1 / /a rw new:1 - cgroup c rw | {"fstype": "cgroup"}
an empty source | 1 0 0:1 / /a rw - cgroup  rw,memory | {"source": "", "superOptions": ["rw", "memory"]}
a source like the separator | 1 0 0:1 / /a rw - cgroup - rw,memory | {"source": "-", "superOptions": ["rw", "memory"]}
a mount point like the separator | 1 0 0:1 / - rw - cgroup c rw | {"mountPoint": "-", "fstype": "cgroup"}
bare spaces in super options | 1 0 0:1 / /a rw - 9p C:\134 rw,path=C:\Program Files\x;uid=0 | {"source": "C:\\", "superOptions": ["rw", "path=C:\\Program Files\\x;uid=0"]}
a space, once | 1 0 0:1 / /a\040b rw - cgroup c rw | {"mountPoint": "/a b"}
an escaped backslash before digits | 1 0 0:1 / /a\134040b rw - cgroup c rw | {"mountPoint": "/a\\040b"}
tab, newline and # | 1 0 0:1 / /\011\012\043 rw - cgroup c rw | {"mountPoint": "/\t\n#"}
two escaped backslashes | 1 0 0:1 / /\134\134 rw - cgroup c rw | {"mountPoint": "/\\\\"}
the highest byte, and one beyond | 1 0 0:1 / /\377\400 rw - cgroup c rw | {"mountPoint": "/ÿ\\400"}
an escape that is too short, or not octal | 1 0 0:1 / /\04\089 rw - cgroup c rw | {"mountPoint": "/\\04\\089"}
a digit after an escape, and a bare backslash | 1 0 0:1 / /\0401\ rw - cgroup c rw | {"mountPoint": "/ 1\\"}
an escape in the source and the type | 1 0 0:1 / /a rw - fuse.a\040b x\040y rw | {"fstype": "fuse.a b", "source": "x y"}
an escaped comma in an option | 1 0 0:1 / /a rw - cgroup c rw,release_agent=/a\054b | {"superOptions": ["rw", "release_agent=/a,b"]}
a comma in quotes | 1 0 0:1 / /a rw - tmpfs t rw,context="u:r:t:s0:c1,c2",mode=755 | {"superOptions": ["rw", "context=\"u:r:t:s0:c1,c2\"", "mode=755"]}
a comma in quotes, twice, and at the end | 1 0 0:1 / /a rw - tmpfs t a="1,2",b="3,4",c="5,6" | {"superOptions": ["a=\"1,2\"", "b=\"3,4\"", "c=\"5,6\""]}
nothing in quotes | 1 0 0:1 / /a rw - tmpfs t a="",b="1" | {"superOptions": ["a=\"\"", "b=\"1\""]}
an empty last option | 1 0 0:1 / /a rw - tmpfs t rw, | {"superOptions": ["rw", ""]}
a quote in a name | 1 0 0:1 / /a rw - overlay o rw,lowerdir="/x,upperdir=/y | {"superOptions": ["rw", "lowerdir=\"/x", "upperdir=/y"]}
a root that is no path | 1 0 0:4 net:[4026532008] /run/netns/x rw - nsfs nsfs rw | {"root": "net:[4026532008]"}
a relative mount point | 1 0 0:1 / some/where rw - cgroup c rw | {"mountPoint": "some/where"}
bytes that are not UTF-8 | 1 0 0:1 / /ÿþé rw - cgroup c rw | {"mountPoint": "/ÿþé"}
a parent that is itself | 1 1 0:1 / / rw - rootfs rootfs rw | {"id": 1, "parentId": 1}
`;
  for (const [title, line, fields = ''] of rowsOf(good)) {
    it(`reads ${title}`, () => {
      const read = only(`${line}\n`);
      for (const [field, value] of Object.entries(JSON.parse(fields) as Partial<Mount>)) {
        expect(read).to.have.deep.property(field, value);
      }
    });
  }

  const bad = `
nothing | | too few fields
five fields short | 36 35 98:0 / | too few fields
a line cut after its mount point | 36 35 98:0 / /sys/fs/cgroup/mem | too few fields
no separator | 36 35 98:0 / /a rw shared:1 ext3 /dev/root rw | no " - "
a separator glued to its neighbour | 36 35 98:0 / /a rw shared:1- ext3 /dev/root rw | no " - "
a line that ends in the separator | 36 35 98:0 / /a rw shared:1 - | no " - "
a line that ends in the separator and a space | 36 35 98:0 / /a rw shared:1 -_ | after " - "
a line cut after its type | 36 35 98:0 / /a rw - cgroup | after " - "
a line cut after its source | 36 35 98:0 / /a rw - cgroup cgroup | after " - "
no super options | 36 35 98:0 / /a rw - cgroup cgroup_ | no super block options
no type | 36 35 98:0 / /a rw -  cgroup rw | type is empty
an id that is not a number | x 35 98:0 / /a rw - ext3 /dev/root rw | mount id is not a number
a negative id | -1 35 98:0 / /a rw - ext3 /dev/root rw | mount id is not a number
an id beyond every number | ${'9'.repeat(30)} 35 98:0 / /a rw - ext3 /dev/root rw | mount id is not a number
an empty parent | 36  98:0 / /a rw - ext3 /dev/root rw | parent's mount id
a parent that is not a number | 36 0x1 98:0 / /a rw - ext3 /dev/root rw | parent's mount id
a device without a minor | 36 35 98 / /a rw - ext3 /dev/root rw | major:minor
an empty root | 36 35 98:0  /a rw - ext3 /dev/root rw | root is empty
an empty mount point | 36 35 98:0 /  rw - ext3 /dev/root rw | mount point is empty
a line of /proc/mounts | cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0 | too few
binary | \x7fELF\x02\x01\x01\0\0\0 | too few fields
`;
  for (const [title, text = '', problem] of rowsOf(bad)) {
    it(`refuses ${title}, and only that line`, () => {
      const line = text.replace(/_$/, ' ');
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

  const bad = `
a line of mountinfo | 36 35 98:0 / /a rw - ext3 /dev/root rw | numbers of dump and fsck
an empty line | | too few fields
a line cut after its source | cgroup | too few fields
a line cut after its mount point | cgroup /sys/fs/cgroup | too few fields
a line cut after its type | cgroup /sys/fs/cgroup cgroup | too few fields
a line without its numbers | cgroup /sys/fs/cgroup cgroup rw | numbers of dump and fsck
a line cut in its numbers | cgroup /sys/fs/cgroup cgroup rw 0 | numbers of dump and fsck
no options | cgroup /sys/fs/cgroup cgroup 0 0 | no options
empty options | cgroup /sys/fs/cgroup cgroup  0 0 | no options
an empty mount point | cgroup  cgroup rw 0 0 | mount point is empty
an empty type | cgroup /sys/fs/cgroup  rw 0 0 | file system type is empty
what mount(8) prints | cgroup on /sys/fs/cgroup type cgroup (rw,cpu) | numbers of dump and fsck
`;
  for (const [title, line, problem] of rowsOf(bad)) {
    it(`refuses ${title}`, () => {
      const { mounts, malformed } = parseText(`cgroup /a cgroup rw 0 0\n${line}\n`);
      expect(mounts).to.have.length(1);
      expect(malformed.map((one) => one.line)).to.deep.equal([2]);
      expect(malformed[0]?.problem).to.contain(problem);
    });
  }
});
