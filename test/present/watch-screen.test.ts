import { expect } from 'chai';
import * as fc from 'fast-check';
import { anyText } from '../any-text.ts';
import type { Report } from '../../src/model/report.ts';
import { colors } from '../../src/present/color.ts';
import { displayWidth } from '../../src/present/display-width.ts';
import { reportJson } from '../../src/present/report-json.ts';
import {
  NOTHING_SEEN,
  screenLines,
  step,
  type Size,
  type WatchState,
} from '../../src/present/watch-screen.ts';
import { ACKNOWLEDGED, containers, EMPTY, LOST, report, STATES } from './agent-state-builder.ts';
import { stateMadeOf } from './state-made-of.ts';

const SMALL: Size = { columns: 80, rows: 24 };
const PLAIN = { colors: colors(false), wide: false };

const showing = (shown: Report, from = NOTHING_SEEN): WatchState =>
  step(from, { kind: 'report', view: reportJson(shown) }, SMALL);

/** What these keys do; a key is a name, or a character that is typed. */
const typed = (state: WatchState, keys: readonly string[], size = SMALL): WatchState =>
  keys.reduce(
    (before, name) =>
      step(
        before,
        {
          kind: 'key',
          key: { name, text: name.length === 1 ? name : '', ctrl: false },
        },
        size,
      ),
    state,
  );

const linesOf = (state: WatchState, size = SMALL): readonly string[] =>
  screenLines(state, size, PLAIN);
const rowsOf = (state: WatchState, size = SMALL): readonly string[] =>
  linesOf(state, size).filter((line) =>
    /^[> ] (?:untracked|warning|pending|tracked|DRILL|ack)/.test(line),
  );
const selectedIn = (state: WatchState, size = SMALL): string =>
  linesOf(state, size).find((line) => line.startsWith('> ')) ?? '';

const MANY = showing(report(containers(60, ACKNOWLEDGED, EMPTY, LOST)));

describe('the screen of status --watch', () => {
  it('pins verdict and counts above the table, which is as long as the window', () => {
    const lines = linesOf(MANY);
    expect(lines).to.have.length(24);
    expect(lines[1]).to.contain('2 of 60 containers are untracked');
    expect(lines.slice(0, 5).join('\n')).to.match(
      /^2 untracked, 0 pending, 1 acknowledged, \d+ tracked; Garden lists \d+, \d+ running\.$/m,
    );
    expect(lines.at(-1)).to.match(/^↑ ↓ select .* 1 of 60$/);
    expect(linesOf(typed(MANY, ['end']))[1]).to.equal(lines[1]);
  });

  it('has the worst first and drills last, which it does not count', () => {
    const drill = showing(STATES.everything().report ?? report([]));
    expect(linesOf(drill).join('\n')).to.match(/^2 untracked, 1 pending, 0 acknowledged, /m);
    const words = rowsOf(drill, { columns: 80, rows: 100 }).map((row) => row.split(/ +/)[1]);
    expect([...new Set(words)]).to.deep.equal([
      'untracked',
      'warning',
      'pending',
      'tracked',
      'DRILL',
    ]);
  });

  it('keeps the selected container in the window, and on the screen when others come', () => {
    expect(selectedIn(MANY)).to.match(/^> untracked .*unknown-to-garden$/);
    const far = typed(MANY, ['pagedown', 'pagedown', 'down', 'j', 'up']);
    const handle = far.selected ?? 'none';
    expect(selectedIn(far)).to.contain(handle.slice(0, 8));
    expect(selectedIn(far, { columns: 80, rows: 12 })).to.contain(handle.slice(0, 8));
    const later = showing(report(containers(60, EMPTY)), far);
    expect(selectedIn(later)).to.contain(handle.slice(0, 8));
    expect(linesOf(typed(MANY, ['end'])).at(-1)).to.contain('60 of 60');
    expect(linesOf(typed(MANY, ['end', 'down', 'home', 'up'])).at(-1)).to.contain(' 1 of 60');
  });

  it('selects the first row if the selected container has gone', () => {
    const one = showing(report([LOST, EMPTY]));
    const gone = showing(report([EMPTY]), typed(one, ['home']));
    expect(selectedIn(gone)).to.contain('no-cgroup');
  });

  it('shows only rows with the text that is typed after a slash, until Esc', () => {
    const typing = typed(MANY, ['/', 'g', 'o', 'x', 'backspace']);
    expect(linesOf(typing).at(-1)).to.match(/^\/go_ /);
    const filtered = typed(MANY, ['/', ...Array.from('UNKNOWN-TO'), 'return']);
    expect(rowsOf(filtered)).to.have.length(1);
    expect(linesOf(filtered).at(-1)).to.contain('1 of 1').and.contain('/UNKNOWN-TO (Esc clears)');
    expect(rowsOf(typed(filtered, ['escape']))).to.have.length.above(3);
    expect(linesOf(typed(MANY, ['/', 'x', 'y', 'z'])).join()).to.contain('No container matches.');
    expect(typed(MANY, ['/', 'q']).isOver).to.equal(false);
  });

  it('shows what explain says on Enter, in which the arrows scroll, and then the table again', () => {
    const asked = typed(MANY, ['down', 'return']);
    expect(asked.explained).to.deep.include({ handle: EMPTY.handle, text: null });
    expect(linesOf(asked).join('\n')).to.contain('Comparing the cell to explain');
    const text = Array.from({ length: 100 }, (_, n) => `line ${n}.`).join('\n');
    const known = step(asked, { kind: 'explained', handle: EMPTY.handle, text }, SMALL);
    expect(linesOf(known).join('\n')).to.contain('line 0.');
    expect(linesOf(typed(known, ['down'])).join('\n')).to.not.contain('line 0.');
    const atEnd = typed(known, ['end', 'down']);
    expect(linesOf(atEnd).at(-2)).to.equal('line 99.');
    expect(linesOf(typed(atEnd, ['up'])).at(-2)).to.equal('line 98.');
    expect(linesOf(atEnd)[1]).to.equal(linesOf(MANY)[1]);
    for (const key of ['escape', 'q', 'return'])
      expect(linesOf(typed(atEnd, [key]))).to.deep.equal(linesOf(typed(MANY, ['down'])));
    // It was asked for before somebody went back, or on to another one.
    const late = { kind: 'explained', handle: LOST.handle, text } as const;
    expect(step(known, late, SMALL)).to.equal(known);
    expect(step(MANY, late, SMALL)).to.equal(MANY);
  });

  it('ends with q and with Ctrl-C, which also ends what is typed or explained', () => {
    expect(typed(MANY, ['q']).isOver).to.equal(true);
    const ctrlC = { kind: 'key', key: { name: 'c', text: '\u0003', ctrl: true } } as const;
    for (const state of [MANY, typed(MANY, ['/']), typed(MANY, ['return']), NOTHING_SEEN])
      expect(step(state, ctrlC, SMALL).isOver).to.equal(true);
    for (const key of ['x', 'tab', 'constructor'])
      expect(typed(MANY, [key]).isOver, key).to.equal(false);
  });

  it('says that the agent does not answer, and that what follows is old', () => {
    const silent = step(MANY, { kind: 'silent', why: 'No agent\u001b[2J listens.' }, SMALL);
    const [title, sentence] = linesOf(silent);
    expect(title).to.match(/, last known from 2026-03-02T/);
    expect(sentence).to.equal('Unknown: No agent\\u{1b}[2J listens.');
    expect(linesOf(silent).join('\n')).to.not.contain('are untracked');
    const early = step(NOTHING_SEEN, { kind: 'silent', why: 'No agent' }, SMALL);
    expect(linesOf(early)[0]).to.equal('Unknown: No agent');
    expect(linesOf(NOTHING_SEEN)[0]).to.equal('Asking the agent …');
    expect(linesOf(showing(report([LOST]), silent))[1]).to.contain('untracked');
  });

  it('fits every window, whatever a container is called, and lets no text control the terminal', () => {
    const anySize = fc.record({
      columns: fc.integer({ min: 20, max: 200 }),
      rows: fc.integer({ min: 1, max: 60 }),
    });
    const anyKeys = fc.array(fc.constantFrom('down', 'end', 'return', '/', 'a', 'escape'), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(anyText(), anySize, anyKeys, (text, size, keys) => {
        const { report: hostile } = stateMadeOf(text);
        const state = typed(showing(hostile ?? report([])), keys, size);
        const lines = linesOf(state, size);
        expect(lines.length).to.be.at.most(size.rows);
        for (const line of lines) {
          expect(displayWidth(line)).to.be.at.most(size.columns);
          expect(line).to.not.match(/[\p{Cc}\p{Cf}]/u);
        }
      }),
      { numRuns: 60 },
    );
  });
});
