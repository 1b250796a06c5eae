import { isOfCell, UNTRACKED_KINDS } from '../../../src/model/finding.ts';
import { FINDING_ALERTS } from '../../../tools/monitoring/alerts/untracked-alerts.ts';
import {
  cellOf,
  finding,
  gardenAwaySince,
  heard,
  readdressed,
  type Moment,
  type Moments,
} from './cell-story.ts';
import { storiesOf, type Firing, type Scenario } from './scenario.ts';

const LOST = finding('h-lost', 540);
const drill = finding('drill-5f0c22aa', 300, { app: null, drill: true });

const REASONS_FOUND = UNTRACKED_KINDS.filter(
  ([reason, severity]) => !isOfCell(reason, severity),
).map(([reason, severity]) => ({ reason, severity }));
const EACH = REASONS_FOUND.map((kind, index) => finding(`h-${index}`, 540, kind));
const everyReason = cellOf('each 10', { each: { containers: EACH } });

/** What an agent of a later version says, with a reason that these rules do not know. */
function ofLaterAgent(moment: Moment): Moment {
  if (moment.kind !== 'heard') return moment;
  const samples = moment.samples.flatMap((sample) => {
    const { labels, name } = sample;
    if (labels['reason'] !== LOST.reason || labels['severity'] !== LOST.severity) return [sample];
    const known = name === 'rollcall_untracked' ? [{ ...sample, value: 0 }] : [];
    return [...known, { ...sample, labels: { ...labels, reason: 'of-a-later-agent' } }];
  });
  return { ...moment, samples };
}
/** As many as have a series of their own. */
const twenty = Array.from({ length: 20 }, (_, index) =>
  finding(`h-${index}`, 540, { reason: 'unowned' }),
);
/** More than have a series. */
const twentyFive = (status: 'pending' | 'untracked') => ({
  containers: Array.from({ length: 25 }, (_, index) =>
    finding(`h-${index}`, 600, { reason: 'unowned', status }),
  ),
});

const MOMENTS: Moments = {
  lost: { containers: [LOST] },
  unnamed: { containers: [{ ...LOST, app: null }] },
  two: { containers: [LOST, finding('h-other', 540)] },
  twenty: { containers: twenty },
  'twenty-one': { containers: [...twenty, finding('h-last', 600)] },
  'lost-and-garden-away': { containers: [LOST], report: gardenAwaySince(720) },
  'later-agent': (t) => ofLaterAgent(heard(t)),
  'lost-for-a-later-reason': (t) => ofLaterAgent(heard(t, { containers: [LOST] })),
  // A crash of gdn, and rep restarted.
  'all-pending': twentyFive('pending'),
  'all-unowned': twentyFive('untracked'),
  // Somebody who reports as the cell between its scrapes says that all is well.
  contradicted: (t) => heard(t, (t / 15) % 2 < 1 ? { containers: [LOST] } : {}),
  drill: { containers: [drill] },
  'drill-and-lost': { containers: [drill, LOST] },
  'drill-and-twenty': { containers: [drill, ...twenty] },
  'second-drill': { containers: [finding('drill-6e11d03b', 720, { app: null, drill: true })] },
  'before-first-pass': { report: null, state: { lastReconcileSeconds: 0 } },
};
const recreated = cellOf('lost 10 20, away 20 26', MOMENTS);

// Rep's pass of each minute ends what just became a finding, as after a loss of containerd's metadata. In an
// evacuation the containers end, and a minute later the agent.
const STORIES = `
a critical finding that ends within seconds pages nobody | 30 | lost 10 10.1
an agent of a later version has a reason that the rules do not know | 25 | later-agent, lost-for-a-later-reason 10 20 | Untracked,severity=critical,reason=of-a-later-agent 11 20
a cell of another foundation has the same names: an alert about one of the two | 25 | lost 10 20 + elsewhere | UnknownToGarden 11 20
twenty-five containers lose their owner and are pending at first: one alert for all | 15 | all-pending 10 11, all-unowned 11 | Unowned=25 12 99
the twenty-first finding has no series of its own | 15 | twenty 0 10, twenty-one 10 | Unowned=20 2 99; UnknownToGarden 11 99
the app of a finding becomes known later: no second alert | 30 | unnamed 10 14, lost 14 | UnknownToGarden 11 99
two findings of a kind, of which one ends: one alert | 20 | two 0 8, lost 8 | UnknownToGarden=2 2 8; UnknownToGarden 8 99
a drill is a drill alone | 25 | drill 5 10 | DRILL 5 10
a drill beside a real finding of its kind | 25 | lost, drill-and-lost 5 10 | UnknownToGarden 2 99; DRILL 5 13/23/23
a drill beside as many findings as have a series of their own | 25 | twenty, drill-and-twenty 5 10 | Unowned=20 2 99; DRILL 5 10
a second drill, while an exporter still shows the first one: an alert that names it | 25 | drill 5 10, second-drill 12 20 | DRILL 5 10; Drill,reason=unknown-to-garden,handle=drill-6e11d03b 12 20
the agent ends in the middle of a drill | 22 | drill 5 8, silent 8 | DRILL 5 11/21/21
an agent that is restarted neither ends a finding nor raises it again | 30 | lost 10 20, silent 15 17, before-first-pass 17 17.1 | UnknownToGarden 11 20
a finding that was over does not come back when the agent is restarted later | 40 | lost 5 10, silent 13 16 | UnknownToGarden 6 10
a finding that was over does not come back when its cell is recreated a minute later | 40 | lost 5 10, away 11 18 | UnknownToGarden 6 10
the scrape after the first one with a finding is lost | 30 | lost 10.5, silent 11 11.1 | UnknownToGarden 13/12/12 99
a finding that another sender contradicts with every second sample | 30 | contradicted 10 20 | UnknownToGarden 11 20
while Garden is away its findings stay | 20 | lost 10, lost-and-garden-away 12 15 | UnknownToGarden 11 99
a cell with a finding is recreated, which ends it when the agent is heard again | 40 | lost 10 20, away 20 26 | UnknownToGarden 11 26
a cell with a finding is recreated under another address, which ends it later | 45 | recreatedElsewhere | UnknownToGarden 11 35/30/30
the old VM of a cell was never deleted, and has a finding | 45 | lost 10 + newVm | UnknownToGarden 11 99
a finding ends some minutes after its cell has vanished | 50 | lost 0 20, away 20 | UnknownToGarden 2 35 | firehose healthwatch
`.replaceAll('DRILL', 'Drill,reason=unknown-to-garden,handle=drill-5f0c22aa');

/** A critical finding must hold for a minute. */
const everyFires: readonly Firing[] = FINDING_ALERTS.filter(({ labels, severity }) =>
  REASONS_FOUND.some((kind) => kind.reason === labels?.['reason'] && kind.severity === severity),
).map((alert) => ({
  alert,
  value: '1',
  from: [alert.severity === 'critical' ? 11 : 10],
  until: [99],
  cell: everyReason,
  labels: {},
}));

export const FINDING_SCENARIOS: readonly Scenario[] = [
  {
    title: 'every reason with each of its severities: one alert each',
    cells: [everyReason],
    minutes: 15,
    fires: everyFires,
  },
  ...storiesOf(STORIES, MOMENTS, {
    elsewhere: { ...cellOf('healthy'), foundation: 'test' },
    recreatedElsewhere: readdressed(recreated, 20, 24),
    newVm: readdressed(recreated, 0, 12).slice(1),
  }),
];
