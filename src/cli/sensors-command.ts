import { usageFailure } from '../model/failure.ts';
import { missesContainers } from '../model/report-view.ts';
import { SENSOR_NAMES, type SensorName } from '../model/sensor.ts';
import { oneLine } from '../model/text.ts';
import { EMPTY_MEMORY } from '../model/memory.ts';
import { observeSnapshot } from '../pass/complete-pass.ts';
import { sensedCell } from '../pass/sensed-cell.ts';
import { sensorView, withObserved } from '../present/sensors-text.ts';
import { unknownSentence } from '../present/verdict-sentence.ts';
import { sensorsJson, type SensorsAnswer, type ShownTool } from '../present/sensors-json.ts';
import { documentText } from '../present/document/terminal.ts';
import { sensorsDocument } from '../present/sensors.ts';
import { namesSocketShown } from '../present/names-socket.ts';
import { diagnose, remediesFor } from '../sensors/diagnosis.ts';
import { runningSensors } from '../sensors/presence.ts';
import { sensorReport, toolPredictions, type ToolPrediction } from '../sensors/sensor-reports.ts';
import { mountText } from '../sensors/sentences.ts';
import { typedVersion, type TypedVersion } from '../sensors/versions.ts';
import { EXIT_FAILED } from '../terminal/failing.ts';
import type { Io } from '../terminal/io.ts';
import { namesSocketOfAgent, unlessSilent } from './agent-answers.ts';
import { cellSource, reportWithAgent } from './cell-source.ts';
import type { Arguments } from './command-table.ts';
import { printAnswer } from './answer.ts';

interface Asked {
  /** Null for every sensor. */
  readonly tool: SensorName | null;
  readonly version: TypedVersion | null;
}

/**
 * What each known sensor would see of this cell, and which of them run. Exits with 1 if one that
 * runs is blind to a container, with 2 if no container could be compared.
 * @throws KnownFailure
 */
export async function runSensors(args: Arguments<'sensors'>, io: Io): Promise<number> {
  const asked = askedTool(args.tool);
  const source = cellSource(args.capture === undefined ? { ...args, settle: '0s' } : args);
  const checked = await reportWithAgent(source, args, io);
  const { report, snapshots, agent } = checked;
  const snapshot = snapshots.findLast(({ sensors }) => sensors !== null) ?? snapshots.at(-1);
  const cell = snapshot === undefined ? null : sensedCell(observeSnapshot(snapshot, EMPTY_MEMORY));
  if (snapshot === undefined || cell === null) {
    const { unknownCause } = report;
    const why =
      unknownCause === null ? 'No container can be compared.' : unknownSentence(unknownCause);
    io.stderr(`rollcall: ${why}\n`);
    return EXIT_FAILED;
  }
  const { tool, version } = asked;
  const running = runningSensors(snapshot.sensors?.processes ?? []).filter(
    ({ name }) => tool === null || name === tool,
  );
  const views = running.map((sensor) => sensorView(sensorReport(sensor, cell, version)));
  const known = agent.kind === 'answered' ? agent.report.sensors : [];
  const observed = known.filter(
    ({ name, observation }) => observation !== null && (tool === null || name === tool),
  );
  const names = tool === null ? SENSOR_NAMES : [tool];
  const predictions = toolPredictions(names, { cell, running, version });
  const isAskedAbout = tool !== null && running.length === 0 && predictions.length > 0;
  const socket =
    agent.kind === 'answered' && (tool === null || tool === 'falco')
      ? await unlessSilent(namesSocketOfAgent(args.statusSocket), () => null)
      : null;
  const answer: SensorsAnswer = {
    takenAt: report.takenAt,
    mode: report.cgroups.mode,
    containers: cell.containers.length,
    tools: predictions.map((one) => ({
      ...shownTool(one),
      remedies: remediesFor(one.versions.tool, [one], { cell, version }),
    })),
    diagnosis: isAskedAbout ? diagnose(tool, predictions, { cell, version }) : null,
    instances: report.containers,
    sensors: withObserved(views, observed),
    namesSocket:
      socket === null
        ? null
        : namesSocketShown(socket, {
            falcoSince: views.find(({ name }) => name === 'falco')?.startedAt ?? null,
            now: report.takenAt,
          }),
    isSearched: snapshot.sensors !== null,
    tool,
    listsMissed: args.missed === true,
    predictsAll: args.predict === true,
  };
  printAnswer(
    sensorsJson(answer),
    args,
    io,
    (style) => documentText(sensorsDocument(answer), style),
    checked,
  );
  return answer.sensors.some(missesContainers) ? 1 : 0;
}

const shownTool = ({
  versions: of,
  prediction,
  isRunning,
  why,
}: ToolPrediction): Omit<ShownTool, 'remedies'> => ({
  name: of.tool,
  versions: of.versions,
  source: of.source,
  running: isRunning,
  mount: prediction.kind === 'predicted' ? mountText(prediction.taken) : null,
  prediction,
  why,
});

/** @throws KnownFailure USAGE */
function askedTool(text: string | undefined): Asked {
  if (text === undefined) return { tool: null, version: null };
  const [typed = '', ...rest] = text.split('@');
  const tool = SENSOR_NAMES.find((name) => name === typed.toLowerCase());
  if (tool === undefined) {
    throw usageFailure(
      `--tool ${oneLine(typed, 40)} is unknown; use one of ${SENSOR_NAMES.join(', ')}.`,
    );
  }
  if (rest.length === 0) return { tool, version: null };
  const version = typedVersion(rest.join('@'));
  if (version === null) {
    throw usageFailure(
      `--tool ${oneLine(text, 40)}: write a version as in ${tool}@0.19 or ${tool}@0.22.3.`,
    );
  }
  return { tool, version };
}
