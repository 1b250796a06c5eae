/** Flags of a program or subcommand whose value is a secret, although their names do not say so. */
interface SecretFlags {
  /**
   * One letter each; the value follows directly or as the next argument: `-psecret`, `-p secret`.
   */
  readonly letters: string;
  /** Letters with a harmless value, which is the rest of the argument: `-XPUT`. */
  readonly valued: string;
  /** Whole arguments that a secret follows, possibly after `=`. */
  readonly words: readonly string[];
}

const flags = (letters: string, valued = '', words: readonly string[] = []): SecretFlags => ({
  letters,
  valued,
  words,
});

/** By the beginning of the program's name, so that mysqldump counts as mysql. */
const BY_PROGRAM: readonly (readonly [string, SecretFlags])[] = [
  ['curl', flags('ubUE', 'XHdoAeTwxmrcKFQtyYzCPhD', ['--user', '--proxy-user', '--cert'])],
  ['wget', flags('', '', ['--user', '--http-user', '--ftp-user'])],
  ['http', flags('au', 'po', ['--user'])],
  ['xh', flags('a', 'po')],
  ['mysql', flags('p', 'uhPDSe')],
  ['mariadb', flags('p', 'uhPDSe')],
  ['mongo', flags('p', 'uhd')],
  ['sshpass', flags('p', 'fdP')],
  ['redis-cli', flags('a', 'hpnsriuxX')],
  ['ldap', flags('w', 'DHbshpfPRUXoeEYzl')],
  ['snmp', flags('cAX', 'vluaxe')],
  ['smb', flags('U', 'IpWdm')],
  ['lftp', flags('u', 'ep')],
  ['ncftp', flags('p', 'uP')],
  ['mosquitto', flags('P', 'htmupqi')],
  ['sqlcmd', flags('P', 'SUdQqioH')],
  ['bcp', flags('P', 'SUdtr')],
  ['ipmitool', flags('P', 'IHUL')],
  ['7z', flags('p', 'otw')],
  ['rar', flags('p')],
  ['zip', flags('P', 'dxb')],
  ['unzip', flags('P', 'dx')],
  ['ssh-keygen', flags('NP', 'tbfC')],
  ['useradd', flags('p', 'ugGdsc')],
  ['usermod', flags('p', 'ugGdsc')],
  ['openssl', flags('', '', ['-k', '-K'])],
  ['kubectl', flags('', '', ['--from-literal'])],
  ['rabbitmqctl', flags('', '', ['add_user', 'authenticate_user'])],
  ['vault', flags('', '', ['put', 'write', 'patch'])],
  ['consul', flags('', '', ['put'])],
  ['etcdctl', flags('', '', ['put', 'set'])],
  // For docker, podman, helm, cf and az, whose -p has another meaning in other subcommands.
  ['login', flags('p', 'us')],
];

/** Programs that take a secret as a plain argument. */
const TAKES_PLAIN_SECRETS = new Set([
  'htpasswd',
  'chpasswd',
  'smbpasswd',
  'ldappasswd',
  'wpa_passphrase',
]);

/** Oracle's programs, which are called with `user/password@database`. */
const USER_AND_PASSWORD = new Set(['sqlplus', 'rman', 'expdp', 'impdp', 'sqlldr']);

const MAX_NAME = 64;

function nameOf(path: string): string {
  const end = path.slice(-MAX_NAME);
  return end.slice(end.lastIndexOf('/') + 1).toLowerCase();
}

/**
 * The flags that hide what follows them, for every program named so far, as in `sudo curl -u` and
 * `sh -c "mysql -p…"`. A word that is not a program hides a little more than necessary.
 */
export class KnownFlags {
  readonly #known = new Set<SecretFlags>();
  #isOracle = false;
  /** Whether every argument that is not a flag may be a secret. */
  hidesPlain = false;

  sees(argument: string): void {
    const name = nameOf(argument);
    for (const [program, those] of BY_PROGRAM) if (name.startsWith(program)) this.#known.add(those);
    if (USER_AND_PASSWORD.has(name)) this.#isOracle = true;
    if (TAKES_PLAIN_SECRETS.has(name)) this.hidesPlain = true;
  }

  /**
   * How many characters of an argument to show before a secret in it or after it; null if there is
   * none.
   */
  shownOf(argument: string): number | null {
    if (this.#isOracle && argument.includes('/') && !argument.startsWith('-')) return 0;
    for (const those of this.#known) {
      const shown = shownBefore(argument, those);
      if (shown !== null) return shown;
    }
    return null;
  }
}

const LETTER = /[A-Za-z]/;

function shownBefore(argument: string, { letters, valued, words }: SecretFlags): number | null {
  for (const word of words) {
    if (argument === word) return word.length;
    if (argument.startsWith(`${word}=`)) return word.length + 1;
  }
  if (!argument.startsWith('-')) return null;
  for (let index = 1; index < argument.length; index++) {
    const letter = argument.charAt(index);
    if (letters.includes(letter)) return index + 1;
    if (!LETTER.test(letter) || valued.includes(letter)) return null;
  }
  return null;
}
