import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { WARNING_REASONS } from '../../src/model/cell-warning.ts';
import { REASONS, severitiesOf } from '../../src/model/finding.ts';
import { TYPED_ON_CELL } from '../../src/model/typed-as.ts';
import { aboutAny, adviceOfCase, casesOf } from '../../src/present/advice/advice.ts';
import { colors } from '../../src/present/color.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import {
  runbookDocument,
  runbookOfCell,
  runbookSections,
  sectionNamed,
} from '../../src/present/runbook.ts';

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const sections = runbookSections(RUNBOOK);
const shown = (markdown: string, columns = 1000): string =>
  documentText(runbookDocument(markdown), {
    colors: colors(false),
    columns,
    typedAs: TYPED_ON_CELL,
    keepsCommands: true,
  });

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
    const whole = shown(RUNBOOK).split('\n');
    const narrow = shown(RUNBOOK, 40).split('\n');
    const has = (lines: readonly string[], command: string): boolean =>
      lines.some((line) => line.trim() === command);
    for (const command of commands.map((line) => line.trim())) {
      expect(has(whole, command), command).to.equal(true);
      const alone = command.split(/ +# /)[0] ?? '';
      expect(has(narrow, command) || has(narrow, alone), command).to.equal(true);
    }
    expect(shown('a\n\n    cat a    # what it\n    ls # b\n', 10)).to.equal(
      'a\n\n  # what\n  # it\n  cat a\n  ls # b\n',
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
      '  5. Delete the container through Garden, or recreate the cell if it has many like this: at once if ' +
        'the app is a worker (it runs twice), otherwise when convenient. The runbook has both commands.\n' +
        `     ${TYPED_ON_CELL} runbook recognised\n`,
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

  it('has no line that is wider than a terminal, but for commands', () => {
    const lines = shown(RUNBOOK, 80).split('\n');
    const wide = lines.filter(
      (line) =>
        line.length > 80 &&
        !/^ +(?:sudo|grep|curl|cf|alias|amtool|find|for|zgrep|time|echo) /.test(line),
    );
    expect(wide).to.deep.equal([]);
  });

  it('shows links as commands that work, unless the words are the name of the section', () => {
    const commands = [...shown(RUNBOOK).matchAll(/rollcall runbook ([a-z-]+)/g)];
    const names = new Set(commands.map(([, name = '']) => name));
    expect(names).to.include('find-out-whose-it-is').and.to.include('not-recognised');
    for (const name of names) expect(sectionNamed(name, sections), name).not.to.equal(null);
    expect(shown('a\n\nsee [this page](../docs/a.md#b)')).to.equal(
      'a\n\nsee this page (docs/a.md)\n',
    );
    expect(shown('a\n\nas [stuck](#stuck)')).to.equal('a\n\nas stuck\n');
  });

  it('keeps asterisks of code, and breaks none of it', () => {
    expect(shown('a\n\nrun `ls */a *b` **now\nor** later', 9)).to.equal(
      'a\n\nrun\nls */a *b\nnow or\nlater\n',
    );
  });

  it('fills paragraphs to the width, puts them below their label, and shows no markup', () => {
    const text = shown('## a\n\n*Do:* one **two** `three\nfour`\n\nfive', 18);
    expect(text).to.equal('a\n\nDo:\n  one two\n  three four\n  five\n');
    expect(shown(RUNBOOK)).to.not.match(/\*\*|\]\(|<!--/);
  });

  it('fills the items of a list, and indents what follows their first line', () => {
    const list = 'a\n\n- one two\n  three\n- four\n\n1. five\n   six\n2. seven\n';
    expect(shown(list, 9)).to.equal(
      'a\n\n- one two\n  three\n- four\n\n1. five\n   six\n2. seven\n',
    );
    expect(shown(list, 40)).to.contain('- one two three\n');
  });
});
