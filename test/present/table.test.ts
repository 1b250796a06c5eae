import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { COLOR_NUMBERS, colors } from '../../src/present/color.ts';
import {
  commandLines,
  cutEnd,
  cutMiddle,
  displayWidth,
  wrapText,
} from '../../src/present/display-width.ts';
import { itemTable, type ItemColumn, type TableCell } from '../../src/present/table.ts';

type Row = readonly (TableCell | string)[];
const COLUMNS: readonly ItemColumn<Row>[] = [
  { title: 'NAME', cell: ([name = '']) => name },
  { title: 'PATH', least: 6, cut: 'middle', cell: ([, path = '']) => path },
  { title: 'N', align: 'right', least: 1, cell: ([, , number = '']) => number },
];
const PLAIN = colors(false);
const table = (columns: number, ...rows: readonly Row[]): readonly string[] =>
  itemTable(rows, COLUMNS, { colors: PLAIN, columns });

describe('a table of items', () => {
  it('makes columns as wide as their widest cell and no wider', () => {
    expect(table(80, ['memory', '/sys', '5'], ['v2', '/sys/fs', '12'])).to.deep.equal([
      'NAME    PATH      N',
      'memory  /sys      5',
      'v2      /sys/fs  12',
    ]);
  });

  it('accepts more rows than a call accepts arguments, as an untrusted server may send', () => {
    const rows = Array.from({ length: 150_000 }, () => ['v2', '/', '1']);
    expect(itemTable(rows, COLUMNS, { colors: PLAIN, columns: 80 })).to.have.length(150_001);
  });

  it('aligns by the displayed width: wide, combining and emoji characters', () => {
    const lines = table(80, ['漢字', 'e\u0301', '1'], ['🚀', 'ab', '2']);
    expect(lines.map((line) => displayWidth(line))).to.deep.equal([13, 13, 13]);
  });

  it('shortens the widest columns first, a path in its middle', () => {
    const [, row] = table(30, ['memory', '/sys/fs/cgroup/memory/garden', '5']);
    expect(row).to.equal('memory  /sys/fs/c…ry/garden  5');
  });

  it('puts a row in several lines if the columns do not fit beside each other', () => {
    expect(table(14, ['memory', '/sys', '5'], ['v2', '/cg', '6'])).to.deep.equal([
      'NAME  memory',
      'PATH  /sys',
      'N     5',
      '',
      'NAME  v2',
      'PATH  /cg',
      'N     6',
    ]);
  });

  it('indents and wraps notes', () => {
    const notes = () => [{ text: 'one two three four five' }];
    const lines = itemTable([['a']], COLUMNS, { colors: PLAIN, columns: 20, notes });
    expect(lines.slice(2)).to.deep.equal(['  one two three four', '  five']);
  });

  it('colours without changing widths', () => {
    const { red } = colors(true);
    const lines = table(80, [{ text: 'a', style: red }, 'b', { text: '1', style: red }]);
    expect(lines[1]).to.equal(`${red('a')}     b     ${red('1')}`);
  });

  it('never exceeds the width, whatever it contains', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.constant('/a/b'.repeat(30)),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 120 }),
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 4 }),
        (width, rows) => {
          for (const line of table(width, ...rows)) {
            expect(displayWidth(line)).to.be.at.most(width);
          }
        },
      ),
    );
  });
});

describe('texts of a given width', () => {
  it('are cut at their end or in their middle', () => {
    expect(cutEnd('abcdef', 4)).to.equal('abc…');
    expect(cutEnd('abcd', 4)).to.equal('abcd');
    expect(cutEnd('漢字漢字', 4)).to.equal('漢…');
    expect(cutMiddle('/sys/fs/cgroup', 9)).to.equal('/sys…roup');
    expect(cutMiddle('漢字漢字漢', 6)).to.equal('漢…漢');
    expect(cutEnd('abc', 0)).to.equal('');
  });

  it('are wrapped at spaces, and within a word only if it is too long', () => {
    expect(wrapText('a bc def', 4)).to.deep.equal(['a bc', 'def']);
    expect(wrapText('ab cdefghij k', 4)).to.deep.equal(['ab', 'cdef', 'ghij', 'k']);
    expect(wrapText('', 4)).to.deep.equal(['']);
    expect(wrapText('漢字 x', 1)).to.deep.equal(['漢', '字', 'x']);
  });
});

describe('colors', () => {
  it('adds nothing when it is off, and never colours an empty text', () => {
    expect(colors(false).red('x')).to.equal('x');
    expect(colors(true).red('')).to.equal('');
    expect(colors(true).dim('x')).to.equal('\x1b[2mx\x1b[22m');
  });

  for (const [name, number] of Object.entries(COLOR_NUMBERS)) {
    it(`is legible on a black and on a white ground: ${name}`, () => {
      const luminance = luminanceOf(number);
      expect((luminance + 0.05) / 0.05, 'on black').to.be.at.least(3.9);
      expect(1.05 / (luminance + 0.05), 'on white').to.be.at.least(3.9);
    });
  }
});

describe('a command on a narrow terminal', () => {
  it('is broken so that a shell takes it as it stands', () => {
    const command = `printf '%s|' one "two" '$x' ${'y'.repeat(40)} end`;
    const lines = commandLines(command, { columns: 20, first: '    ' });
    expect(lines.length).to.be.above(3);
    const { stdout } = spawnSync('sh', ['-c', lines.join('\n')], { encoding: 'utf8' });
    expect(stdout).to.equal(`one|two|$x|${'y'.repeat(40)}|end|`);
    for (const line of lines.filter((one) => !one.includes('yyy')))
      expect(line.length).to.be.at.most(20);
  });

  it('is one line where it fits', () => {
    expect(commandLines('ls -l', { columns: 20, first: '  ' })).to.deep.equal(['  ls -l']);
  });
});

const LEVELS = [0, 95, 135, 175, 215, 255];

/** Relative luminance, as WCAG defines it, of a colour in xterm's cube of 6 × 6 × 6. */
function luminanceOf(number: number): number {
  const index = number - 16;
  const [red = 0, green = 0, blue = 0] = [36, 6, 1].map((step) => {
    const share = (LEVELS[Math.floor(index / step) % 6] ?? 0) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
