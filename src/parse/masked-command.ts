import { oneLine } from '../model/text.ts';
import { KnownFlags } from './secret-flags.ts';

/** How much of a command line is read. */
export const MAX_COMMAND_LINE_BYTES = 4096;
const MAX_SHOWN = 256;
const HIDDEN = '***';

/** Part of a name after which a secret follows; `author` and `tokenizer` are not such names. */
const SECRET_PART =
  /pass|pwd|secret|token(?!i[sz])|credential|auth(?!or(?:s|ed|ity|ities)?(?![a-z]))|bearer|cookie|signature|(?:api|access|private|encryption|signing|master)[-_ ]?key/gi;
/** Words with that meaning only if they stand alone, as in `ssl.key`, `ssl_key`, `sslKey`. */
const SECRET_WORD =
  /(?<![A-Za-z])(?:[Kk]ey|[Ss]ig|[Pp]w|[Oo]tp|[Pp]in|[Jj]wt)(?![a-z])|(?<![A-Z])(?:KEY|SIG|PW|OTP|PIN|JWT)(?![A-Za-z])|(?<=[a-z0-9])(?:Key|Sig|Pw|Otp|Pin|Jwt)(?![a-z])/g;
const REST_OF_NAME = /[\w.-]*/y;
const SEPARATOR = /["'\\\])]*\s*[=:>]*\s*/y;

/**
 * /proc/<pid>/cmdline for reports: arguments joined by spaces, likely secrets masked, escaped, at
 * most 256 characters. Each argument is masked before the NULs between them become spaces, because
 * a secret may contain spaces. If in doubt, only the program and the names of flags are shown.
 */
export function commandOf(cmdline: string): string {
  const line = cmdline.slice(0, MAX_COMMAND_LINE_BYTES);
  const isCut = new TextEncoder().encode(cmdline).length >= MAX_COMMAND_LINE_BYTES;
  return oneLine(isCut ? maskedBeginning(line) : maskedCommand(line), MAX_SHOWN);
}

/**
 * The same for a command line that was not cut. Anybody can write one, and every pass reads some,
 * so each step takes linear time.
 */
export function maskedCommand(line: string): string {
  const [program = '', ...others] = argumentsOf(line.replace(/(?<!\0)\0+$/, ''));
  return maskedArguments(program, others).join(' ');
}

/**
 * Drops the last argument, because what marks it as a secret, such as the `@` of a URL, may be cut
 * off.
 */
function maskedBeginning(line: string): string {
  const given = argumentsOf(line).slice(0, -1);
  const [program = /^[\w./+-]{0,64}/.exec(line)?.[0] ?? '', ...others] = given;
  return [...maskedArguments(program, others), '…'].join(' ');
}

/** Without a NUL, it is a title that the process gave itself: a program and one argument. */
function argumentsOf(line: string): readonly string[] {
  if (line.includes('\0')) return line.split('\0');
  const end = line.search(/\s/);
  return end < 0 ? [line] : [line.slice(0, end), line.slice(end + 1)];
}

function maskedArguments(program: string, others: readonly string[]): string[] {
  const known = new KnownFlags();
  const first = maskedArgument(program, known);
  const shown = [first.text];
  let hides: 'nothing' | 'words' | 'next' = first.hidesNext ? 'words' : 'nothing';
  let previous = '';
  for (const argument of others) {
    const isHidden = argument.startsWith('-')
      ? hides === 'next' && !FLAG.test(argument)
      : hides !== 'nothing' || known.hidesPlain;
    if (isHidden) {
      if (shown.at(-1) !== HIDDEN) shown.push(HIDDEN);
      hides = 'words';
      continue;
    }
    const isUser = USER_FLAG.test(previous) && USER_AND_PASSWORD.test(argument);
    const { text, hidesNext } = isUser
      ? { text: HIDDEN, hidesNext: false }
      : maskedArgument(argument, known);
    previous = argument;
    shown.push(text);
    hides = hidesNext ? 'next' : 'nothing';
  }
  return shown;
}

/** Certainly a flag, not a value that begins with a dash. */
const FLAG = /^--?[A-Za-z][A-Za-z-]*(?:=|$)/;

interface Masked {
  readonly text: string;
  /** A secret is expected but not in this argument: it follows in the next ones. */
  readonly hidesNext: boolean;
}

function maskedArgument(argument: string, known: KnownFlags): Masked {
  const byName = shownBeforeNamed(argument);
  const byFlag = shownBeforeFlagged(argument, known);
  const shown = Math.min(byName ?? Infinity, byFlag ?? Infinity);
  if (shown === Infinity) return { text: withoutUsers(argument), hidesNext: false };
  if (shown < argument.length)
    return { text: withoutUsers(beforeUser(argument, shown)) + HIDDEN, hidesNext: false };
  return { text: withoutUsers(argument), hidesNext: true };
}

/**
 * How many characters to show, up to the value of the first name of a secret; null if there is no
 * such name. If no value follows in this argument, that is its whole length.
 */
function shownBeforeNamed(argument: string): number | null {
  const names = [...argument.matchAll(SECRET_PART), ...argument.matchAll(SECRET_WORD)].toSorted(
    (a, b) => a.index - b.index,
  );
  let end = 0;
  for (const name of names) {
    if (name.index < end) continue;
    end = endOf(REST_OF_NAME, argument, name.index + name[0].length);
    if (end === argument.length) return isPath(argument) ? null : end;
    // The name of a directory: /run/secrets/x, /etc/passwd.d/x.
    if (argument.charAt(end) !== '/') return endOf(SEPARATOR, argument, end);
  }
  return null;
}

/**
 * Whether the last word is a path: if a file is named like a secret, no secret follows its name.
 */
const isPath = (argument: string): boolean => /\/[^\s/]*$/.test(argument.slice(-256));

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return from + (pattern.exec(text)?.[0].length ?? 0);
}

/** The same for flags of known programs, also in a command line inside an argument (`sh -c …`). */
function shownBeforeFlagged(argument: string, known: KnownFlags): number | null {
  for (const word of argument.matchAll(/[^\s;|&()'"`]+/g)) {
    const shown = known.shownOf(word[0]);
    if (shown !== null) return word.index + shown;
    known.sees(word[0]);
  }
  return null;
}

/** If the secret is in the user part of a URL, nothing of that part is shown. */
function beforeUser(argument: string, shown: number): string {
  const before = argument.slice(0, shown);
  const start = before.lastIndexOf('://');
  if (start < 0 || /[\s"']/.test(before.slice(start))) return before;
  return before.slice(0, start + 3);
}

/** `https://TOKEN@host`, `postgres://user:pa/ss@host/db`, `user:password@host`. */
const withoutUsers = (argument: string): string =>
  argument.includes('@') ? argument.replaceAll(/[^\s"'`]+/g, withoutUser) : argument;

/** A user with a password, for a program that is not known: `--user name:password`. */
const USER_FLAG = /^(?:-u|--user|--userpwd)$/;
const USER_AND_PASSWORD = /^[^\s:/]+:[^/]/;

/** The password may contain `@` and `/`, so everything up to the last `@` is hidden. */
function withoutUser(word: string): string {
  const at = word.lastIndexOf('@');
  const scheme = word.indexOf('://');
  if (scheme >= 0 && scheme < at) return `${word.slice(0, scheme + 3)}${HIDDEN}${word.slice(at)}`;
  const value = /^[\w.-]*=/.exec(word)?.[0].length ?? 0;
  const colon = word.indexOf(':', value);
  return colon >= 0 && colon < at ? `${word.slice(0, value)}${HIDDEN}${word.slice(at)}` : word;
}
