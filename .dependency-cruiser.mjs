// Which folder may import which; `npm run check` runs it, and test/architecture.test.ts shows that every rule can fail.
// The pattern of a package matches its resolved (node_modules/execa/…) and its unresolved name (execa).

/** @param {string} name */
const npm = (name) => `(^|node_modules/)(@types/)?${name}(/|$)`;

/**
 * A folder that imports only these folders and packages: nothing else, and nothing from `node:`.
 * @param {string} folder
 * @param {readonly string[]} others
 * @param {string} comment
 * @param {readonly string[]} packages
 */
const pure = (folder, others, comment, packages = []) => ({
  name: `${folder}-is-pure`,
  comment,
  severity: /** @type {const} */ ('error'),
  from: { path: `^src/${folder}/` },
  to: { pathNot: [`^src/(${[folder, ...others].join('|')})/`, ...packages.map(npm)] },
});

/**
 * A folder that may use the system; from src/ it imports only these folders.
 * @param {string} folder
 * @param {readonly string[]} others
 * @param {string} comment
 */
const edge = (folder, others, comment) => ({
  name: `${folder}-imports`,
  comment,
  severity: /** @type {const} */ ('error'),
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...others].join('|')})/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    pure('model', [], 'What things are does not depend on how they are read, judged or shown.'),
    pure(
      'parse',
      ['model'],
      'A parser takes text and returns model; valibot is its schema library.',
      ['valibot'],
    ),
    pure('mounts', ['model'], 'Mount tables alone decide which mount shows a hierarchy.'),
    pure('reconcile', ['model', 'mounts'], 'A saved snapshot replays to the same report.'),
    pure(
      'sensors',
      ['model', 'mounts'],
      'The rules of a sensor and a pass decide what the sensor would see.',
    ),
    pure(
      'ledgers',
      ['model', 'reconcile'],
      'What a pass read of the other ledgers decides what they say.',
    ),
    pure('names', ['model'], 'What a pass found out decides whose an id is.'),
    pure('present', ['model'], 'A view renders the report and computes nothing about containers.'),
    pure(
      'pass',
      ['model', 'probe', 'mounts', 'reconcile', 'ledgers', 'sensors'],
      'A pass only composes the other folders.',
    ),
    edge('probe', ['model', 'parse'], 'It reads; the pure folders decide what that means.'),
    edge('terminal', ['model'], 'Every command shares it, so it imports none of them.'),
    edge(
      'cf-plugin',
      ['model', 'present', 'terminal'],
      'The plugin runs on the machine of an operator: it never reads or judges a cell.',
    ),
    edge('start', [], 'It starts any bundle, so it imports none.'),
    {
      name: 'nobody-imports-cli',
      comment: 'The command line is an entry.',
      severity: 'error',
      from: { pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'nothing-that-ships-imports-tools',
      comment: 'Neither a cell nor an operator runs the demo, the bench or the release tools.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^tools/' },
    },
    {
      name: 'tools-import-no-tests',
      comment: 'A tool starts tests by their paths; what it shares with them is in tools.',
      severity: 'error',
      from: { path: '^tools/' },
      to: { path: '^(test|spec)/' },
    },
    {
      name: 'no-plugin-on-a-cell',
      comment: 'The plugin runs on the machine of an operator, never on a cell.',
      severity: 'error',
      from: { path: '^src/(cli|agent)/' },
      to: { path: '^src/cf-plugin/' },
    },
    {
      name: 'demo-cell-imports',
      comment: 'It builds the cell that is checked; the command that checks it comes from outside.',
      severity: 'error',
      from: { path: '^tools/demo-cell/' },
      to: { path: '^src/', pathNot: '^src/(model|parse|mounts|present|terminal)/' },
    },
    {
      name: 'agent-is-loaded-when-asked',
      comment: 'Other commands must start without loading the agent.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/agent/', dynamic: false },
    },
    {
      name: 'ships-no-child-process',
      comment: 'Neither the agent, nor a command on a cell, nor the plugin starts a process.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: ['^(node:)?(child_process|cluster)$', npm('execa')] },
    },
    {
      name: 'yargs-in-one-file',
      comment: 'A command is a function of its options; one file parses them.',
      severity: 'error',
      from: { pathNot: '^src/cli/commands[.]ts$' },
      to: { path: npm('yargs') },
    },
    {
      name: 'winston-in-one-file',
      comment: 'One file writes log lines, so the logger can be replaced there.',
      severity: 'error',
      from: { pathNot: '^src/agent/log[.]ts$' },
      to: { path: npm('winston') },
    },
    {
      name: 'grpc-in-one-file',
      comment: 'One file speaks gRPC; the calls know nothing of it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/agent/cri/grpc-server[.]ts$' },
      to: { path: npm('@grpc/grpc-js') },
    },
    {
      name: 'protobufjs-in-one-file',
      comment: 'One file encodes messages; src/names says what they hold.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/agent/cri/cri-methods[.]ts$' },
      to: { path: npm('protobufjs') },
    },
    {
      name: 'grpc-is-loaded-when-asked',
      comment: 'An agent without names.cri must start without loading gRPC.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/agent/cri/' },
      to: {
        path: '^src/agent/cri/(grpc-server|cri-methods)[.]ts$',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'Two files in a cycle, even of types, are one file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-cycles-of-folders',
      comment: 'Two folders in a cycle are one room: what both need belongs in a third.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(src|tools)/' },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'The other rules cannot judge a file that does not exist.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'ships-no-development-dependency',
      comment: 'A bundle contains only the dependencies of package.json.',
      severity: 'error',
      from: { path: '^src/' },
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
    // Includes what the compiler erases: an imported type is a dependency, too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
