import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { repLogOf } from '../../src/parse/rep-log.ts';

const HANDLE = asHandle('96b4ab9e-65ad-49f0-6547-619b');
const APP = '81eb59a1-dcbe-41c3-78a9-cdd4c2ce4da6';
const lineOf = (timestamp: string, message: string, data: object): string =>
  JSON.stringify({ timestamp, level: 'info', source: 'rep', message, data });

describe("rep's log about a container", () => {
  it('names its app by the process guid, and the last things that rep did, newest first', () => {
    const named = { 'container-guid': HANDLE };
    const log = [
      lineOf('1772445920.530000000', 'rep.allocated', { 'process-guid': `${APP}-b1c2`, ...named }),
      lineOf('2026-03-02T10:05:21.1Z', 'rep.started', named),
      lineOf('2026-03-02T10:05:22.1Z', 'rep.of-another', { 'container-guid': `${HANDLE}-x` }),
      ...Array.from({ length: 6 }, (_, at) =>
        lineOf(`2026-03-02T10:06:0${at}Z`, 'rep.kept', named),
      ),
    ].join('\n');
    const { appId, lines } = repLogOf(log, HANDLE);
    expect(appId).to.equal(APP);
    expect(lines.map(({ at }) => at)).to.deep.equal(
      [5, 4, 3, 2, 1].map((at) => `2026-03-02T10:06:0${at}Z`),
    );
    const [first] = log.split('\n');
    expect(repLogOf(first ?? '', HANDLE).lines).to.deep.equal([
      { at: '2026-03-02T10:05:20.530Z', message: 'rep.allocated' },
    ]);
  });

  it('is nothing in lines that are cut, no JSON, or without a message', () => {
    const log = [`0T10:05:21Z","data":"${HANDLE}"}`, `"${HANDLE}"`, `{"data":"${HANDLE}"}`, ''];
    expect(repLogOf(log.join('\n'), HANDLE)).to.deep.equal({ appId: null, lines: [] });
  });
});
