import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { shownCommand, wholeCommand } from '../../src/parse/shown-command.ts';
import { outsideRecording } from '../recordings.ts';
import { skip } from '../skip.ts';

/** A mixed one, words, words with digits, and what ends like base64. */
const SECRETS = ['S3cr3tVal', 'hunter2', 'Tiger', 'correct-horse', 'Zg/9+xQ=='];

const linesOf = (file: string): readonly string[] =>
  readFileSync(new URL(`../fixtures/command-lines/${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');

/** In the fixtures, spaces separate arguments, and `·` is a space in one. */
const asArguments = (line: string): string =>
  `${line.replaceAll(' ', '\0').replaceAll('·', ' ')}\0`;

const shows = (cmdline: string, secret: string): boolean => shownCommand(cmdline).includes(secret);

describe('a command line', () => {
  for (const line of linesOf('secrets.txt')) {
    it(`does not leak: ${line}`, () => {
      for (const secret of SECRETS) {
        const cmdline = asArguments(line).replaceAll('§', secret);
        expect(shownCommand(cmdline)).not.to.contain(secret);
      }
    });
  }

  for (const title of linesOf('secret-titles.txt')) {
    it(`does not leak as a title: ${title}`, () => {
      for (const secret of SECRETS) {
        const cmdline = title.replaceAll('§', secret);
        expect(shownCommand(cmdline)).not.to.contain(secret);
        expect(shownCommand(`${cmdline}\0\0\0`)).not.to.contain(secret);
      }
    });
  }

  it('leaks at most 2 of the secrets that a red team recorded', function () {
    const file = outsideRecording('command-lines.json');
    if (file === null) skip(this, 'no recorded command lines: see ROLLCALL_RECORDINGS');
    const recorded = v.parse(
      v.array(v.object({ name: v.string(), argv: v.array(v.string()) })),
      JSON.parse(readFileSync(file, 'utf8')),
    );
    expect(recorded).to.have.length(171);
    for (const secret of SECRETS) {
      const leaking = recorded.filter(({ argv }) => {
        const cmdline = `${argv.join('\0')}\0`.replaceAll('S3cr3tVal', secret);
        return shows(cmdline, secret) || shows(cmdline, 'YWRtaW46UzNjcjN0VmFs');
      });
      expect(leaking, secret).to.have.length.at.most(2);
    }
  });

  it('is recognised: 95 of 100 ordinary ones show what an operator looks for', () => {
    const ordinary = linesOf('ordinary.txt').map((line) => {
      const [words = '', ...rest] = line.split('|');
      return { words: words.split(' '), shown: shownCommand(asArguments(rest.join('|'))) };
    });
    expect(ordinary).to.have.length(100);
    const unrecognised = ordinary.filter(({ words, shown }) =>
      words.some((word) => !shown.includes(word)),
    );
    expect(unrecognised.map(({ shown }) => shown)).to.deep.equal([
      'java -cp target/app.jar … -m …',
      'java -X… -server -Dkafka.logs.dir=/var/log/kafka … config/server.properties',
      'node -r … server/index.js',
      'PM2 v5.3.0: … (/home/vcap/.pm2)',
      'gunicorn … --workers 4 --timeout 120',
    ]);
  });

  for (const [line, shown] of [
    ['sleep infinity', 'sleep …'],
    ['sleep 1000', 'sleep 1000'],
    ['/bin/server --config /x.ini', '/bin/server --config /x.ini'],
    ['app --config=/x.ini --level=§', 'app --config=/x.ini --level=…'],
    ['app --password a b § --port 80', 'app --password … --port 80'],
    ['env TOKEN=§ PORT=8080 node server.js', 'env TOKEN=… PORT=8080 node server.js'],
    ['java -Ddb.password=§ -Dport=80 -jar a.jar', 'java -Ddb.password=… -Dport=80 -jar a.jar'],
    ['mysql -uroot -p§ db', 'mysql -u… -p… …'],
    ['psql postgres://u:§@db:5432/x', 'psql …'],
    [
      'app tcp://db.example.org:5432 db.example.org:80',
      'app tcp://db.example.org:5432 db.example.org:80',
    ],
    ['app user:12345 [::]:80 :8080', 'app … [::]:80 :8080'],
    ['app /hooks/T02/§/x ./§ /', 'app /hooks/T02/… ./… /'],
    ['nginx:·worker·process', 'nginx: worker process'],
    ['sh -c exec·node·server.js·--token·§', 'sh -c exec node server.js --token …'],
    ['https://§@host app', '… app'],
    ['app --§ -§ -- -', 'app --… -S… -- -'],
    ['app 123456 12345 1.5 64k 5m 0.0.0.0', 'app … 12345 1.5 64k 5m 0.0.0.0'],
  ] as const) {
    it(`is shown: ${shown}`, () => {
      expect(shownCommand(asArguments(line).replaceAll('§', 'S3cr3tVal'))).to.equal(shown);
    });
  }

  it('is bounded, and keeps its end', () => {
    const long = shownCommand(`java\0${'-Da=/b\0'.repeat(200)}org.example.app.Main\0`);
    expect(long).to.have.length(256);
    expect(long).to.match(/^java -Da=\/b .*…[^…]* org\.example\.app\.Main$/);
    expect(shownCommand(`x\0${'y'.repeat(1000)}\0`)).to.equal('x …');
    expect(shownCommand('')).to.equal('');
    expect(shownCommand('\0\0')).to.equal('');
  });

  it('that was cut does not show its last word, whose end is missing', () => {
    const rest = `/${'x/'.repeat(3000)}`;
    expect(shownCommand(`app\0-v\0${rest}`)).to.equal('app -v …');
    expect(shownCommand(rest)).to.equal('…');
    expect(shownCommand(`app ${rest}`)).to.equal('app …');
    // Of exactly as many bytes as are read.
    const line = `${'-v '.repeat(1363)}- start`;
    expect(shownCommand(line)).to.match(/- …$/);
    expect(shownCommand(line.slice(1))).to.match(/- start$/);
  });

  // The text of a process went into JSON as it was: jq -r, or a log viewer, handed it to a
  // terminal.
  it('contains nothing that controls a terminal', () => {
    const hostile = '\u001b]0;owned\u0007\u009b31m\u202e\u2028\n\r\u200b';
    for (const shown of [shownCommand, wholeCommand]) {
      expect(shown(`app${hostile}\0${hostile}\0`)).not.to.match(
        /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u,
      );
    }
    expect(wholeCommand('a\u001b\0b\nc\0')).to.equal('a\\u{1b} b\\nc');
  });

  it('can be shown whole, with at most 4,096 characters', () => {
    expect(wholeCommand('mysql\0-psecret\0\0db\0\0')).to.equal('mysql -psecret  db');
    expect(wholeCommand('x'.repeat(5000))).to.have.length(4096);
  });
});

describe('a secret of any text', () => {
  // Without `=`: what stands before one can be the name of a variable.
  const secret = fc.stringMatching(/^[a-z0-9/@:+ "'-]{0,12}$/).map((text) => `Zq9Z${text}Zq9Z`);
  const around = fc.array(fc.stringMatching(/^-{0,2}[a-z][a-z0-9:/@=. {}"'-]{0,12}$/), {
    maxLength: 4,
  });

  it('never appears, wherever it stands', () => {
    const place = fc.constantFrom(
      (text: string) => text,
      (text: string) => `--flag=${text}`,
      (text: string) => `-p${text}`,
      (text: string) => `-Dname=${text}`,
      (text: string) => `NAME=${text}`,
      (text: string) => `https://${text}@host/path`,
      (text: string) => `/a/${text}/b`,
      (text: string) => `{"a":"${text}"}`,
    );
    fc.assert(
      fc.property(around, place, secret, around, (before, put, text, after) => {
        const words = ['app', ...before, put(text), ...after, ''];
        expect(shows(words.join('\0'), 'Zq9Z')).to.equal(false);
        expect(shows(words.join(' '), 'Zq9Z')).to.equal(false);
      }),
    );
  });
});
