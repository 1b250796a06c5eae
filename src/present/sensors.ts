import { missesContainers, type ObservationView, type SensorView } from '../model/report-view.ts';
import { SENSOR_ROWS, type Sight } from '../model/sensor.ts';
import { TYPED_ON_CELL } from '../model/typed-as.ts';
import {
  code,
  heading,
  note,
  omittedNote,
  sentence,
  table,
  type Blocks,
  type ItemColumn,
  type Section,
  type Text,
  type Tone,
} from './document/blocks.ts';
import { GENERATIONS } from './names.ts';
import { namesSocketBlocks } from './names-socket.ts';
import { plural, secondText } from './quantities.ts';
import { diagnosisBlocks, type Instances } from './sensor-diagnosis.ts';
import { sightsOf, type SensorsAnswer, type ShownTool } from './sensors-json.ts';

/** There are fewer kinds of sensors than this; the limit is for agents of another version. */
const MAX_SENSORS = 40;

/** The security sensors that run, and what each sees. */
export const sensorsSection = (
  sensors: readonly SensorView[],
  instances: Instances['all'],
): Section => ({
  id: 'sensors',
  title: 'Security sensors',
  count: sensors.length,
  blocks: [
    sensors
      .slice(0, MAX_SENSORS)
      .map((sensor) => sensorBlocks(sensor, { all: instances, isWhole: false })),
    omittedNote(sensors.length - MAX_SENSORS),
  ],
});

/**
 * One sensor: to how many containers it is blind, what it wrote, what is wrong by its rules, what to
 * change and whom it concerns. What it wrote overrides what its rules say.
 */
function sensorBlocks(sensor: SensorView, instances: Instances): Blocks {
  const { title, observation, diagnosis } = sensor;
  const tone = sightTone(sensor);
  const isProven =
    observation?.state === 'fresh' && observation.unseen.length + observation.undecided === 0;
  return [
    heading([{ text: title }, { text: sightText(sensor), tone }], tone),
    observation !== null && sentence(observation.sentence),
    diagnosis === null
      ? sentence(sensor.sentence)
      : !isProven && diagnosisBlocks(diagnosis, { ...instances, running: sensor.containers }),
    presenceNote(sensor),
  ];
}

/** `pid 700, since …; 3 of 5 containers are older.` */
function presenceNote({
  pid,
  startedAt,
  unit,
  olderContainers: older,
  containers,
}: SensorView): Blocks {
  if (pid === null) return false;
  const since = startedAt === null ? '' : `, since ${secondText(startedAt)}`;
  const of = unit === null ? '' : ` (${unit})`;
  const age =
    older === null || containers === null || containers === 0
      ? ''
      : `; ${older} of ${plural(containers, 'container')} ${older === 1 ? 'is' : 'are'} older`;
  return note(`pid ${pid}${of}${since}${age}.`);
}

/**
 * The sensors that run or are configured; if it was asked for, what each version of a sensor would see
 * by its rules, and why.
 */
export function sensorsDocument(answer: SensorsAnswer): readonly Blocks[] {
  const { containers, mode, tool, tools, listsMissed, predictsAll, namesSocket } = answer;
  const isAsked = predictsAll || listsMissed || tool !== null;
  return [
    sentence(`${plural(containers, 'container')} here, ${GENERATIONS[mode]}.`),
    runningBlocks(answer),
    isAsked
      ? tools.length > 0 && [sentence(PREDICTED), toolTable(merged(tools), answer)]
      : note([code(`${TYPED_ON_CELL} sensors --predict`), NOT_PREDICTED]),
    namesSocket !== null && namesSocketBlocks(namesSocket),
  ];
}

const PREDICTED = 'What each version would see by its published rules, if it runs or started now:';
const NOT_PREDICTED = ' says what each version of each sensor would see here, and why.';

/** Versions of one tool with equal predictions are one row. */
const merged = (tools: readonly ShownTool[]): readonly ShownTool[] =>
  [
    ...Map.groupBy(tools, ({ name, running, mount, why, prediction }) =>
      JSON.stringify([name, running, mount, why, sightsOf(prediction)]),
    ).values(),
  ].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : others.length === 0
        ? [first]
        : [
            {
              ...first,
              versions: plural(others.length + 1, 'range'),
              why: `${[first, ...others].map(({ versions }) => versions).join('; ')}: ${first.why}`,
            },
          ],
  );

/** Whether what its rules say is shown above, each reason once. */
const isDiagnosed = ({ running }: ShownTool, { diagnosis, predictsAll }: SensorsAnswer): boolean =>
  (running || diagnosis !== null) && !predictsAll;

function toolTable(tools: readonly ShownTool[], answer: SensorsAnswer): Blocks {
  const { containers, listsMissed } = answer;
  const seenCell = ({ prediction }: ShownTool): Text => {
    if (prediction.kind !== 'predicted') return { text: '?', tone: 'unknown' };
    const { seen } = prediction.counts;
    const tone = seen === containers ? 'good' : seen === 0 ? 'critical' : 'warning';
    return { text: `${seen} of ${containers}`, tone };
  };
  const number = (title: string, kind: Sight['kind']): ItemColumn<ShownTool> => ({
    title,
    align: 'right',
    cell: ({ prediction }) =>
      prediction.kind === 'predicted' ? String(prediction.counts[kind]) : '?',
  });
  return table(
    tools,
    [
      // Versions that are cut look alike, and a mount stands whole in the sentence below.
      { title: 'Sensor', least: 16, cell: ({ name }) => SENSOR_ROWS[name].title },
      { title: 'Versions', least: 17, cell: versionsText },
      {
        title: 'Mount',
        least: 14,
        fit: 'cut-middle',
        cell: ({ mount }) => (mount === null ? null : code(mount)),
      },
      { title: 'Seen', align: 'right', cell: seenCell },
      number('Missed', 'missed'),
      number('Misnamed', 'misnamed'),
    ],
    {
      id: 'tools-table',
      caption: 'What versions of sensors would see',
      below: (tool) =>
        !isDiagnosed(tool, answer) && [
          note(tool.why),
          listsMissed && listedBlocks(sightsOf(tool.prediction)),
        ],
    },
  );
}

const versionsText = ({ versions, running }: ShownTool): string =>
  `${versions || 'all'}${running ? ', running' : ''}`;

const listedBlocks = (sights: readonly (readonly [string, Sight])[]): Blocks =>
  sights.map(([handle, sight]) => {
    switch (sight.kind) {
      case 'missed':
        return sentence(['- missed: ', code(handle), sight.isKnownLimit ? ' (known limit)' : '']);
      case 'misnamed':
        return sentence(['- misnamed: ', code(handle), ' as ', code(sight.id)]);
      case 'unknown':
        return sentence(['- unknown: ', code(handle)]);
      case 'seen':
        return false;
      default:
        return sight satisfies never;
    }
  });

function runningBlocks(answer: SensorsAnswer): Blocks {
  const { sensors, isSearched, tool, tools, listsMissed, diagnosis } = answer;
  const instances = { all: answer.instances, isWhole: listsMissed };
  const asked = diagnosis !== null && [
    sentence('If it started now:'),
    diagnosisBlocks(diagnosis, { ...instances, running: answer.containers }),
  ];
  if (!isSearched) return [sentence(NOT_SEARCHED), asked];
  const ruleless =
    tool !== null &&
    tools.length === 0 &&
    sentence(`rollcall knows no rule of ${SENSOR_ROWS[tool].title}, so it predicts nothing.`);
  if (sensors.length === 0) {
    const none =
      tool === null
        ? 'No sensor known to rollcall is running here.'
        : `${SENSOR_ROWS[tool].title} is not running here.`;
    return [sentence(none), ruleless, asked];
  }
  return [
    sensors.map((sensor) => [
      sensorBlocks(sensor, instances),
      listsMissed &&
        (sensor.observation?.unseen ?? []).map((handle) => sentence(['- unseen: ', code(handle)])),
    ]),
    ruleless,
  ];
}

/** `BLIND to 4 of 6 (seen 2)`: BLIND for exactly those that the exit code counts. */
function sightText(sensor: SensorView): string {
  const { observation, prediction, containers } = sensor;
  const isBlind = missesContainers(sensor);
  const isSilent = observation?.silent === true;
  const counts = observedCounts(observation) ?? predictedCounts(prediction);
  if (counts === null) {
    const known = isBlind ? 'BLIND, whatever its version' : 'not known';
    return isSilent ? `SILENT, ${known}` : known;
  }
  const { missed, misnamed, unknown, knownLimits, sees } = counts;
  const all = containers ?? counts.all;
  // Each miss may be a known limit, or each container misnamed.
  const blindTo = missed === 0 ? `all ${all}` : `${missed} of ${all}`;
  return [
    ...(isSilent ? ['SILENT'] : []),
    isBlind ? `BLIND to ${blindTo} (${sees})` : `${sees} of ${all}`,
    ...(misnamed === 0 ? [] : [`${misnamed} under another name`]),
    ...(unknown === 0 ? [] : [`${unknown} not known`]),
    ...(knownLimits === 0 ? [] : [plural(knownLimits, 'known limit')]),
  ].join(', ');
}

/** Null while the rules tell more than its file. */
const observedCounts = (observation: ObservationView | null) =>
  observation?.state !== 'fresh'
    ? null
    : {
        sees: `seen ${observation.seen}`,
        missed: observation.unseen.length,
        misnamed: 0,
        unknown: observation.undecided,
        knownLimits: observation.expectedUnseen,
        all:
          observation.seen +
          observation.unseen.length +
          observation.undecided +
          observation.expectedUnseen,
      };

const predictedCounts = (prediction: SensorView['prediction']) =>
  prediction === null
    ? null
    : {
        ...prediction,
        sees: `would see ${prediction.seen}`,
        missed: prediction.missed - prediction.knownLimits,
        all: prediction.seen + prediction.missed + prediction.misnamed + prediction.unknown,
      };

const NOT_SEARCHED =
  'Which sensors run is unknown: this capture comes from a rollcall that did not search for them.';

function sightTone(sensor: SensorView): Tone {
  const { observation, blind, prediction } = sensor;
  if (missesContainers(sensor)) return 'critical';
  if (observation !== null) {
    const { silent, unseen, state, undecided } = observation;
    if (silent || unseen.length > 0) return 'critical';
    return state === 'fresh' && undecided === 0 ? 'good' : 'warning';
  }
  const isAll = blind === false && prediction?.missed === 0 && prediction.misnamed === 0;
  return isAll ? 'good' : 'warning';
}
