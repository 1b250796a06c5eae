import { expect } from 'chai';
import { recordedModes } from '../../../tools/sensors-page/cells.ts';
import { sensorsPage } from '../../../tools/sensors-page/page.ts';
import { KIND_NAMES, verdictRows, type Kind } from '../../../tools/sensors-page/verdicts.ts';

type Row = Readonly<Record<Kind, string | null>>;

/** What a sensor makes of each kind of process on recorded cells of a mode. */
function rowOf(mode: string, tool: string): Row {
  const modes = recordedModes().filter((one) => one.mode === mode);
  const row = verdictRows(modes).find((one) => one.tool === tool);
  if (modes.length !== 1 || row === undefined) throw new Error(`no ${tool} in ${mode}`);
  return Object.fromEntries(
    KIND_NAMES.map((kind, index) => [kind, row.verdicts[index] ?? null]),
  ) as Row;
}

const TRACEE = 'Tracee since v0.19';
const SCAN = 'Falco since 0.41, running processes';
const NEW = 'Falco since 0.41, new processes';
const PLAIN = ['v1 runc', 'v1 containerd', 'v1 `--tag`', 'v2 runc', 'v2 containerd'];
const THROTTLED = ['v1 throttled', 'v2 throttled'];
const EITHER = 'seen or `garden.servi`';

describe('verdicts by mode', () => {
  for (const mode of [...PLAIN, ...THROTTLED]) {
    it(`Tracee in ${mode}: app instances and their Envoy, no task, check or process beside them`, () => {
      expect(rowOf(mode, TRACEE)).to.deep.equal({
        app: 'seen',
        bad: THROTTLED.includes(mode) ? 'seen' : null,
        privileged: 'seen',
        task: 'missed',
        check: 'missed',
        envoy: 'seen',
        'privileged-envoy': 'missed',
        pea: 'missed',
      });
    });

    it(`Tracee up to 0.18, Falco up to 0.40, Tetragon and Inspektor Gadget in ${mode}: nothing`, () => {
      for (const tool of [
        'Tracee up to v0.18',
        'Falco up to 0.40',
        'Tetragon',
        'Inspektor Gadget, its defaults',
      ]) {
        const verdicts = Object.values(rowOf(mode, tool)).filter((one) => one !== null);
        expect(new Set(verdicts), tool).to.deep.equal(new Set(['missed']));
      }
    });

    it(`Datadog in ${mode}: what Garden lists`, () => {
      const row = rowOf(mode, "Datadog, with Garden's socket");
      expect(row).to.include({ app: 'seen', privileged: 'seen', task: 'seen', check: 'seen' });
      expect(row).to.include({ envoy: 'not a container', pea: 'not a container' });
    });
  }

  for (const mode of ['v1 runc', 'v1 containerd']) {
    it(`Falco in ${mode}: the order of hierarchies decides for what runs`, () => {
      const either = { app: EITHER, task: EITHER, check: EITHER, privileged: '`garden.servi`' };
      expect(rowOf(mode, SCAN)).to.include(either);
      expect(rowOf(mode, NEW)).to.include({
        app: 'seen',
        task: 'seen',
        check: 'seen',
        privileged: '`garden.servi`',
        'privileged-envoy': '`garden.servi`',
      });
    });
  }

  it('Falco with --tag: a path above 64 characters is refused, and the next one matches', () => {
    expect(rowOf('v1 `--tag`', SCAN)).to.include({ app: EITHER, task: EITHER, check: 'seen' });
  });

  it('Falco in v1 throttled: short ids at best, and no Envoy', () => {
    const short = '`garden.servi` or `good/H…`';
    expect(rowOf('v1 throttled', SCAN)).to.include({ app: short, bad: short, envoy: 'missed' });
    expect(rowOf('v1 throttled', NEW)).to.include({ app: '`good/H…`', bad: '`good/H…`' });
    expect(rowOf('v1 throttled', NEW)).to.include({ check: '`good/H…`', envoy: 'missed' });
  });

  for (const tool of [SCAN, NEW]) {
    it(`${tool} in v2: right, and short with throttling`, () => {
      for (const mode of ['v2 runc', 'v2 containerd']) {
        expect(new Set(Object.values(rowOf(mode, tool)))).to.deep.equal(new Set(['seen', null]));
      }
      expect(rowOf('v2 throttled', tool)).to.include({
        app: '`good/H…`',
        bad: '`bad/H…`',
        privileged: 'seen',
        task: '`good/H…`',
        check: '`good/H…`',
        envoy: 'missed',
      });
    });
  }

  it('are on the page, with a section for each tool that has rules', () => {
    const page = sensorsPage();
    for (const title of ['Tracee', 'Falco', 'Tetragon', 'Inspektor Gadget', 'Datadog agent'])
      expect(page).to.contain(`\n## ${title}\n`);
    expect(page).not.to.match(/undefined|\bwatched\b/);
  });
});
