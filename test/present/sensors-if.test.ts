import { expect } from 'chai';
import type { SensorsIfView } from '../../src/model/answers.ts';
import { colors } from '../../src/present/color.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { sensorsIfDocument } from '../../src/present/sensors-if.ts';
import { NOW } from './agent-state-builder.ts';

const FALCO: SensorsIfView['changes'][number] = {
  name: 'falco',
  versions: '0.42 and newer',
  runtime: null,
  seenNow: 9,
  seenThen: 0,
  misnamedNow: 0,
  misnamedThen: 9,
  gains: [],
  loses: Array.from({ length: 9 }, (_, index) => `handle-${index}`),
  renames: [],
  whyNow: 'Falco would see every container.',
  why: 'Falco 0.42 and newer would give them only a part of the handle.',
};

const view = (more: Partial<SensorsIfView> = {}): SensorsIfView => ({
  schemaVersion: 1,
  takenAt: NOW,
  cgroupMode: 'v2',
  if: 'throttled',
  alreadySo: false,
  containers: 9,
  changes: [FALCO],
  ...more,
});

const linesOf = (more: Partial<SensorsIfView> = {}, isWhole = false): readonly string[] =>
  documentText(sensorsIfDocument(view(more), { all: [], isWhole }), {
    colors: colors(false),
    columns: 120,
  }).split('\n');

describe('rollcall sensors --if', () => {
  it('says how many containers each sensor sees now and would see then', () => {
    const lines = linesOf();
    expect(lines[0]).to.equal('9 containers here, cgroup v2.');
    expect(lines.join('\n')).to.contain("With Garden's CPU throttling, by the published rules");
    expect(lines.find((line) => line.startsWith('Falco'))).to.match(
      /^Falco +0\.42 and newer +9 → 0 +0 +9 +0 → 9$/,
    );
  });

  it('names eight of those that a sensor would lose, with the reason; --missed names all', () => {
    const short = linesOf().join(' ').replaceAll(/\s+/g, ' ');
    expect(short).to.contain('loses handle-0, handle-1');
    expect(short).to.contain('handle-7 and 1 more: Falco 0.42 and newer would give');
    const whole = linesOf({}, true).join(' ').replaceAll(/\s+/g, ' ');
    expect(whole).to.contain('handle-7 and handle-8: Falco 0.42');
  });

  describe('where a sensor would see nothing in either mode, but name containers differently', () => {
    const renamed = {
      ...FALCO,
      seenNow: 0,
      misnamedNow: 9,
      loses: [],
      renames: FALCO.loses,
      whyNow: 'Falco would give 9 of 9 containers the same id: good.',
      why: 'Falco would give 9 of 9 containers a wrong id, such as good/3bc801a.',
    };

    it('shows how many it misnames, and both reasons', () => {
      const lines = linesOf({ cgroupMode: 'v1', if: 'v2', changes: [renamed] });
      const row = lines.findIndex((line) => line.startsWith('Falco'));
      expect(lines[row - 1]).to.match(/sees +gains +loses +misnamed$/i);
      expect(lines[row]).to.match(/ 0 → 0 +0 +0 +9 → 9$/);
      expect(lines[row + 1]).to.contain('now: Falco would give 9 of 9 containers the same id');
      expect(lines[row + 2]).to.contain('then: Falco would give 9 of 9 containers a wrong id');
    });

    it('says neither reason where the ids stay the same', () => {
      const same = linesOf({ changes: [{ ...renamed, renames: [] }] }).join('\n');
      expect(same).not.to.match(/now: |then: Falco/);
    });

    it('says the other reason once where it also loses containers', () => {
      const both = linesOf({ changes: [{ ...renamed, loses: ['handle-0'] }] }).join(' ');
      expect(both.match(/a wrong id, such as/g)).to.have.length(1);
    });
  });

  it('says that cgroup v2 alone leaves CPU throttling as it is', () => {
    const stays = "Garden's CPU throttling stays as it is on this cell.";
    expect(linesOf({ if: 'v2' }).join('\n')).to.contain(stays);
    expect(linesOf().join('\n')).not.to.contain(stays);
  });

  it('shows the runtime where that decides, and an unknown number as a question mark', () => {
    const unknown = {
      seenNow: null,
      seenThen: null,
      misnamedNow: null,
      misnamedThen: null,
      loses: [],
    };
    const lines = linesOf({ changes: [{ ...FALCO, ...unknown, runtime: 'runc' }] });
    expect(lines.find((line) => line.startsWith('Falco'))).to.match(
      /^Falco +0\.42 and newer, runc +\? → \? +0 +0 +\? → \?$/,
    );
  });

  it('says that the cell has the mode already, and nothing else', () => {
    expect(linesOf({ if: 'v2', alreadySo: true, changes: [] }).filter(Boolean)).to.deep.equal([
      '9 containers here, cgroup v2.',
      'This cell already has cgroup v2: nothing would change.',
    ]);
  });

  it('escapes what a handle contains', () => {
    const hostile = linesOf({ changes: [{ ...FALCO, gains: ['a\u001b[31mb'] }] }).join('\n');
    expect(hostile).not.to.contain('\u001b');
  });
});
