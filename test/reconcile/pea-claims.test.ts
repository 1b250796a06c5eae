import { expectAsked, expectRows } from './cell-rows.ts';

describe('a cgroup beside a container that is named like a pea of it', () => {
  const beside = 'garden/A: 200, garden/A-envoy: 300 301';
  const outside = 'A: 200, A-envoy: 300 301';
  const asPea = 'starts 300/26 301/27';
  const withInit = 'starts 300/1 301/7';
  const started = `${withInit}; from 300=dadoo:A-envoy:/depot 301=`;
  // It was hidden when Garden lost it, because anybody who creates a container chooses its handle.
  expectRows(`
is a pea if none of its processes is the init of a pid namespace | ${beside}; ${asPea} | A tracked (1) with A-envoy
is a pea of a privileged one | ${outside}; ${asPea} | A tracked (1) privileged at A with A-envoy
is a container if it has an init of its own | ${beside}; ${started} | A-envoy untracked unknown-to-garden critical (2), A tracked (1)
is a container if it has an init of its own that nobody started | ${beside}; ${withInit}; from 300= 301= | A-envoy untracked unknown-to-garden critical (2), A tracked (1)
is one outside Garden's directories, too | ${outside}; ${started}; init 300 | A-envoy untracked unknown-to-garden critical (2) privileged at A-envoy (runc), A tracked (1) privileged at A
is one outside if Garden listed it before | ${outside}; ${asPea}; lists A A-envoy > same; lists A | A-envoy untracked unknown-to-garden critical (2) privileged at A-envoy, A tracked (1) privileged at A
stays a pea if a privileged container moved its own init there | ${beside}; ${withInit}; from 300=dadoo:A:/depot 301=; images 300=A | A tracked (1) with A-envoy
stays a pea while its processes end | ${beside}; starts 300=gone 301=gone | A tracked (1) with A-envoy
`);

  describe('with more processes than are read', () => {
    const pids = Array.from({ length: 20 }, (_, n) => 300 + n);
    const many = `garden/A: 200, garden/A-envoy: ${pids.join(' ')}; starts ${pids.map((pid) => `${pid}/26`).join(' ')}`;
    const from = (helper: string): string =>
      `from ${pids.map((pid) => `${pid}=${pid === 301 ? helper : ''}`).join(' ')}`;
    expectRows(`
is a pea if the helper of one of them says so | ${many}; ${from('dadoo:A:/depot')} | A tracked (1) with A-envoy
is a container if the helper of one of them says so | ${many}; ${from('dadoo:A-envoy:/depot')} | A-envoy untracked unknown-to-garden critical (20), A tracked (1)
is pending without a helper | ${many}; ${from('')} > same | A-envoy pending (20) because nothing shows whether this is a side process of another container, A tracked (1)
`);
  });

  const known = `${beside}; starts 300/26 301/26`;
  expectAsked(`
is read | ${beside}; open starts | starts 300 301
is read once | ${known} > ${beside}; open starts | starts -
is read again if another process is its first | ${known} > ${beside.replace('300 301', '299 300')}; open starts | starts 299 300
`);
});
