import type { SensorsIfView } from '../model/answers.ts';
import { usageFailure } from '../model/failure.ts';
import { missesContainers } from '../model/report-view.ts';
import {
  SENSOR_NAMES,
  type OtherMode,
  type SensorName,
  type SensorPrediction,
} from '../model/sensor.ts';
import { oneLine } from '../model/text.ts';
import { EMPTY_MEMORY } from '../model/memory.ts';
import { observeSnapshot } from '../pass/complete-pass.ts';
import { sensedCell } from '../pass/sensed-cell.ts';
import { sensorView, withObserved } from '../present/sensors-text.ts';
import { unknownSentence } from '../present/verdict-sentence.ts';
import { sensorsJson, type SensorsAnswer, type ShownTool } from '../present/sensors-json.ts';
import type { Screen } from '../present/color.ts';
import { documentText } from '../present/document/terminal.ts';
import { sensorsDocument } from '../present/sensors.ts';
import { namesSocketShown } from '../present/names-socket.ts';
import { sensorsIfDocument } from '../present/sensors-if.ts';
import { compareModes, type ModeChange } from '../sensors/compare-modes.ts';
import { diagnose } from '../sensors/diagnosis.ts';
import { remediesFor } from '../sensors/needed-remedies.ts';
import { hasMode } from '../sensors/other-mode.ts';
import { runningSensors } from '../sensors/presence.ts';
import type { SensedCell } from '../sensors/sensed-cell.ts';
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
 * runs is blind to a container, with 2 if no container could be compared. With `--if`, what they
 * would gain and lose in another mode.
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
  const names = tool === null ? SENSOR_NAMES : [tool];
  if (args.if !== undefined) {
    return answerIf({ cell, mode: args.if, names, version }, args, io, checked);
  }
  const running = runningSensors(snapshot.sensors?.processes ?? []).filter(
    ({ name }) => tool === null || name === tool,
  );
  const views = running.map((sensor) => sensorView(sensorReport(sensor, cell, version)));
  const known = agent.kind === 'answered' ? agent.report.sensors : [];
  const observed = known.filter(
    ({ name, observation }) => observation !== null && (tool === null || name === tool),
  );
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

/**
 * What each of these sensors would gain and lose in another mode. It is no verdict: exits with 0, or
 * with 2 if the cgroups of no container are known.
 */
function answerIf(
  { cell, mode, names, version }: IfAsked,
  args: Arguments<'sensors'>,
  io: Io,
  checked: Awaited<ReturnType<typeof reportWithAgent>>,
): number {
  if (cell.containers.every(({ membership }) => membership === null)) {
    io.stderr('rollcall: No container can be compared: none runs whose cgroups can be read.\n');
    return EXIT_FAILED;
  }
  const isSo = hasMode(cell, mode) === true;
  const changes = isSo ? [] : compareModes(cell, mode, { tools: names, version });
  const view: SensorsIfView = {
    schemaVersion: 1,
    takenAt: checked.report.takenAt,
    cgroupMode: checked.report.cgroups.mode,
    if: mode,
    alreadySo: isSo,
    containers: cell.containers.length,
    changes: changes.map(changeView),
  };
  const shown = { all: checked.report.containers, isWhole: args.missed === true };
  const text = (style: Screen): string => documentText(sensorsIfDocument(view, shown), style);
  printAnswer(view, args, io, text, checked);
  return 0;
}

interface IfAsked {
  readonly cell: SensedCell;
  readonly mode: OtherMode;
  readonly names: readonly SensorName[];
  readonly version: TypedVersion | null;
}

const changeView = (change: ModeChange): SensorsIfView['changes'][number] => ({
  name: change.versions.tool,
  versions: change.versions.versions,
  runtime: change.runtime,
  seenNow: countIn(change.before, 'seen'),
  seenThen: countIn(change.after, 'seen'),
  misnamedNow: countIn(change.before, 'misnamed'),
  misnamedThen: countIn(change.after, 'misnamed'),
  gains: change.gains.toSorted(),
  loses: change.loses.toSorted(),
  renames: change.renames.toSorted(),
  whyNow: change.whyNow,
  why: change.why,
});

const countIn = (prediction: SensorPrediction, kind: 'seen' | 'misnamed'): number | null =>
  prediction.kind === 'predicted' ? prediction.counts[kind] : null;

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
