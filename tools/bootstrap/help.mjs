/**
 * @typedef {object} Help
 * @property {string} does sentences, in lines of at most 80 characters
 * @property {readonly (readonly [name: string, meaning: string])[]} [takes] options and arguments
 * @property {string} example what follows `npm run`
 */

const opsOptions = /** @type {const} */ ([
  ['-o, --ops FILE', 'an ops file to apply; may be repeated'],
  ['-v, --var NAME=VALUE', 'the value of a variable in it; may be repeated'],
]);

/**
 * The help of the npm scripts. It is not in their programs, because these need packages. Scripts
 * that are not here pass `--help` on: rollcall and mocha have a help of their own.
 * @type {ReadonlyMap<string, Help>}
 */
const helps = new Map([
  [
    'demo',
    {
      does: `Runs and checks a Diego cell in a box: real cgroups, mounts and processes as
root on Linux, otherwise a recording.`,
      takes: [
        ['--v1', 'a cell with the hierarchies of cgroup version 1, as on jammy'],
        ['--v2', 'a cell with cgroup version 2 only (default where it is mounted)'],
        ['--keep', 'leave the cell running, and print how to enter it'],
        ['--color WHEN', 'auto (on a terminal without NO_COLOR; default), always or never'],
      ],
      example: 'demo -- --v2 --keep',
    },
  ],
  [
    'test',
    {
      does: `Runs the named steps, or all of them. \`npm run check\` runs the first five.
Live tests need Linux and root. A test that cannot run here is skipped, and the
summary says why. Exits 1 if a test failed.`,
      takes: [
        ['lint', 'oxlint, with types'],
        ['format', 'oxfmt, without writing'],
        ['types', 'the TypeScript compiler'],
        ['unused', 'knip: unused files, exports and dependencies'],
        ['layers', 'dependency-cruiser: which folder may import which'],
        ["'linear tests'", 'tests that running time is linear'],
        ['tests', 'unit tests'],
        ["'live tests'", 'tests on the real kernel, in a cell in a box'],
        ["'vm tests'", 'a short test in a virtual machine, with qemu'],
      ],
      example: 'test -- lint types',
    },
  ],
  [
    'coverage',
    {
      does: `Runs tests with mocha and shows which lines they reach; the report is in
coverage/. Its arguments are those of \`npm run mocha\`.`,
      takes: [['TESTS', 'test files or quoted globs']],
      example: "coverage -- 'test/parse/**/*.test.ts'",
    },
  ],
  [
    'format',
    {
      does: 'Formats all files with oxfmt. `npm run check` only checks them.',
      example: 'format',
    },
  ],
  [
    'bench',
    {
      does: `Measures all sections, or only one, and writes docs/benchmarks.md. All of them
take about 15 minutes and need root.`,
      takes: [
        ['sensor-files', 'only how the agent follows event files'],
        ['start', 'only the start of the command'],
        ['plugin', 'only the cf CLI plugin'],
      ],
      example: 'bench -- start',
    },
  ],
  [
    'generate',
    {
      does: `Writes every generated file: pages and schemas in docs/, the man page, alerts
and dashboards.`,
      takes: [
        ['--check', 'write nothing, list stale files; exit 1 if there are any'],
        ['--runbook-url URL', 'the address of your runbook, for alerts and dashboards'],
      ],
      example: 'generate -- --check',
    },
  ],
  [
    'fetch-mount-tables',
    {
      does: `Fetches mount tables that other projects published on GitHub, for the test that
scores the rules on them.`,
      takes: [['--from URL', 'a mirror of https://raw.githubusercontent.com']],
      example: 'fetch-mount-tables',
    },
  ],
  [
    'record-story',
    {
      does: 'Records the cell that `npm run demo` shows without root. Needs root.',
      example: 'record-story',
    },
  ],
  [
    'build',
    {
      does: `Makes the content of the BOSH package in src/dist/rollcall/. rollcall.cjs in it
is the whole program and needs only Node 24.`,
      example: 'build',
    },
  ],
  [
    'blobs',
    {
      does: `Packs Node as the blob of the BOSH package nodejs-24, and enters it in
config/blobs.yml. It fails if the bytes differ from those in the index.`,
      takes: [['--accept', 'replace the entry of a blob whose bytes differ']],
      example: 'blobs',
    },
  ],
  [
    'release',
    {
      does: `Makes the tarball of the release, rollcall-VERSION.tgz, with the bosh CLI, and a
runtime config without variables.`,
      takes: [
        ['--final', 'a final release instead of a dev release'],
        ['--url URL', 'where the tarball will be published, for the runtime config'],
      ],
      example: 'release -- --final --url https://example.com/rollcall-1.0.0.tgz',
    },
  ],
  [
    'release:check',
    {
      does: `Finds what \`bosh create-release\` packs silently and fails later. Needs no bosh.
Exits 1 if it finds something.`,
      takes: [['FOLDER', 'the folder of the release (default: this checkout)']],
      example: 'release:check',
    },
  ],
  [
    'runtime-config',
    {
      does: `Writes the runtime config of this version with ops files applied. It fails if a
variable has no value.`,
      takes: [
        ...opsOptions,
        ['--url URL', 'the address of the tarball; this checkout must have it'],
      ],
      example: `runtime-config -- -o manifests/operations/interval.yml \\
    -v interval_seconds=60`,
    },
  ],
  [
    'tile',
    {
      does: 'Makes a tile for Ops Manager, rollcall-VERSION.pivotal (docs/tile.md).',
      takes: [
        ['--tarball FILE', 'the tarball of the release (default: of this version)'],
        ...opsOptions,
      ],
      example: 'tile -- -o manifests/operations/small-footprint.yml',
    },
  ],
  [
    'sbom',
    {
      does: `Writes the bill of materials of the release, src/dist/rollcall.cdx.json. Run
\`npm run build\` before it.`,
      example: 'sbom',
    },
  ],
  [
    'mini-bosh',
    {
      does: `Installs and runs the release on a cell in a box as BOSH would, and tests it.
Needs Linux and root. Exits 1 if a test fails.`,
      takes: [['--v2', 'a cell with only cgroup version 2']],
      example: 'mini-bosh -- --v2',
    },
  ],
  [
    'vm',
    {
      does: `Runs live tests on a virtual machine with systemd. Needs qemu.
Exits with the exit code of the tests.`,
      takes: [
        ['v2', 'the machine has only cgroup version 2 (default)'],
        ['hybrid', 'it also has the hierarchies of version 1'],
        ['TESTS', "test files or quoted globs (default: 'test/live/*.test.ts')"],
      ],
      example: 'vm -- hybrid test/live/systemd-cell.test.ts',
    },
  ],
  [
    'operators:check',
    {
      does: `Tests alerts and dashboards with a real Prometheus and Alertmanager. Live tests
need Linux and root. Exits 1 if a test failed.`,
      example: 'operators:check',
    },
  ],
  [
    'executables',
    {
      does: `Makes the command as executables for Linux in src/dist/executables/. They need
neither Node nor a deploy.`,
      takes: [['--here', 'only the executable for this machine']],
      example: 'executables -- --here',
    },
  ],
  [
    'plugin',
    {
      does: `Makes the cf CLI plugin in src/dist/plugin/, as a script and as executables for
machines without Node.`,
      takes: [['--script', 'only the script']],
      example: 'plugin -- --script',
    },
  ],
  [
    'pictures',
    {
      does: 'Makes the pictures in docs/pictures. Needs Linux, root and chromium.',
      example: 'pictures',
    },
  ],
]);

/**
 * The help that was asked for; null if none was, or if the program answers itself.
 * @param {string} name
 * @param {readonly string[]} args
 */
export function helpAskedFor(name, args) {
  if (!args.some((arg) => arg === '--help' || arg === '-h')) return null;
  const script = name === 'rollcall' && args[0] === 'demo' ? 'demo' : name;
  const help = helps.get(script);
  return help === undefined ? null : helpText(script, help);
}

/**
 * @param {string} script
 * @param {Help} help
 */
function helpText(script, { does, takes = [], example }) {
  const width = Math.max(0, ...takes.map(([name]) => name.length));
  const rows = takes.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}\n`);
  return [
    `npm run ${script}${takes.length === 0 ? '' : ' -- [argument ...]'}\n`,
    `${does}\n`,
    ...(rows.length === 0 ? [] : [rows.join('')]),
    `Example: npm run ${example}\n`,
  ].join('\n');
}
