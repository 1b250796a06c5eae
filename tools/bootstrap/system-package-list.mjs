/**
 * @typedef {object} SystemPackage
 * @property {string} name as Debian calls it
 * @property {readonly string[]} commands the npm scripts that use it
 * @property {readonly string[]} executables present when these are found on PATH
 * @property {readonly string[]} files and these exist
 * @property {string} without what is skipped where it is missing
 */

const noCell = 'the cell in a box is not built';
const noCompare = 'nothing is compared with compiled C';
const noBrowser = 'the page is not opened in a browser';
const noTemplates = 'the templates of the jobs are not rendered';

/**
 * One entry a package, with its reason. Most systems have all but the compiler.
 * @type {readonly SystemPackage[]}
 */
export const systemPackages = [
  {
    // The cell in a box lives in mount, pid and cgroup namespaces of its own: unshare, nsenter, setpriv.
    name: 'util-linux',
    commands: ['demo', 'test', 'bench', 'mini-bosh', 'operators:check', 'pictures'],
    executables: ['unshare', 'nsenter', 'setpriv'],
    files: [],
    without: noCell,
  },
  {
    // It mounts the host's cgroup hierarchies in another order.
    name: 'mount',
    commands: ['demo', 'test', 'bench', 'mini-bosh', 'operators:check', 'pictures'],
    executables: ['mount', 'umount'],
    files: [],
    without: noCell,
  },
  {
    // The benchmarks measure against a C program that is compiled on the spot.
    name: 'gcc',
    commands: ['test', 'bench'],
    executables: ['gcc'],
    files: [],
    without: noCompare,
  },
  {
    // Its headers; gcc alone compiles nothing.
    name: 'libc6-dev',
    commands: ['test', 'bench'],
    executables: [],
    files: ['/usr/include/stdio.h'],
    without: noCompare,
  },
  {
    // The system calls of the scan are counted with it.
    name: 'strace',
    commands: ['bench'],
    executables: ['strace'],
    files: [],
    without: 'system calls are not counted',
  },
  {
    // The live tests end processes by their command lines, as monit and operators do.
    name: 'procps',
    commands: ['test', 'bench', 'mini-bosh'],
    executables: ['pkill', 'pgrep'],
    files: [],
    without: 'the agent is not killed in a test',
  },
  {
    // They ask the agent as an operator would.
    name: 'curl',
    commands: ['test', 'mini-bosh'],
    executables: ['curl'],
    files: [],
    without: 'the agent is not asked in a test',
  },
  {
    // promtool judges the metrics. Its service is not started.
    name: 'prometheus',
    commands: ['test', 'operators:check'],
    executables: ['promtool', 'prometheus'],
    files: [],
    without:
      'Prometheus neither judges the metrics and alerts nor runs the queries of the dashboards',
  },
  {
    // An alert is followed up to a webhook. Its service is not started.
    name: 'prometheus-alertmanager',
    commands: ['test', 'operators:check'],
    executables: ['prometheus-alertmanager'],
    files: [],
    without: 'no alert is followed to a webhook',
  },
  {
    // The templates of the jobs are rendered by the language that the Director renders them with.
    name: 'ruby',
    commands: ['test', 'mini-bosh'],
    executables: ['ruby'],
    files: [],
    without: noTemplates,
  },
  {
    // What the templates render is judged by the program that reads it. Its service is not started.
    name: 'monit',
    commands: ['test'],
    executables: ['monit'],
    files: [],
    without: 'monit does not judge its file',
  },
  {
    name: 'shellcheck',
    commands: ['test'],
    executables: ['shellcheck'],
    files: [],
    without: 'the shell scripts of the jobs are not judged',
  },
  {
    // It starts the job as bpm would.
    name: 'runc',
    commands: ['test', 'mini-bosh'],
    executables: ['runc'],
    files: [],
    without: 'the job is not started as bpm would',
  },
  {
    // The first process of a job under bpm.
    name: 'tini',
    commands: ['test', 'mini-bosh'],
    executables: ['tini'],
    files: [],
    without: 'the job is not started as bpm would',
  },
  {
    // Plays the cf CLI for the plugin: its protocol is Go's own.
    name: 'golang-go',
    commands: ['test'],
    executables: ['go'],
    files: [],
    without: 'the plugin is not run by a host in Go',
  },
  {
    // The page is tested in a real browser, with the fonts that come with it. It brings no service.
    name: 'chromium',
    commands: ['test', 'pictures'],
    executables: ['chromium'],
    files: [],
    without: noBrowser,
  },
];
