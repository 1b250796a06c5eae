import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NameFiles, removeNameFiles } from '../../src/agent/name-files.ts';
import { TABLE_NAMES } from '../../src/names/tables.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { BILLING, container, namesOf, SHOP } from '../names/named-containers.ts';
import { needsRoot, NOBODY } from './another-user.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';

const ONE = namesOf(container(BILLING));
const TWO = namesOf(container(BILLING), container(SHOP));
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

function nameFiles() {
  const directory = join(temporaryFolder(), 'names');
  const problems: (string | null)[] = [];
  const files = new NameFiles(directory, (problem) => problems.push(problem));
  atEndOfTest(() => files.close());
  const csv = join(directory, 'containers.csv');
  const csvText = (): string => fs.readFileSync(csv, 'utf8');
  return { directory, files, problems, csv, csvText };
}

describe('the files with names', () => {
  it('are for the group to read, whatever the umask', () => {
    const umask = process.umask(0o077);
    atEndOfTest(() => process.umask(umask));
    const { directory, files } = nameFiles();
    files.follow(ONE, true);
    expect(fs.statSync(directory).mode & 0o777).to.equal(0o750);
    expect(fs.readdirSync(directory).toSorted()).to.deep.equal(TABLE_NAMES);
    for (const name of TABLE_NAMES)
      expect(fs.statSync(join(directory, name)).mode & 0o777, name).to.equal(0o640);
  });

  it('follow a change, several within a few seconds at once', async () => {
    const { files, csv, csvText } = nameFiles();
    files.follow(ONE, true);
    const { ino } = fs.statSync(csv);
    files.follow(TWO, true);
    expect(fs.statSync(csv).ino).to.equal(ino);
    await waitFor('the change', () => csvText().includes(SHOP));
  });

  it('get the time of each pass that confirms them, and of no other', () => {
    const { directory, files, csv } = nameFiles();
    files.follow(ONE, true);
    for (const name of TABLE_NAMES) fs.utimesSync(join(directory, name), LONG_AGO, LONG_AGO);
    const { ino } = fs.statSync(csv);
    files.follow(ONE, false);
    expect(fs.statSync(csv).mtime).to.deep.equal(LONG_AGO);
    files.follow(ONE, true);
    expect(fs.statSync(csv).mtime).to.be.above(LONG_AGO);
    expect(fs.statSync(csv).ino).to.equal(ino);
  });

  it('are made again if somebody removes them', () => {
    const { files, csv } = nameFiles();
    files.follow(ONE, true);
    fs.rmSync(csv);
    files.follow(ONE, true);
    expect(fs.existsSync(csv)).to.equal(true);
  });

  it('are not written through a link or over what is not a file, and that is said once', () => {
    const elsewhere = temporaryFolder();
    const linked = nameFiles();
    fs.symlinkSync(elsewhere, linked.directory);
    linked.files.follow(ONE, true);
    linked.files.close();
    expect(linked.problems).to.deep.equal([`${linked.directory} is not a directory: remove it`]);
    expect(fs.readdirSync(elsewhere)).to.deep.equal([]);
    const { directory, files, problems, csv } = nameFiles();
    fs.mkdirSync(csv, { recursive: true });
    files.follow(ONE, true);
    expect(problems).to.deep.equal([`${csv} is not a file: remove it`]);
    expect(fs.readdirSync(directory)).to.deep.equal(['containers.csv']);
  });

  it("are not written into another user's directory or over another user's file", async function () {
    needsRoot(this);
    const given = nameFiles();
    fs.mkdirSync(given.directory);
    fs.chownSync(given.directory, NOBODY, NOBODY);
    given.files.follow(ONE, true);
    expect(given.problems).to.deep.equal([
      `the directory ${given.directory} belongs to user ${NOBODY}: remove it`,
    ]);
    expect(fs.readdirSync(given.directory)).to.deep.equal([]);
    const { directory, files, problems, csv, csvText } = nameFiles();
    fs.mkdirSync(directory);
    fs.writeFileSync(csv, 'another text');
    fs.chownSync(csv, NOBODY, NOBODY);
    files.follow(ONE, true);
    expect(problems).to.deep.equal([`${csv} belongs to user ${NOBODY}: remove it`]);
    expect(csvText()).to.equal('another text');
    fs.rmSync(csv);
    await waitFor('the files', () => problems.at(-1) === null);
    expect(csvText()).to.contain(BILLING);
  });

  it('are removed by an agent that does not write them', () => {
    const { directory, files } = nameFiles();
    files.follow(ONE, true);
    fs.writeFileSync(join(directory, 'mine'), '');
    removeNameFiles(directory);
    expect(fs.readdirSync(directory)).to.deep.equal(['mine']);
    removeNameFiles(join(directory, 'nowhere'));
  });
});
