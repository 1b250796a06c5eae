import {
  explainView,
  ledgersView,
  mountsView,
  preflightView,
  sensorsIfView,
  sensorsView,
  whoseView,
} from '../src/model/answers.ts';
import { logLineView } from '../src/model/log-line.ts';
import { containerView, hierarchyView, reportView, sensorView } from '../src/model/report-view.ts';
import * as s from '../src/model/shape.ts';
import {
  graceRuleOf,
  leastSettleOf,
  passesOf,
  type Reason,
  REASONS,
  severitiesOf,
} from '../src/model/finding.ts';
import { REASON_TEXTS } from './reason-texts.ts';
import { fileWith } from './generated-part.ts';
import { code, item, markdownTable } from './markdown.ts';

const INTERFACES_PAGE = 'docs/interfaces.md';
const REASONS_PAGE = 'docs/decisions/reasons.md';
const JSON_PAGE = 'docs/appendix/json.md';

/** The contract, the rules behind its reasons, and its JSON keys; written by hand except for tables and these rules. */
export const interfacesPages = (): ReadonlyMap<string, string> =>
  new Map([
    [INTERFACES_PAGE, fileWith(INTERFACES_PAGE, { [REASON_TEXTS_FILE]: contractTable() })],
    [REASONS_PAGE, fileWith(REASONS_PAGE, { [REASON_TEXTS_FILE]: contractDetails() })],
    [
      JSON_PAGE,
      fileWith(
        JSON_PAGE,
        Object.fromEntries(
          Object.entries(TABLES).map(([name, { keys }]) => [
            name,
            markdownTable(['key', 'type', 'meaning'], rowsOf(keys, '')),
          ]),
        ),
      ),
    ],
  ]);

const TABLES: Readonly<Record<string, s.ObjectShape<s.Keys>>> = {
  reportView,
  containerView,
  hierarchyView,
  sensorView,
  mountsView,
  explainView,
  sensorsView,
  sensorsIfView,
  ledgersView,
  preflightView,
  whoseView,
  logLineView,
};

/** Objects with a section of their own, to which the other tables link. */
const SECTIONS: readonly (readonly [s.ObjectShape<s.Keys>, string])[] = [
  [containerView, '[container](#a-container)'],
  [hierarchyView, '[hierarchy](#a-hierarchy)'],
  [sensorView, '[sensor](#a-sensor)'],
];

type Row = readonly [key: string, type: string, meaning: string];

/** A row for each key, followed by those of the objects in it. */
function rowsOf(keys: s.Keys, prefix: string): readonly Row[] {
  const [section, link = ''] =
    SECTIONS.find(
      ([one]) =>
        one.keys !== keys && Object.entries(one.keys).every(([name, key]) => keys[name] === key),
    ) ?? [];
  const own = Object.entries(keys).filter(
    ([name, key]) => key !== s.schemaVersion && section?.keys[name] !== key,
  );
  const [first, ...others] = own.map(([, key]) => key);
  if (first !== undefined && others.length > 0 && others.every((key) => isAlike(key, first))) {
    return [[code(`${prefix}*`), typeOf(first.shape), first.description]];
  }
  return [
    ...(section === undefined ? [] : [[code(`${prefix}…`), link, 'All its keys.'] as const]),
    ...own.flatMap(([name, { shape, description, isOptional }]): readonly Row[] => [
      [code(prefix + name), typeOf(shape) + (isOptional ? ', may be absent' : ''), description],
      ...rowsBelow(shape, prefix + name),
    ]),
  ];
}

const isAlike = (a: s.Key, b: s.Key): boolean =>
  a.shape === b.shape && a.description === b.description;

function rowsBelow(shape: s.Shape, place: string): readonly Row[] {
  if (sectionOf(shape) !== undefined) return [];
  if (shape.kind === 'object') return rowsOf(shape.keys, `${place}.`);
  if (shape.kind === 'union') return shape.forms.flatMap((form) => rowsBelow(form, place));
  if (shape.kind === 'nullable') return rowsBelow(shape.of, place);
  return shape.kind === 'list' ? rowsBelow(shape.of, `${place}[]`) : [];
}

const sectionOf = (shape: s.Shape): string | undefined =>
  SECTIONS.find(([section]) => section === shape)?.[1];

/** Longer lists of values are only in the schema. */
const MAX_VALUES = 60;

function typeOf(shape: s.Shape): string {
  const section = sectionOf(shape);
  if (section !== undefined) return section;
  if (shape.kind === 'choice') {
    const values = shape.values.map((value) => code(String(value))).join(', ');
    return values.length <= MAX_VALUES ? values : 'string';
  }
  if (shape.kind === 'nullable') return `${typeOf(shape.of)} or null`;
  if (shape.kind === 'list') return `list of ${typeOf(shape.of)}`;
  return shape.kind === 'record' ? `map of ${typeOf(shape.of)}` : TYPES[shape.kind];
}

/** The last four are in no answer. */
const TYPES = {
  text: 'string',
  time: 'time',
  count: 'integer',
  amount: 'number',
  flag: 'boolean',
  null: 'null',
  anything: 'any',
  union: 'object',
  object: 'object',
  number: '',
  instant: '',
  matching: '',
  map: '',
};

export const README = 'README.md';
const REASON_TEXTS_FILE = 'tools/reason-texts.ts';

/** README.md, written by hand except for its table of reasons. */
export const readmePage = (): string => fileWith(README, { [REASON_TEXTS_FILE]: readmeTable() });

const readmeTable = (): string =>
  markdownTable(
    ['reason', 'meaning', 'severity', 'Diego'],
    REASONS.map((reason) => {
      const { summary, diego } = REASON_TEXTS[reason].docs;
      return [code(reason), summary, severities(reason), diego];
    }),
  );

const contractTable = (): string =>
  markdownTable(
    ['reason', 'meaning', 'severity', 'must last'],
    REASONS.map((reason) => [
      code(reason),
      REASON_TEXTS[reason].docs.definition,
      severities(reason),
      mustLast(reason),
    ]),
  );

const contractDetails = (): string =>
  REASONS.map((reason) => item(`**${code(reason)}**: ${REASON_TEXTS[reason].docs.details}`)).join(
    '\n',
  );

function severities(reason: Reason): string {
  const [usual, other] = severitiesOf(reason);
  const { otherSeverity } = REASON_TEXTS[reason].docs;
  return otherSeverity === undefined ? usual : `${usual}; ${other} ${otherSeverity}`;
}

function mustLast(reason: Reason): string {
  const { times, least, leastSettle } = graceRuleOf(reason, null);
  const grace = times === 1 ? 'the grace period' : `${times} grace periods`;
  const atLeast = least === 0 ? '' : `, at least ${least / 1000} s`;
  const passes = passesOf(reason) === 2 ? ', two passes' : '';
  const otherwise = leastSettleOf(reason) > leastSettle ? ' if permanent; else longer' : '';
  return `${grace}${atLeast}${passes}${otherwise}`;
}
