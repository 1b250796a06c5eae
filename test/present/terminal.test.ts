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
import {
  commands,
  facts,
  foreign,
  heading,
  note,
  sentence,
  steps,
  table,
  type Block,
  type ItemColumn,
  type Text,
} from '../../src/present/document/blocks.ts';
import { documentLines, documentText, tableLines } from '../../src/present/document/terminal.ts';

type Row = readonly Text[];
const COLUMNS: readonly ItemColumn<Row>[] = [
  { title: 'Name', cell: ([name = '']) => name },
  { title: 'Path', least: 6, fit: 'cut-middle', cell: ([, path = '']) => path },
  { title: 'N', align: 'right', least: 1, cell: ([, , number = '']) => number },
];
const PLAIN = colors(false);
const PLACE = { id: 'a-table', caption: 'A table' };
const tableIn = (columns: number, ...rows: readonly Row[]): readonly string[] =>
  tableLines(table(rows, COLUMNS, PLACE), { colors: PLAIN, columns });

describe('a table of items', () => {
  it('makes columns as wide as their widest cell and no wider', () => {
    expect(tableIn(80, ['memory', '/sys', '5'], ['v2', '/sys/fs', '12'])).to.deep.equal([
      'NAME    PATH      N',
      'memory  /sys      5',
      'v2      /sys/fs  12',
    ]);
  });

  it('accepts more rows than a call accepts arguments, as an untrusted server may send', () => {
    const rows = Array.from({ length: 150_000 }, () => ['v2', '/', '1']);
    const lines = tableLines(table(rows, COLUMNS, PLACE), { colors: PLAIN, columns: 80 });
    expect(lines).to.have.length(150_001);
  });

  it('aligns by the displayed width: wide, combining and emoji characters', () => {
    const lines = tableIn(80, ['漢字', 'e\u0301', '1'], ['🚀', 'ab', '2']);
    expect(lines.map((line) => displayWidth(line))).to.deep.equal([13, 13, 13]);
  });

  it('shortens the widest columns first, a path in its middle', () => {
    const [, row] = tableIn(30, ['memory', '/sys/fs/cgroup/memory/garden', '5']);
    expect(row).to.equal('memory  /sys/fs/c…ry/garden  5');
  });

  it('puts a row in several lines if the columns do not fit beside each other', () => {
    expect(tableIn(12, ['memory', '/sys', '5'], ['v2', '/cg', '6'])).to.deep.equal([
      'NAME  memory',
      'PATH  /sys',
      'N     5',
      '',
      'NAME  v2',
      'PATH  /cg',
      'N     6',
    ]);
  });

  it('indents and wraps what is said below a row', () => {
    const below = () => [note('one two three four five')];
    const block = table([['a']], COLUMNS, { ...PLACE, below });
    expect(tableLines(block, { colors: PLAIN, columns: 20 }).slice(2)).to.deep.equal([
      '  one two three four',
      '  five',
    ]);
  });

  it('colours without changing widths', () => {
    const { red } = colors(true);
    const row: Row = [{ text: 'a', tone: 'critical' }, 'b', { text: '1', tone: 'critical' }];
    const screen = { colors: colors(true), columns: 80 };
    expect(tableLines(table([row], COLUMNS, PLACE), screen)[1]).to.equal(
      `${red('a')}     b     ${red('1')}`,
    );
  });

  it('shows a command in a colour of its own', () => {
    const { cyan } = colors(true);
    const screen = { colors: colors(true), columns: 80 };
    expect(documentText([[commands(['ps'])]], screen)).to.equal(`${cyan('  ps')}\n`);
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
          for (const line of tableIn(width, ...rows)) {
            expect(displayWidth(line)).to.be.at.most(width);
          }
        },
      ),
    );
  });
});

describe('blocks on a terminal', () => {
  const shown = (columns: number, ...blocks: readonly Block[]): readonly string[] =>
    documentLines([blocks], { colors: PLAIN, columns });

  it('are steps with a number, one action, its command ready to paste, and what its result decides', () => {
    const handle = 'h'.repeat(40);
    const all = [
      { action: 'Ask whose it is.', command: `cf curl ${handle}`, result: 'Nobody → step 2.' },
      { action: 'Wait.', command: null, result: null },
    ];
    expect(shown(24, steps(all))).to.deep.equal([
      '1. Ask whose it is.',
      '   Nobody → step 2.',
      '   cf curl \\',
      `     ${handle}`,
      '2. Wait.',
    ]);
  });

  it('are commands that are broken between words only', () => {
    expect(shown(16, commands(['ls -l /var/vcap/data', 'ps']))).to.deep.equal([
      '  ls -l \\',
      '    /var/vcap/data',
      '  ps',
    ]);
  });

  it('are commands whose programs begin a line if they do not fit the last one', () => {
    expect(shown(24, commands(['grep -h a /b | tail -3 && ls']))).to.deep.equal([
      '  grep -h a /b \\',
      '    | tail -3 && ls',
    ]);
  });

  it('are facts, whose values begin in one column', () => {
    expect(
      shown(
        20,
        facts([
          ['kind', 'an app'],
          ['processes', 'two or three'],
        ]),
      ),
    ).to.deep.equal(['kind       an app', 'processes  two or', '           three']);
  });

  it('are a heading in parts that are not broken, above what is indented', () => {
    const parts = [{ text: 'untracked' }, { text: 'h'.repeat(12), isCode: true }] as const;
    expect(shown(16, heading(parts), sentence('It runs, and more.'))).to.deep.equal([
      'untracked',
      `  ${'h'.repeat(12)}`,
      '  It runs, and',
      '  more.',
    ]);
  });

  it('break no time, and take a short text only on a narrow terminal', () => {
    const at = { text: '10:00 (2 h ago)', isUnbroken: true } as const;
    expect(shown(20, sentence(['It runs since ', at, ', so far.']))).to.deep.equal([
      'It runs since',
      '10:00 (2 h ago), so',
      'far.',
    ]);
    const cell = () => ({ ...foreign('long-name'), short: 'long' });
    const block = table([0], [{ title: 'Name', cell }], PLACE);
    expect(shown(119, block)[1]).to.equal('long');
    expect(shown(120, block)[1]).to.equal('long-name');
    expect(documentLines([[block]], { colors: PLAIN, columns: 80, wide: true })[1]).to.equal(
      'long-name',
    );
  });

  it('stand apart in groups, of which an empty one is not seen', () => {
    const groups = [[sentence('One.')], [], [sentence('Two.')]];
    expect(documentLines(groups, { colors: PLAIN, columns: 20 })).to.deep.equal([
      'One.',
      '',
      'Two.',
    ]);
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
    const command = `printf '%s|' one "two" '$x  y z' ${'y'.repeat(40)} end`;
    const lines = commandLines(command, { columns: 20, first: '    ' });
    expect(lines.length).to.be.above(3);
    const { stdout } = spawnSync('sh', ['-c', lines.join('\n')], { encoding: 'utf8' });
    expect(stdout).to.equal(`one|two|$x  y z|${'y'.repeat(40)}|end|`);
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
