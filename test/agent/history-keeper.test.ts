import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { HistoryKeeper } from '../../src/agent/history-keeper.ts';
import { MAX_HISTORY_HOURS } from '../../src/model/history.ts';
import { historyLine } from '../../src/parse/history-file.ts';
import { hour } from '../present/agent-state-builder.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const keeperIn = (folder: string): HistoryKeeper =>
  new HistoryKeeper(path.join(folder, 'memory.json'));
const fileIn = (folder: string): string => path.join(folder, 'history.jsonl');
const numbered = (passes: number) => hour({ passes });

describe('the history of an agent', () => {
  it('is one line per hour beside the memory file, only for its owner, and is read again', () => {
    const folder = temporaryFolder();
    const keeper = keeperIn(folder);
    expect(keeper.load()).to.equal(null);
    for (const passes of [1, 2]) expect(keeper.add(numbered(passes))).to.equal(null);
    expect(fs.readFileSync(fileIn(folder), 'utf8').split('\n')).to.have.length(3);
    expect(fs.statSync(fileIn(folder)).mode & 0o777).to.equal(0o600);
    const again = keeperIn(folder);
    expect(again.load()).to.equal(null);
    expect(again.hours).to.deep.equal([numbered(1), numbered(2)]);
  });

  it('keeps 31 days, in less than 220 kB', () => {
    const folder = temporaryFolder();
    const keeper = keeperIn(folder);
    const over = MAX_HISTORY_HOURS + 20;
    const lines = Array.from({ length: over }, (_, n) => historyLine(numbered(n)));
    fs.writeFileSync(fileIn(folder), lines.join(''));
    keeper.load();
    keeper.add(numbered(over));
    const kept = fs.readFileSync(fileIn(folder), 'utf8');
    expect(kept.trimEnd().split('\n')).to.have.length(MAX_HISTORY_HOURS);
    expect(kept.length).to.be.below(220_000);
    expect(keeper.hours.at(-1)?.passes).to.equal(over);
    expect(keeper.hours[0]?.passes).to.equal(21);
    expect(fs.readdirSync(folder)).to.deep.equal(['history.jsonl']);
  });

  it('leaves out unreadable lines, says how many, and is intact again with the next line', () => {
    const folder = temporaryFolder();
    // The power failed in the middle of the last line.
    const text = `${historyLine(numbered(1))}no JSON\n{"from": 1}\n${historyLine(numbered(2))}`;
    fs.writeFileSync(fileIn(folder), `${text}{"from":"2026-03`);
    const keeper = keeperIn(folder);
    expect(keeper.load()?.sentence).to.match(/^3 lines of the history file .* are skipped\.$/);
    expect(keeper.add(numbered(3))).to.equal(null);
    const again = keeperIn(folder);
    expect(again.load()).to.equal(null);
    expect(again.hours.map(({ passes }) => passes)).to.deep.equal([1, 2, 3]);
  });

  it('appends nothing to a line without an end', () => {
    const folder = temporaryFolder();
    fs.writeFileSync(fileIn(folder), historyLine(numbered(1)).trimEnd());
    const keeper = keeperIn(folder);
    expect(keeper.load()).to.equal(null);
    keeper.add(numbered(2));
    const again = keeperIn(folder);
    expect(again.load()).to.equal(null);
    expect(again.hours).to.have.length(2);
  });

  it('is set aside if it is too large', () => {
    const folder = temporaryFolder();
    fs.writeFileSync(fileIn(folder), '');
    fs.truncateSync(fileIn(folder), 5 * 1024 * 1024);
    const keeper = keeperIn(folder);
    expect(keeper.load()?.sentence).to.match(/too large\); it was set aside as .*\.set-aside\.$/);
    expect(keeper.add(numbered(1))).to.equal(null);
  });

  it('stays as it is if it is too large and cannot be set aside', () => {
    const folder = temporaryFolder();
    const size = 5 * 1024 * 1024;
    fs.writeFileSync(fileIn(folder), '');
    fs.truncateSync(fileIn(folder), size);
    fs.mkdirSync(`${fileIn(folder)}.set-aside`);
    const keeper = keeperIn(folder);
    keeper.load();
    expect(keeper.add(numbered(1))?.message).to.equal('rollcall.history.not-written');
    expect(fs.statSync(fileIn(folder)).size).to.equal(size);
  });

  it('never waits for a pipe, whenever it appears, and takes its place', async () => {
    const folder = temporaryFolder();
    await execa('mkfifo', [fileIn(folder)]);
    const keeper = keeperIn(folder);
    expect(keeper.load()?.sentence).to.match(/\(it is not a file\); it was set aside as /);
    expect(keeper.add(numbered(1))).to.equal(null);
    fs.rmSync(fileIn(folder));
    await execa('mkfifo', [fileIn(folder)]);
    expect(keeper.add(numbered(2))).to.equal(null);
    const again = keeperIn(folder);
    again.load();
    expect(again.hours.map(({ passes }) => passes)).to.deep.equal([1, 2]);
  });

  it('appends nothing to the file that a link leads to', () => {
    const folder = temporaryFolder();
    const other = path.join(folder, 'other');
    fs.writeFileSync(other, historyLine(numbered(1)));
    fs.symlinkSync(other, fileIn(folder));
    const keeper = keeperIn(folder);
    keeper.load();
    expect(keeper.add(numbered(2))).to.equal(null);
    expect(fs.readFileSync(other, 'utf8')).to.equal(historyLine(numbered(1)));
    expect(fs.lstatSync(fileIn(folder)).isFile()).to.equal(true);
  });

  it('goes on without a disk, and writes all of it when there is one', () => {
    const folder = temporaryFolder();
    const keeper = keeperIn(path.join(folder, 'gone'));
    expect(keeper.load()).to.equal(null);
    for (const passes of [1, 2])
      expect(keeper.add(numbered(passes))?.message).to.equal('rollcall.history.not-written');
    expect(keeper.hours).to.have.length(2);
    fs.mkdirSync(path.join(folder, 'gone'));
    expect(keeper.add(numbered(3))).to.equal(null);
    const again = keeperIn(path.join(folder, 'gone'));
    again.load();
    expect(again.hours.map(({ passes }) => passes)).to.deep.equal([1, 2, 3]);
  });
});
