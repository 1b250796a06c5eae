import { expect } from 'chai';
import fc from 'fast-check';
import { commandOf } from '../../src/parse/masked-command.ts';

const SECRET = 'hunter2';

/** Spaces separate arguments; `S` stands for the secret and `_` for a space in an argument. */
const LEAKED: readonly string[] = [
  'app --password §',
  'app --password first §',
  'app --password § words that go on --verbose',
  'app --passwd §',
  'app --pass §',
  'app --pass=§',
  'app --pwd §',
  'app --db-pwd=§',
  'app --passphrase=§',
  'app --requirepass §',
  'app --secret §',
  'app --clientSecret=§',
  'app --client-secret="a·§"',
  'app --token §',
  'app --auth-token=§',
  'app --authToken §',
  'app --bearer §',
  'app --cookie session=§',
  'app --signature §',
  'app --credential-value §',
  'app --access-key §',
  'app --accessKey=§',
  'app --api_key §',
  'app --encryption-key §',
  'app --signing-key=§',
  'app --master-key §',
  'app --private-key §',
  'app --key §',
  'app --pw=§',
  'app --userPW §',
  'app --otp §',
  'app --jwt §',
  'app --pin §',
  'app --user user:§',
  'app -u user:§',
  'app --ssl.key=§',
  'app --sshKey §',
  'app -Ddb.password=§ -jar a.jar',
  'app -secret §',
  'app --password -§',
  'env DB_PASS=§ app',
  'env AWS_ACCESS_KEY_ID=§ AWS_SECRET_ACCESS_KEY=§ app',
  'env PGPASSWORD=§ psql',
  'env MY_TOKEN="a·§·b" app',
  'app {"user":"u","password":"§"}',
  'app {"user":"u","password"·:·"a·§"}',
  'app {\\"apiKey\\":\\"§\\"}',
  'app <password>§</password>',
  'app password:§',
  "app password·=·'a·§'",
  'app -----BEGIN·PRIVATE·KEY-----\n§\n-----END·PRIVATE·KEY-----',
  'curl -H Authorization:·Bearer·§ https://host/',
  'curl -H Authorization: Bearer § https://host/',
  'curl -H X-Auth-Token:·§ https://host/',
  'curl -H Cookie:·id=§ https://host/',
  'curl https://§@host/path',
  'curl https://user:§@host/path',
  'curl https://user:a/§@host/path',
  'curl https://user:a@§@host/path',
  'curl https://user:a@b/§@host',
  'curl https://host/x?sig=§',
  'curl https://host/x?X-Amz-Signature=§&b=c',
  'curl -x user:§@proxy:8080 https://host/',
  'curl --proxy=user:§@proxy:8080 https://host/',
  'app postgres://u:§@h1/a,postgres://u:§@h2/b',
  'app --url=postgres://u:password=§@host/db',
  'app https://§:password=x@host/',
  'curl -u user:§ https://host/',
  'curl -uuser:§ https://host/',
  'curl -sSu user:§ https://host/',
  'curl --user user:§ https://host/',
  'curl --user=user:§ https://host/',
  'curl -b id=§ https://host/',
  'wget --user § https://host/',
  'http -a user:§ host/',
  'https --auth user:§ host/',
  'mysql -p§ db',
  'mysql -uroot -p§ db',
  'mysqldump -uroot -p§ db',
  'mariadb -p § db',
  'mongosh -u u -p §',
  'sshpass -p § ssh host',
  'sshpass -p§ ssh host',
  'redis-cli -h host -a § ping',
  'ldapsearch -x -D cn=admin -w § -b dc=x',
  'ldapmodify -xw§',
  'smbclient //host/share -U user%§',
  'sqlcmd -S host -P §',
  'sqlplus user/§@db',
  'unzip -P § a.zip',
  'openssl enc -k § -in x',
  'openssl enc -pass pass:§ -in x',
  'docker login -u user -p § host',
  'cf login -a api -u user -p §',
  'cf auth user §',
  'htpasswd -b file user §',
  'htpasswd -Bbc file user §',
  'sudo htpasswd -b file user §',
  '/usr/bin/wpa_passphrase network §',
  'rabbitmqctl add_user user §',
  'kubectl create secret generic x --from-literal=a=§',
  'vault kv put secret/x value=§',
  'sudo curl -u user:§ https://host/',
  '/usr/local/bin/mysql -p§',
  'sh -c curl·-u·user:§·https://host/',
  'sh -c mysql·-p§·db',
  'sh -c cd·/x;·sshpass·-p·§·ssh·host',
  'sh -c DB_PASS=§·exec·app',
  'sh -c exec·app·--token·§·--verbose',
];

/** A title that a process gave itself: one text, without a NUL. */
const LEAKED_TITLES: readonly string[] = [
  'app --password §',
  'app: worker postgres://u:§@host/db',
  'app: worker §@x:§@host',
  'postgres://u:§@host/db',
  'https://§@host/x',
  'token=§',
  'password: §',
  'app idle {"password":"§"}',
  'mysql -uroot -p§ db',
  'curl -u user:§ https://host/',
];

const SHOWN: readonly (readonly [line: string, shown: string])[] = [
  ['sleep infinity', 'sleep infinity'],
  ['java -Xmx512m -jar app.jar', 'java -Xmx512m -jar app.jar'],
  ['node --max-old-space-size=64 server.js', 'node --max-old-space-size=64 server.js'],
  [
    '/var/vcap/packages/guardian/bin/gdn server --config /x.ini',
    '/var/vcap/packages/guardian/bin/gdn server --config /x.ini',
  ],
  [
    'containerd-shim-runc-v2 -namespace garden -id H -address /x',
    'containerd-shim-runc-v2 -namespace garden -id H -address /x',
  ],
  ['nginx: worker·process', 'nginx: worker process'],
  ['cat /etc/passwd file', 'cat /etc/passwd file'],
  ['cat /run/secrets/db/name', 'cat /run/secrets/db/name'],
  ['git commit --author Bob', 'git commit --author Bob'],
  ['app --user root --spin --pinned', 'app --user root --spin --pinned'],
  ['psql -h host -p 5432 db', 'psql -h host -p 5432 db'],
  [
    'curl -sSfL -XPUT -o out https://host/path?a=b',
    'curl -sSfL -XPUT -o out https://host/path?a=b',
  ],
  ['mysql -uapp -hdb.example -P 3306 shop', 'mysql -uapp -hdb.example -P 3306 shop'],
  ['redis-server *:6379', 'redis-server *:6379'],
  ['ssh user@host uptime', 'ssh user@host uptime'],
  ['scp user@host:/a/b c', 'scp user@host:/a/b c'],
  ['git clone git@host.example:a/b', 'git clone git@host.example:a/b'],
  ['python3 -m http.server 8000', 'python3 -m http.server 8000'],
  ['app --tokenizer bert --keyspace x --monkey y', 'app --tokenizer bert --keyspace x --monkey y'],
  ['/usr/sbin/rsyslogd -n', '/usr/sbin/rsyslogd -n'],
  ['app --listen 0.0.0.0:8080 --verbose', 'app --listen 0.0.0.0:8080 --verbose'],
  // What hides a secret leaves the rest.
  ['java -Ddb.password=§ -jar a.jar', 'java -Ddb.password=*** -jar a.jar'],
  ['app --api-key §', 'app --api-key ***'],
  ['app --password a b § --port 80', 'app --password *** --port 80'],
  ['env TOKEN=§ node server.js', 'env TOKEN=*** node server.js'],
  ['psql postgres://u:§@db/x', 'psql postgres://***@db/x'],
  ['app --client-secret="a·§" x', 'app --client-secret=*** x'],
  ['curl -H Authorization:·Bearer·§ https://host/', 'curl -H Authorization: *** https://host/'],
  ['curl -sSu user:§ --fail', 'curl -sSu *** --fail'],
  ['mysql -uroot -p§ db', 'mysql -uroot -p*** db'],
];

const lineOf = (text: string): string =>
  text.replaceAll(' ', '\0').replaceAll('·', ' ').replaceAll('§', SECRET);
const titleOf = (text: string): string => text.replaceAll('§', SECRET);

describe('a command line', () => {
  for (const line of LEAKED) {
    it(`does not leak: ${line}`, () => {
      expect(commandOf(`${lineOf(line)}\0`)).not.to.contain(SECRET);
    });
  }

  for (const title of LEAKED_TITLES) {
    it(`does not leak as a title: ${title}`, () => {
      expect(commandOf(titleOf(title))).not.to.contain(SECRET);
      expect(commandOf(`${titleOf(title)}\0\0\0`)).not.to.contain(SECRET);
    });
  }

  for (const [line, shown] of SHOWN) {
    it(`is shown: ${shown}`, () => {
      expect(commandOf(`${lineOf(line)}\0`)).to.equal(shown);
    });
  }

  it('is bounded', () => {
    expect(commandOf(`x\0${'y'.repeat(1000)}\0`)).to.have.length(256);
    expect(commandOf('')).to.equal('');
    expect(commandOf('\0\0')).to.equal('');
  });

  it('that was cut does not show the beginning of a secret whose end is missing', () => {
    const long = `user:${SECRET}${'/x'.repeat(4000)}@host`;
    expect(commandOf(`app\0-v\0https://${long}`)).to.equal('app -v …');
    expect(commandOf(`https://${long}`)).to.equal('https …');
    expect(commandOf(`app https://${long}`)).to.equal('app …');
  });

  // The text of a process went into JSON as it was: jq -r, or a log viewer, handed it to a terminal.
  it('contains nothing that controls a terminal', () => {
    const hostile = '\u001b]0;owned\u0007\u009b31m\u202e\u2028\n\r\u200b';
    expect(commandOf(`app${hostile}\0${hostile}\0`)).not.to.match(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u,
    );
    expect(commandOf('a\u001b\0b\nc\0')).to.equal('a\\u{1b} b\\nc');
  });
});

describe('a secret after a secret name', () => {
  const name = fc.constantFrom(
    ...'pass passwd password passphrase pwd secret token credential auth bearer cookie'.split(' '),
    ...'signature api_key accessKey private-key key sig encryption-key SigningKey pw'.split(' '),
    ...'MASTER_KEY PASSWORD KEY'.split(' '),
  );
  const around = fc.constantFrom('', 'db-', 'db_', 'db.', 'x1-');
  const behind = fc.constantFrom('', '-file', '_id', '.x', '1');
  const secret = fc.stringMatching(/^[a-z0-9/@:=+ "'-]{0,12}$/).map((text) => `ZQ${text}QZ`);
  const innocent = fc.array(fc.stringMatching(/^-{0,2}[a-z][a-z0-9:/@=. {}"'-]{0,12}$/), {
    maxLength: 4,
  });
  const shows = (line: string): boolean => /ZQ|QZ/.test(commandOf(line));
  const quiet = fc.tuple(innocent, around, name, behind, secret);

  it('never appears as the next argument of a flag', () => {
    fc.assert(
      fc.property(quiet, ([before, left, word, right, hidden]) => {
        expect(
          shows(['app', ...before, `--${left}${word}${right}`, hidden, '-v', ''].join('\0')),
        ).to.equal(false);
      }),
    );
  });

  it('never appears in the argument itself, whatever separates them', () => {
    const separator = fc.constantFrom('=', ':', ': ', ' ', '":', '": "', "'='", ' = ');
    fc.assert(
      fc.property(quiet, separator, ([before, left, word, right, hidden], between) => {
        const argument = `${left}${word}${right}${between}${hidden}`;
        expect(shows(['app', ...before, argument, 'x', ''].join('\0'))).to.equal(false);
        expect(shows(['app', ...before, argument].join(' '))).to.equal(false);
      }),
    );
  });

  it('never appears as the user of a URL', () => {
    fc.assert(
      fc.property(innocent, fc.stringMatching(/^[a-z0-9/@:=+-]{0,12}$/), (before, text) => {
        const url = `https://ZQ${text}QZ@host/path`;
        expect(shows(['app', ...before, url, ''].join('\0'))).to.equal(false);
        expect(shows(['app', ...before, url].join(' '))).to.equal(false);
      }),
    );
  });
});
