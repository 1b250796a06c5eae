import { expect } from 'chai';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Report } from '../../src/model/report.ts';
import { replay } from '../../src/pass/check.ts';
import { outcome } from './cell-builder.ts';
import { recordedLook } from './recorded-cell.ts';

/** What each recorded cell ran, as its Garden listed it. */
const LISTED = [
  '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111',
  '8a37cb6f-385b-4dd3-732c-34d6',
  'b1c2d3e4-0f1e-4a2b-5c6d-7e8f',
  'c0ffee00-1234-4567-89ab-cdef',
  'check-0a1b2c3d-4e5f-4a6b-7c8d-9e0f1a2b3c4d',
  'deadbeef-0001-4002-8003-abcd',
  'e0e0e0e0-0000-4000-8000-0000',
];
const MODES = [
  'runc',
  'containerd',
  'throttle-v1',
  'tag-ab-containerd',
  'v2-runc',
  'v2-containerd',
  'v2-throttle-containerd',
];

function reportOf(snapshot: Snapshot): Report {
  const report = replay([snapshot], 0)?.report ?? null;
  if (report === null) throw new Error('nothing was replayed');
  return report;
}

describe('recorded cells of a real Garden', () => {
  for (const mode of MODES) {
    it(`have seven tracked containers, two of them with peas, and nothing else (${mode})`, () => {
      const look = recordedLook(mode, LISTED);
      const report = reportOf(look);
      expect(report.unknownCause).to.equal(null);
      expect(outcome(report)).to.deep.equal(LISTED.map((handle) => `${handle} tracked`));
      const [envoy, privileged] = [
        'b1c2d3e4-0f1e-4a2b-5c6d-7e8f',
        'c0ffee00-1234-4567-89ab-cdef',
      ].map((handle) => report.containers.find((one) => one.handle === handle));
      expect(envoy?.peas).to.deep.equal([
        `${envoy?.handle}-envoy`,
        `${envoy?.handle}-liveness-healthcheck-0`,
      ]);
      expect(privileged?.privileged).to.equal(true);
      expect(privileged?.peas).to.have.length(2);
      expect(report.containers.filter((one) => one.privileged)).to.have.length(1);
    });

    it(`have a finding once Garden or the kernel lacks one container (${mode})`, () => {
      const lost = '8a37cb6f-385b-4dd3-732c-34d6';
      const listed = [
        ...LISTED.filter((handle) => handle !== lost),
        'ffffffff-0000-4000-8000-0000',
      ];
      const report = reportOf(recordedLook(mode, listed));
      expect(outcome(report).slice(0, 2)).to.deep.equal([
        `${lost} untracked unknown-to-garden`,
        'ffffffff-0000-4000-8000-0000 pending no-cgroup',
      ]);
    });
  }
});
