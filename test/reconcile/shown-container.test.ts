import { expectAsked, expectRows, expectSaid } from './cell-rows.ts';

/** A process of the privileged container P is in a directory that it made in one hierarchy. */
const TREES = [
  'garden/A: 200, P: 300, /garden-x/B: 301',
  'in pids garden/A: 200, P: 300 301',
  'in cpu garden/A: 200, P: 300 301',
].join('; ');
const MADE = `${TREES}; lists A P`;
const withPlace = (place: string): string =>
  `cgroups 301 memory=/garden-x/B pids=${place} cpu=${place}`;
const OF_P = withPlace('P');

describe('a live directory in a Garden directory that Garden does not list', () => {
  expectRows(`
is a warning if only its name and its place suggest a container | ${MADE}; ${OF_P}; images 301=P | B untracked unknown-to-garden warning (1) at P at /garden-x/B at P, A tracked (1), P tracked (1) privileged at P
is a warning whatever other root its process has | ${MADE}; ${OF_P}; images 301= | B untracked unknown-to-garden warning (1) at P at /garden-x/B at P, A tracked (1), P tracked (1) privileged at P
is critical if a process has its root filesystem | ${MADE}; ${OF_P}; images 301=B | B untracked unknown-to-garden critical (1) at P at /garden-x/B at P, A tracked (1), P tracked (1) privileged at P
is critical if a process descends from its helper | ${MADE}; ${OF_P}; images 301=; from 301=dadoo:B:/depot | B untracked unknown-to-garden critical (1) at P at /garden-x/B at P, A tracked (1), P tracked (1) privileged at P
is critical if most of the other hierarchies name it | ${MADE}; ${withPlace('/x/B')}; images 301= | B untracked unknown-to-garden critical (1) at /x/B at /garden-x/B at /x/B, A tracked (1), P tracked (1) privileged at P
is critical if they could not be read | ${MADE}; images 301= | B untracked unknown-to-garden critical (1) at /garden-x/B, A tracked (1), P tracked (1) privileged at P
is critical if Garden listed it before | garden/A: 200, P: 300, /garden-x/B: 301; lists A B P; images 301=B > ${MADE}; ${OF_P}; images 301=P | B untracked unknown-to-garden critical (1) at P at /garden-x/B at P, A tracked (1), P tracked (1) privileged at P
is a warning if another root filesystem speaks against all hierarchies | ${MADE}; ${withPlace('/garden-x/B')}; images 301=P | B untracked unknown-to-garden warning (1) at /garden-x/B at /garden-x/B at /garden-x/B, A tracked (1), P tracked (1) privileged at P
is critical if a process of another container joined it | ${MADE.replace('B: 301', 'B: 301 302')}; ${OF_P}; images 301=P 302=B | B untracked unknown-to-garden critical (2) at P at /garden-x/B at P, A tracked (1), P tracked (1) privileged at P
`);

  const one = 'garden/A: 200, /garden-x/B: 301';
  const known = `${one}; cgroups 301 memory=/garden-x/B; images 301=P`;
  expectSaid(`
says so | ${known} | 1 process runs in this cgroup, but Garden does not list it. Only the cgroup's name and place, in one of Garden's cgroup directories, suggest a container.
`);
  expectAsked(`
is asked about | ${one}; open rootImages ancestors memberships | rootImages 301; ancestors 301; memberships 200 301
is not asked about once it is known | ${known}; from 301= | rootImages -; ancestors -; memberships 200
`);
});
