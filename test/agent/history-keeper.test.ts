import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { HistoryKeeper } from '../../src/agent/history-keeper.ts';
import { MAX_HISTORY_HOURS } from '../../src/model/history.ts';
import { historyLine } from '../../src/parse/history-file.ts';
import { hour } from '../present/agent-state-builder.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const numbered = (passes: number) => hour({ passes });

/** A folder of an agent, with this history; null: none yet. */
function agentWith(text: string | null, folder = temporaryFolder()) {
  const file = path.join(folder, 'history.jsonl');
  if (text !== null) fs.writeFileSync(file, text);
  const keeper = new HistoryKeeper(path.join(folder, 'memory.json'));
  /** The passes of the hours that the next agent reads, without a complaint. */
  const next = (): readonly number[] => {
    const again = new HistoryKeeper(path.join(folder, 'memory.json'));
    expect(again.load()).to.equal(null);
    return again.hours.map(({ passes }) => passes);
  };
  return { folder, file, keeper, next };
}

const SIZE = 5 * 1024 * 1024;

describe('the history of an agent', () => {
  it('is one line per hour beside the memory file, only for its owner, and is read again', () => {
    const { file, keeper, next } = agentWith(null);
    expect(keeper.load()).to.equal(null);
    for (const passes of [1, 2]) expect(keeper.add(numbered(passes))).to.equal(null);
    expect(fs.readFileSync(file, 'utf8').split('\n')).to.have.length(3);
    expect(fs.statSync(file).mode & 0o777).to.equal(0o600);
    expect(next()).to.deep.equal([1, 2]);
  });

  it('keeps 31 days, in less than 220 kB', () => {
    const over = MAX_HISTORY_HOURS + 20;
    const lines = Array.from({ length: over }, (_, n) => historyLine(numbered(n)));
    const { folder, file, keeper } = agentWith(lines.join(''));
    keeper.load();
    keeper.add(numbered(over));
    const kept = fs.readFileSync(file, 'utf8');
    expect(kept.trimEnd().split('\n')).to.have.length(MAX_HISTORY_HOURS);
    expect(kept.length).to.be.below(220_000);
    expect(keeper.hours.at(-1)?.passes).to.equal(over);
    expect(keeper.hours[0]?.passes).to.equal(21);
    expect(fs.readdirSync(folder)).to.deep.equal(['history.jsonl']);
  });

  it('leaves out unreadable lines, says how many, and is intact again with the next line', () => {
    // The power failed in the middle of the last line.
    const text = `${historyLine(numbered(1))}no JSON\n{"from": 1}\n${historyLine(numbered(2))}`;
    const { keeper, next } = agentWith(`${text}{"from":"2026-03`);
    expect(keeper.load()?.sentence).to.match(/^3 lines of the history file .* are skipped\.$/);
    expect(keeper.add(numbered(3))).to.equal(null);
    expect(next()).to.deep.equal([1, 2, 3]);
  });

  it('appends nothing to a line without an end', () => {
    const { keeper, next } = agentWith(historyLine(numbered(1)).trimEnd());
    expect(keeper.load()).to.equal(null);
    keeper.add(numbered(2));
    expect(next()).to.deep.equal([1, 2]);
  });

  it('is set aside if it is too large', () => {
    const { file, keeper } = agentWith('');
    fs.truncateSync(file, SIZE);
    expect(keeper.load()?.sentence).to.match(/too large\); it was set aside as .*\.set-aside\.$/);
    expect(keeper.add(numbered(1))).to.equal(null);
  });

  it('stays as it is if it is too large and cannot be set aside', () => {
    const { file, keeper } = agentWith('');
    fs.truncateSync(file, SIZE);
    fs.mkdirSync(`${file}.set-aside`);
    keeper.load();
    expect(keeper.add(numbered(1))?.message).to.equal('rollcall.history.not-written');
    expect(fs.statSync(file).size).to.equal(SIZE);
  });

  it('never waits for a pipe, whenever it appears, and takes its place', async () => {
    const { file, keeper, next } = agentWith(null);
    await execa('mkfifo', [file]);
    expect(keeper.load()?.sentence).to.match(/\(it is not a file\); it was set aside as /);
    expect(keeper.add(numbered(1))).to.equal(null);
    fs.rmSync(file);
    await execa('mkfifo', [file]);
    expect(keeper.add(numbered(2))).to.equal(null);
    expect(next()).to.deep.equal([1, 2]);
  });

  it('appends nothing to the file that a link leads to', () => {
    const { folder, file, keeper } = agentWith(null);
    const other = path.join(folder, 'other');
    fs.writeFileSync(other, historyLine(numbered(1)));
    fs.symlinkSync(other, file);
    keeper.load();
    expect(keeper.add(numbered(2))).to.equal(null);
    expect(fs.readFileSync(other, 'utf8')).to.equal(historyLine(numbered(1)));
    expect(fs.lstatSync(file).isFile()).to.equal(true);
  });

  it('goes on without a disk, and writes all of it when there is one', () => {
    const { folder, keeper, next } = agentWith(null, path.join(temporaryFolder(), 'gone'));
    expect(keeper.load()).to.equal(null);
    for (const passes of [1, 2])
      expect(keeper.add(numbered(passes))?.message).to.equal('rollcall.history.not-written');
    expect(keeper.hours).to.have.length(2);
    fs.mkdirSync(folder);
    expect(keeper.add(numbered(3))).to.equal(null);
    expect(next()).to.deep.equal([1, 2, 3]);
  });
});
