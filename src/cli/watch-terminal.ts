import process from 'node:process';
import { emitKeypressEvents } from 'node:readline';
import { CodedFailure } from '../model/failure.ts';
import type { ReportView } from '../model/report-view.ts';
import { oneLine } from '../model/text.ts';
import { colors } from '../present/color.ts';
import {
  NOTHING_SEEN,
  screenLines,
  step,
  type Size,
  type WatchEvent,
} from '../present/watch-screen.ts';
import { terminalWidth, wantsColor, type Io } from '../terminal/io.ts';
import type { Arguments } from './command-table.ts';

/** The alternate screen, without cursor and without lines that wrap by themselves; and back. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
/** Before a line: after one that fills the window it would clear its last column. */
const CLEAR_LINE = '\u001b[2K';
const TO_END_OF_SCREEN = '\u001b[J';
const DEFAULT_ROWS = 24;

export interface OpenScreen {
  readonly shows: (answer: ReportView | string) => void;
  /** Aborted when a key ends it, or an error of its own. */
  readonly isLeft: AbortSignal;
  /** Gives the terminal back as it was; throws the error that ended the screen. */
  readonly restore: () => void;
}

/** Takes the terminal for `status --watch`. */
export function openScreen(args: Arguments<'status'>, io: Io): OpenScreen {
  const { stdin, stdout } = process;
  const left = new AbortController();
  const style = { colors: colors(wantsColor(args.color, io)), wide: args.wide === true };
  let state = NOTHING_SEEN;
  let drawn = '';
  let failure: { readonly error: unknown } | null = null;

  const sizeNow = (): Size => ({
    columns: terminalWidth(stdout.columns),
    rows: stdout.rows > 0 ? stdout.rows : DEFAULT_ROWS,
  });
  const draw = (): void => {
    const lines = screenLines(state, sizeNow(), style);
    const frame = `${HOME}${lines.map((line) => CLEAR_LINE + line).join('\r\n')}${TO_END_OF_SCREEN}`;
    if (frame !== drawn) stdout.write(frame);
    drawn = frame;
  };
  const fail = (error: unknown): void => {
    failure = { error };
    left.abort();
  };
  /** For callers that nobody awaits: their error would be printed on the alternate screen. */
  const safely = (action: () => void) => (): void => {
    try {
      action();
    } catch (error) {
      fail(error);
    }
  };
  const happens = (event: WatchEvent): void => {
    const before = state.explained;
    state = step(state, event, sizeNow());
    draw();
    const { explained, isOver } = state;
    if (isOver) left.abort();
    if (explained !== null && explained.text === null && before === null)
      explanationOf(explained.handle, args, { ...io, columns: sizeNow().columns }).then(
        (text) => safely(() => happens({ kind: 'explained', handle: explained.handle, text }))(),
        fail,
      );
  };
  const onKey = (
    text: string | undefined,
    key: { readonly name?: string; readonly ctrl?: boolean },
  ): void =>
    safely(() =>
      happens({
        kind: 'key',
        key: { name: key.name ?? '', text: text ?? '', ctrl: key.ctrl === true },
      }),
    )();
  const onResize = safely(draw);
  let isGivenBack = false;
  const giveBack = (): void => {
    if (isGivenBack) return;
    isGivenBack = true;
    if (stdin.isTTY) stdin.setRawMode(false);
    stdout.write(LEAVE);
  };

  stdout.write(ENTER);
  stdout.on('resize', onResize);
  // Before Node prints why it crashes: on the alternate screen nobody would see it.
  process.on('uncaughtExceptionMonitor', giveBack).on('exit', giveBack);
  if (stdin.isTTY) {
    emitKeypressEvents(stdin);
    stdin.setRawMode(true).on('keypress', onKey).resume();
  }
  draw();
  return {
    shows: (answer) =>
      happens(
        typeof answer === 'string'
          ? { kind: 'silent', why: answer }
          : { kind: 'report', view: answer },
      ),
    isLeft: left.signal,
    restore: () => {
      stdout.off('resize', onResize);
      stdin.off('keypress', onKey).pause();
      process.off('uncaughtExceptionMonitor', giveBack).off('exit', giveBack);
      giveBack();
      if (failure !== null) throw failure.error;
    },
  };
}

/** What `rollcall explain` prints. */
async function explanationOf(
  handle: string,
  { statusSocket, color }: Arguments<'status'>,
  io: Io,
): Promise<string> {
  let printed = '';
  const print = (text: string): void => {
    printed += text;
  };
  const { runExplain } = await import('./explain-command.ts');
  try {
    await runExplain(
      { handle, statusSocket, color, format: 'table' },
      { ...io, stdout: print, stderr: print, isErrorTty: false },
    );
  } catch (error) {
    if (!(error instanceof CodedFailure)) throw error;
    print(`rollcall: ${oneLine(error.message, 500)}\n`);
  }
  return printed;
}
