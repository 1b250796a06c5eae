// The rooms of this project and the arrows between them, executed: `npm run check`. test/architecture.test.ts shows that every
// rule bites. A package is written so that it matches resolved (node_modules/execa/…) and unresolved (execa) alike.

/** @param {string} name */
const npm = (name) => `(^|node_modules/)(@types/)?${name}(/|$)`;

/**
 * A room that imports nothing but these rooms and packages; what it does not name is forbidden, `node:` too.
 * @param {string} room
 * @param {readonly string[]} rooms
 * @param {string} comment
 * @param {readonly string[]} packages
 */
const pure = (room, rooms, comment, packages = []) => ({
  name: `${room}-is-pure`,
  comment,
  severity: /** @type {const} */ ('error'),
  from: { path: `^src/${room}/` },
  to: { pathNot: [`^src/(${[room, ...rooms].join('|')})/`, ...packages.map(npm)] },
});

/**
 * A room that talks to the system; of src/ it imports only these rooms.
 * @param {string} room
 * @param {readonly string[]} rooms
 * @param {string} comment
 */
const edge = (room, rooms, comment) => ({
  name: `${room}-imports`,
  comment,
  severity: /** @type {const} */ ('error'),
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...rooms].join('|')})/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    pure('model', [], 'What things are does not depend on how they are read, decided or shown.'),
    pure(
      'parse',
      ['model'],
      'A parser takes text and returns model; valibot is its schema library.',
      ['valibot'],
    ),
    pure('mounts', ['model'], 'Which mount shows a hierarchy follows from tables alone.'),
    pure('reconcile', ['model', 'mounts'], 'A saved snapshot replays to the same report.'),
    pure(
      'sensors',
      ['model', 'mounts'],
      'What a sensor would see follows from its rules and a pass.',
    ),
    pure('present', ['model'], 'A view renders the report and computes nothing about containers.'),
    pure(
      'pass',
      ['model', 'probe', 'mounts', 'reconcile', 'sensors'],
      'One pass composes and does nothing itself.',
    ),
    edge('probe', ['model', 'parse'], 'Reading hands model on; what it means is decided later.'),
    edge('terminal', ['model'], 'Every command shares it, so it knows none of them.'),
    edge(
      'cf-plugin',
      ['model', 'present', 'terminal'],
      'The plugin runs on an operator’s machine: it never reads or judges a cell.',
    ),
    edge(
      'demo-cell',
      ['model', 'parse', 'probe', 'mounts', 'present', 'terminal'],
      'The cell in a box is what is checked; the command that checks it comes from outside.',
    ),
    edge('start', [], 'It starts the bundle, which may be any program, and adds no line to it.'),
    {
      name: 'nobody-imports-cli',
      comment: 'The command line wires the others and offers only its words, for the man page.',
      severity: 'error',
      from: { pathNot: ['^src/cli/', '^tools/man-page[.]ts$'] },
      to: { path: '^src/cli/' },
    },
    {
      name: 'cli-imports',
      comment: 'A production cell runs the command, and neither containers of a demo nor tools.',
      severity: 'error',
      from: { path: '^src/(cli|agent)/' },
      to: { path: ['^src/(demo-cell|cf-plugin)/', '^tools/'] },
    },
    {
      name: 'agent-is-loaded-when-asked',
      comment: 'Commands that run beside the daemon do not pay for it at their start.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/agent/', dynamic: false },
    },
    {
      name: 'child-processes-only-in-demo-cell',
      comment:
        'The agent and the commands on a cell start no process, but for the pager of the runbook.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(demo-cell/|cli/runbook-command[.]ts$)' },
      to: { path: ['^(node:)?child_process$', npm('execa')] },
    },
    {
      name: 'yargs-in-one-file',
      comment: 'A command is a function of its options; one file knows how they were typed.',
      severity: 'error',
      from: { pathNot: '^src/cli/commands[.]ts$' },
      to: { path: npm('yargs') },
    },
    {
      name: 'winston-in-one-file',
      comment: 'One file turns log records into lines, so the logger can be exchanged there.',
      severity: 'error',
      from: { pathNot: '^src/agent/log[.]ts$' },
      to: { path: npm('winston') },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle, even of types alone, means that two files are one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'What cannot be found on disk cannot be judged by the other rules.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'ships-no-development-dependency',
      comment:
        'A bundle may hold only what package.json calls a dependency; the demo runs from a clone.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/demo-cell/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/dist/' },
    // Also what the compiler erases: a type imported across a layer is a dependency on that layer.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
