import { rowsOf } from '../rows.ts';
import { expectAsked, expectRows } from './cell-rows.ts';

const LISTED = 'garden/A: 200, P: 300 301; lists A P';
/** Garden has lost P, whose processes are in this cgroup. */
const lostIn = (place: string, images = '300=P 301=P'): string =>
  `garden/A: 200, ${place}: 300 301; images ${images}`;

/** What holds, where P is, and how many processes are then below A. */
const PLACES = `
below another container | garden/A/P | 3
deeper below another container | garden/A/x/P/y | 3
in one like a unit | /P-x.service | 1
in one like a pea | /P-envoy | 1
in one with its name elsewhere | /x/P | 1
below a docker container | /docker/ID/P | 1
`;

describe('moved containers: lost by Garden, and in another cgroup', () => {
  for (const [story = '', place = '', pids = ''] of rowsOf(PLACES)) {
    const found = `P untracked unknown-to-garden critical (2) privileged at ${place.replace('/y', '')}, A tracked (${pids})`;
    expectRows(
      `
finds one ${story} | ${LISTED} > ${lostIn(place)} > same | ${found}
keeps the finding of one that moves while it is reported, ${story} | ${LISTED} > ${lostIn('P')} > same > ${lostIn(place)} | ${found}
`,
      2000,
    );
  }

  const two = 'garden/A: 200, garden/B: 250';
  const slice = 'images 300=system.slice';
  expectRows(
    `
does not take the place of all containers for one with its name | ${two}, system.slice: 300; ${slice}; lists A B system.slice > ${two}, /system.slice/x: 300; ${slice} > same | B untracked unknown-to-garden critical (1), A tracked (1), 1 unrecognised
finds one that moves in every pass | ${LISTED} > ${lostIn('/x1/P')} > ${lostIn('/x2/P')} > ${lostIn('garden/A/P')} > ${lostIn('/x4/P')} | P untracked unknown-to-garden critical (2) privileged at /x4/P, A tracked (1)
finds one that moves in every pass and that containerd's shim started | ${LISTED} > ${lostIn('/x1/P', '300= 301=')}; init 300; from 300=shim:P > ${lostIn('/x2/P', '300= 301=')}; init 300; from 300=shim:P | P untracked unknown-to-garden critical (2) privileged at /x2/P (containerd), A tracked (1)
counts its processes once, and not among unlisted cgroups | ${LISTED} > ${lostIn('/x/P/y')} > ${lostIn('/P-x/P')} | P untracked unknown-to-garden critical (2) privileged at /P-x, A tracked (1)
is not in a cgroup of its name whose processes have another root | ${LISTED} > ${lostIn('/x/P', '300=A 301=A')} | A tracked (1), 1 unrecognised
is not in one whose processes have the root of a pea | ${LISTED} > ${lostIn('garden/A/P', '300=P-envoy 301=P-envoy')} | A tracked (3)
is not in one whose processes have a root of the host | ${LISTED} > ${lostIn('/P-x.service', '300= 301=')} | A tracked (1), 1 systemd
is not one that Garden never listed | ${lostIn('garden/A/P')} | A tracked (3)
is not one of another gdn | ${LISTED} > ${lostIn('/y/P')}; other-gdn 150=/y | A tracked (1), 1 other-garden
`,
    2000,
  );

  const nine = Array.from({ length: 9 }, (_, n) => `/x${n}/P: 1${n}1 1${n}2 1${n}3 1${n}4`);
  expectAsked(`
is asked whose root the processes have: of three in a cgroup, in four cgroups | ${LISTED} > garden/A: 200, ${nine.join(', ')}; open rootImages | rootImages 101 102 103 111 112 113 121 122 123 131 132 133
is not asked where it runs nowhere | ${LISTED} > garden/A: 200; open rootImages | rootImages -
`);
});
