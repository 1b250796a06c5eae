import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { WARNING_REASONS } from '../../src/model/cell-warning.ts';
import { REASONS, severitiesOf } from '../../src/model/finding.ts';
import { TYPED_ON_CELL } from '../../src/model/typed-as.ts';
import { aboutAny, adviceOfCase, casesOf } from '../../src/present/advice/advice.ts';
import { colors } from '../../src/present/color.ts';
import {
  runbookOfCell,
  runbookSections,
  runbookText,
  sectionNamed,
} from '../../src/present/runbook.ts';

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const sections = runbookSections(RUNBOOK);
const shown = (markdown: string, columns = 1000): string =>
  runbookText(markdown, colors(false), columns);

describe('the runbook on a terminal', () => {
  it('has a section for every reason, whatever the case', () => {
    for (const reason of REASONS) {
      expect(sectionNamed(reason.toUpperCase(), sections)?.text, reason).to.contain('*Do:*');
    }
    expect(sectionNamed('nothing', sections)).to.equal(null);
  });

  it('has a section for every warning about a cell', () => {
    for (const reason of WARNING_REASONS) {
      expect(sectionNamed(reason, sections)?.text, reason).to.contain('*Do:*');
    }
  });

  it('keeps every command in one line, whatever the width, and its comment above it', () => {
    const commands = RUNBOOK.split('\n').filter((line) => line.startsWith('    '));
    const lines = shown(RUNBOOK, 40).split('\n');
    for (const command of commands) {
      expect(lines).to.include(command.length > 40 ? command.split(/ +# /)[0] : command);
    }
    expect(shown('a\n\n    cat a    # what it\n    ls # b\n', 12)).to.equal(
      'a\n\n    # what\n    # it\n    cat a\n    ls # b\n',
    );
  });

  it('begins each section with what to do, and then what not to do', () => {
    for (const reason of REASONS) {
      const text = shown(sectionNamed(reason, sections)?.text ?? '');
      expect(text, reason).to.match(
        new RegExp(`^${reason}\\n\\nDo:.*^Do not:.*^Confirm by hand:`, 'ms'),
      );
      expect(text.match(/^Do:/gm), reason).to.have.length(1);
    }
  });

  it('has in each section all steps of its reason, with their commands', () => {
    for (const reason of REASONS) {
      const text = shown(sectionNamed(reason, sections)?.text ?? '');
      expect(text, reason).not.to.contain('Commands and results:');
      expect(text, reason).not.to.match(/Steps 1 to \d+ are those of/);
      for (const one of casesOf(reason).filter(({ title }) => title !== null)) {
        const [severity] = severitiesOf(reason);
        for (const { action, command } of adviceOfCase(one, aboutAny(one.severity ?? severity))
          .steps) {
          expect(text, reason).to.contain(action);
          if (command !== null) expect(text, reason).to.contain(command);
        }
      }
    }
    expect(shown(sectionNamed('unowned', sections)?.text ?? '')).to.contain(
      '5. Delete the container through Garden, or recreate the cell if it has many like this: at once if ' +
        'the app is a worker (it runs twice), otherwise when convenient.\n' +
        `   ${TYPED_ON_CELL} runbook recognised\n   This prints both commands.`,
    );
  });

  it('has the deployment and the instance of the cell in its commands', () => {
    const cell = { deployment: 'cf-1', group: 'diego_cell', index: 7, id: 'a', az: 'z1', ip: '' };
    const [recognised, notRecognised] = ['recognised', 'not-recognised'].map((name) =>
      runbookOfCell(sectionNamed(name, sections)?.text ?? '', cell),
    );
    expect(recognised).to.contain('    bosh -d cf-1 recreate diego_cell/7\n');
    expect(notRecognised).to.contain('       bosh -d cf-1 ignore diego_cell/7\n');
    const hostile = { ...cell, deployment: 'a; reboot' };
    expect(runbookOfCell(RUNBOOK, hostile)).to.equal(RUNBOOK);
    expect(runbookOfCell(RUNBOOK, null)).to.equal(RUNBOOK);
  });

  it('aligns tables, breaks no word, and joins a row that continues the one above', () => {
    const table = '| a | b |\n| --- | --- |\n| one two | three \\| four |\n| | five |\n';
    expect(shown(table, 12)).to.equal('a     b\none   three\ntwo   | four\n      five\n');
    expect(shown(table)).to.equal('a        b\none two  three | four five\n');
  });

  it('has no line that is wider than a terminal, but for commands', () => {
    const lines = shown(RUNBOOK, 80).split('\n');
    const wide = lines.filter(
      (line) => line.length > 80 && !/^ {4}|^ {3}(?:sudo|grep) |^curl/.test(line),
    );
    expect(wide).to.deep.equal([]);
  });

  it('shows links as commands that work', () => {
    const commands = [...shown(RUNBOOK).matchAll(/rollcall runbook ([a-z-]+)/g)];
    const names = new Set(commands.map(([, name = '']) => name));
    expect(names).to.include('find-out-whose-it-is').and.to.include('no-cgroup');
    for (const name of names) expect(sectionNamed(name, sections), name).not.to.equal(null);
    expect(shown('see [this page](../docs/a.md#b)')).to.equal('see this page (docs/a.md)\n');
  });

  it('keeps asterisks of code, and breaks none of it', () => {
    expect(shown('run `ls */a *b` **now\nor** later', 8)).to.equal(
      'run\nls */a *b\nnow or\nlater\n',
    );
  });

  it('fills paragraphs to the width and shows no markup', () => {
    const text = shown('## a\n\n*Do:* one **two** `three\nfour`\n', 18);
    expect(text).to.equal('a\n\nDo: one two\nthree four\n');
  });

  it('fills the items of a list, and indents what follows their first line', () => {
    const text = runbookText('- one two\n  three\n- four\n', colors(false), 9);
    expect(text).to.equal('- one two\n  three\n- four\n');
    expect(runbookText('- one two\n  three\n', colors(false), 40)).to.equal('- one two three\n');
  });

  it('keeps what a line break sets apart, such as the command of a step', () => {
    expect(shown('1. one two\\\n   `cat a b`\\\n   three\n2. four\n', 10)).to.equal(
      '1. one two\n   cat a b\n   three\n2. four\n',
    );
  });

  it('keeps the steps of a numbered list apart', () => {
    const text = runbookText('1. one two\n   three\n2. four\n', colors(false), 10);
    expect(text).to.equal('1. one two\n   three\n2. four\n');
  });
});
