import { expect } from 'chai';
import type { RepLog } from '../../src/model/answers.ts';
import { asHandle } from '../../src/model/ids.ts';
import {
  nameInRepLog,
  NOTHING_LOGGED,
  timeOfRepLog,
  withNewer,
  withOlder,
} from '../../src/parse/rep-log.ts';

const HANDLE = asHandle('96b4ab9e-65ad-49f0-6547-619b');
const APP = '81eb59a1-dcbe-41c3-78a9-cdd4c2ce4da6';
const OTHER_APP = '0ec0b6bc-3a5d-4c0b-9c0f-c1d3b5a1f2e7';
const NAMED = { 'container-guid': HANDLE };

const lineOf = (timestamp: string, message: string, data: object = NAMED): string =>
  JSON.stringify({ timestamp, level: 'info', source: 'rep', message, data });
/** What lines say that follow each other. */
const logOf = (...lines: readonly string[]): RepLog => lines.reduce(withNewer, NOTHING_LOGGED);

describe("rep's log about a container", () => {
  it('names its app by the process guid of the newest line that has one', () => {
    const log = logOf(
      lineOf('2026-03-02T10:05:20Z', 'rep.allocated', { 'process-guid': `${OTHER_APP}-b1c2` }),
      lineOf('2026-03-02T10:05:21Z', 'rep.started', { process_guid: `${APP}-b1c2` }),
      lineOf('2026-03-02T10:05:22Z', 'rep.kept'),
    );
    expect(log.appId).to.equal(APP);
  });

  it('has the last five things that rep did, newest first, with the time in either format', () => {
    const log = logOf(
      lineOf('2026-03-02T10:05:20Z', 'rep.allocated'),
      lineOf('1772445921.530000000', 'rep.created'),
      ...[2, 3, 4, 5].map((second) => lineOf(`2026-03-02T10:05:2${second}Z`, 'rep.kept')),
    );
    expect(log.lines.map(({ at }) => at)).to.deep.equal([
      '2026-03-02T10:05:25Z',
      '2026-03-02T10:05:24Z',
      '2026-03-02T10:05:23Z',
      '2026-03-02T10:05:22Z',
      '2026-03-02T10:05:21.530Z',
    ]);
  });

  it('has the line that says why rep left it, however much follows', () => {
    const log = logOf(
      lineOf('2026-03-02T10:05:20Z', 'rep.a.b.container-not-found-in-garden'),
      ...[1, 2, 3, 4, 5, 6].map((second) =>
        lineOf(`2026-03-02T10:05:2${second}Z`, 'rep.a.succeeded-deleting-container'),
      ),
    );
    expect(log.explanation).to.deep.equal({
      at: '2026-03-02T10:05:20Z',
      message: 'rep.a.b.container-not-found-in-garden',
    });
    expect(logOf(lineOf('2026-03-02T10:05:20Z', 'rep.a.destroyed')).explanation).to.equal(null);
  });

  it('continues in the older file', () => {
    const newer = {
      ...logOf(lineOf('2026-03-02T10:05:29Z', 'rep.kept')),
      since: '2026-03-02T10:05:25Z',
    };
    const older = {
      ...logOf(lineOf('2026-03-02T10:05:20Z', 'rep.allocated', { 'process-guid': `${APP}-b1` })),
      since: '2026-03-02T10:05:10Z',
    };
    expect(withOlder(newer, older)).to.deep.equal({
      appId: APP,
      explanation: null,
      lines: [
        { at: '2026-03-02T10:05:29Z', message: 'rep.kept' },
        { at: '2026-03-02T10:05:20Z', message: 'rep.allocated' },
      ],
      since: '2026-03-02T10:05:10Z',
    });
    expect(withOlder(newer, NOTHING_LOGGED).since).to.equal('2026-03-02T10:05:25Z');
  });

  it('ignores lines that are cut off, are no JSON object, or have no message', () => {
    const lines = [`0T10:05:21Z","data":"${HANDLE}"}`, `"${HANDLE}"`, `{"data":"${HANDLE}"}`];
    expect(logOf(...lines)).to.deep.equal(NOTHING_LOGGED);
    expect(lines.map(timeOfRepLog)).to.deep.equal([null, null, null]);
  });

  it('names a container as JSON quotes its handle', () => {
    expect(nameInRepLog(HANDLE)).to.equal(`"${HANDLE}"`);
    expect(nameInRepLog(asHandle('a"b'))).to.equal(String.raw`"a\"b"`);
  });
});
