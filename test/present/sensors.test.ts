import { expect } from 'chai';
import { sensorView, sensorViews } from '../../src/present/sensors-text.ts';
import { asHandle } from '../../src/model/ids.ts';
import type { ObservationView, SensorView } from '../../src/model/report-view.ts';
import type { ContainerReport } from '../../src/model/report.ts';
import type { SensorReport, Sight } from '../../src/model/sensor.ts';
import { parseReportJson } from '../../src/parse/agent-answers.ts';
import { colors } from '../../src/present/color.ts';
import { displayWidth } from '../../src/present/display-width.ts';
import { eventOf } from '../../src/present/events.ts';
import { jsonText } from '../../src/present/json-text.ts';
import { logLine } from '../../src/present/log-line.ts';
import { pageHtml } from '../../src/present/page/page.ts';
import { reportJson } from '../../src/present/report-json.ts';
import { checkText } from '../../src/present/cell-document.ts';
import { sensorsJson, type SensorsAnswer } from '../../src/present/sensors-json.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { sensorsDocument } from '../../src/present/sensors.ts';
import {
  container,
  containers,
  NOW,
  observation,
  report,
  SENSOR as TRACEE,
  state,
} from './agent-state-builder.ts';

const HANDLES = ['8a37cb6f-385b-4dd3-732c-34d6', 'deadbeef-0001-4002-8003-abcd', 'x'] as const;
const SIGHTS: readonly Sight[] = [
  { kind: 'missed', why: 'below that mount no directory has its name', isKnownLimit: false },
  { kind: 'misnamed', id: 'garden.servi', isPart: false },
  { kind: 'missed', why: 'no part of its path has the form of an id', isKnownLimit: true },
];

const SENSOR: SensorReport = {
  ...TRACEE,
  pid: 700,
  startedAt: '2026-03-02T09:21:33.000Z',
  olderContainers: 57,
  prediction: { seen: 0, missed: 60, misnamed: 0, unknown: 0, knownLimits: 3, mount: '/a/cpuset' },
  why: 'Tracee would use /a/cpuset.',
};

const OBSERVED: ObservationView = {
  ...(sensorViews([], [observation({ seen: 2, unseen: [], expectedUnseen: 0 })])[0]?.observation ??
    expect.fail('no observation')),
  sentence: 'It has named 2 of 6.',
};

const answer = (more: Partial<SensorsAnswer> = {}): SensorsAnswer => ({
  takenAt: NOW,
  mode: 'v1',
  containers: 3,
  tools: [
    {
      name: 'tracee',
      versions: 'v0.19',
      running: false,
      mount: '/images/h/sys/fs/cgroup/cpuset',
      prediction: {
        kind: 'predicted',
        taken: { kind: 'none' },
        sights: new Map(HANDLES.map((handle, index) => [asHandle(handle), SIGHTS[index] as Sight])),
        counts: { seen: 0, missed: 2, misnamed: 1, unknown: 0, knownLimits: 1 },
      },
      why: 'Why it is so.',
      remedies: [],
      source: 'mount.go',
    },
    {
      name: 'datadog-system-probe',
      versions: '',
      running: false,
      mount: null,
      prediction: { kind: 'unknown', why: 'no flag tells' },
      why: 'It is unknown.',
      remedies: [],
      source: 'helpers.go',
    },
  ],
  sensors: [],
  diagnosis: null,
  instances: [],
  isSearched: true,
  tool: null,
  namesSocket: null,
  listsMissed: false,
  predictsAll: true,
  ...more,
});

const table = (more: Partial<SensorsAnswer> = {}, columns = 100): string =>
  documentText(sensorsDocument(answer(more)), { colors: colors(false), columns });

describe('rollcall sensors', () => {
  it('shows what each would see, and "?" if nothing is known', () => {
    expect(table().split('\n')).to.deep.equal([
      '3 containers here, cgroup v1.',
      '',
      'No sensor known to rollcall is running here.',
      '',
      'What each version would see by its published rules, if it runs or started now:',
      'SENSOR                VERSIONS  MOUNT                             SEEN  MISSED  MISNAMED',
      'Tracee                v0.19     /images/h/sys/fs/cgroup/cpuset  0 of 3       2         1',
      '  Why it is so.',
      'Datadog system-probe  all       -                                    ?       ?         ?',
      '  It is unknown.',
      '',
    ]);
  });

  it('says what runs or is configured, and what shows the predictions', () => {
    const mine = {
      ...sensorView(SENSOR),
      name: 'mine',
      title: 'mine',
      pid: null,
      prediction: null,
      blind: null,
      containers: null,
      diagnosis: null,
      sentence: 'mine is a tool unknown to rollcall.',
      observation: { ...OBSERVED, state: 'fresh', seen: 2, unseen: ['a', 'b', 'c', 'd'] },
    } as const;
    const lines = table({ sensors: [mine, sensorView(SENSOR)], predictsAll: false });
    expect(lines.split('\n')).to.deep.equal([
      '3 containers here, cgroup v1.',
      '',
      'mine  BLIND to 4 of 6 (seen 2)',
      '  It has named 2 of 6.',
      '  mine is a tool unknown to rollcall.',
      '',
      'Tracee  BLIND to 57 of 60 (would see 0), 3 known limits',
      '  Tracee would miss all 60 containers.',
      '  What to change, v0.24:',
      '  1. Start Tracee with flags that name the mount.',
      '     --containers P',
      '  pid 700 (tracee.service), since 2026-03-02T09:21:33Z; 57 of 60 containers are older.',
      '',
      'rollcall sensors --predict says what each version of each sensor would see here, and why.',
      '',
    ]);
  });

  it('marks the versions that run, and says once why a sensor sees what it sees', () => {
    const [tracee] = answer().tools;
    if (tracee === undefined) throw new Error('no tools');
    const shown = { tools: [{ ...tracee, running: true }], sensors: [sensorView(SENSOR)] };
    const lines = table({ ...shown, tool: 'tracee', predictsAll: false });
    expect(lines).to.match(/^Tracee +v0.19, running /m);
    expect(lines).not.to.contain('Why it is so.');
    expect(table(shown)).to.contain('Why it is so.');
  });

  it('says BLIND of exactly those sensors that the exit code counts', () => {
    const shown = (change: Partial<SensorView>): string =>
      table({ sensors: [{ ...sensorView(SENSOR), ...change }], tools: [] }).split('\n')[2] ?? '';
    const counts = { seen: 57, missed: 3, misnamed: 0, unknown: 0, knownLimits: 3, mount: null };
    expect(shown({ blind: null, prediction: null })).to.equal('Tracee  not known');
    expect(shown({ prediction: null })).to.equal('Tracee  BLIND, whatever its version');
    expect(shown({ blind: false, prediction: counts })).to.equal(
      'Tracee  would see 57 of 60, 3 known limits',
    );
    const fresh = { ...OBSERVED, state: 'fresh', seen: 60, unseen: [] } as const;
    expect(shown({ observation: fresh })).to.equal('Tracee  seen 60 of 60');
    const silent = { ...OBSERVED, state: 'stale', silent: true } as const;
    expect(shown({ blind: null, prediction: null, observation: silent })).to.equal(
      'Tracee  SILENT, not known',
    );
  });

  it('says of a sensor without a known rule that nothing is predicted', () => {
    expect(table({ tool: 'wazuh', tools: [] }).split('\n').slice(2)).to.deep.equal([
      'Wazuh agent is not running here.',
      'rollcall knows no rule of Wazuh agent, so it predicts nothing.',
      '',
    ]);
  });

  it('shows versions of one tool with equal predictions in one row', () => {
    const [tracee] = answer().tools;
    if (tracee === undefined) throw new Error('no tools');
    const lines = table({ tools: [tracee, { ...tracee, versions: 'v0.20' }] });
    expect(lines)
      .to.match(/^Tracee +2 ranges /m)
      .and.contain('  v0.19; v0.20: Why it is so.');
    expect(lines.match(/Why it is so/g)).to.have.length(1);
  });

  it('cuts the mount rather than the versions on a narrow terminal', () => {
    const versions = ['v0.21 to v0.22.2', 'v0.22.3 and newer'];
    const mount = '/var/vcap/data/grootfs/store/unprivileged/images/x/rootfs/sys/fs/cgroup/cpuset';
    const [tracee, probe] = answer().tools;
    if (tracee === undefined || probe === undefined) throw new Error('no tools');
    const tools = [
      ...versions.map((one) => ({ ...tracee, versions: one, mount, why: one })),
      probe,
    ];
    const lines = table({ tools }, 80);
    for (const one of versions) expect(lines).to.contain(` ${one} `);
  });

  it('lists handles in full on request', () => {
    const lines = table({ listsMissed: true }, 60);
    for (const handle of HANDLES) expect(lines).to.contain(handle);
    expect(lines).to.contain('- missed: x (known limit)');
    expect(lines).to.contain('as garden.servi');
  });

  it('says that a capture contains no search', () => {
    expect(table({ isSearched: false })).to.contain('Which sensors run is unknown');
  });

  it('fits any terminal', () => {
    for (const columns of [100, 80, 60, 40, 20]) {
      for (const line of table({ sensors: [sensorView(SENSOR)] }, columns).split('\n'))
        expect(displayWidth(line), line).to.be.at.most(columns);
    }
  });

  it('gives programs numbers, or null if nothing is known', () => {
    const json = sensorsJson(answer({ sensors: [sensorView(SENSOR)], listsMissed: true }));
    expect(json.tools[0]).to.deep.include({ seen: 0, missed: 2, misnamed: 1, knownLimits: 1 });
    expect(json.tools[0]).to.deep.include({
      missedHandles: [HANDLES[0], HANDLES[2]],
      misnamedHandles: [{ handle: HANDLES[1], id: 'garden.servi' }],
    });
    expect(json.tools[1]).to.include({ seen: null, missed: null });
    expect(json.sensors[0]).to.include({ name: 'tracee', title: 'Tracee', blind: true });
    expect(json.sensors[0]).not.to.have.property('startTicks');
  });
});

describe('a sensor that runs', () => {
  const shown = report(containers(60), { sensors: [SENSOR] });

  it('is in the JSON of a report, and is read again', () => {
    const view = reportJson(shown);
    expect(parseReportJson(jsonText(view))).to.deep.equal({ ok: true, value: view });
  });

  it('is on the page and in the table of check and status', () => {
    const page = pageHtml(state({ report: shown }), { refresh: false, now: NOW });
    expect(page).to.contain('id="sensors"').and.contain('BLIND to 57 of 60 (would see 0)');
    expect(pageHtml(state({ report: report([]) }), { refresh: false, now: NOW })).not.to.contain(
      'id="sensors"',
    );
    const options = {
      colors: colors(false),
      columns: 200,
      all: false,
      wide: false,
      isWhole: false,
      settleMilliseconds: Infinity,
      knowsSince: true,
    };
    expect(checkText(reportJson(shown), options)).to.contain(
      'pid 700 (tracee.service), since 2026-03-02T09:21:33Z; 57 of 60 containers are older.',
    );
  });

  describe('on the page and in the table, alike,', () => {
    const COUNTS = { seen: 0, missed: 0, misnamed: 0, unknown: 0, knownLimits: 0, mount: null };

    /** The heading of a sensor on a cell with 9 containers, on the page and then on a terminal. */
    function headingsOf(change: Partial<SensorReport>): readonly [string, string] {
      const sensor = { ...SENSOR, containers: 9, ...change };
      const page = pageHtml(state({ report: report([], { sensors: [sensor] }) }), {
        refresh: false,
        now: NOW,
      });
      const heading = /<h3 id="sensors-1">([^]*?)<\/h3>/.exec(page)?.[1] ?? '';
      const words = heading
        .replaceAll(/<[^>]*>/g, '')
        .trim()
        .replaceAll(/\s+/g, '  ');
      const row = table({ sensors: [sensorView(sensor)], tools: [] }).split('\n')[2] ?? '';
      return [words, row.replaceAll(/\s+/g, '  ')];
    }

    for (const [what, change, expected] of [
      [
        'has known limits alone',
        { blind: false, prediction: { ...COUNTS, missed: 9, knownLimits: 9 } },
        'Tracee would see 0 of 9, 9 known limits',
      ],
      [
        'gives some another name',
        { blind: false, prediction: { ...COUNTS, seen: 1, misnamed: 8 } },
        'Tracee would see 1 of 9, 8 under another name',
      ],
      ['sees all', { blind: false, prediction: { ...COUNTS, seen: 9 } }, 'Tracee would see 9 of 9'],
      [
        'misses some containers and sees others',
        { blind: true, prediction: { ...COUNTS, seen: 2, missed: 7, knownLimits: 3 } },
        'Tracee BLIND to 4 of 9 (would see 2), 3 known limits',
      ],
      [
        'sees none, where each miss is a known limit',
        { blind: true, prediction: { ...COUNTS, missed: 9, knownLimits: 9 } },
        'Tracee BLIND to all 9 (would see 0), 9 known limits',
      ],
      [
        'sees none, because it gives each another name',
        { blind: true, prediction: { ...COUNTS, misnamed: 9 } },
        'Tracee BLIND to all 9 (would see 0), 9 under another name',
      ],
      [
        'sees none in any version, though its versions differ',
        { blind: true, prediction: null },
        'Tracee BLIND, whatever its version',
      ],
    ] as const)
      it(what, () => {
        const words = expected.replaceAll(' ', '  ');
        expect(headingsOf(change)).to.deep.equal([words, words]);
      });
  });

  it('is logged when it comes and goes, within 900 bytes', () => {
    const came = eventOf(
      { kind: 'sensor-started', sensor: { ...SENSOR, why: 'w'.repeat(2000) } },
      NOW,
    );
    expect(came).to.include({ message: 'rollcall.sensor.started', level: 'error' });
    expect(logLine(came, null).length).to.be.at.most(900);
    expect(
      eventOf({ kind: 'sensor-started', sensor: { ...SENSOR, blind: null } }, NOW).level,
    ).to.equal('info');
    const went = eventOf(
      { kind: 'sensor-stopped', sensor: { name: 'falco', pid: 7, startTicks: 1 } },
      NOW,
    );
    expect(went).to.include({
      message: 'rollcall.sensor.stopped',
      sentence: 'Falco is no longer running.',
    });
  });
});

describe('a sensor that does not see all', () => {
  const HANDLE = '8a37cb6f-385b-4dd3-732c-34d6';
  const billing: ContainerReport = {
    ...container(0, { handle: asHandle(HANDLE) }),
    app: { ...(container(0).app ?? expect.fail('no app')), name: 'billing', index: 1 },
  };
  const sensor = {
    ...SENSOR,
    diagnosis: {
      wrong: 'Tracee would miss 1 of 2 containers, and miss 1 by a known limit.',
      notes: [],
      remedies: [
        {
          versions: '',
          steps: [{ action: 'Start Tracee with flags that name the mount.', setting: '--name-it' }],
        },
      ],
      gaps: [
        {
          why: 'Nothing is named after the handle.',
          versions: ['v0.19'],
          isKnownLimit: false,
          containers: [{ handle: asHandle(HANDLE), id: null }],
        },
        {
          why: 'No part of the path is an id.',
          versions: [],
          isKnownLimit: true,
          containers: [{ handle: asHandle('a-task'), id: null }],
        },
      ],
    },
  };

  it('has what is wrong, what to change, whom it concerns, and the known limits below', () => {
    const shown = table({ sensors: [sensorView(sensor)], tools: [], instances: [billing] }, 80);
    expect(shown.split('\n').slice(3)).to.deep.equal([
      '  Tracee would miss 1 of 2 containers, and miss 1 by a known limit.',
      '  What to change:',
      '  1. Start Tracee with flags that name the mount.',
      '     --name-it',
      '  Nothing is named after the handle (v0.19):',
      `  billing/1  ${HANDLE}`,
      '  Known limits:',
      '  No part of the path is an id:',
      '  container  a-task',
      '  pid 700 (tracee.service), since 2026-03-02T09:21:33Z; 57 of 60 containers are',
      '  older.',
      '',
    ]);
  });

  it('has the same on the page', () => {
    const page = pageHtml(state({ report: report([billing], { sensors: [sensor] }) }), {
      refresh: false,
      now: NOW,
    });
    const section = page.slice(page.indexOf('id="sensors"'), page.indexOf('id="containers"'));
    expect(section)
      .to.contain('Tracee would miss 1 of 2 containers, and miss 1 by a known limit.')
      .and.contain('--name-it</code>')
      .and.contain('<dt>billing/1</dt>')
      .and.contain(HANDLE);
  });

  it('has nothing to change if its own file shows that it sees all', () => {
    const fresh = { ...OBSERVED, state: 'fresh', seen: 2, unseen: [], undecided: 0 } as const;
    const shown = table({
      sensors: [{ ...sensorView(sensor), observation: fresh }],
      tools: [],
      instances: [billing],
    });
    expect(shown).to.contain('It has named 2 of 6.').and.not.contain('What to change');
  });

  it('is diagnosed as if it started now where it does not run', () => {
    const { diagnosis } = sensorView(sensor);
    const shown = table({ tool: 'tracee', tools: [], diagnosis, instances: [billing] });
    expect(shown).to.contain('Tracee is not running here.').and.contain('If it started now:');
    expect(shown).to.contain(`billing/1  ${HANDLE}`);
  });

  it('lists eight instances of a reason, and all with --missed', () => {
    const many = Array.from({ length: 20 }, (_, at) => ({
      handle: asHandle(`app-${at}`),
      id: null,
    }));
    const [gap] = sensor.diagnosis.gaps;
    if (gap === undefined) throw new Error('no gap');
    const diagnosis = { ...sensor.diagnosis, gaps: [{ ...gap, containers: many }] };
    const sensors = [sensorView({ ...sensor, diagnosis })];
    expect(table({ sensors, tools: [] }))
      .to.contain('app-7')
      .and.contain('… and 12 more; rollcall sensors --missed lists them all.')
      .and.not.contain('app-8');
    expect(table({ sensors, tools: [], listsMissed: true })).to.contain('app-19');
  });

  it('lists no instances of a reason that concerns all of them, unless --missed asks for them', () => {
    const both = [HANDLE, 'a-task'].map((handle) => ({ handle: asHandle(handle), id: null }));
    const gaps = sensor.diagnosis.gaps.map((gap) => ({ ...gap, containers: both }));
    const diagnosis = { ...sensor.diagnosis, gaps };
    const sensors = [sensorView({ ...sensor, containers: 2, diagnosis })];
    expect(table({ sensors, tools: [] }))
      .to.contain('  Nothing is named after the handle (v0.19): all 2 containers.\n')
      .and.contain('  No part of the path is an id: all 2 containers.\n')
      .and.not.contain(HANDLE);
    expect(table({ sensors, tools: [], listsMissed: true })).to.contain(HANDLE);
  });
});
