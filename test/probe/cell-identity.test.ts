import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { readCellIdentity } from '../../src/probe/cell-identity.ts';
import { BOSH } from '../present/agent-state-builder.ts';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';

const JOB = '/var/vcap/jobs/rollcall';

/** What is read below a root whose job has this configuration. */
const readFrom = (text: string, place = JOB) => {
  const root = temporaryFolder();
  writeFiles(root, { [`${place}/config/agent.json`]: text });
  if (place !== JOB) {
    fs.mkdirSync(path.join(root, path.dirname(JOB)), { recursive: true });
    fs.symlinkSync(place, path.join(root, JOB));
  }
  return readCellIdentity(root);
};

describe('who the cell is', () => {
  it('stands in the configuration of the job, whatever else another version has in it', () => {
    expect(readFrom(JSON.stringify({ cell: BOSH }))).to.deep.equal(BOSH);
    expect(readFrom(JSON.stringify({ cell: BOSH, root: 7, later: true }))).to.deep.equal(BOSH);
  });

  it('is that of the other cell if its job is a link, as in BOSH', () => {
    const place = '/var/vcap/data/jobs/rollcall/0123abcd';
    expect(readFrom(JSON.stringify({ cell: BOSH }), place)).to.deep.equal(BOSH);
  });

  for (const [what, text] of [
    ['there is no cell', '{}'],
    ['it is null', '{"cell": null}'],
    ['the file is cut', '{"cell": {"depl'],
    ['a field is missing', '{"cell": {"deployment": "cf", "group": "diego_cell"}}'],
    ['a field is too long', JSON.stringify({ cell: { ...BOSH, group: 'x'.repeat(256) } })],
    ['a field has another type', JSON.stringify({ cell: { ...BOSH, index: '7' } })],
    ['the file is too large', `${JSON.stringify({ cell: BOSH })}${' '.repeat(1024 * 1024)}`],
  ] as const)
    it(`is not known where ${what}`, () => {
      expect(readFrom(text)).to.equal(null);
    });

  it('is not known where there is no job, or a pipe in its place, as in files of another machine', () => {
    const root = temporaryFolder();
    expect(readCellIdentity(root)).to.equal(null);
    const config = path.join(root, JOB, 'config');
    fs.mkdirSync(config, { recursive: true });
    execFileSync('mkfifo', [path.join(config, 'agent.json')]);
    expect(readCellIdentity(root)).to.equal(null);
  });
});
