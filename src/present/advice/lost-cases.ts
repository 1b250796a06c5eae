import { isAppOrTask } from '../../model/garden.ts';
import {
  CAPTURE,
  CHECK_APP,
  DELETE,
  DELETE_WHAT_MAY_SERVE,
  FIND_OUT_WHOSE,
  GARDEN_LOG,
  handleIn,
  ISOLATE,
  RECREATE,
  WHEN_TO_REMOVE,
} from './common-steps.ts';
import { isApp, type About, type Case, type Step } from './step.ts';

/* Containers that Garden or Diego lost. */

const BEFORE_IT_IS_REMOVED: readonly Step[] = [FIND_OUT_WHOSE, CAPTURE, ISOLATE, CHECK_APP];

/** Garden answers 404 to a delete. */
const RECREATE_IT: Step = {
  ...RECREATE,
  name: 'remove',
  action: (about) =>
    about.severity === 'critical' && isApp(about)
      ? `Recreate the cell: ${WHEN_TO_REMOVE}`
      : 'Recreate the cell when convenient.',
};

export const UNKNOWN_CASES: readonly Case<'unknown-to-garden'>[] = [
  {
    title: 'only its name suggests a container',
    severity: 'warning',
    when: ({ difference }) => difference?.basis === 'name',
    urgency:
      'Not urgent: nothing but a name says that it is a container. Diego does not know the cgroup.',
    steps: [
      {
        ...FIND_OUT_WHOSE,
        action: 'Find out who made the cgroup.',
        result: 'Somebody made it on purpose → ask them to remove it.',
      },
      CAPTURE,
      ISOLATE,
    ],
  },
  {
    title: 'the app has ended',
    severity: 'warning',
    when: () => true,
    urgency: ({ difference }) =>
      difference === null
        ? 'Not urgent. Diego never removes the container.'
        : 'Not urgent: the app has ended. Diego never removes what is left.',
    steps: [...BEFORE_IT_IS_REMOVED, RECREATE_IT],
  },
  {
    title: 'it runs',
    severity: 'critical',
    when: () => true,
    urgency: (about) => `${urgencyOfApp(about)} Diego never removes the container.`,
    steps: [...BEFORE_IT_IS_REMOVED, RECREATE_IT],
  },
];

const MAY_BE_ATTACK = 'Urgent: this may be an attack.';

/** How urgent it is that a container runs which Diego does not count. */
const urgencyOfLost = ({ severity }: About, isUrgent = MAY_BE_ATTACK): string =>
  severity === 'warning' ? 'Not urgent: only the init process of the container runs.' : isUrgent;

/** The same of what may be an app. */
const urgencyOfApp = (about: About): string =>
  urgencyOfLost(
    about,
    isApp(about) ? 'Urgent: this may be an attack, or a worker that runs twice.' : MAY_BE_ATTACK,
  );

const mayServe = ({ kind, severity }: About): boolean =>
  severity === 'critical' && (kind === null || isAppOrTask(kind));

const DELETE_IT: readonly Step[] = [
  { ...DELETE_WHAT_MAY_SERVE, when: mayServe },
  { ...DELETE, name: 'remove', when: (about) => !mayServe(about) },
];

export const UNOWNED_CASES: readonly Case<'unowned'>[] = [
  {
    title: 'it is neither an app nor a task',
    when: ({ kind, difference }) =>
      difference?.rep === 'never' || (kind !== null && !isAppOrTask(kind)),
    urgency: (about) =>
      `${urgencyOfLost(about)} Nothing in Diego removes the container, and a restart of rep does not help.`,
    steps: [
      {
        ...FIND_OUT_WHOSE,
        result: ({ kind, severity }) =>
          kind === 'health-check' && severity === 'warning'
            ? 'rep made it, and only garden-init runs in it → step {remove}.'
            : 'You know who made it → step {remove}.',
      },
      CAPTURE,
      ISOLATE,
      { ...DELETE, name: 'remove' },
    ],
  },
  {
    title: 'it is an app or a task, and rep started before it',
    when: ({ difference }) => difference?.rep === 'older',
    urgency: (about) => {
      const runsTwice = about.severity === 'critical' && isApp(about);
      const urgency = runsTwice ? 'Urgent if the app is a worker: it runs twice.' : 'Not urgent.';
      return `${urgency} rep removes the container as soon as its destroy works.`;
    },
    steps: [
      {
        name: 'bbs',
        action: 'Check that the BBS answers: without it, rep tries once and does not retry.',
        command: "sudo bash -c 'source /var/vcap/jobs/cfdot/bin/setup && cfdot cells'",
        result:
          'An error → once the BBS is back, rep removes the container. Otherwise → the next step.',
      },
      {
        name: 'rep-log',
        action: "Read in rep's log why rep cannot destroy the container.",
        command: (about) =>
          `sudo grep -h ${handleIn(about)} /var/vcap/sys/log/rep/rep.stdout.log | tail -3`,
        result: 'The cause is there → end or repair it. Otherwise → the next step.',
      },
      {
        ...GARDEN_LOG,
        result:
          'An error → end or repair what it names: rep retries every 30 seconds. Do not restart rep: a new rep never removes the container.',
      },
    ],
  },
  {
    title: 'it is an app or a task, and no rep runs',
    when: ({ difference }) => difference?.rep === 'none',
    urgency: (about) => `${urgencyOfApp(about)} A rep that starts does not remove the container.`,
    steps: [
      ...BEFORE_IT_IS_REMOVED,
      ...DELETE_IT,
      {
        name: 'rep',
        action: 'Read why no rep runs.',
        command: 'sudo tail -3 /var/vcap/sys/log/rep/rep.stdout.log',
        result: '"max containers reached" → rep starts once containers like this one are deleted.',
      },
    ],
  },
  {
    title: 'it is an app or a task, and rep started after it',
    when: ({ difference }) => difference?.rep === 'newer',
    urgency: (about) => `${urgencyOfApp(about)} Diego never removes the container.`,
    steps: [...BEFORE_IT_IS_REMOVED, ...DELETE_IT],
  },
  {
    title: null,
    when: () => true,
    urgency: (about) => `${urgencyOfApp(about)} Diego may never remove the container.`,
    steps: [...BEFORE_IT_IS_REMOVED, ...DELETE_IT],
  },
];
