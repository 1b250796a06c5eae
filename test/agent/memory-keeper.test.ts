import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { MemoryKeeper } from '../../src/agent/memory-keeper.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { outcome } from '../reconcile/cell-builder.ts';
import { app, cell, GARDEN, loseProperties } from '../reconcile/cell.ts';
import { lastPass } from '../reconcile/shown.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const billing = app('billing');
const running = cell({ containers: [billing] });
const lifeless = cell({ listed: [billing], cgroups: { [GARDEN]: [] } });
const { memory, report } = lastPass(0, cell({ lost: [billing] }));

const anyFile = (): string => path.join(temporaryFolder(), 'memory.json');

/** What the next agent knows after this one saved its memory. */
function kept(saved: Memory): Memory {
  const file = anyFile();
  new MemoryKeeper(file).save(saved, 'now');
  return new MemoryKeeper(file).load().memory;
}

describe('The keeper of the memory file', () => {
  it('starts empty if there is no file, and later returns what it saved', () => {
    const file = anyFile();
    expect(new MemoryKeeper(file).load()).to.deep.equal({ memory: EMPTY_MEMORY, error: null });
    expect(new MemoryKeeper(file).save(memory, 'now')).to.equal(null);
    const loaded = new MemoryKeeper(file).load();
    const { containers } = memory;
    expect([...loaded.memory.containers]).to.deep.equal(
      [...containers].map(([handle, one]) => [
        handle,
        {
          ...one,
          seenAt: null,
          clock: one.clock === null ? null : { ...one.clock, seenAt: null },
        },
      ]),
    );
    expect(loaded.error).to.equal(null);
    expect(fs.statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('shows what was reported before, while nothing new can be compared', () => {
    const { containers } = kept(memory).lastReport;
    expect(outcome({ ...report, containers })).to.deep.equal(outcome(report));
  });

  it('shows a reported container with another reason now as pending', () => {
    const last = lastPass(0, loseProperties(running, billing), lifeless);
    const { lastReport, containers } = kept(last.memory);
    expect(outcome({ ...report, containers: lastReport.containers })).to.deep.equal([
      `${billing.handle} pending no-cgroup`,
    ]);
    expect([...containers.values()][0]?.openReport).to.include({ reason: 'unowned' });
  });

  it('shows a critical no-cgroup as critical, although it is a warning on other cells', () => {
    const used = { ...lifeless, rootMounts: { [billing.handle]: [4711] } };
    const last = lastPass(30, used, used);
    const [shown] = kept(last.memory).lastReport.containers;
    expect(shown).to.include({ reason: 'no-cgroup', severity: 'critical' });
  });

  for (const [what, content] of Object.entries({
    'a cut file': '{"schemaVersion":1,',
    'an empty file': '',
    'a newer schema': '{"schemaVersion":99}',
    'binary rubbish': '\u0000\u0001\u0002',
  })) {
    it(`sets ${what} aside, says so, and goes on`, () => {
      const file = anyFile();
      fs.writeFileSync(file, content);
      const { memory: empty, error } = new MemoryKeeper(file).load();
      expect(empty).to.deep.equal(EMPTY_MEMORY);
      expect(error?.sentence).to.contain(`it was set aside as ${file}.set-aside.`);
      expect(fs.readFileSync(`${file}.set-aside`, 'utf8')).to.equal(content);
      expect(new MemoryKeeper(file).save(memory, 'now')).to.equal(null);
    });
  }

  it('does not replace a file of a newer schema while it cannot be set aside', () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'memory.json');
    const newer = '{"schemaVersion":99}';
    fs.writeFileSync(file, newer);
    fs.mkdirSync(`${file}.set-aside`);
    const keeper = new MemoryKeeper(file);
    expect(keeper.load().error?.sentence).to.contain('it could not be set aside.');
    expect(keeper.save(memory, 'now')?.sentence).to.contain('cannot be written (EISDIR)');
    expect(fs.readFileSync(file, 'utf8')).to.equal(newer);
    fs.rmdirSync(`${file}.set-aside`);
    expect(keeper.save(memory, 'now')).to.equal(null);
    expect(fs.readFileSync(`${file}.set-aside`, 'utf8')).to.equal(newer);
    expect(new MemoryKeeper(file).load().error).to.equal(null);
    // It is set aside once.
    expect(keeper.save({ ...memory, bootId: 'other' }, 'now')).to.equal(null);
    expect(fs.readFileSync(`${file}.set-aside`, 'utf8')).to.equal(newer);
  });

  it('says that it cannot write', () => {
    const file = path.join(temporaryFolder(), 'missing', 'memory.json');
    expect(new MemoryKeeper(file).save(memory, 'now')).to.deep.equal({
      message: 'rollcall.memory.not-written',
      sentence:
        `The memory file ${file} cannot be written (ENOENT): a restart would lose what has been ` +
        'reported, and report 1 finding again.',
      again: 1,
    });
  });

  it('says how many findings a restart would report again, which are those not in the file', () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'memory.json');
    const keeper = new MemoryKeeper(file);
    expect(keeper.save(memory, 'now')).to.equal(null);
    fs.renameSync(folder, `${folder}-moved`);
    const error = keeper.save({ ...memory, bootId: 'other' }, 'now');
    fs.renameSync(`${folder}-moved`, folder);
    expect(error).to.include({ again: 0 });
    expect(error?.sentence).to.match(/what has been reported\.$/);
  });

  it('writes only when something changed', () => {
    const file = anyFile();
    const keeper = new MemoryKeeper(file);
    keeper.save(memory, 'first');
    keeper.save(memory, 'second');
    expect(fs.readFileSync(file, 'utf8')).to.contain('"writtenAt":"first"');
  });
});
