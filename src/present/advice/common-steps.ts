import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import { isApp, type About, type Step } from './step.ts';

/* Steps of several reasons. None restarts Garden: beside a running rep, that crashes every app. */

/** Stands in commands for a handle that is more than a name, or for any of several. */
export const ANY_HANDLE = 'HANDLE';
export const handleIn = ({ names }: Pick<About, 'names'>): string => names.handle ?? ANY_HANDLE;

export const explainCommand = (about: Pick<About, 'names'>): string =>
  `${TYPED_ON_CELL} explain ${handleIn(about)}`;

export const FIND_OUT_WHOSE: Step = {
  name: 'whose',
  action: ({ explained }) =>
    explained === null
      ? 'Find out whose container it is.'
      : 'Read below whose container it is, and what runs in it.',
  command: (about) => (about.explained === null ? explainCommand(about) : about.explained.command),
  result: (about) =>
    isApp(about)
      ? 'You know the app, and only it, garden-init, and Envoy and health checks in its peas run → step {check-app}.'
      : 'You know who made it → step {remove}.',
};

export const CAPTURE: Step = {
  name: 'capture',
  action: 'Save the evidence; leave the container as it is.',
  command: (about) => `${TYPED_ON_CELL} capture --settle 30s /tmp/${handleIn(about)}.json.gz`,
  result: 'Note the SHA-256.',
};

export const ISOLATE: Step = {
  name: 'isolate',
  action: 'Copy the file off the cell, then isolate the cell. Do not recreate the cell.',
  command: `${TYPED_ON_CELL} runbook not-recognised`,
  result: 'The runbook has the commands. Your security team decides what follows.',
};

/** The cf CLI must target its space. */
const target = ({ names }: About): string => `cf target -o ${names.org} -s ${names.space}`;

export const CHECK_APP: Step = {
  name: 'check-app',
  when: isApp,
  action: 'Where you use cf, check that all instances run.',
  command: (about) => `${target(about)} && cf app ${about.names.app}`,
  result: 'Fewer → get them to run.',
};

/** As Diego itself does. */
const deleteCommand = (handle: string): string =>
  `sudo curl -sS --unix-socket /var/vcap/data/garden/garden.sock -X DELETE http://garden/containers/${handle}`;

/** Has the command, for what no command here may delete. */
const RECOGNISED = `${TYPED_ON_CELL} runbook recognised`;

/** For what no longer runs, or was never Diego's. */
export const DELETE: Step = {
  name: 'delete',
  action: 'Delete the container through Garden.',
  command: ({ names }) => (names.handle === null ? RECOGNISED : deleteCommand(names.handle)),
  result: 'The answer {} → done. An error says what blocks the destroy.',
};

/** An app that Diego replaced. */
export const WHEN_TO_REMOVE =
  'at once if the app is a worker (it runs twice), otherwise when convenient.';

/** What may still serve is deleted by no command that somebody pastes. */
export const DELETE_WHAT_MAY_SERVE: Step = {
  name: 'remove',
  recreatesCell: true,
  action: (about) =>
    'Delete the container through Garden, or recreate the cell if it has many like this' +
    (isApp(about) ? `: ${WHEN_TO_REMOVE}` : '.'),
  command: RECOGNISED,
  result: 'The runbook has both commands.',
};

export const GARDEN_LOG: Step = {
  name: 'garden-log',
  action: "Read in Garden's log which step of the destroy fails.",
  command: (about) => `sudo grep -rh ${handleIn(about)} /var/vcap/sys/log/garden | tail -3`,
  result: 'An error → end or repair what it names. No error → the next step.',
};

export const RECREATE: Step = {
  name: 'recreate',
  recreatesCell: true,
  action: 'If nothing helps, recreate the cell from where you use bosh.',
  command: ({ names }) => `bosh -d ${names.deployment} recreate ${names.cell}`,
  result: 'rep first moves its apps, for up to 600 s by default.',
};

export const RESTART_INSTANCE: Step = {
  name: 'restart',
  action: (about) =>
    isApp(about)
      ? 'Restart the app instance; add --process TYPE if it is not of the process web.'
      : 'Ask the owner of the container to end it.',
  command: (about) =>
    isApp(about)
      ? `${target(about)} && cf restart-app-instance ${about.names.app} ${about.names.instance}`
      : null,
};

/** The columns of ps that say who started a process, and when. */
export const WHO_STARTED = 'pid,ppid,user,lstart,args';

/** Whole lines, however narrow the terminal. */
export const psCommand = (pids: readonly number[], columns: string): string =>
  `ps -ww -o ${columns} -p ${pids.length === 0 ? 'PID' : pids.join(',')}`;

export const killCommand = (pids: readonly number[]): string =>
  `sudo kill ${pids.length === 0 ? 'PID' : pids.join(' ')}`;

/** The first step where only the cell is known, as in an alert. */
export const LIST_FINDINGS = {
  action: 'On the cell, list the containers:',
  command: `${TYPED_ON_CELL} status`,
  result: 'The same with explain HANDLE prints the steps.',
};
