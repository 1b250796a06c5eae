import { oneLine } from '../model/text.ts';

/** How much of a command line is read. */
export const MAX_COMMAND_LINE_BYTES = 4096;
const MAX_SHOWN = 256;
const HIDDEN = '…';
/** A longer word is hidden, so that each pattern takes bounded time. */
const MAX_WORD = 160;

/** How a command line becomes the `command` of a process in a report. */
export type ShowsCommand = (cmdline: string) => string;

/**
 * /proc/<pid>/cmdline for reports, at most 256 characters: the program, the names of flags, and the
 * values that have a harmless form. Every other value is `…`, so nobody has to know where a program
 * takes a secret. Arguments and quoted texts become single words; each word is judged for itself.
 */
export const shownCommand: ShowsCommand = (cmdline) => {
  const { words, isCut } = wordsOf(cmdline);
  const [program = '', ...others] = words;
  const shown = words.length === 0 ? [] : [shownProgram(program), ...others.map(shownWord)];
  if (isCut) shown.push(HIDDEN);
  const once = shown.filter((word, index) => word !== HIDDEN || shown[index - 1] !== HIDDEN);
  return withEnds(once.join(' '));
};

/** Java's main class is at the end of a long line, and no shown character needs an escape. */
const withEnds = (text: string): string =>
  text.length <= MAX_SHOWN
    ? text
    : `${text.slice(0, MAX_SHOWN / 2 - 1)}${HIDDEN}${text.slice(-MAX_SHOWN / 2)}`;

/** All of it, for root, who can read it anyway: escaped, at most 4,096 characters. */
export const wholeCommand: ShowsCommand = (cmdline) =>
  oneLine(
    cmdline
      .slice(0, MAX_COMMAND_LINE_BYTES)
      .replace(/(?<!\0)\0+$/, '')
      .replaceAll('\0', ' '),
    MAX_COMMAND_LINE_BYTES,
  );

/** Without the last word if it may be cut: the rest of it could show that it is not harmless. */
function wordsOf(cmdline: string): { readonly words: readonly string[]; readonly isCut: boolean } {
  const words = cmdline
    .slice(0, MAX_COMMAND_LINE_BYTES)
    .split(/[\0\s]+/)
    .filter((word) => word !== '');
  const isCut = new TextEncoder().encode(cmdline).length >= MAX_COMMAND_LINE_BYTES;
  return { words: isCut ? words.slice(0, -1) : words, isCut };
}

/** A title that a process gave itself can be anything, so the form of a name or path is required. */
const shownProgram = (word: string): string =>
  word.length <= MAX_WORD && /^[([]?[\w./+-]+[)\]]?:?$/.test(word) ? word : HIDDEN;

function shownWord(word: string): string {
  if (word.length > MAX_WORD) return HIDDEN;
  if (word.startsWith('-')) return shownFlag(word);
  const [, name, value] = /^([^=]+)=([^=].*)$/.exec(word) ?? [];
  if (name !== undefined && value !== undefined)
    return isVariable(name) ? `${name}=${shownValue(value)}` : HIDDEN;
  // As titles have them: `master [app:app]`, `0.0.0.0:80,`.
  const [, before = '', inner = '', after = ''] = /^([([]?)(.*?)([)\],:;]?)$/.exec(word) ?? [];
  const shown = shownValue(inner);
  return shown === HIDDEN ? shownValue(word) : `${before}${shown}${after}`;
}

/**
 * `--name`, `--name=value`, `-n` and `-Dname=value`. A value can follow a single dash and a letter
 * directly (`-psecret`), so longer names there must consist of known words (`-jar`).
 */
function shownFlag(word: string): string {
  if (word === '-' || word === '--') return word;
  const [, name = '', value] = /^(-[^=]*)(?:=(.*))?$/.exec(word) ?? [];
  const isNamed =
    /^--[A-Za-z]/.test(name) || /^-D[A-Za-z]/.test(value === undefined ? '' : name)
      ? isName(name.replace(/^-D|^--/, ''))
      : /^-[A-Za-z]$/.test(name) || isWords(name.slice(1));
  if (!isNamed) return `${/^--?[A-Za-z]?/.exec(word)?.[0].replace(/^--.$/, '--') ?? ''}${HIDDEN}`;
  return value === undefined || value === '' ? word : `${name}=${shownValue(value)}`;
}

/** Letters with digits only at the end (`python3`), or a short number: most secrets mix them. */
const isPlain = (piece: string): boolean => /^(?:[A-Za-z]{1,32}\d{0,3}|\d{1,5})$/.test(piece);

const MAX_NAME = 80;
const isName = (name: string): boolean =>
  name.length <= MAX_NAME && name.split(/[-_.:]/).every(isPlain);

/** The name before a `=`. Base64 has upper and lower case, and `=` at its end. */
const isVariable = (name: string): boolean =>
  isName(name) && (name === name.toUpperCase() || name === name.toLowerCase());

/** The whole value, a path up to its first unusual part, or `…`. */
function shownValue(value: string): string {
  const isShown = isNumber(value) || isAddress(value) || isClass(value) || isWords(value);
  return isShown ? value : (shownPath(value) ?? HIDDEN);
}

/** A number, a size, a duration, a version or an IPv4 address: at most 5 digits at a time. */
const isNumber = (value: string): boolean =>
  /^v?\d{1,5}(?:\.\d{1,5}){0,3}(?:[kmg]b?|ms|s|h|%)?$/i.test(value);

const HOST = /^(?:localhost|\*?|\[[\da-f:]*\]|\d{1,3}(?:\.\d{1,3}){3})$/;

/** `host:port`, also as a URL without a user and path; `user:12345` has no dot and no port. */
function isAddress(value: string): boolean {
  const [, host] = /^(?:[a-z]{2,8}:\/\/)?([^/@]*):\d{1,5}\/?$/.exec(value) ?? [];
  if (host === undefined) return false;
  return HOST.test(host) || (host.includes('.') && host === host.toLowerCase() && isName(host));
}

/** At least two packages and a class: `org.example.app.Main`. */
function isClass(value: string): boolean {
  const pieces = value.split(/[.$]/);
  return pieces.length > 2 && isName(value.replaceAll('$', '.')) && /^[a-z].*[.$][A-Z]/.test(value);
}

/** All parts are known words: `start`, `app:app`, `http.server`, `start:prod`. */
const isWords = (value: string): boolean =>
  value
    .split(/[.:/_-]/)
    .every((word, index) => isHarmlessWord(word) || (index > 0 && isShortNumber(word)));
const isShortNumber = (word: string): boolean => /^\d{1,2}$/.test(word);

const FILE =
  /^[^/].*\.(?:[cm]?[jt]s|py|r[bu]|[jw]ar|dll|php|sh|lua|con?f|cfg|ini|json|ya?ml|toml|xml|properties|sock|pid|log)$/;

/** An absolute path, one from `./`, `bin/` or `node_modules/`, or a file with a known extension. */
function shownPath(value: string): string | null {
  const isPath = /^(?:\.{0,2}|bin|node_modules)\/|^\.{1,2}$/.test(value);
  const parts = value.split('/');
  const unusual = parts.findIndex((part) => !part.split(/[-._+]/).every(isPlainOrEmpty));
  if (unusual < 0) return isPath || FILE.test(value) ? value : null;
  return isPath ? [...parts.slice(0, unusual), HIDDEN].join('/') : null;
}
const isPlainOrEmpty = (piece: string): boolean => piece === '' || isPlain(piece);

/**
 * Words that say what a process is and that nobody takes as a password: sub-commands, types of
 * processes, runtimes and the single-dash flags of Java, Go and Erlang. No names of users.
 */
const HARMLESS_WORDS: ReadonlySet<string> = new Set(
  [
    'add address api app application apply artisan asgi beat boot build bundle bundler busy cache',
    'celery cgroup check class classpath cluster config connect console container cp',
    'create cron daemon delete deploy dev development django dotnet down envoy erl events exec',
    'fastapi file flask foreground garden gdn go grpc gunicorn health healthcheck home',
    'host http httpd https id idle init install jar java job jobs kill launcher linux',
    'listen listener live lock log main manage master migrate mnesia module namespace',
    'nest next nginx node nohup noshell npm npx of php ping pm pnpm pool port process',
    'prod production progname proxy publish puma python queue rack rackup rails rake',
    'release reload rep restart rqworker ruby run runc runner runserver runtime schedule',
    'scheduler serve server service shell sidekiq socket staging start startup startups',
    'state status stop streamlit supervisor systemd task tasks timeout type unicorn up',
    'update uvicorn version watch web webpack work worker workers wsgi yarn',
  ].flatMap((line) => line.split(' ')),
);

const isHarmlessWord = (word: string): boolean => HARMLESS_WORDS.has(word);
