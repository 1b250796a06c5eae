import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { REASONS, type Reason } from '../../src/model/finding.ts';
import { asHandle } from '../../src/model/ids.ts';
import type { Memory, RememberedContainer } from '../../src/model/memory.ts';
import { memoryText } from '../../src/parse/memory-file.ts';
import { memoryIn } from './memory-again.ts';

const fixture = (name: string): string =>
  readFileSync(path.join(import.meta.dirname, '../fixtures/memory-0.1.0', name), 'utf8');

/** Whether 0.1.0 reads the text; it ignores keys that it does not know. */
const isRead = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(fixture('schema.json')) as object,
);
const FILE = fixture('file.json');

/** What this version makes of the file of 0.1.0. */
const memoryOfFile = (): Memory => memoryIn(FILE);

/** That memory with a change of each of its containers. */
function changed(change: (one: RememberedContainer) => RememberedContainer): Memory {
  const memory = memoryOfFile();
  const containers = [...memory.containers].map(([handle, one]) => [handle, change(one)] as const);
  return { ...memory, containers: new Map(containers) };
}

const written = (memory: Memory): unknown =>
  JSON.parse(memoryText(memory, '2026-01-02T00:00:00.000Z'));

const escalation = (reason: Reason) => ({
  reason,
  differingSince: '2026-01-01T00:00:00.000Z',
  lasted: 1,
  passes: 1,
});

describe('the memory file and rollcall 0.1.0', () => {
  describe('an upgrade', () => {
    it('keeps every finding of 0.1.0, reported as it was', () => {
      const kept = [...memoryOfFile().containers].map(
        ([handle, { reason, severity, reported }]) => [handle, reason, severity, reported],
      );
      expect(kept).to.have.deep.members([
        ['tracked', null, null, false],
        ['half', 'partial', 'warning', true],
        ['empty', 'no-cgroup', 'warning', true],
        ['forgotten', 'unknown-to-garden', 'critical', true],
      ]);
    });

    it('keeps the names of what Garden has forgotten, and its evidence', () => {
      const forgotten = memoryOfFile().containers.get(asHandle('forgotten'));
      expect(forgotten?.identity?.app).to.include({
        name: 'invoice-renderer',
        spaceName: 'production',
        organizationName: 'payments',
      });
      expect(forgotten?.evidence?.processes[0]?.command).to.equal('web --port 8080');
      expect(forgotten?.openReport).to.deep.include({ reason: 'unknown-to-garden' });
    });
  });

  describe('a downgrade', () => {
    it('starts from what 0.1.0 does: it reads its own file, and refuses other reasons', () => {
      expect(isRead(JSON.parse(FILE))).to.equal(true);
      expect(isRead(JSON.parse(FILE.replace('"partial"', '"escaped"')))).to.equal(false);
      expect(isRead(JSON.parse(FILE.replace('"looks": 5', '"looks": "5"')))).to.equal(false);
    });

    it('keeps what 0.1.0 has written itself', () => {
      const again = written(memoryOfFile());
      expect(isRead(again)).to.equal(true);
      for (const [place, value] of [
        ['half.reason', 'partial'],
        ['half.reported', true],
        ['forgotten.identity.app.name', 'invoice-renderer'],
      ])
        expect(again).to.have.nested.property(`containers.${place}`, value);
    });

    for (const reason of REASONS) {
      it(`reads a file with the reason ${reason}`, () => {
        expect(isRead(written(changed((one) => ({ ...one, reason }))))).to.equal(true);
      });
      it(`reads a file where ${reason} is about to take the place of another`, () => {
        const memory = changed((one) => ({ ...one, escalation: escalation(reason) }));
        expect(isRead(written(memory))).to.equal(true);
      });
    }

    it('reads a file with keys of later versions', () => {
      const kept = { pid: 1, startTicks: 2, since: '', lasted: 3, isEntering: true };
      const escaped = [{ ...kept, seenAt: null }];
      const memory = changed((one) => ({ ...one, escaped }));
      const warning = { since: '2026-01-01T00:00:00.000Z', seenAt: null };
      const more = {
        sensors: [{ name: 'tracee', pid: 7, startTicks: 9 }],
        warnings: new Map((['limit-lost', 'no-owner'] as const).map((one) => [one, warning])),
        otherGdns: memory.anchor === null ? [] : [memory.anchor],
        reportedCause: 'a kind of later',
      } as const;
      expect(isRead(written({ ...memory, ...more }))).to.equal(true);
    });
  });
});
