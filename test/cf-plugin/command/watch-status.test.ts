import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { Io } from '../../../src/terminal/io.ts';
import { changeText, watchStatus } from '../../../src/cf-plugin/command/watch-status.ts';
import type { FoundationStatus } from '../../../src/cf-plugin/foundation/foundation-status.ts';
import { CallRefused } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { KnownFailure } from '../../../src/model/failure.ts';
import { containers, LOST, UNOWNED } from '../../present/agent-state-builder.ts';
import { rowsOf } from '../../rows.ts';
import { cell, seriesIn, seriesOf } from '../standin/fleet.ts';
import type { Fault, StandInOptions } from '../standin/foundation.ts';
import type { Series } from '../standin/log-cache.ts';
import { ranPlugin, statusOf, untrackedInstance } from '../standin/ran-plugin.ts';

const WELL = seriesIn('0-1');
const LOSING = seriesIn('0; 1 holds=20+LOST');

/** Another foundation each round; the token gives the round, as queries come in any order. */
function changing(...rounds: readonly (readonly Series[] | Fault)[]): StandInOptions {
  const foundation: StandInOptions = {
    series: [],
    fault: ({ pathname }, { headers }) => {
      const [, token] = /^bearer token-(\d+)$/.exec(headers.authorization ?? '') ?? [];
      const round = rounds[Number(token) - 1] ?? null;
      const isSeries = (one: typeof round): one is readonly Series[] => Array.isArray(one);
      if (isSeries(round)) foundation.series = round;
      return isSeries(round) || !pathname.startsWith('/api/') ? null : round;
    },
  };
  return foundation;
}

/** Streams that keep nothing. */
const IO: Io = {
  stdout: () => undefined,
  stderr: () => undefined,
  env: {},
  isTty: true,
  columns: 80,
};
const DOWN: Fault = { kind: 'answer', status: 503, body: 'no' };
const REFUSED: Fault = { kind: 'answer', status: 404, body: '' };

const losing = (one: typeof LOST): readonly Series[] =>
  [cell(0), cell(1, { containers: containers(20, one) })].flatMap(seriesOf);
const ROUNDS: Readonly<Record<string, readonly Series[] | Fault>> = {
  well: WELL,
  lost: LOSING,
  unowned: losing(UNOWNED),
  partial: losing({ ...UNOWNED, reason: 'partial', severity: 'warning' }),
  down: DOWN,
};
const COUNTS = 'untracked 2 cells: 1 untracked, 1 all tracked. 1 instance is untracked.';
const NO = 'unknown Log Cache ORIGIN answers 503: no. See the log of log-cache.';
const [A, B] = [LOST.handle, UNOWNED.handle];

/** When | the rounds | the lines. */
const LINES = `
only when something changed | well well lost lost down | all-tracked 2 cells: 2 all tracked. Garden lists 40 containers, and none is untracked. | … New: ${A} (unknown-to-garden). | ${NO}
when one finding has replaced another, and the counts are the same | lost unowned down unowned partial partial | … Untracked: ${A} (unknown-to-garden). | … New: ${B} (unowned). No longer shown: ${A} (unknown-to-garden). | ${NO} | … | … New: ${B} (partial). No longer shown: ${B} (unowned).
`;

describe('cf rollcall-status --watch', () => {
  it('draws the table anew on a terminal, with a new token each time, and ends with the last verdict', async () => {
    const { code, stdout, standIn } = await ranPlugin(changing(LOSING, WELL), ['--watch'], {
      rounds: 2,
      io: { isTty: true, columns: 200, env: { CF_COLOR: 'false' } },
    });
    const screens = stdout.split('\u001b[H\u001b[2J').slice(1);
    expect(screens.map((screen) => screen.split('\n')[0]?.slice(8))).to.deep.equal([
      'Z; Ctrl-C stops',
      'Z; Ctrl-C stops; * changed since the table before',
    ]);
    expect(screens[0]).to.contain('1 instance is untracked.');
    expect(screens[1]).to.contain('none is untracked.');
    expect(code).to.equal(0);
    expect(new Set(standIn.tokens)).to.deep.equal(new Set(['bearer token-1', 'bearer token-2']));
    expect(standIn.requests.filter(({ pathname }) => pathname === '/')).to.have.length(2);
  });

  it('marks only what changed on a terminal: other values, new cells, new findings', async () => {
    const later = ['0', '0 age=6/12'].map((first) => seriesIn(`${first}; 1 holds=20+LOST; 2`));
    const rounds = [WELL, LOSING, ...later];
    const { stdout } = await ranPlugin(changing(...rounds), ['--watch'], {
      rounds: 4,
      io: { isTty: true, columns: 200, env: { CF_COLOR: 'false' } },
    });
    const marked = stdout
      .split('\u001b[H\u001b[2J')
      .slice(1)
      .map((screen) => screen.match(/\S+(?: \S+)?\*/g) ?? []);
    expect(marked[0]).to.deep.equal([]);
    expect(marked[1]).to.deep.equal(
      'untracked*|19*|19*|1*|unknown-to-garden*|critical*|HANDLE*'
        .replace('HANDLE', LOST.handle)
        .split('|'),
    );
    expect(marked[2]).to.deep.equal([`${cell(2).index}*`, '10.0.4.12*', 'all tracked*']);
    // Only an age differs.
    expect(marked[3]).to.deep.equal([]);
  });

  for (const [title = '', rounds = '', ...lines] of rowsOf(LINES))
    it(`writes a line elsewhere, ${title}`, async () => {
      const found = rounds.split(' ').map((word) => ROUNDS[word] ?? expect.fail(word));
      const { code, stdout } = await ranPlugin(changing(...found), ['--watch'], {
        rounds: found.length,
      });
      const said = stdout.replaceAll(/^\S+Z /gm, '').replaceAll(/http:\S+/g, 'ORIGIN');
      expect(said.trimEnd().split('\n')).to.deep.equal(
        lines.map((line) => line.replace('…', COUNTS)),
      );
      expect(code).to.equal(1);
    });

  it('names a few of many in a line, and on one line', () => {
    const many = Array.from({ length: 6 }, (_, index) =>
      untrackedInstance({ handle: index === 0 ? 'a\n\u001b[2J' : `h${index}` }),
    );
    expect(changeText(null, many)).to.equal(
      ' Untracked: a\\n\\u{1b}[2J (unowned), h1 (unowned), h2 (unowned), h3 (unowned), h4 (unowned) and 1 more.',
    );
    expect(changeText([], many.slice(1))).to.match(/^ New: h1 .* h5 \(unowned\)\.$/);
    expect(changeText(many, many)).to.equal('');
    expect(changeText(null, [])).to.equal('');
  });

  it('writes a line of JSON a round', async () => {
    const { stdout, stderr } = await ranPlugin(
      changing(WELL, DOWN, LOSING),
      ['--watch', '--output', 'json'],
      { rounds: 3 },
    );
    const verdicts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { verdict: string }).verdict);
    expect(verdicts).to.deep.equal(['all-tracked', 'unknown', 'untracked']);
    expect(stderr).to.equal('');
  });

  it('writes one line of JSON for what ends it or fails before the first round, too', async () => {
    const isLoggedIn = () => Promise.resolve(false);
    for (const { cf, typed = [] } of [{}, { cf: { isLoggedIn } }, { typed: ['--nothing'] }]) {
      const asked = ['--watch', '--output', 'json', ...typed];
      const { code, stdout, stderr } = await ranPlugin(changing(REFUSED), asked, {
        rounds: 3,
        ...(cf !== undefined && { cf }),
      });
      expect(stdout.split('\n')).to.have.length(2);
      expect(JSON.parse(stdout)).to.include({ verdict: 'unknown' });
      expect(stderr).to.match(/^(Log Cache shows this user nothing|Not logged in|Incorrect Usage)/);
      expect(code).to.equal(1);
    }
  });

  it('ends when the cf that started it has ended, and continues when cf takes too long', async () => {
    const rounds = async (code: 'CF_UNREACHABLE' | 'CF_TIMEOUT'): Promise<number> => {
      let asked = 0;
      const accessToken = () => {
        asked += 1;
        return asked === 1
          ? Promise.resolve('bearer token-1')
          : Promise.reject(new KnownFailure(code, 'it is over'));
      };
      const { stderr } = await ranPlugin(changing(WELL, WELL, WELL), ['--watch'], {
        rounds: 3,
        cf: { accessToken },
      });
      expect(stderr).to.equal(code === 'CF_UNREACHABLE' ? 'it is over\n' : '');
      return asked;
    };
    expect(await rounds('CF_UNREACHABLE')).to.equal(2);
    expect(await rounds('CF_TIMEOUT')).to.equal(3);
  });

  it('ends with the failure of its first round, as without --watch', async () => {
    const { code, stdout, stderr } = await ranPlugin(changing(REFUSED, WELL), ['--watch'], {
      rounds: 2,
    });
    expect(code).to.equal(1);
    expect(stdout).to.equal('FAILED\n');
    expect(stderr).to.match(/^Log Cache shows this user nothing/);
    const accessToken = () => Promise.reject(new CallRefused('AccessToken', 'expired'));
    const expired = await ranPlugin(changing(WELL), ['--watch'], {
      rounds: 3,
      cf: { accessToken },
    });
    expect(expired.stderr).to.contain('The login has expired.');
  });

  it('continues after failures once it has shown something, but not forever', async () => {
    const rounds = (doubtful: number) => [
      WELL,
      ...Array.from({ length: doubtful }, () => REFUSED),
      WELL,
    ];
    const updated = await ranPlugin(changing(...rounds(11)), ['--watch'], { rounds: 13 });
    expect(updated).to.include({ code: 0, stderr: '' });
    expect(updated.stdout.match(/ all-tracked /g)).to.have.length(2);
    const over = await ranPlugin(changing(...rounds(12)), ['--watch'], { rounds: 14 });
    expect(over.code).to.equal(1);
    expect(over.stderr).to.match(/^Log Cache shows this user nothing/);
    expect(over.stdout).to.match(/FAILED\n$/);
    expect(new Set(over.standIn.tokens)).to.have.length(13);
  });

  it('keeps nothing of a finished round in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const well = await statusOf({ series: WELL });
    const asked: WeakRef<FoundationStatus>[] = [];
    let kept = -1;
    const stopping = new AbortController();
    await watchStatus(
      {
        ask: () => {
          const status = structuredClone(well);
          asked.push(new WeakRef(status));
          return Promise.resolve(status);
        },
        draw: () => '',
        output: 'json',
        pause: async () => {
          if (asked.length < 50) return;
          await setImmediate();
          collect();
          kept = asked.filter((one) => one.deref() !== undefined).length;
          stopping.abort();
        },
        stop: stopping.signal,
        api: () => null,
      },
      IO,
    );
    expect(asked).to.have.length(50);
    expect(kept).to.be.at.most(2);
  });
});
