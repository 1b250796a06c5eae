import { expect } from 'chai';
import { waitNotice } from '../../src/cli/cell-source.ts';
import type { Io } from '../../src/terminal/io.ts';
import { keptStreams } from '../kept-streams.ts';

function said(format: string, change: Partial<Io>): string {
  const { written, ...streams } = keptStreams();
  const io: Io = { ...streams, isTty: false, isErrorTty: false, columns: 80, env: {}, ...change };
  waitNotice(format, io)(30_000);
  expect(written.stdout).to.equal('');
  return written.stderr;
}

describe('the wait of a check', () => {
  const notice = 'Something differs: waiting 30 s to compare again (Ctrl-C stops).\n';

  it('is announced on a terminal, once for each check', () => {
    expect(said('table', { isTty: true, isErrorTty: true })).to.equal(notice);
    expect(said('json', { isTty: true, isErrorTty: true })).to.equal(notice);
    expect(said('table', { isErrorTty: true })).to.equal(notice);
  });

  it('is not announced if JSON goes into a pipe, or if nobody reads standard error', () => {
    expect(said('json', { isErrorTty: true })).to.equal('');
    expect(said('table', { isTty: true })).to.equal('');
  });
});
