import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { readCellIdentity } from '../../src/probe/cell-identity.ts';
import { BOSH } from '../present/agent-state-builder.ts';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';

/** What is read below a root whose job has this configuration. */
const readFrom = (text: string, place = '/var/vcap/jobs/rollcall') => {
  const root = temporaryFolder();
  const jobs = path.join(root, '/var/vcap/jobs');
  writeFiles(root, { [`${place}/config/agent.json`]: text });
  fs.mkdirSync(jobs, { recursive: true });
  const link = path.join(jobs, 'rollcall');
  if (!fs.existsSync(link)) fs.symlinkSync(place, link);
  return Promise.resolve(readCellIdentity(root));
};

describe('who the cell is', () => {
  it('stands in the configuration of the job', async () => {
    expect(await readFrom(JSON.stringify({ cell: BOSH }))).to.deep.equal(BOSH);
  });

  it('is read whatever else another version has in it', async () => {
    const text = JSON.stringify({ cell: BOSH, root: 7, later: true });
    expect(await readFrom(text)).to.deep.equal(BOSH);
  });

  it('is that of the other cell if its job is a link, as in BOSH', async () => {
    const place = '/var/vcap/data/jobs/rollcall/0123abcd';
    expect(await readFrom(JSON.stringify({ cell: BOSH }), place)).to.deep.equal(BOSH);
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
    it(`is not known where ${what}`, async () => {
      expect(await readFrom(text)).to.equal(null);
    });

  it('is not known where a pipe is in its place, as in files of another machine', async () => {
    const root = temporaryFolder();
    const config = path.join(root, '/var/vcap/jobs/rollcall/config');
    fs.mkdirSync(config, { recursive: true });
    await execa('mkfifo', [path.join(config, 'agent.json')]);
    expect(readCellIdentity(root)).to.equal(null);
  });

  it('is not known where there is no job', () => {
    const root = temporaryFolder();
    expect(readCellIdentity(root)).to.equal(null);
  });
});
