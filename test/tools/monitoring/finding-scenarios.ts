import { isOfCell, UNTRACKED_KINDS } from '../../../src/model/finding.ts';
import { FINDING_ALERTS } from '../../../tools/monitoring/alerts/untracked-alerts.ts';
import {
  always,
  AWAY,
  between,
  cellWith,
  finding,
  gardenAwaySince,
  heard,
  readdressed,
  SILENT,
  since,
  type Moment,
  type Told,
} from './cell-story.ts';
import { firing, scenarioWith, type Firing, type Scenario } from './scenario.ts';

const LOST = finding('h-lost', 540);
const drill = finding('drill-5f0c22aa', 300, { app: null, drill: true });

const REASONS_FOUND = UNTRACKED_KINDS.filter(
  ([reason, severity]) => !isOfCell(reason, severity),
).map(([reason, severity]) => ({ reason, severity }));
const EACH = REASONS_FOUND.map((kind, index) => finding(`h-${index}`, 540, kind));
const everyReason = cellWith(since(10, { containers: EACH }));

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
/** More than have a series, as after a crash of gdn and a restart of rep. */
const unownedTwentyFive = (status: 'pending' | 'untracked'): Told => ({
  containers: Array.from({ length: 25 }, (_, index) =>
    finding(`h-${index}`, 600, { reason: 'unowned', status }),
  ),
});

const ONE_LOST: Told = { containers: [LOST] };
const ONE_LOST_WITHOUT_APP: Told = { containers: [{ ...LOST, app: null }] };
const TWO_LOST: Told = { containers: [LOST, finding('h-other', 540)] };
const TWENTY_UNOWNED: Told = { containers: twenty };
const TWENTY_UNOWNED_AND_ONE_LOST: Told = { containers: [...twenty, finding('h-last', 600)] };
const ONE_LOST_AND_GARDEN_AWAY: Told = { containers: [LOST], report: gardenAwaySince(720) };
const LATER_AGENT: Told = (t) => ofLaterAgent(heard(t));
const LOST_FOR_LATER_REASON: Told = (t) => ofLaterAgent(heard(t, { containers: [LOST] }));
/** Somebody who reports as the cell between its scrapes says that all is well. */
const CONTRADICTED: Told = (t) => heard(t, (t / 15) % 2 < 1 ? { containers: [LOST] } : {});
const DRILL: Told = { containers: [drill] };
const DRILL_AND_LOST: Told = { containers: [drill, LOST] };
const DRILL_AND_TWENTY_UNOWNED: Told = { containers: [drill, ...twenty] };
const SECOND_DRILL: Told = {
  containers: [finding('drill-6e11d03b', 720, { app: null, drill: true })],
};
const BEFORE_FIRST_PASS: Told = { report: null, state: { lastReconcileSeconds: 0 } };

const RECREATED = cellWith(between(10, 20, ONE_LOST), between(20, 26, AWAY));
const OF_FIRST_DRILL = { reason: 'unknown-to-garden', handle: 'drill-5f0c22aa' };

/** A critical finding must hold for a minute. */
const everyFires: readonly Firing[] = FINDING_ALERTS.filter(({ labels, severity }) =>
  REASONS_FOUND.some((kind) => kind.reason === labels?.['reason'] && kind.severity === severity),
).map((alert) => ({
  alert,
  value: '1',
  from: alert.severity === 'critical' ? 11 : 10,
  until: 99,
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
  // Rep's pass of each minute ends what just became a finding, as after a loss of containerd's
  // metadata. In an evacuation the containers end, and a minute later the agent.
  scenarioWith({
    title: 'a critical finding that ends within seconds pages nobody',
    minutes: 30,
    cells: [cellWith(between(10, 10.1, ONE_LOST))],
  }),
  scenarioWith({
    title: 'an agent of a later version has a reason that the rules do not know',
    minutes: 25,
    cells: [cellWith(always(LATER_AGENT), between(10, 20, LOST_FOR_LATER_REASON))],
    fires: [
      firing('RollcallUntracked', {
        from: 11,
        until: 20,
        labels: { severity: 'critical', reason: 'of-a-later-agent' },
      }),
    ],
  }),
  scenarioWith({
    title: 'a cell of another foundation has the same names: an alert about one of the two',
    minutes: 25,
    cells: [cellWith(between(10, 20, ONE_LOST)), { ...cellWith(), foundation: 'test' }],
    fires: [firing('RollcallUnknownToGarden', { from: 11, until: 20 })],
  }),
  scenarioWith({
    title: 'twenty-five containers lose their owner and are pending at first: one alert for all',
    minutes: 15,
    cells: [
      cellWith(
        between(10, 11, unownedTwentyFive('pending')),
        since(11, unownedTwentyFive('untracked')),
      ),
    ],
    fires: [firing('RollcallUnowned', { from: 12, until: 99, value: '25' })],
  }),
  scenarioWith({
    title: 'the twenty-first finding has no series of its own',
    minutes: 15,
    cells: [cellWith(between(0, 10, TWENTY_UNOWNED), since(10, TWENTY_UNOWNED_AND_ONE_LOST))],
    fires: [
      firing('RollcallUnowned', { from: 2, until: 99, value: '20' }),
      firing('RollcallUnknownToGarden', { from: 11, until: 99 }),
    ],
  }),
  scenarioWith({
    title: 'the app of a finding becomes known later: no second alert',
    minutes: 30,
    cells: [cellWith(between(10, 14, ONE_LOST_WITHOUT_APP), since(14, ONE_LOST))],
    fires: [firing('RollcallUnknownToGarden', { from: 11, until: 99 })],
  }),
  scenarioWith({
    title: 'two findings of a kind, of which one ends: one alert',
    minutes: 20,
    cells: [cellWith(between(0, 8, TWO_LOST), since(8, ONE_LOST))],
    fires: [
      firing('RollcallUnknownToGarden', { from: 2, until: 8, value: '2' }),
      firing('RollcallUnknownToGarden', { from: 8, until: 99 }),
    ],
  }),
  scenarioWith({
    title: 'a drill is a drill alone',
    minutes: 25,
    cells: [cellWith(between(5, 10, DRILL))],
    fires: [firing('RollcallDrill', { from: 5, until: 10, labels: OF_FIRST_DRILL })],
  }),
  scenarioWith({
    title: 'a drill beside a real finding of its kind',
    minutes: 25,
    cells: [cellWith(always(ONE_LOST), between(5, 10, DRILL_AND_LOST))],
    fires: [
      firing('RollcallUnknownToGarden', { from: 2, until: 99 }),
      firing('RollcallDrill', {
        from: 5,
        until: { direct: 13, firehose: 23, healthwatch: 23 },
        labels: OF_FIRST_DRILL,
      }),
    ],
  }),
  scenarioWith({
    title: 'a drill beside as many findings as have a series of their own',
    minutes: 25,
    cells: [cellWith(always(TWENTY_UNOWNED), between(5, 10, DRILL_AND_TWENTY_UNOWNED))],
    fires: [
      firing('RollcallUnowned', { from: 2, until: 99, value: '20' }),
      firing('RollcallDrill', { from: 5, until: 10, labels: OF_FIRST_DRILL }),
    ],
  }),
  scenarioWith({
    title: 'a second drill, while an exporter still shows the first one: an alert that names it',
    minutes: 25,
    cells: [cellWith(between(5, 10, DRILL), between(12, 20, SECOND_DRILL))],
    fires: [
      firing('RollcallDrill', { from: 5, until: 10, labels: OF_FIRST_DRILL }),
      firing('RollcallDrill', {
        from: 12,
        until: 20,
        labels: { reason: 'unknown-to-garden', handle: 'drill-6e11d03b' },
      }),
    ],
  }),
  scenarioWith({
    title: 'the agent ends in the middle of a drill',
    minutes: 22,
    cells: [cellWith(between(5, 8, DRILL), since(8, SILENT))],
    fires: [
      firing('RollcallDrill', {
        from: 5,
        until: { direct: 11, firehose: 21, healthwatch: 21 },
        labels: OF_FIRST_DRILL,
      }),
    ],
  }),
  scenarioWith({
    title: 'an agent that is restarted neither ends a finding nor raises it again',
    minutes: 30,
    cells: [
      cellWith(
        between(10, 20, ONE_LOST),
        between(15, 17, SILENT),
        between(17, 17.1, BEFORE_FIRST_PASS),
      ),
    ],
    fires: [firing('RollcallUnknownToGarden', { from: 11, until: 20 })],
  }),
  scenarioWith({
    title: 'a finding that was over does not come back when the agent is restarted later',
    minutes: 40,
    cells: [cellWith(between(5, 10, ONE_LOST), between(13, 16, SILENT))],
    fires: [firing('RollcallUnknownToGarden', { from: 6, until: 10 })],
  }),
  scenarioWith({
    title: 'a finding that was over does not come back when its cell is recreated a minute later',
    minutes: 40,
    cells: [cellWith(between(5, 10, ONE_LOST), between(11, 18, AWAY))],
    fires: [firing('RollcallUnknownToGarden', { from: 6, until: 10 })],
  }),
  scenarioWith({
    title: 'the scrape after the first one with a finding is lost',
    minutes: 30,
    cells: [cellWith(since(10.5, ONE_LOST), between(11, 11.1, SILENT))],
    fires: [
      firing('RollcallUnknownToGarden', {
        from: { direct: 13, firehose: 12, healthwatch: 12 },
        until: 99,
      }),
    ],
  }),
  scenarioWith({
    title: 'a finding that another sender contradicts with every second sample',
    minutes: 30,
    cells: [cellWith(between(10, 20, CONTRADICTED))],
    fires: [firing('RollcallUnknownToGarden', { from: 11, until: 20 })],
  }),
  scenarioWith({
    title: 'while Garden is away its findings stay',
    minutes: 20,
    cells: [cellWith(since(10, ONE_LOST), between(12, 15, ONE_LOST_AND_GARDEN_AWAY))],
    fires: [firing('RollcallUnknownToGarden', { from: 11, until: 99 })],
  }),
  scenarioWith({
    title: 'a cell with a finding is recreated, which ends it when the agent is heard again',
    minutes: 40,
    cells: [cellWith(between(10, 20, ONE_LOST), between(20, 26, AWAY))],
    fires: [firing('RollcallUnknownToGarden', { from: 11, until: 26 })],
  }),
  scenarioWith({
    title: 'a cell with a finding is recreated under another address, which ends it later',
    minutes: 45,
    cells: [...readdressed(RECREATED, 20, 24)],
    fires: [
      firing('RollcallUnknownToGarden', {
        from: 11,
        until: { direct: 35, firehose: 30, healthwatch: 30 },
      }),
    ],
  }),
  scenarioWith({
    title: 'the old VM of a cell was never deleted, and has a finding',
    minutes: 45,
    cells: [cellWith(since(10, ONE_LOST)), ...readdressed(RECREATED, 0, 12).slice(1)],
    fires: [firing('RollcallUnknownToGarden', { from: 11, until: 99 })],
  }),
  scenarioWith({
    title: 'a finding ends some minutes after its cell has vanished',
    minutes: 50,
    cells: [cellWith(between(0, 20, ONE_LOST), since(20, AWAY))],
    fires: [firing('RollcallUnknownToGarden', { from: 2, until: 35 })],
    routes: ['firehose', 'healthwatch'],
  }),
];
