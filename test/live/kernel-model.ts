/** What is so of a container; a destroyed one is in no model. */
export interface Modelled {
  readonly listed: boolean;
  readonly live: boolean;
  readonly owned: boolean;
  readonly escaped: boolean;
  /** One hierarchy does not show its processes. */
  readonly hidden: boolean;
  /** Garden runs Envoy beside it, in a cgroup below. */
  readonly hasEnvoy: boolean;
  /** In `bad`; null where gdn does not throttle. */
  readonly throttled: boolean | null;
  /** What must be undone before it can be ended. */
  readonly held: 'frozen' | 'threaded' | null;
}
type Program = 'rep' | 'second gdn';

export interface Model {
  readonly containers: ReadonlyMap<string, Modelled>;
  /** How many there were. */
  readonly created: number;
  readonly runs: ReadonlySet<Program>;
  /** What the cell mounts, and whether its gdn throttles. */
  readonly has: { readonly v1: boolean; readonly v2: boolean; readonly throttling: boolean };
}

/** What the agent must say of it; null: it is not in the report. */
export function expected({ listed, live, owned, escaped, hidden }: Modelled): string | null {
  if (!listed) return live ? 'untracked unknown-to-garden' : null;
  if (!live) return 'untracked no-cgroup';
  if (!owned) return 'untracked unowned';
  if (escaped) return 'untracked escaped';
  return hidden ? 'untracked partial' : 'tracked';
}

type Change = Partial<Modelled> | 'gone';
interface Rule {
  /** Which containers it can be done to; without it, it is done to the cell. */
  readonly of?: (one: Modelled, has: Model['has']) => boolean;
  readonly when?: (model: Model) => boolean;
  /** Of its container; of each one, if it is done to the cell. */
  readonly change?: (one: Modelled, runs: Model['runs']) => Change;
  readonly starts?: Program;
  readonly ends?: Program;
}

const isSound = (one: Modelled): boolean => expected(one) === 'tracked' && one.held === null;
const hasV1 = ({ has }: Model): boolean => has.v1;
const runs =
  (program: Program) =>
  (model: Model): boolean =>
    model.runs.has(program);
const canEndAll = ({ containers }: Model): boolean =>
  [...containers.values()].every(({ escaped, held }) => !escaped && held === null);
/**
 * Rep destroys what it knows when Garden fails or it ends, and what has an owner when it starts.
 */
const endedByRep = ({ listed, owned }: Modelled): Change => (listed && owned ? 'gone' : {});
const failing = (otherwise: (one: Modelled) => Change = () => ({})): Rule => ({
  when: (model) => !model.runs.has('rep') || canEndAll(model),
  change: (one, running) => (running.has('rep') ? endedByRep(one) : otherwise(one)),
});

const rules = {
  create: { when: ({ containers }) => containers.size < 6 },
  destroy: { of: (one) => one.listed && !one.escaped && one.held === null, change: () => 'gone' },
  forget: { of: isSound, change: () => ({ listed: false }) },
  'forget-and-set-clock': { of: isSound, change: () => ({ listed: false }) },
  kill: {
    of: ({ live, escaped, held }) => live && !escaped && held === null,
    change: ({ listed }) => (listed ? { live: false } : 'gone'),
  },
  'lose-owner': {
    of: isSound,
    change: (_, running) => (running.has('rep') ? 'gone' : { owned: false }),
  },
  escape: { of: isSound, change: () => ({ escaped: true }) },
  hide: { of: (one, { v1 }) => v1 && isSound(one), change: () => ({ hidden: true }) },
  throttle: {
    of: (one) => isSound(one) && one.throttled === false,
    change: () => ({ throttled: true }),
  },
  unthrottle: {
    of: (one) => isSound(one) && one.throttled === true,
    change: () => ({ throttled: false }),
  },
  freeze: { of: isSound, change: () => ({ held: 'frozen' }) },
  /** The kernel refuses it in a cgroup with others below. */
  thread: {
    of: (one, { v2 }) => v2 && !one.hasEnvoy && isSound(one),
    change: () => ({ held: 'threaded' }),
  },
  thaw: { of: ({ held }) => held === 'frozen', change: () => ({ held: null }) },
  unthread: { of: ({ held }) => held === 'threaded', change: () => ({ held: null }) },
  churn: {},
  'start-unit': {},
  'start-docker': {},
  'rename-unit': { when: hasV1 },
  'move-pid-1': { when: hasV1 },
  'leave-zombie': {},
  'start-second-gdn': { when: (model) => !runs('second gdn')(model), starts: 'second gdn' },
  'kill-second-gdn': { when: runs('second gdn'), ends: 'second gdn' },
  'start-rep': {
    when: (model) => !runs('rep')(model) && canEndAll(model),
    change: endedByRep,
    starts: 'rep',
  },
  'stop-rep': {
    when: (model) => runs('rep')(model) && canEndAll(model),
    change: endedByRep,
    ends: 'rep',
  },
  'kill-rep': { when: runs('rep'), ends: 'rep' },
  'restart-garden': failing(),
  'crash-garden': failing(({ listed }) => (listed ? { owned: false } : {})),
  'fail-garden': failing(),
  'fill-disk': {},
  'mount-again': {},
  'cover-cgroups': {},
  'set-clock': {},
  'kill-agent': {},
} as const satisfies Readonly<Record<string, Rule>>;

export type StepName = keyof typeof rules;
/** What is done, and to which container: `kill c1`; `start-rep`. */
export type Step = readonly [name: StepName, on: string];
const RULES: Readonly<Record<StepName, Rule>> = rules;
const isStepName = (name: string): name is StepName => Object.hasOwn(RULES, name);
const NAMES = Object.keys(RULES).filter(isStepName);

/** Every step that can be taken. */
export const stepsOf = (model: Model): readonly Step[] =>
  NAMES.flatMap((name): readonly Step[] => {
    const { of, when } = RULES[name];
    if (when?.(model) === false) return [];
    if (name === 'create') return [[name, `c${model.created}`]];
    if (of === undefined) return [[name, '']];
    return [...model.containers].flatMap(([on, one]): readonly Step[] =>
      of(one, model.has) ? [[name, on]] : [],
    );
  });

/** The model after a step. */
export function after(model: Model, [name, on]: Step): Model {
  const { of, change, starts, ends } = RULES[name];
  const containers = [...model.containers].flatMap(([handle, one]) => {
    const changed = of === undefined || handle === on ? (change?.(one, model.runs) ?? {}) : {};
    return changed === 'gone' ? [] : [[handle, { ...one, ...changed }] as const];
  });
  const running = [...model.runs, ...(starts === undefined ? [] : [starts])];
  const sound: Modelled = {
    listed: true,
    live: true,
    owned: true,
    escaped: false,
    hidden: false,
    hasEnvoy: on.endsWith('0'),
    held: null,
    throttled: model.has.throttling ? false : null,
  };
  const isNew = name === 'create';
  return {
    ...model,
    containers: new Map(isNew ? [...containers, [on, sound] as const] : containers),
    created: model.created + (isNew ? 1 : 0),
    runs: new Set(running.filter((one) => one !== ends)),
  };
}

/** As `stepsOf` gives them, separated by commas. */
export const parseSteps = (text: string): readonly Step[] =>
  text.split(',').map((step): Step => {
    const [name = '', on = ''] = step.trim().split(' ');
    if (!isStepName(name)) throw new Error(`there is no step ${name}`);
    return [name, on];
  });
