import type { ObservationState } from '../../model/observation.ts';
import type { ObservationView, ReportView, SensorView } from '../../model/report-view.ts';
import { oneLine } from '../../model/text.ts';
import {
  agedTime,
  foreign,
  MAX_NAME,
  sentenceText,
  moreNote,
  scrollRegion,
  signed,
  type Sign,
} from './elements.ts';
import { html, type SafeHtml } from './html.ts';

/** There are fewer kinds of sensors than this; the limit is for agents of another version. */
const MAX_SENSORS = 40;

/** The security sensors that run, and what each would see by its rules; null if none runs. */
export function sensorsSection(report: ReportView): SafeHtml | null {
  const { sensors } = report;
  if (sensors.length === 0) return null;
  return html`<section id="sensors" aria-labelledby="sensors-title">
    <h2 id="sensors-title">Security sensors</h2>
    <p class="lead">
      A prediction follows from the published rules of a sensor; an observation is what its event
      file says.
    </p>
    ${scrollRegion('sensors-table', 'Table of sensors', sensorsTable(sensors, report))}
    ${moreNote(sensors.length - MAX_SENSORS, 'more.')}
  </section>`;
}

// Explicit roles, because browsers drop the implicit ones when CSS makes a row a card.
const sensorsTable = (sensors: readonly SensorView[], report: ReportView): SafeHtml =>
  html`<table class="sensors cards" role="table">
    <caption class="heard">
      Every sensor that runs and what it would see
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">Sensor</th>
        <th role="columnheader" scope="col">Prediction</th>
        <th role="columnheader" scope="col">Observation</th>
        <th role="columnheader" scope="col">Runs since</th>
        <th role="columnheader" scope="col" class="number">Older containers</th>
        <th role="columnheader" scope="col">Why</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${sensors.slice(0, MAX_SENSORS).map((sensor) => sensorRow(sensor, report))}
    </tbody>
  </table>`;

function sensorRow(sensor: SensorView, { takenAt }: ReportView): SafeHtml {
  const { title, unit, pid, startedAt, olderContainers, containers, sentence, observation } =
    sensor;
  const { sign, words } = verdictOf(sensor);
  return html`<tr role="row">
    <th role="rowheader" scope="row">
      <bdi>${oneLine(title, MAX_NAME)}</bdi
      >${pid === null ? null : html`, pid ${pid}`}${unit === null ? null : html`, ${foreign(unit, MAX_NAME)}`}
    </th>
    <td role="cell">${signed(sign, words)}</td>
    <td role="cell">${observedCell(observation)}</td>
    <td role="cell">${startedAt === null ? 'not found' : agedTime(startedAt, takenAt)}</td>
    <td role="cell" class="number">
      ${olderContainers === null || containers === null ? 'unknown' : `${olderContainers} of ${containers}`}
    </td>
    <td role="cell">
      ${sentenceText(sentence)}
      ${observation === null ? null : html`<br />${sentenceText(observation.sentence)}`}
    </td>
  </tr>`;
}

function observedCell(observation: ObservationView | null): SafeHtml {
  if (observation === null) return html`not read`;
  const { state, silent, seen, unseen, undecided } = observation;
  if (silent) return signed('warning', `silent (${STATE_WORDS[state]})`);
  if (unseen.length > 0) return signed('warning', `does not see ${unseen.length}`);
  if (state === 'fresh' && undecided === 0) return signed('ok', `sees ${seen}`);
  return signed('unknown', `${STATE_WORDS[state]}, saw ${seen}`);
}

const STATE_WORDS: Readonly<Record<ObservationState, string>> = {
  fresh: 'fresh',
  stale: 'no new lines',
  absent: 'no file',
  unreadable: 'unreadable',
  'cannot-be-told': 'unknown',
};

function verdictOf({ blind, prediction }: SensorView): {
  readonly sign: Sign;
  readonly words: string;
} {
  if (blind === null || prediction === null) return { sign: 'unknown', words: 'unknown' };
  const { seen, missed, misnamed, unknown } = prediction;
  const of = `, ${seen} of ${seen + missed + misnamed + unknown}`;
  if (blind) return { sign: 'warning', words: `would miss some${of}` };
  if (missed > 0) return { sign: 'info', words: `known limits${of}` };
  if (misnamed > 0) return { sign: 'info', words: `would misname some${of}` };
  return { sign: 'ok', words: `would see all${of}` };
}
