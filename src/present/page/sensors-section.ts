import type { ObservationState } from '../../model/observation.ts';
import type { ReportView, SensorView } from '../../model/report-view.ts';
import { oneLine } from '../../model/text.ts';
import * as ui from './elements.ts';
import { html, type HtmlValue, type SafeHtml } from './html.ts';

/** There are fewer kinds of sensors than this; the limit is for agents of another version. */
const MAX_SENSORS = 40;

/** The security sensors that run, and what each would see by its rules; null if none runs. */
export function sensorsSection(report: ReportView): SafeHtml | null {
  const { sensors } = report;
  if (sensors.length === 0) return null;
  return ui.section('sensors', 'Security sensors', [
    html`<p class="lead">
      A prediction follows from the published rules of a sensor; an observation is what its event
      file says.
    </p>`,
    ui.scrollRegion('sensors-table', 'Table of sensors', sensorsTable(report)),
    ui.moreNote(sensors.length - MAX_SENSORS, 'more.'),
  ]);
}

const sensorsTable = ({ sensors, takenAt }: ReportView): SafeHtml =>
  ui.dataTable(
    sensors.slice(0, MAX_SENSORS),
    {
      look: 'sensors cards',
      caption: 'Every sensor that runs and what it would see',
      isHeard: true,
    },
    [
      ['Sensor', nameCell],
      ['Prediction', predictedCell],
      ['Observation', observedCell],
      [
        'Runs since',
        ({ startedAt }) => (startedAt === null ? 'not found' : ui.agedTime(startedAt, takenAt)),
      ],
      [
        'Older containers',
        ({ olderContainers, containers }) =>
          olderContainers === null || containers === null
            ? 'unknown'
            : `${olderContainers} of ${containers}`,
        'number',
      ],
      ['Why', whyCell],
    ],
  );

const nameCell = ({ title, pid, unit }: SensorView): HtmlValue => [
  html`<bdi>${oneLine(title, ui.MAX_NAME)}</bdi>`,
  pid === null ? null : `, pid ${pid}`,
  unit === null ? null : html`, ${ui.foreign(unit, ui.MAX_NAME)}`,
];

const whyCell = ({ sentence, observation }: SensorView): HtmlValue => [
  ui.sentenceText(sentence),
  observation === null ? null : html`<br />${ui.sentenceText(observation.sentence)}`,
];

function observedCell({ observation }: SensorView): SafeHtml {
  if (observation === null) return html`not read`;
  const { state, silent, seen, unseen, undecided } = observation;
  if (silent) return ui.signed('warning', `silent (${STATE_WORDS[state]})`);
  if (unseen.length > 0) return ui.signed('warning', `does not see ${unseen.length}`);
  if (state === 'fresh' && undecided === 0) return ui.signed('ok', `sees ${seen}`);
  return ui.signed('unknown', `${STATE_WORDS[state]}, saw ${seen}`);
}

const STATE_WORDS: Readonly<Record<ObservationState, string>> = {
  fresh: 'fresh',
  stale: 'no new lines',
  absent: 'no file',
  unreadable: 'unreadable',
  'cannot-be-told': 'unknown',
};

function predictedCell({ blind, prediction }: SensorView): SafeHtml {
  if (prediction === null) {
    return blind === true
      ? ui.signed('warning', 'blind, whatever its version')
      : ui.signed('unknown', 'unknown');
  }
  if (blind === null) return ui.signed('unknown', 'unknown');
  const { seen, missed, misnamed, unknown } = prediction;
  const of = `, ${seen} of ${seen + missed + misnamed + unknown}`;
  if (blind)
    return ui.signed('warning', `${seen === 0 ? 'would see none' : 'would miss some'}${of}`);
  if (missed > 0) return ui.signed('info', `known limits${of}`);
  if (misnamed > 0) return ui.signed('info', `would misname some${of}`);
  return ui.signed('ok', `would see all${of}`);
}
