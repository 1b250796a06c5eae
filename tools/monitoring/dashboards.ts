import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { REASONS } from '../../src/model/finding.ts';
import { REASON_TEXTS } from '../reason-texts.ts';
import { root } from '../bootstrap/place.mjs';
import { ToolFailure } from '../failure.ts';
import { RUNBOOK, type RunbookUrl } from './alerts/alert-files.ts';
import {
  DIRECT,
  fileNameOf,
  METRICS_ROUTES,
  namesOn,
  type MetricsRoute,
} from './metrics-routes.ts';

export const dashboardFileOf = (route: MetricsRoute): string =>
  `manifests/dashboards/${fileNameOf(route)}.json`;

/** People edit it in Grafana and save the export here. */
export const SOURCE = dashboardFileOf(DIRECT);

/** The JSON of each dashboard, by path from the top of the checkout. */
export const dashboardFiles = (runbookUrl: RunbookUrl): ReadonlyMap<string, string> =>
  dashboardsOf(readFileSync(path.join(root, SOURCE), 'utf8'), runbookUrl);

/**
 * @param exported the dashboard of the direct route, as Grafana exports it
 * @throws ToolFailure DASHBOARD_EXPORT if it is something else
 */
export function dashboardsOf(
  exported: string,
  runbookUrl: RunbookUrl,
): ReadonlyMap<string, string> {
  const dashboard = normalized(parsed(exported), runbookUrl ?? RUNBOOK);
  return new Map(
    METRICS_ROUTES.map((route) => [
      dashboardFileOf(route),
      `${jsonText(onRoute(route, dashboard))}\n`,
    ]),
  );
}

/** Grafana's id of a route's dashboard, which links use. */
const uidOf = ({ id }: MetricsRoute): string => `rollcall-${id}`;

const titleOf = ({ title }: MetricsRoute): string => `rollcall (${title})`;

const PANEL = v.looseObject({
  title: v.optional(v.string()),
  collapsed: v.optional(v.boolean()),
  gridPos: v.looseObject({ x: v.number(), y: v.number() }),
  options: v.optional(v.looseObject({})),
  targets: v.optional(v.array(v.looseObject({ expr: v.string() }))),
});

const VARIABLE = v.looseObject({
  name: v.string(),
  // Grafana's editor wraps the query of a variable.
  query: v.union([
    v.string(),
    v.pipe(
      v.object({ query: v.string() }),
      v.transform(({ query }) => query),
    ),
  ]),
});

/** The parts of Grafana's classic schema that this file changes. */
const DASHBOARD = v.looseObject({
  uid: v.optional(v.string()),
  panels: v.array(PANEL),
  templating: v.object({ list: v.array(VARIABLE) }),
  annotations: v.optional(
    v.object({ list: v.optional(v.array(v.looseObject({ builtIn: v.optional(v.number()) })), []) }),
    {},
  ),
});
type Dashboard = v.InferOutput<typeof DASHBOARD>;

function parsed(exported: string): Dashboard {
  const schema = v.pipe(v.string(), v.parseJson({ reviver: asInAnyGrafana }), DASHBOARD);
  const { success, issues, output } = v.safeParse(schema, exported);
  if (!success) {
    const [{ message }] = issues;
    throw refused(`${SOURCE} is not a dashboard in Grafana's classic JSON: ${message}`);
  }
  const own = METRICS_ROUTES.find((route) => uidOf(route) === output.uid) ?? DIRECT;
  if (own !== DIRECT) {
    throw refused(
      `${SOURCE} is the dashboard "${titleOf(own)}". Edit and export "${titleOf(DIRECT)}" instead.`,
    );
  }
  const collapsed = output.panels.find((panel) => panel.collapsed === true);
  if (collapsed !== undefined) {
    throw refused(
      `The row "${collapsed.title}" of ${SOURCE} is collapsed. Expand it in Grafana, save, and export again.`,
    );
  }
  return output;
}

const refused = (why: string): ToolFailure => new ToolFailure('DASHBOARD_EXPORT', why);

/** Every panel and variable queries the data source that its reader chooses. */
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

const STEPS = v.array(v.looseObject({ color: v.string() }));

/**
 * A reviver of JSON.parse. The lowest threshold has no limit, which an export writes as null, not
 * at all, or as 0, depending on Grafana's version (public/app/core/utils/object.ts).
 */
function asInAnyGrafana(key: string, value: unknown): unknown {
  if (key === 'datasource') return DATASOURCE;
  if (key === 'steps' && v.is(STEPS, value))
    return value.map((step, index) => (index === 0 ? { ...step, value: null } : step));
  return value;
}

/** The underscored ones are in an export "for sharing externally". */
const OF_ONE_GRAFANA = 'id version iteration gnetId __inputs __elements __requires'.split(' ');

/** Of a variable: what its reader chose, and could choose. */
const CHOSEN = ['current', 'options'];

/** The dashboard without what one Grafana adds, and with what the repository knows. */
function normalized(
  { panels, templating, annotations, ...dashboard }: Dashboard,
  runbook: string,
): object {
  return {
    ...without(dashboard, OF_ONE_GRAFANA),
    uid: uidOf(DIRECT),
    annotations: { list: annotations.list.filter(({ builtIn }) => builtIn !== 1) },
    templating: {
      list: templating.list.map((variable) => ({
        ...without(variable, CHOSEN),
        ...(variable.name === 'runbook' && { query: runbook }),
      })),
    },
    panels: panels
      .toSorted(({ gridPos: a }, { gridPos: b }) => a.y - b.y || a.x - b.x)
      .map(({ targets, ...panel }) => ({
        ...panel,
        ...(panel.title === GLOSSARY && { options: { ...panel.options, content: glossary() } }),
        // A query without a data source asks that of its panel.
        ...(targets && { targets: targets.map((target) => without(target, ['datasource'])) }),
      })),
  };
}

const without = (object: object, keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

/** The title of the panel that explains reasons. */
const GLOSSARY = 'What the words mean';

/** One line per reason, with a link to the runbook. */
const glossary = (): string =>
  [
    ...REASONS.map((reason) => [reason, REASON_TEXTS[reason].meaning]),
    [
      'unknown',
      'The agent could not compare the containers of the cell. The numbers show the last known state.',
    ],
  ]
    .map(([word, meaning]) => `- [**${word}**](\${runbook}#${word}): ${meaning}`)
    .join('\n');

/** Texts for people: they name no series and no label. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(['title', 'description', 'content', 'tooltip']);

/** A dashboard of the direct route with the names of this one. Its keys are sorted, as by Grafana. */
function onRoute(route: MetricsRoute, dashboard: object): unknown {
  const renamed = renaming(route);
  const { cell, index } = DIRECT.labels;
  const named = { ...dashboard, title: titleOf(route) };
  return JSON.parse(JSON.stringify(named), (key, value: unknown) => {
    if (typeof value === 'string') return FOR_PEOPLE.has(key) ? value : renamed(value);
    if (v.is(v.array(v.string()), value)) return [...new Set(value)];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        // Where the two have one name, the cell's column stays.
        .filter(([name]) => name !== index || !(cell in value) || renamed(cell) !== renamed(index))
        .map(([name, each]): [string, unknown] => [renamed(name), each])
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );
  });
}

/** Of a cell that exists, in the direct route. */
const EXISTS = /\bup\{job="rollcall",?/g;
const NAME = /[a-z_]\w*/gi;
const LIST = /\b((?:by|without|on|ignoring) ?)\(([^()]*)\)/g;

/** Replaces the names of series and labels in a query or another text. */
function renaming(route: MetricsRoute): (text: string) => string {
  const names = namesOn(route);
  const { cellAlive } = route;
  return (text) =>
    text
      .replaceAll(EXISTS, (up) => (cellAlive.kind === 'up' ? up : `${cellAlive.series}{`))
      .replaceAll(uidOf(DIRECT), uidOf(route))
      .replaceAll(NAME, (name) => names.get(name) ?? name)
      .replaceAll(LIST, (_, how: string, labels: string) => {
        const once = new Set(labels.split(',').map((label) => label.trim()));
        return `${how}(${[...once].join(', ')})`;
      });
}

const MAX_LINE = 120;

/** JSON in which a value is on one line if it fits. */
function jsonText(value: unknown, indent = ''): string {
  const line = JSON.stringify(value);
  if (indent.length + line.length <= MAX_LINE || typeof value !== 'object' || value === null)
    return line;
  const isList = Array.isArray(value);
  const inner = `${indent}  `;
  const parts = Object.entries(value).map(
    ([key, each]) => `${isList ? '' : `${JSON.stringify(key)}: `}${jsonText(each, inner)}`,
  );
  const body = parts.map((part) => `${inner}${part}`).join(',\n');
  return isList ? `[\n${body}\n${indent}]` : `{\n${body}\n${indent}}`;
}
