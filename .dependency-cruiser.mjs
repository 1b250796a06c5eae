// The layers of this project, executed: `npm run check`. test/architecture.test.ts proves that every rule bites.
// A package is written so that it matches resolved (node_modules/execa/…) and unresolved (execa) alike.

/** @param {string} name */
const npm = (name) => `(^|node_modules/)(@types/)?${name}(/|$)`;

const mayReadTheSystem = '^src/(probe|serve|agent|cli|cf-plugin|demo-cell|terminal)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'model-imports-nothing',
      comment: 'What things are must not depend on how they are read, decided or shown.',
      severity: 'error',
      from: { path: '^src/model/' },
      to: { pathNot: '^src/model/' },
    },
    {
      name: 'parse-imports-model',
      comment:
        'A parser takes text and returns model; valibot is its schema library and nothing else is needed.',
      severity: 'error',
      from: { path: '^src/parse/' },
      to: { pathNot: ['^src/(parse|model)/', npm('valibot')] },
    },
    {
      name: 'mounts-imports-model',
      comment:
        'Which mount shows a hierarchy is decided from tables alone, before any container is known.',
      severity: 'error',
      from: { path: '^src/mounts/' },
      to: { pathNot: '^src/(mounts|model)/' },
    },
    {
      name: 'reconcile-imports-model-and-mounts',
      comment: 'Deciding is pure, so that a saved look replays to the same report.',
      severity: 'error',
      from: { path: '^src/reconcile/' },
      to: { pathNot: '^src/(reconcile|mounts|model)/' },
    },
    {
      name: 'present-imports-model',
      comment: 'A view renders the report it is given and computes nothing about containers.',
      severity: 'error',
      from: { path: '^src/present/' },
      to: { pathNot: '^src/(present|model)/' },
    },
    {
      name: 'node-only-at-the-edges',
      comment:
        'Only the folders that talk to the system may import node:*; everything else stays pure.',
      severity: 'error',
      from: { path: '^src/', pathNot: mayReadTheSystem },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'reconcile-never-shows-or-reads',
      comment: 'The decision does not know how it is shown or how its inputs were read.',
      severity: 'error',
      from: { path: '^src/reconcile/' },
      to: { path: '^src/(present|probe|serve)/' },
    },
    {
      name: 'present-never-decides-or-reads',
      comment: 'Two views that decided for themselves would disagree.',
      severity: 'error',
      from: { path: '^src/present/' },
      to: { path: '^src/(reconcile|probe|serve)/' },
    },
    {
      name: 'probe-imports-parse-and-model',
      comment:
        'Reading brings text to the parser and hands model on; what it means is decided later.',
      severity: 'error',
      from: { path: '^src/probe/' },
      to: { path: '^src/', pathNot: '^src/(probe|parse|model)/' },
    },
    {
      name: 'pass-composes-probe-and-reconcile',
      comment:
        'One look end to end is the same for the daemon and for the command, so it knows neither.',
      severity: 'error',
      from: { path: '^src/pass/' },
      to: { pathNot: '^src/(pass|model|probe|mounts|reconcile)/' },
    },
    {
      name: 'terminal-imports-model',
      comment: 'Every command shares it, so it knows none of them.',
      severity: 'error',
      from: { path: '^src/terminal/' },
      to: { path: '^src/', pathNot: '^src/(terminal|model)/' },
    },
    {
      name: 'nobody-imports-agent',
      comment:
        'The agent is the composition root of the daemon: it wires others and offers nothing.',
      severity: 'error',
      from: { pathNot: '^src/agent/' },
      to: { path: '^src/agent/' },
    },
    {
      name: 'cf-plugin-shares-model-present-and-terminal',
      comment:
        'The plugin runs on an operator’s machine: it never probes, reconciles or serves a cell.',
      severity: 'error',
      from: { path: '^src/cf-plugin/' },
      to: { path: '^src/', pathNot: '^src/(cf-plugin|model|present|terminal)/' },
    },
    {
      name: 'demo-cell-never-imports-cli',
      comment:
        'The cell in a box is what is checked; the command that checks it comes from outside.',
      severity: 'error',
      from: { path: '^src/demo-cell/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'nobody-ships-tools',
      comment: 'Tools build and check the product and are not part of it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^tools/' },
    },
    {
      name: 'child-processes-only-in-demo-cell-and-tools',
      comment: 'The agent and the commands that run on a cell start no process.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(demo-cell)/' },
      to: { path: ['^(node:)?child_process$', npm('execa')] },
    },
    {
      name: 'yargs-only-in-mains',
      comment: 'A command is a function of its options; only the mains know how they were typed.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|cf-plugin)/main[.]ts$' },
      to: { path: npm('yargs') },
    },
    {
      name: 'winston-in-one-file',
      comment: 'One file turns log records into lines, so the logger can be exchanged there.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/serve/log[.]ts$' },
      to: { path: npm('winston') },
    },
    {
      name: 'metrics-library-in-one-file',
      comment:
        'Metric samples are plain model values; a library for them, if ever, stays behind one file.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/serve/metrics[.]ts$' },
      to: { path: npm('prom-client') },
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
        'What stands in src/ ends up in a bundle, so it may use only what package.json calls a dependency.',
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
